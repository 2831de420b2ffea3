"""Documents that are almost right: whatever comes, a source gives records or one of its errors."""

import contextlib
import random
from dataclasses import replace
from typing import Any

import pytest

from harvesters.errors import SourceError
from harvesters.http import Client

SPLINTERS = (b'"', b"{", b"}", b"[", b"]", b"null", b"1", b"<", b"</", b"\0", b"\xff", b"&x;", b"")


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The body with a few bytes changed, lost, doubled or put in."""
    parts = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, size = chance.randrange(len(parts) + 1), chance.choice((0, 1, 5, 50))
        splinter = chance.choice((*SPLINTERS, bytes(parts[at : at + 50])))
        parts[at : at + size] = splinter
    return bytes(parts)


@pytest.mark.parametrize("seed", range(6))
def test_a_mutated_document_gives_records_or_an_error(
    script: Any, client: Client, seed: int
) -> None:
    """Never a crash: the same seed spoils the same bytes."""
    chance = random.Random(seed)
    script.server.fault = lambda reply: replace(reply, body=mutated(reply.body, chance))
    for _ in range(4):
        with contextlib.suppress(SourceError):
            list(script.open(client).drafts())
