"""The rules that every kind of source keeps, each against a real HTTP server.

``script`` is a small source of each kind in turn (``conftest.py``): two records, one file each.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    IncompleteSourceError,
    LoopingSourceError,
    RefusedBySourceError,
    SourceError,
    TooLargeSourceError,
    TruncatedSourceError,
    UnreachableSourceError,
)
from harvesters.http import Client
from harvesters.registry import ADAPTERS
from hatinh.dataset import Draft, Resource
from hatinh.reading import as_text

TITLES = {"b1": "Danh sách trường học", "b2": "Đơn vị hành chính"}
TABLE = "ma,ten\r\n18073,Phường Thành Sen\r\n18118,Xã Hương Khê\r\n".encode()
LOGIN = "<!DOCTYPE html><html><body><form>Tên đăng nhập</form></body></html>".encode()
BOMB = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'


def read(script: Any, client: Client) -> list[Draft]:
    """The records of a source, without the data services that some kinds add."""
    return [draft for draft in script.open(client).drafts() if not draft.guid.endswith(":api")]


def titles(drafts: Iterable[Draft]) -> dict[str, str]:
    """Guid and title of drafts."""
    return {draft.guid: as_text(draft.fields["title"]).vi for draft in drafts}


def named(script: Any) -> dict[str, str]:
    """The guids and titles that a kind should give."""
    return {script.guids[guid]: title for guid, title in TITLES.items()}


def resource(draft: Draft) -> Resource:
    """The one file of a draft."""
    (raw,) = draft.resources
    return Resource(raw["url"], as_text("b"), raw["url"], "CSV")


def spoil(script: Any, **changes: Any) -> None:
    """Change every answer of the source from now on."""
    script.server.fault = lambda reply: replace(reply, **changes)


def test_every_registered_kind_is_under_this_contract(scripted_kinds: frozenset[str]) -> None:
    """A new kind of source comes with its script."""
    assert scripted_kinds == ADAPTERS.keys()


# -- a sound source -------------------------------------------------------------------------------


def test_a_sound_source_gives_every_record_with_guid_and_title(script: Any, client: Client) -> None:
    """Every record comes once, over all pages, with its guid, title and origin."""
    drafts = read(script, client)
    assert titles(drafts) == named(script)
    assert len(drafts) == len(TITLES)
    assert all(draft.origin for draft in drafts)


def test_a_source_read_twice_gives_equal_drafts(script: Any, client: Client) -> None:
    """The same source gives the same drafts in the same order."""
    source = script.open(client)
    first = list(source.drafts())
    assert list(source.drafts()) == first
    assert list(script.open(client).drafts()) == first


def test_a_file_comes_byte_for_byte(script: Any, client: Client) -> None:
    """The content of a resource is what the source has, also from a fresh adapter."""
    if not script.files:
        pytest.skip("records of this kind have no files")
    drafts = read(script, client)
    assert [script.open(client).content(resource(draft)) for draft in drafts] == [TABLE, TABLE]


def test_decomposed_vietnamese_gives_the_same_text(script: Any, client: Client) -> None:
    """A source that writes letters and tone marks apart is read as any other."""
    script.form = lambda text: unicodedata.normalize("NFD", text)
    assert titles(read(script, client)) == named(script)


def test_values_stay_the_words_of_the_source(script: Any, client: Client) -> None:
    """Codes are resolved later, in one place: an adapter adds no field that it was not told."""
    for draft in read(script, client):
        assert not draft.fields.keys() & {"licence", "data_layer", "sharing_level"}
        assert draft.fields.get("frequency", "Năm") == "Năm"


# -- a source that cannot be read whole -----------------------------------------------------------


def test_a_source_that_is_down_raises(script: Any, client: Client) -> None:
    """Nobody listens."""
    script.server.shutdown()
    script.server.server_close()
    with pytest.raises(UnreachableSourceError):
        read(script, client)


@pytest.mark.parametrize("status", [204, 206, 403, 404, 500, 502])
def test_a_status_other_than_200_raises(script: Any, client: Client, status: int) -> None:
    """Only 200 is a whole answer."""
    spoil(script, status=status)
    with pytest.raises(RefusedBySourceError) as raised:
        read(script, client)
    assert raised.value.status == status


def test_a_source_that_stays_busy_raises(script: Any, client: Client) -> None:
    """503 is asked again twice, then given up."""
    spoil(script, status=503, headers={"Retry-After": "1"})
    with pytest.raises(RefusedBySourceError):
        read(script, client)
    asked = [asked for asked in script.server.asked if asked.path != "/token"]
    assert len(asked) == 3


def test_a_body_cut_short_raises(script: Any, client: Client) -> None:
    """Fewer bytes than declared are a failure, never the end of the list."""
    script.server.fault = lambda reply: replace(reply, cut=len(reply.body) // 2)
    with pytest.raises(TruncatedSourceError):
        read(script, client)


def test_a_body_cut_short_with_a_matching_length_raises(script: Any, client: Client) -> None:
    """Half a document is no document, even when the server declares half."""
    script.server.fault = lambda reply: replace(reply, body=reply.body[: len(reply.body) // 2])
    with pytest.raises(SourceError):
        read(script, client)


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "text/turtle"])
def test_a_login_page_with_200_raises(script: Any, client: Client, media_type: str) -> None:
    """A page for people is recognised whatever type it claims."""
    spoil(script, body=LOGIN, media_type=media_type)
    with pytest.raises(GarbledSourceError):
        read(script, client)


def test_a_login_page_in_place_of_a_file_raises(script: Any, client: Client) -> None:
    """A page for people is no CSV."""
    if not script.files:
        pytest.skip("records of this kind have no files")
    drafts = read(script, client)
    spoil(script, body=LOGIN, media_type="text/html")
    with pytest.raises(GarbledSourceError):
        script.open(client).content(resource(drafts[0]))


@pytest.mark.parametrize(
    "body",
    [b"", b"\0\xff\xfe", b"null", b"[]", b"{}", b"[" * 100_000, b"<a/>", BOMB, b'{"a": NaN}', b"7"],
    ids=["empty", "binary", "null", "list", "object", "deep", "xml", "bomb", "nan", "number"],
)
def test_content_of_another_shape_raises(script: Any, client: Client, body: bytes) -> None:
    """Whatever comes in place of the promised content is an error of the source, never a crash."""
    spoil(script, body=body)
    with pytest.raises(SourceError):
        read(script, client)


def test_too_large_a_body_raises(script: Any, client: Client) -> None:
    """Nothing beyond the limit is kept."""
    spoil(script, body=b" " * (client.limits.body + 1))
    with pytest.raises(TooLargeSourceError):
        read(script, client)


def test_a_wrong_count_raises(script: Any, client: Client) -> None:
    """The records add up to the declared number, or the source is incomplete."""
    if not script.declares:
        pytest.skip("this kind declares no number")
    script.surplus = 1
    with pytest.raises(IncompleteSourceError):
        read(script, client)


def test_a_page_that_comes_again_raises(script: Any, client: Client) -> None:
    """A source that gives one page for ever is left."""
    if not script.pages:
        pytest.skip("this kind has no pages")
    script.stuck = True
    with pytest.raises(LoopingSourceError):
        read(script, client)


# -- a source that leads elsewhere ----------------------------------------------------------------


def test_a_private_address_is_refused_unless_allowed(script: Any, client: Client) -> None:
    """Without ``allow_private`` a source on loopback is not even asked."""
    with pytest.raises(ForbiddenAddressError):
        list(script.open(client, allow_private=False).drafts())
    assert script.server.asked == []


def test_a_redirect_into_the_private_network_is_refused(
    script: Any, client: Client, start: Callable[[], Any]
) -> None:
    """``allow_private`` opens the source's own host and port, and no other service beside it."""
    elsewhere = start()
    spoil(script, status=302, headers={"Location": f"{elsewhere.url}/secret"})
    with pytest.raises(ForbiddenAddressError):
        read(script, client)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://x/", "//[::1]:22/", "http://"]
)
def test_a_redirect_to_no_web_address_is_refused(
    script: Any, client: Client, location: str
) -> None:
    """Only http and https are followed, and only to allowed hosts."""
    spoil(script, status=301, headers={"Location": location})
    with pytest.raises(SourceError):
        read(script, client)


def test_a_redirect_in_a_circle_raises(script: Any, client: Client) -> None:
    """Redirects are followed five times, not for ever."""
    script.server.fault = lambda reply: replace(
        reply, status=302, headers={"Location": script.server.asked[-1].target}
    )
    with pytest.raises(LoopingSourceError):
        read(script, client)


def test_an_error_names_the_source_and_no_secret(script: Any, client: Client) -> None:
    """What went wrong can be shown to anybody."""
    spoil(script, status=500)
    with pytest.raises(SourceError) as raised:
        read(script, client)
    problem = raised.value.as_problem()
    assert script.config.name in str(raised.value)
    assert problem.severity == "error"
    for secret in (*script.secrets.values(), "the-bai"):
        assert secret not in repr(raised.value) + str(problem.as_dict()) + repr(script.config)
