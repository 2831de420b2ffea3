"""What the client of the harvest does for and against a server."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    RefusedBySourceError,
    SlowSourceError,
    SourceError,
    TooLargeSourceError,
    TruncatedSourceError,
    UnauthorisedSourceError,
    UnreachableSourceError,
)
from harvesters.http import Client

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def answering(server: Any, client: Client) -> Callable[..., Client]:
    """A client allowed on a server that answers ``/`` with one reply."""

    def prepared(reply: Any, **changes: Any) -> Client:
        server.routes["/"] = lambda asked: reply
        port = server.server_address[1]
        return replace(client, private_hosts=frozenset({f"127.0.0.1:{port}"}), **changes)

    return prepared


def test_a_request_says_who_asks_and_keeps_nothing(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """The portal names itself; cookies that a source sets are not sent back."""
    client = answering(reply(b"x", headers={"Set-Cookie": "a=b"}))
    assert client.get(server.url).body == b"x"
    client.get(server.url)
    assert server.asked[-1].headers["User-Agent"] == client.user_agent
    assert "Cookie" not in server.asked[-1].headers


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("-5", 0),
        ("315360000", 60),
        ("9" * 400, 1),
        ("Sun, 22 Nov 2026 06:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 05:00:00 GMT", 0),
        ("Tue, 22 Nov 2036 06:00:00 GMT", 60),
        ("soon", 1),
        ("Sun, 22 Nov 99999999999999999999 06:00:00 GMT", 1),
        ("Sun, 22 Nov 2026 99999999999999:00:00 GMT", 1),
        ("Sun, 22 Nov 2026 06:00:00 +99999999999999999999", 1),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 60),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        (None, 1),
    ],
)
def test_retry_after_is_obeyed_within_reason(
    server: Any,
    answering: Callable[..., Client],
    reply: Callable[..., Any],
    retry_after: str | None,
    seconds: float,
) -> None:
    """A busy source is asked again when it says, at once if that is past, in a minute at most."""
    pauses: list[float] = []
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    busy = reply(b"", status=429, headers=headers)
    client = answering(busy, sleep=pauses.append, now=lambda: NOW)
    with pytest.raises(RefusedBySourceError):
        client.get(server.url)
    assert pauses[0] == seconds
    assert len(pauses) == 2


def test_a_source_that_recovers_is_read(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """After a busy answer the next good one counts."""
    client = answering(reply(b""))
    replies = iter([reply(b"", status=503), reply(b"good")])
    server.routes["/"] = lambda asked: next(replies)
    assert client.get(server.url).body == b"good"


def test_gzip_is_unpacked(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """A packed body is the body."""
    packed = gzip.compress(b"Hello " * 1000)
    client = answering(reply(packed, headers={"Content-Encoding": "gzip"}))
    assert client.get(server.url).body == b"Hello " * 1000


@pytest.mark.parametrize("filling", [b"", b"\0" * 70_000], ids=["bare", "filled"])
@pytest.mark.parametrize("count", [2, 3, 4000])
def test_every_member_of_a_gzip_is_unpacked(
    server: Any,
    answering: Callable[..., Client],
    reply: Callable[..., Any],
    count: int,
    filling: bytes,
) -> None:
    """A body may be packed in several parts; zeros behind them are nothing."""
    members = [gzip.compress(f"part {n} ".encode() * 3) for n in range(count)]
    client = answering(reply(b"".join([*members, filling]), headers={"Content-Encoding": "gzip"}))
    assert client.get(server.url).body == b"".join(map(gzip.decompress, members))


@pytest.mark.parametrize("link", ["http://[", "//a]b/c", "http://h:99999999999/", "http://[::1%/"])
def test_a_redirect_to_what_is_no_address_is_refused(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any], link: str
) -> None:
    """It is an error of the source's like any other."""
    client = answering(reply(b"", status=302, headers={"Location": link}))
    with pytest.raises(ForbiddenAddressError):
        client.get(server.url)


PACKED = gzip.compress(b"0" * 90_000)


@pytest.mark.parametrize(
    ("body", "encoding", "error"),
    [
        (PACKED[:-9], "gzip", TruncatedSourceError),
        (PACKED + PACKED[:20], "gzip", TruncatedSourceError),
        (PACKED + PACKED[:5], "gzip", TruncatedSourceError),
        (PACKED + b"\n", "gzip", TruncatedSourceError),
        (PACKED + b"and more", "gzip", GarbledSourceError),
        (PACKED + PACKED[:-8] + b"12345678", "gzip", GarbledSourceError),
        (gzip.compress(b"0" * 250_000), "gzip", TooLargeSourceError),
        (PACKED * 3, "gzip", TooLargeSourceError),
        (b"not packed", "gzip", GarbledSourceError),
        (b"???", "br", GarbledSourceError),
    ],
    ids=[
        "cut",
        "second cut",
        "second begun",
        "a letter more",
        "more",
        "second spoilt",
        "bomb",
        "bomb in parts",
        "unpacked",
        "unasked",
    ],
)
def test_a_wrong_packing_is_an_error(
    server: Any,
    answering: Callable[..., Client],
    reply: Callable[..., Any],
    body: bytes,
    encoding: str,
    error: type[SourceError],
) -> None:
    """Packed bodies that end early, unfold too far or are none."""
    client = answering(reply(body, headers={"Content-Encoding": encoding}))
    with pytest.raises(error):
        client.get(server.url)


