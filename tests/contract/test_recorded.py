"""Conversations as real products hold them, played back: read whole, or not at all.

A file of ``data/recorded`` is one conversation, named ``<kind>-<product>.yaml``:

    about: which product answers so, and what is peculiar
    url: /path                      # of the source, on the server that plays back
    options: {}                     # as in config/sources.yaml
    secrets: {}                     # with values, for they are nobody's
    exchanges:                      # what is asked and answered, in any order
      - ask: GET /path?query        # method and target
        with: {Header: value}       # headers that must come (optional)
        form: {name: value}         # fields of the form that must come (optional)
        status: 200
        type: application/json
        headers: {}
        body: text, with {base} for the server's own address; or body_base64
    expected:                       # the records, in their order
      - {guid: a, title: A, files: [{format: CSV}], fields: {frequency: Năm}}
    endless: true                   # the format has no end mark: half of it looks whole (optional)
    contents:                       # of the files, by guid of the record (optional)
      a: the bytes as text
"""

import base64
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvesters.errors import SourceError
from harvesters.http import Client
from harvesters.registry import ADAPTERS, open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource
from hatinh.reading import as_text
from hatinh.text import Text

RECORDED = Path(__file__).parent / "data" / "recorded"
STRANGE = [b"null", b'"', b"<", b"{}", b"]", b"&amp;", b"\0", b"-1", b"1e999", b"\\ud800", b"</td>"]
LOGIN = b"<!DOCTYPE html><html><body><form>Please sign in</form></body></html>"


@dataclass
class Player:
    """Plays a conversation back; ``spoil`` changes the answer to one of its requests."""

    conversation: Mapping[str, Any]
    server: Any
    reply: Any
    spoil: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Answer every path of the conversation."""
        for exchange in self.conversation["exchanges"]:
            path = exchange["ask"].split(" ", 1)[1].partition("?")[0]
            self.server.routes[path] = self._answer

    def open(self, client: Client, kind: str) -> Source:
        """The source that the conversation is about."""
        return open_source(
            SourceConfig(
                name="ghi-lai",
                kind=kind,
                title=Text("Ghi lại"),
                url=self.server.url + self.conversation["url"],
                owner="so-khcn",
                allow_private=True,
                options=self.conversation.get("options", {}),
                secrets=self.conversation.get("secrets", {}),
            ),
            client,
        )

    def _answer(self, asked: Any) -> Any:
        ask = f"{asked.method} {asked.target}"
        for exchange in self.conversation["exchanges"]:
            if exchange["ask"] == ask and _fits(exchange, asked):
                return self.spoil.get(ask, lambda reply: reply)(self._recorded(exchange))
        self.unknown.append(ask)
        return self.reply(b"not recorded", "text/plain", 404)

    def _recorded(self, exchange: Mapping[str, Any]) -> Any:
        if "body_base64" in exchange:
            body = base64.b64decode(exchange["body_base64"])
        else:
            body = str(exchange.get("body", "")).replace("{base}", self.server.url).encode()
        status = exchange.get("status", 200)
        return self.reply(body, exchange["type"], status, exchange.get("headers", {}))


def _fits(exchange: Mapping[str, Any], asked: Any) -> bool:
    """Whether a request carries the headers and fields that it was recorded with."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    wanted = {name.lower(): value for name, value in exchange.get("with", {}).items()}
    return (
        wanted.items() <= headers.items() and exchange.get("form", {}).items() <= asked.form.items()
    )


@pytest.fixture(params=sorted(path.stem for path in RECORDED.glob("*.yaml")))
def recorded(request: pytest.FixtureRequest) -> str:
    """Each recorded conversation in turn."""
    return request.param


@pytest.fixture
def player(recorded: str, server: Any, reply: Any) -> Player:
    """The conversation, ready to be held."""
    text = (RECORDED / f"{recorded}.yaml").read_text(encoding="utf-8")
    playing = Player(yaml.safe_load(text), server, reply)
    playing.start()
    return playing


@pytest.fixture
def source(recorded: str, player: Player, client: Client) -> Source:
    """The source of the conversation."""
    return player.open(client, recorded.partition("-")[0])


