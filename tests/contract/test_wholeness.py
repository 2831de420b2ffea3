"""A source is read whole or not at all: what is spoilt where changes nothing about that.

These rules hold for every kind; ``script`` is a small source of each in turn (``conftest.py``).
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harvesters import paging
from harvesters.errors import SourceError, TooLargeSourceError
from harvesters.http import Client
from hatinh.dataset import Draft, Resource
from hatinh.text import Text

LOGIN = "<!DOCTYPE html><html><body><form>Tên đăng nhập</form></body></html>".encode()
TOKEN = "the-bai"
REQUESTS = 12
"""Requests that two records may cost, whatever the kind."""

FAULTS: dict[str, dict[str, Any]] = {
    "status": {"status": 500},
    "refused": {"status": 401},
    "login": {"body": LOGIN, "media_type": "text/html"},
    "empty": {"body": b""},
    "cut": {"cut": 5},
}


def drafts(script: Any, client: Client) -> list[Draft]:
    """Everything that a source gives."""
    return list(script.open(client).drafts())


def spoil_one(script: Any, number: int, change: dict[str, Any]) -> None:
    """Spoil one answer of the next reading, and those that ask for it again."""
    script.server.asked.clear()
    script.server.tokens_too = True
    spoilt: set[tuple[str, str]] = set()

    def fault(reply: Any) -> Any:
        asked = script.server.asked[-1]
        place = (asked.method, asked.target)
        if len(script.server.asked) == number + 1:
            spoilt.add(place)
        return replace(reply, **change) if place in spoilt else reply

    script.server.fault = fault


def refused(script: Any, client: Client) -> bool:
    """Whether the reading ends with an error of the source."""
    try:
        drafts(script, client)
    except SourceError:
        return True
    return False


def told(script: Any, client: Client, number: int) -> bool:
    """Whether all records are there, and those that could not be read have nothing but a place.

    A folder of thousands of files does not stop at a bad one: it becomes a record with a fault.
    """
    found = drafts(script, client)
    return len(found) == number and any(not draft.fields and draft.origin for draft in found)


@pytest.mark.parametrize("change", FAULTS.values(), ids=FAULTS.keys())
def test_one_spoilt_answer_spoils_the_reading(
    script: Any, client: Client, change: dict[str, Any]
) -> None:
    """Whichever answer of a conversation fails, and however: nothing is missing silently."""
    sound = drafts(script, client)
    for number in range(len(script.server.asked)):
        spoil_one(script, number, change)
        assert refused(script, client) or told(script, client, len(sound))


def test_a_reading_costs_a_bounded_number_of_requests(script: Any, client: Client) -> None:
    """Two records are not asked for in dozens of requests, nor is anything asked for twice."""
    drafts(script, client)
    targets = [(asked.method, asked.target) for asked in script.server.asked]
    assert len(targets) <= REQUESTS
    assert len(set(targets)) == len(targets)


def test_a_refused_reading_is_not_asked_for_ever(script: Any, client: Client) -> None:
    """A source that refuses everything is left after a few tries."""
    script.server.tokens_too = True
    script.server.fault = lambda reply: replace(reply, status=401)
    with pytest.raises(SourceError):
        drafts(script, client)
    assert len(script.server.asked) <= 4


def test_more_pages_than_the_limit_are_refused(
    script: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that does not end is no list."""
    if not script.pages:
        pytest.skip("this kind has no pages")
    monkeypatch.setattr(paging, "MAX_PAGES", 1)
    with pytest.raises(TooLargeSourceError):
        drafts(script, client)


def test_identifiers_do_not_hang_on_the_address(
    script: Any, client: Client, again: Callable[[str], Any]
) -> None:
    """A source that moves to another address keeps its records, and their order."""
    moved = drafts(again(script.name), client)
    assert [draft.guid for draft in moved] == [draft.guid for draft in drafts(script, client)]


def test_identifiers_are_texts_without_surprises(script: Any, client: Client) -> None:
    """A guid is one line of printable letters, and no two records share one."""
    guids = [draft.guid for draft in drafts(script, client)]
    assert all(guid and guid.isprintable() and guid == guid.strip() for guid in guids)
    assert len(set(guids)) == len(guids)


def test_a_file_that_was_promised_is_whole_or_an_error(script: Any, client: Client) -> None:
    """Half a file, a login page or nothing at all is never stored as the file."""
    if not script.files:
        pytest.skip("records of this kind have no files")
    url = next(draft for draft in drafts(script, client) if draft.resources).resources[0]["url"]
    resource = Resource(url, Text("b"), url, "CSV")
    for change in ({"cut": 5}, {"status": 500}, {"body": LOGIN, "media_type": "text/html"}):
        script.server.fault = lambda reply, change=change: replace(reply, **change)
        with pytest.raises(SourceError):
            script.open(client).content(resource)


@pytest.mark.parametrize("change", FAULTS.values(), ids=FAULTS.keys())
def test_no_secret_is_shown_whatever_goes_wrong(
    script: Any, client: Client, change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the error, nor in what led to it, the log, the adapter or what it stands on."""
    caplog.set_level(logging.DEBUG)
    source = script.open(client)
    list(source.drafts())
    script.server.fault = lambda reply: replace(reply, **change)
    script.server.tokens_too = True
    with pytest.raises(SourceError) as raised:
        list(source.drafts())
    shown = [
        "".join(traceback.format_exception(raised.value)),
        str(raised.value.as_problem().as_dict()),
        caplog.text,
        *(repr(thing) for thing in (source, vars(source), client, script.config)),
        *(repr(vars(thing)) for thing in vars(source).values() if hasattr(thing, "__dict__")),
    ]
    for secret in (*script.secrets.values(), *([TOKEN] if script.secrets else [])):
        assert not any(secret in text for text in shown)