def test_too_good_a_compression_is_a_bomb(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """Beyond a megabyte no honest text shrinks a hundredfold."""
    packed = gzip.compress(b"0" * 3_000_000)
    client = answering(reply(packed, headers={"Content-Encoding": "gzip"}))
    client = replace(client, limits=replace(client.limits, body=4_000_000))
    with pytest.raises(TooLargeSourceError, match="100 times"):
        client.get(server.url)


@contextmanager
def dripping(head: bytes, drop: bytes, pause: float) -> Iterator[int]:
    """A server that sends ``head`` and then ``drop`` again and again; gives its port."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(head)
                    while not stop.wait(pause):
                        connection.sendall(drop)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join(2)


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "endless body", "header", "chunks", "status line"],
)
def test_a_source_that_drips_is_cut_off(client: Client, head: bytes, drop: bytes) -> None:
    """A byte now and then does not hold the harvest: the whole answer has a deadline."""
    limits = replace(client.limits, total=0.4)
    with dripping(head, drop, 0.05) as port:
        bound = replace(client, limits=limits, private_hosts=frozenset({f"127.0.0.1:{port}"}))
        with pytest.raises(SlowSourceError):
            bound.get(f"http://127.0.0.1:{port}/")


def test_a_source_that_falls_silent_is_left(client: Client) -> None:
    """No byte within the reading time is no answer."""
    limits = replace(client.limits, read=0.2)
    with dripping(b"HTTP/1.1 200 OK\r\n", b"", 1) as port:
        bound = replace(client, limits=limits, private_hosts=frozenset({f"127.0.0.1:{port}"}))
        with pytest.raises(UnreachableSourceError):
            bound.get(f"http://127.0.0.1:{port}/")


def test_a_chunked_body_cut_short_raises(client: Client) -> None:
    """A chunk that never ends is a failure."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(head)

        threading.Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        once = replace(client.limits, retries=0)
        hosts = frozenset({f"127.0.0.1:{port}"})
        bound = replace(client, limits=once, private_hosts=hosts)
        with pytest.raises(TruncatedSourceError):
            bound.get(f"http://127.0.0.1:{port}/")


def test_tls_is_verified(client: Client) -> None:
    """A server that speaks no TLS, or shows no good certificate, is not read over https."""
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.1) as port:
        bound = replace(client, private_hosts=frozenset({f"127.0.0.1:{port}"}))
        with pytest.raises(UnreachableSourceError):
            bound.get(f"https://127.0.0.1:{port}/")


# -- addresses ------------------------------------------------------------------------------------


def test_the_checked_address_is_the_one_called(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """A name is resolved once: a second answer of the resolver could lead elsewhere."""
    port = server.server_address[1]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        del port
        asked.append(host)
        return ["127.0.0.1"]

    client = answering(reply(b"x"), resolve=resolve)
    client = replace(client, private_hosts=frozenset({f"nguon.test:{port}"}))
    assert client.get(f"http://nguon.test:{port}/").body == b"x"
    assert asked == ["nguon.test"]
    assert server.asked[0].headers["Host"] == f"nguon.test:{port}"


def test_a_name_with_one_private_address_is_refused(client: Client) -> None:
    """Good addresses beside a bad one do not make it good."""
    mixed = replace(client, resolve=lambda host, port: ["203.0.114.1", "10.0.0.1"])
    with pytest.raises(ForbiddenAddressError):
        mixed.get("http://nguon.test/")


def test_a_name_that_does_not_resolve_is_unreachable(client: Client) -> None:
    """The resolver's failure is the source's."""

    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, f"no {host}:{port}")

    with pytest.raises(UnreachableSourceError):
        replace(client, resolve=resolve).get("http://nguon.test/")


# -- credentials ----------------------------------------------------------------------------------


def test_credentials_are_not_sent_to_another_host(
    start: Callable[[], Any], client: Client, reply: Callable[..., Any]
) -> None:
    """A redirect to another origin loses the authorization."""
    first, second = start(), start()
    first.routes["/"] = lambda asked: reply(b"", status=302, headers={"Location": second.url})
    second.routes["/"] = lambda asked: reply(b"there")
    hosts = frozenset(f"127.0.0.1:{server.server_address[1]}" for server in (first, second))
    bound = replace(client, private_hosts=hosts)
    assert bound.get(first.url, {"Authorization": "Bearer x", "Accept": "a/b"}).body == b"there"
    assert "Authorization" in first.asked[0].headers
    assert "Authorization" not in second.asked[0].headers
    assert second.asked[0].headers["Accept"] == "a/b"


def test_a_form_is_never_redirected(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """What may carry a secret goes where it was sent, or nowhere."""
    client = answering(reply(b"", status=307, headers={"Location": "/other"}))
    with pytest.raises(RefusedBySourceError):
        client.post(server.url, {"a": "b"}, {})
    assert [asked.path for asked in server.asked] == ["/"]


def test_401_has_its_own_error(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """Wrong credentials are told apart from any other refusal."""
    with pytest.raises(UnauthorisedSourceError):
        answering(reply(b"", status=401)).get(server.url)


def test_an_error_shows_no_query(
    server: Any, answering: Callable[..., Client], reply: Callable[..., Any]
) -> None:
    """Keys often stand in the query of an address."""
    with pytest.raises(RefusedBySourceError) as raised:
        answering(reply(b"", status=500)).get(f"{server.url}?key=bi-mat")
    assert "bi-mat" not in str(raised.value)
