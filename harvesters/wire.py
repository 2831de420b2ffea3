"""The bytes of one HTTP exchange: a deadline that cuts it off, and unpacking within bounds."""

import http.client
import socket
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from ssl import SSLContext

from harvesters.address import Target
from hatinh.deadline import after

CHUNK = 64 * 1024
_GZIP = 31
"""What zlib calls a gzip member."""

RATIO_FROM = 1024 * 1024
"""Bytes below which a good compression is no sign of a bomb."""


class TooMuchError(Exception):
    """A body exceeds a limit; the text says which."""


class TooSlowError(Exception):
    """A body comes slower than it must."""


class CutOffError(Exception):
    """A body stops before its end."""


class UnknownPackingError(Exception):
    """A body is packed in a way that was not asked for, or not as it says."""


class Deadline:
    """Ends an exchange after ``seconds``, whatever the other side does.

    A timeout of the socket starts anew with every byte: a source that sends one byte a second
    would hold us for days.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False

    def cuts(self, sock: socket.socket) -> AbstractContextManager[None]:
        """While inside, the socket is shut when the time is over."""
        return after(self.seconds, partial(self._cut, sock))

    def _cut(self, sock: socket.socket) -> None:
        self.passed = True
        # Not the method of an SSLSocket: it would pull the session from under the reader.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Pace:
    """Watches that a body comes at ``speed`` bytes a second, once ``patience`` seconds are over."""

    def __init__(self, speed: float, patience: float, monotonic: Callable[[], float]) -> None:
        self._speed = speed
        self._patience = patience
        self._monotonic = monotonic
        self._begun = monotonic()

    def check(self, received: int) -> None:
        """Raises :class:`TooSlowError`."""
        passed = self._monotonic() - self._begun
        if passed > self._patience and received < passed * self._speed:
            raise TooSlowError


def connect(target: Target, tls: SSLContext, timeout: float) -> socket.socket:
    """A socket to the checked address; TLS is verified against the name."""
    sock = socket.create_connection((target.address, target.port), timeout)
    if target.scheme != "https":
        return sock
    try:
        return tls.wrap_socket(sock, server_hostname=target.host)
    except OSError:
        sock.close()
        raise


def ask(
    sock: socket.socket,
    target: Target,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> http.client.HTTPResponse:
    """Send a request and read the head of the answer."""
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = 443 if target.scheme == "https" else 80
    connection.sock = sock
    sent = {"Accept-Encoding": "gzip", "Connection": "close", **headers}
    connection.request(method, target.path, body, sent)
    return connection.getresponse()


def read_body(answer: http.client.HTTPResponse, limit: int, ratio: int, pace: Pace) -> bytes:
    """The whole body, unpacked.

    Raises :class:`TooMuchError` beyond ``limit`` bytes or ``ratio`` times the bytes received,
    :class:`TooSlowError`, :class:`CutOffError` and :class:`UnknownPackingError`.
    """
    unpacker = _unpacker(answer.headers["Content-Encoding"])
    body, received = bytearray(), 0
    # read1 gives what has come; read would wait for a whole chunk, at whatever pace.
    while chunk := answer.read1(CHUNK):
        received += len(chunk)
        pace.check(received)
        body += unpacker.unpack(chunk, limit + 1 - len(body))
        if len(body) > limit:
            raise TooMuchError(f"{limit} bytes")
        if len(body) > max(RATIO_FROM, received * ratio):
            raise TooMuchError(f"{ratio} times the bytes sent")
    declared = answer.headers["Content-Length"] or str(received)
    if declared != str(received) or not unpacker.finished:
        raise CutOffError
    return bytes(body)


class _Plain:
    finished = True

    def unpack(self, chunk: bytes, limit: int) -> bytes:
        return chunk[:limit]


class _Gzip:
    """Members one after another (RFC 1952 section 2.2). Zeros behind one are filling, and ignored.

    Anything else there is an error: who can tell it from a member that was spoilt?
    """

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=_GZIP)

    @property
    def finished(self) -> bool:
        return self._inflate.eof

    def unpack(self, chunk: bytes, limit: int) -> bytes:
        """The next bytes; no more than ``limit``."""
        body = bytearray()
        while chunk and len(body) < limit:
            if self._inflate.eof:
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    break
                self._inflate = zlib.decompressobj(wbits=_GZIP)
            body += self._inflated(chunk, limit - len(body))
            chunk = self._inflate.unused_data
        return bytes(body)

    def _inflated(self, chunk: bytes, limit: int) -> bytes:
        try:
            return self._inflate.decompress(chunk, limit)
        except zlib.error as err:
            raise UnknownPackingError(f"gzip: {err}") from err


def _unpacker(encoding: str | None) -> _Plain | _Gzip:
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Gzip()
    raise UnknownPackingError(f"content encoding {name}")