def told(draft: Draft, expected: Mapping[str, Any]) -> dict[str, Any]:
    """A record, as far as the recording says what is expected of it."""
    fields = {name: draft.fields.get(name) for name in expected.get("fields", {})}
    files = [
        {name: raw.get(name) for name in wanted}
        for raw, wanted in zip(draft.resources, expected.get("files", draft.resources), strict=True)
    ]
    found = {"guid": draft.guid, "title": as_text(draft.fields.get("title")).vi}
    told = found | {"fields": fields, "files": files}
    return {name: told[name] for name in expected}


def test_every_kind_has_a_recorded_conversation() -> None:
    """A kind of source is read as its products really answer, not only as we imagine."""
    kinds = {path.stem.partition("-")[0] for path in RECORDED.glob("*.yaml")}
    assert ADAPTERS.keys() - kinds == set()


def test_a_recorded_conversation_gives_its_records(player: Player, source: Source) -> None:
    """Every record in its order, and nothing is asked that the product was not asked."""
    drafts = list(source.drafts())
    expected = player.conversation["expected"]
    assert [draft.guid for draft in drafts] == [record["guid"] for record in expected]
    base = player.server.url
    wanted = yaml.safe_load(yaml.safe_dump(expected, allow_unicode=True).replace("{base}", base))
    assert [told(*pair) for pair in zip(drafts, wanted, strict=True)] == wanted
    assert player.unknown == []


def test_the_files_of_a_recorded_conversation_come_whole(player: Player, source: Source) -> None:
    """The bytes of a file are those of the product, or made of its rows."""
    wanted = player.conversation.get("contents", {})
    for draft in source.drafts():
        for raw in draft.resources if draft.guid in wanted else ():
            resource = Resource(raw["url"], Text("b"), raw["url"], str(raw.get("format")))
            assert source.content(resource).decode() == wanted[draft.guid]


def test_a_recorded_conversation_that_breaks_off_gives_nothing(
    recorded: str, player: Player, client: Client
) -> None:
    """An error, a login page or a cut in any of its answers: no list, or a record that says so."""
    kind = recorded.partition("-")[0]
    player.server.asked.clear()
    sound = list(player.open(client, kind).drafts())
    asks = dict.fromkeys(f"{asked.method} {asked.target}" for asked in player.server.asked)
    spoils: list[Callable[[Any], Any]] = [
        lambda reply: replace(reply, status=502),
        lambda reply: replace(reply, status=200, body=LOGIN, media_type="text/html"),
        lambda reply: replace(reply, cut=len(reply.body) // 3),
    ]
    if not player.conversation.get("endless"):
        spoils.append(lambda reply: replace(reply, body=reply.body[: len(reply.body) // 2]))
    for ask in asks:
        for spoil in spoils:
            player.spoil = {ask: spoil}
            assert broken(player.open(client, kind), len(sound)), ask


@pytest.mark.parametrize("seed", range(8))
def test_a_garbled_conversation_never_crashes(
    recorded: str, player: Player, client: Client, seed: int
) -> None:
    """Bytes lost, doubled, changed or put in anywhere: drafts or an error of the source."""
    chance = random.Random(f"{recorded} {seed}")
    kind = recorded.partition("-")[0]
    asks = [exchange["ask"] for exchange in player.conversation["exchanges"]]
    player.spoil = {
        chance.choice(asks): lambda reply: replace(reply, body=garbled(reply.body, chance))
    }
    with suppress(SourceError):
        for draft in player.open(client, kind).drafts():
            assert isinstance(draft.guid, str)
            assert all(isinstance(raw, Mapping) for raw in draft.resources)


def garbled(body: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them spoilt."""
    spoilt = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(spoilt) + 1)
        end = min(len(spoilt), start + chance.randint(1, 40))
        put = chance.choice([b"", spoilt[start:end] * 2, chance.randbytes(2), *STRANGE])
        spoilt[start:end] = put
    return bytes(spoilt)


def broken(source: Source, number: int) -> bool:
    """Whether the reading fails, or tells which of all its records could not be read."""
    try:
        drafts = list(source.drafts())
    except SourceError:
        return True
    return len(drafts) == number and any(not draft.fields for draft in drafts)
