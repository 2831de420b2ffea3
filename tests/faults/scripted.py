"""Servers that misbehave: a raw socket that says what a script tells it, and a proxy in between.

    RawServer   every byte of an answer is the test's own: cut, slow, endless, never ended
    ChaosProxy  stands before any server and spoils the line: late, cut, reset, slow, half open
    bounded     fails when what is inside takes more seconds or megabytes than it may

All of them end with their ``with`` block, whatever hangs.
"""

import asyncio
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = 4096
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return {name: found[-1] for name, found in parse_qs(urlsplit(self.target).query).items()}


@dataclass
class Conversation:
    """One connection. ``number`` counts them from 0."""

    asked: Asked
    number: int
    _socket: socket.socket
    _over: threading.Event

    def send(self, data: bytes) -> None:
        """Say something, in one piece."""
        self._socket.sendall(data)

    def drip(self, data: bytes, pause: float) -> None:
        """Say something again and again until nobody listens."""
        while not self._over.wait(pause):
            self._socket.sendall(data)

    def hold(self, seconds: float = 60.0) -> None:
        """Say nothing and keep the line."""
        self._over.wait(seconds)

    def reset(self) -> None:
        """Break the line off."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._socket.close()


Script = Callable[[Conversation], None]


def answer(
    body: bytes,
    media_type: str = "application/json",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A whole answer, its length declared unless ``headers`` say otherwise."""
    said = {"Content-Type": media_type, "Content-Length": str(len(body)), **(headers or {})}
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{name}: {value}" for name, value in said.items() if value),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(*answers: bytes) -> Script:
    """A script that gives one answer after the other, and the last one for ever."""
    return lambda talk: talk.send(answers[min(talk.number, len(answers) - 1)])


class RawServer:
    """Listens on loopback; each connection is given to the script once its request has come."""

    def __init__(
        self, script: Script, wrap: Callable[[socket.socket], socket.socket] | None = None
    ):
        self.script = script
        self.asked: list[Asked] = []
        self._wrap = wrap or (lambda plain: plain)
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RawServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        # A listener that somebody waits on is only woken by being shut.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[plain], daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        with suppress(OSError), plain, self._wrap(plain) as line:
            asked = _request(line)
            self.asked.append(asked)
            self.script(Conversation(asked, len(self.asked) - 1, line, self._over))


def _request(line: socket.socket) -> Asked:
    """The head of a request, and its body read away."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(PAGE) or b"\r\n\r\n"
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(found.split(": ", 1) for found in lines if ": " in found)
    missing = int(headers.get("Content-Length", "0")) - len(body)
    while missing > 0:
        missing -= len(line.recv(PAGE)) or missing
    return Asked(first.split(" ")[1] if " " in first else "", headers)


@dataclass
class ChaosProxy:
    """A TCP proxy before ``upstream`` on loopback. Its faults may be changed at any time.

    ``latency``: seconds before each piece. ``cut_after``, ``reset_after``, ``freeze_after``: bytes
    of an answer after which the line is closed, broken off, or left open and silent. ``rate``:
    bytes a second. ``refuse``: connections are closed at once. ``deaf``: they are taken and never
    served.
    """

    upstream: int
    latency: float = 0.0
    cut_after: int | None = None
    reset_after: int | None = None
    freeze_after: int | None = None
    rate: float | None = None
    refuse: bool = False
    deaf: bool = False
    port: int = 0
    connections: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "ChaosProxy":
        ready = threading.Event()
        threading.Thread(target=self._run, args=[ready], daemon=True).start()
        ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = listening.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        listening.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError, asyncio.CancelledError):
            if self.deaf:
                await asyncio.Event().wait()
            if not self.refuse:
                await self._relay(asking, answering)
        answering.close()

    async def _relay(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.upstream)
        requests = asyncio.ensure_future(_pump(asking, ours))
        try:
            await self._answer(theirs, answering)
        finally:
            requests.cancel()
            ours.close()

    async def _answer(self, theirs: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        given = 0
        while piece := await theirs.read(PAGE):
            await asyncio.sleep(self.latency)
            for limit in (self.cut_after, self.reset_after, self.freeze_after):
                piece = piece if limit is None else piece[: max(limit - given, 0)]
            for part in self._parts(piece):
                answering.write(part)
                await answering.drain()
                await asyncio.sleep(len(part) / self.rate if self.rate else 0)
            given += len(piece)
            if await self._ended(given, answering):
                return

    def _parts(self, piece: bytes) -> Iterator[bytes]:
        size = max(int(self.rate / 10), 1) if self.rate else PAGE
        return (piece[at : at + size] for at in range(0, len(piece), size))

    async def _ended(self, given: int, answering: asyncio.StreamWriter) -> bool:
        if self.freeze_after is not None and given >= self.freeze_after:
            await asyncio.Event().wait()
        if self.reset_after is not None and given >= self.reset_after:
            line = answering.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            answering.transport.abort()
            return True
        return self.cut_after is not None and given >= self.cut_after


async def _pump(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
    while piece := await reading.read(PAGE):
        writing.write(piece)
        await writing.drain()


@dataclass
class Cost:
    """What something took; ``processor`` are seconds of it, ended children included."""

    seconds: float = 0.0
    processor: float = 0.0
    megabytes: float = 0.0


@contextmanager
def bounded(seconds: float, megabytes: float = 100.0, processor: float = 60.0) -> Iterator[Cost]:
    """Fails when the inside takes longer, or this process and its children grow further.

    What takes work rather than waiting is bounded by the ``processor``: others use it too.
    """
    cost, over = Cost(), threading.Event()
    before = _resident()
    peak = [before]

    def watch() -> None:
        while not over.wait(0.005):
            peak[0] = max(peak[0], _resident())

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    begun, worked = time.monotonic(), _processor()
    try:
        yield cost
    finally:
        cost.seconds, cost.processor = time.monotonic() - begun, _processor() - worked
        over.set()
        watching.join()
        cost.megabytes = (peak[0] - before) / 1e6
    if cost.seconds > seconds or cost.processor > processor or cost.megabytes > megabytes:
        raise AssertionError(f"{cost} is more than {Cost(seconds, processor, megabytes)}")


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _resident() -> int:
    """Bytes in memory of this process and of those that it started."""
    own = Path("/proc/self")
    lists = (_read(task) for task in own.glob("task/*/children"))
    children = [Path("/proc", child) for found in lists for child in found.split()]
    # A child that has not begun its own program yet is still this process, seen twice.
    begun = (child for child in children if _read(child / "cmdline") != _read(own / "cmdline"))
    sizes = (_read(process / "statm").split() for process in (own, *begun))
    return sum(int(size[1]) for size in sizes if size) * PAGE


def _read(path: Path) -> str:
    """The text of a file; nothing when its process is gone."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
