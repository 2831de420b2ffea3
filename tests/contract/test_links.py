"""Whether an address answers: asked with little, and told apart from a host in trouble."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from peers import Asked, Reply, Scripted

from harvesters.address import host_and_port
from harvesters.http import Client
from harvesters.links import LIMITS, Standing, Visit, rest, until_next, visit

THERE, AWAY = Visit(Standing.THERE), Visit(Standing.AWAY, "source-refused")
BIG = b"x" * 1_000_000


@pytest.fixture
def visitor(server: Scripted) -> Client:
    """A client that may call the server of the test."""
    return Client(limits=LIMITS, private_hosts=frozenset({host_and_port(server.url)}))


def answering(server: Scripted, statuses: Mapping[str, int]) -> None:
    """Answer each method with a status, and a large body."""

    def route(asked: Asked) -> Reply:
        method = "part" if asked.headers.get("Range") else asked.method
        return Reply(BIG, "text/csv", statuses[method])

    server.routes["/tep.csv"] = route


@pytest.mark.parametrize(
    ("statuses", "found", "asked"),
    [
        ({"HEAD": 200}, THERE, ["HEAD"]),
        ({"HEAD": 405, "part": 206}, THERE, ["HEAD", "GET"]),
        ({"HEAD": 501, "part": 200}, THERE, ["HEAD", "GET"]),
        ({"HEAD": 404, "part": 404}, AWAY, ["HEAD", "GET"]),
        ({"HEAD": 410}, AWAY, ["HEAD"]),
        ({"HEAD": 429}, replace(AWAY, trouble=True), ["HEAD"]),
        ({"HEAD": 503}, replace(AWAY, trouble=True), ["HEAD"]),
        ({"HEAD": 401}, replace(AWAY, why="source-unauthorised"), ["HEAD"]),
    ],
)
def test_visit_asks_for_the_head_and_at_most_for_one_byte(
    server: Scripted, visitor: Client, statuses: dict[str, int], found: Visit, asked: list[str]
) -> None:
    """One question, two where a server knows no HEAD; and no body is read, however large."""
    answering(server, statuses)
    assert visit(visitor, f"{server.url}/tep.csv") == found
    assert [one.method for one in server.asked] == asked
    assert visitor.asked.bytes == 0


def test_nobody_at_the_host_is_trouble(server: Scripted, visitor: Client) -> None:
    """A host that does not answer is left alone, not only the address."""
    server.server_close()
    server.shutdown()
    assert visit(visitor, f"{server.url}/tep.csv").trouble


def test_private_address_is_never_called(server: Scripted) -> None:
    """An editor cannot have the portal look round its network; nothing is said of such links."""
    assert visit(Client(limits=LIMITS), f"{server.url}/tep.csv").standing is Standing.UNKNOWN
    assert server.asked == []


def test_intervals_rise_and_end() -> None:
    """The more often it was there the rarer it is asked; one that is away is not forgotten."""
    days = [until_next(THERE, there, 0).days for there in range(1, 8)]
    hours = [until_next(AWAY, 0, away) // timedelta(hours=1) for away in range(1, 7)]
    assert days == [1, 3, 7, 14, 30, 30, 30]
    assert hours == [6, 24, 72, 168, 168, 168]
    assert [rest(times) // timedelta(hours=1) for times in (1, 2, 3, 6, 7, 99)] == [
        1, 2, 4, 32, 48, 48,
    ]  # fmt: skip
