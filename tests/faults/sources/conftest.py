"""A source of any kind at any address, with limits that a test can wait for."""

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from given import Open, Read
from scripted import Conversation, Script, answer

from harvesters import wire
from harvesters.http import Client, Limits
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from hatinh.text import Text

LIMITS = Limits(connect=1, read=0.5, total=1.5, patience=0.3, body=2_000_000)
IDS = ("a", "b", "c", "d")


@pytest.fixture
def pauses() -> list[float]:
    """How long the client would have waited."""
    return []


@pytest.fixture
def client(pauses: list[float]) -> Client:
    """A client that never really waits."""
    return Client(limits=LIMITS, sleep=pauses.append)


@pytest.fixture
def open_at(client: Client) -> Open:
    """Opens a source of a kind at an address of loopback."""

    def opening(kind: str, url: str, **changes: Any) -> Adapter:
        config = SourceConfig("nguon", kind, Text("Nguồn"), url, "so-thu", allow_private=True)
        return open_source(replace(config, **changes), client)

    return opening


@pytest.fixture
def read(open_at: Open) -> Read:
    """All records of a source."""
    return lambda kind, url, **changes: list(open_at(kind, url, **changes).drafts())


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that is really connected to (I10)."""
    addresses: list[tuple[str, int]] = []
    connect = socket.create_connection

    def recording(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        addresses.append(address)
        return connect(address, *rest, **named)

    monkeypatch.setattr(wire.socket, "create_connection", recording)
    return addresses


def package(guid: str, **fields: Any) -> dict[str, Any]:
    """A package of CKAN."""
    return {"id": guid, "name": guid, "title": f"Bộ dữ liệu {guid}", **fields}


def search(*packages: dict[str, Any], count: int | None = None) -> bytes:
    """An answer of ``package_search`` with these packages; ``count`` lies."""
    found = {"count": len(IDS) if count is None else count, "results": packages}
    return answer(json.dumps({"success": True, "result": found}).encode())


@pytest.fixture
def portal() -> Script:
    """A sound CKAN with four packages, one on each page."""

    def paging(talk: Conversation) -> None:
        start = int(talk.asked.query["start"])
        talk.send(search(*(package(guid) for guid in IDS[start : start + 1])))

    return paging
