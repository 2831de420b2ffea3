"""A source that did not change is not read, and one that did is read whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harvesters.conditional import NotModifiedError, Visited
from harvesters.errors import RefusedBySourceError
from harvesters.http import Client
from harvesters.registry import open_source
from hatinh.dataset import Draft

REMEMBERING = {"ckan", "csw", "datajson", "dcat", "iso", "waf"}
"""The kinds that must remember, in every shape."""


@pytest.fixture
def listing(script: Any, client: Client) -> Any:
    """A source of each kind that remembers."""
    _, memory = read(script, client, Visited())
    if not memory and script.kind not in REMEMBERING:
        pytest.skip("this kind always reads")
    script.server.asked.clear()
    return script


def read(script: Any, client: Client, visited: Visited) -> tuple[list[Draft], Any]:
    """The drafts of a source, and what to remember of it."""
    source = open_source(script.config, client, visited)
    drafts = list(source.drafts())
    return drafts, source.visited.as_json()


def tagged(script: Any) -> None:
    """Let the server give an ``ETag`` of the content, and answer 304 to one that it knows."""

    def answer(reply: Any) -> Any:
        tag = f'"{hash(reply.body)}"'
        if script.server.asked[-1].headers.get("If-None-Match") == tag:
            return replace(reply, body=b"", status=304)
        return replace(reply, headers={**reply.headers, "ETag": tag})

    script.server.fault = answer


@pytest.mark.parametrize("tags", [True, False], ids=["etag", "digest"])
def test_an_unchanged_source_is_not_read(listing: Any, client: Client, tags: bool) -> None:
    """Equal pages, by the server's word or by their hash, and what to remember stays equal."""
    if tags:
        tagged(listing)
    drafts, memory = read(listing, client, Visited())
    assert drafts
    source = open_source(listing.config, client, Visited.from_json(memory))
    with pytest.raises(NotModifiedError):
        next(iter(source.drafts()))
    assert source.visited.as_json() == memory


def test_a_single_document_costs_one_request(listing: Any, client: Client) -> None:
    """What is one page is asked for once, whether it changed or not."""
    tagged(listing)
    _, memory = read(listing, client, Visited())
    if len(memory) > 1:
        pytest.skip("this source has more than one page")
    listing.server.asked.clear()
    with pytest.raises(NotModifiedError):
        read(listing, client, Visited.from_json(memory))
    listing.server.fault = lambda reply: reply
    read(listing, client, Visited())
    (url,) = memory
    target = url.removeprefix(listing.server.url)
    assert [asked.target for asked in listing.server.asked] == [target, target]


def test_a_changed_page_is_found_wherever_it_stands(listing: Any, client: Client) -> None:
    """A change on any page gives all records, of all pages."""
    tagged(listing)
    before, memory = read(listing, client, Visited())
    for form in (str.upper, str.swapcase):
        listing.form = form
        after, changed = read(listing, client, Visited.from_json(memory))
        assert [d.guid.lower() for d in after] == [d.guid.lower() for d in before]
        assert after != before
        assert changed.keys() == memory.keys()


def test_a_source_with_a_tag_for_ever_is_read_by_a_full_run(listing: Any, client: Client) -> None:
    """A server may lie that nothing changed: without a memory nothing is asked conditionally."""
    answer = listing.server.fault
    _, memory = read(listing, client, Visited())
    listing.server.fault = lambda reply: replace(answer(reply), headers={"ETag": '"1"'})
    listing.form = str.upper
    drafts, memory = read(listing, client, Visited.from_json(memory))
    listing.server.asked.clear()
    again, _ = read(listing, client, Visited())
    assert again == drafts
    assert all("If-None-Match" not in asked.headers for asked in listing.server.asked)


def test_what_broke_off_is_asked_for_again(listing: Any, client: Client) -> None:
    """A memory that names pages which are gone or fail does not hide the failure."""
    _, memory = read(listing, client, Visited())
    listing.server.fault = lambda reply: replace(reply, status=500)
    with pytest.raises(RefusedBySourceError):
        read(listing, client, Visited.from_json(memory))


@pytest.mark.parametrize("value", [None, [], "x", {"http://a.vn/": 7}, {"http://a.vn/": {}}])
def test_a_spoilt_memory_is_forgotten(listing: Any, client: Client, value: Any) -> None:
    """What cannot be understood is no memory, and no error."""
    drafts, _ = read(listing, client, Visited.from_json(value))
    assert drafts


def test_304_without_a_condition_is_a_refusal(
    server: Any, client: Client, reply: Callable[..., Any]
) -> None:
    """A server that says not modified to somebody who knows nothing gives nothing."""
    server.routes["/"] = lambda asked: reply(b"", status=304)
    port = server.server_address[1]
    bound = replace(client, private_hosts=frozenset({f"127.0.0.1:{port}"}))
    with pytest.raises(RefusedBySourceError):
        bound.get(server.url)
    with pytest.raises(RefusedBySourceError):
        bound.revisit(server.url, {})


@pytest.mark.parametrize("tag", ["x" * 2000, '"é"', '"a\tb"'])
def test_a_tag_that_cannot_be_sent_back_is_not_kept(
    server: Any, client: Client, reply: Callable[..., Any], tag: str
) -> None:
    """What a server says becomes a header of ours: it must be one."""
    server.routes["/"] = lambda asked: reply(b"x", headers={"ETag": tag})
    port = server.server_address[1]
    bound = replace(client, private_hosts=frozenset({f"127.0.0.1:{port}"}))
    assert bound.get(server.url).etag == ""
