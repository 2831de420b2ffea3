"""The HTTP client of the harvest: suspicious, bounded, and without memory.

It stands on the standard library because the address has to be checked between resolving the
name and connecting; clients that resolve for themselves can be led elsewhere in between.
No cookies, no proxy or password from the environment, no address that was not checked.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import urlencode

from harvesters import wire
from harvesters.address import (
    RefusedAddressError,
    Resolver,
    Target,
    check_address,
    host_and_port,
    joined,
    resolve_host,
)
from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    LoopingSourceError,
    RefusedBySourceError,
    SlowSourceError,
    TooLargeSourceError,
    TruncatedSourceError,
    UnauthorisedSourceError,
    UnreachableSourceError,
)
from harvesters.source import SourceConfig

BUSY = frozenset({429, 503})
MOVED = frozenset({301, 302, 303, 307, 308})
NOT_MODIFIED = 304
OK, PART, MULTI_STATUS = 200, 206, 207

NO_HEAD = frozenset({400, 403, 404, 405, 500, 501})
"""With these some servers answer a HEAD though they would give the content."""

HARMLESS = frozenset({"accept", "depth", "user-agent"})
"""Headers that may go to another host than the one they were meant for."""

MAX_TAG = 1000
"""Letters of an ``ETag`` that are worth keeping."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: times in seconds, ``body`` in bytes after unpacking.

    After ``patience`` seconds a body must have come at ``speed`` bytes a second or more.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    speed: float = 256.0
    patience: float = 20.0
    body: int = 50 * 1024 * 1024
    ratio: int = 100
    redirects: int = 5
    retries: int = 2
    wait: float = 60.0


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. ``url`` is where it came from after redirects."""

    url: str
    status: int
    media_type: str
    body: bytes = field(repr=False)
    etag: str = ""
    last_modified: str = ""


@dataclass(slots=True)
class Asked:
    """What a client has asked of its source so far."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Request:
    """What to ask; ``status`` is that of a whole answer.

    ``again``: whether it may be asked again when the line breaks. ``read``: whether the body is.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    method: str = "GET"
    body: bytes | None = field(default=None, repr=False)
    status: int = OK
    again: bool = True
    read: bool = True


@dataclass(frozen=True, slots=True)
class _Busy:
    """The source asks us to come back later."""

    status: int
    retry_after: str


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """The source has nothing newer than what we said we know."""


@cache
def system_authorities() -> ssl.SSLContext:
    """What the system trusts: a province adds its own authority there."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Client:
    """Fetches for one source; :meth:`bound_to` makes one from a general client.

    ``asked`` counts; it is all that a client remembers.

    Time, sleep and name resolution are arguments so that tests need not wait or be online.
    """

    source: str = ""
    private_hosts: frozenset[str] = frozenset()
    limits: Limits = Limits()
    user_agent: str = "HaTinhDataPortal/1 (+https://data.hatinh.gov.vn)"
    resolve: Resolver = resolve_host
    tls: Callable[[], ssl.SSLContext] = system_authorities
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    asked: Asked = field(default_factory=Asked, compare=False)

    def bound_to(self, config: SourceConfig, also: Iterable[str] = ()) -> "Client":
        """The client of one source.

        ``allow_private`` opens the private network for the source's own host and port only, and
        for those of ``also``, the further addresses of its configuration: a link in the source
        to anything else there is still refused.
        """
        try:
            own = [host_and_port(url) for url in (config.url, *also)]
        except RefusedAddressError as err:
            raise ForbiddenAddressError(config.name, config.url, str(err)) from err
        hosts = frozenset(own if config.allow_private else ())
        return replace(self, source=config.name, private_hosts=hosts, asked=Asked())

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, again: bool = True
    ) -> Response:
        """The whole content behind a URL. Raises :class:`harvesters.errors.SourceError`.

        ``again``: whether to come back when the line breaks. A list is worth it; of the files
        of strangers many are gone for good.
        """
        return self._whole(_Request(url, headers or {}, again=again))

    def revisit(
        self, url: str, conditions: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Response | None:
        """The content behind a URL, or ``None`` when it is as the conditions say (304)."""
        answer = self._send(_Request(url, {**(headers or {}), **conditions}))
        if isinstance(answer, Response):
            return answer
        if not conditions:
            raise RefusedBySourceError(self.source, url, NOT_MODIFIED)
        return None

    def post(
        self,
        url: str,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        as_json: bool = False,
    ) -> Response:
        """The answer to a form. It is never redirected: a form may carry a secret."""
        body = json.dumps(dict(form)) if as_json else urlencode(form)
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        sent = {**headers, "Content-Type": kind}
        # It may have been done before the line broke: it is sent once.
        return self._whole(_Request(url, sent, "POST", body.encode(), again=False))

    def listing(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """What a WebDAV folder holds, itself and its children (PROPFIND, RFC 4918)."""
        sent = {**(headers or {}), "Depth": "1"}
        return self._whole(_Request(url, sent, "PROPFIND", status=MULTI_STATUS))

    def touch(self, url: str) -> None:
        """Make sure that there is something behind a URL, without fetching it.

        Asks for the head, and where that is refused for the first byte. Raises
        :class:`harvesters.errors.SourceError`.
        """
        try:
            self._whole(_Request(url, {}, "HEAD", again=False, read=False))
        except UnauthorisedSourceError:
            raise
        except RefusedBySourceError as err:
            if err.status not in NO_HEAD:
                raise
            self._first_byte(url)

    def _first_byte(self, url: str) -> None:
        part = {"Range": "bytes=0-0"}
        try:
            self._whole(_Request(url, part, status=PART, again=False, read=False))
        except RefusedBySourceError as err:
            if err.status != OK:  # a server that knows no ranges
                raise

    # -- policy: busy sources, redirects ------------------------------------------------------

    def _whole(self, request: _Request) -> Response:
        answer = self._send(request)
        if isinstance(answer, Response):
            return answer
        raise RefusedBySourceError(self.source, request.url, NOT_MODIFIED)

    def _send(self, request: _Request) -> Response | _Unchanged:
        for attempt in range(self.limits.retries):
            answer = self._try(request)
            if not isinstance(answer, _Busy):
                return answer
            self.sleep(self._pause(answer.retry_after, attempt))
        answer = self._follow(request)
        if not isinstance(answer, _Busy):
            return answer
        raise RefusedBySourceError(self.source, request.url, answer.status)

    def _try(self, request: _Request) -> Response | _Unchanged | _Busy:
        """One of several tries: a line that breaks is a source to come back to."""
        try:
            return self._follow(request)
        except (UnreachableSourceError, TruncatedSourceError):
            if not request.again:
                raise
            return _Busy(503, "")

    def _follow(self, request: _Request) -> Response | _Unchanged | _Busy:
        for _ in range(self.limits.redirects + 1):
            answer = self._ask(request)
            if not isinstance(answer, _Request):
                return answer
            request = answer
        raise LoopingSourceError(self.source, request.url)

    def _moved(self, request: _Request, origin: Target, location: str) -> _Request:
        # Headers arrive as Latin-1; a location with Vietnamese letters was UTF-8.
        where = location.encode("latin-1", "replace").decode("utf-8", "replace")
        url = joined(request.url, where)
        target = self._target(url)
        if origin.scheme == "https" and target.scheme == "http":
            raise ForbiddenAddressError(self.source, url, "redirected from https to http")
        if target.origin == origin.origin:
            return replace(request, url=url)
        # Which header is a secret only the source knows: a gateway may have one of its own.
        kept = {k: v for k, v in request.headers.items() if k.lower() in HARMLESS}
        return replace(request, url=url, headers=kept)

    def _pause(self, retry_after: str, attempt: int) -> float:
        """Seconds to wait: what the source asks for, within reason."""
        asked = _seconds(retry_after, self.now())
        return min(max(2.0**attempt if asked is None else asked, 0.0), self.limits.wait)

    # -- one exchange -------------------------------------------------------------------------

    def _ask(self, request: _Request) -> Response | _Unchanged | _Request | _Busy:
        target = self._target(request.url)
        with self._exchange(target, request) as answer:
            if answer.status == request.status:
                return self._response(answer, request)
            if answer.status == NOT_MODIFIED:
                return _Unchanged()
            location = answer.headers["Location"]
            if answer.status in MOVED and location and request.body is None:
                return self._moved(request, target, location)
            if answer.status in BUSY:
                return _Busy(answer.status, answer.headers["Retry-After"] or "")
            if answer.status == 401:
                raise UnauthorisedSourceError(self.source, request.url)
            raise RefusedBySourceError(self.source, request.url, answer.status)

    def _response(self, answer: HTTPResponse, request: _Request) -> Response:
        body = self._body(answer, request.url) if request.read else b""
        tags = (_tag(answer.headers[name]) for name in ("ETag", "Last-Modified"))
        return Response(request.url, answer.status, answer.headers.get_content_type(), body, *tags)

    def _target(self, url: str) -> Target:
        try:
            return check_address(url, self.resolve, self.private_hosts)
        except RefusedAddressError as err:
            raise ForbiddenAddressError(self.source, url, str(err)) from err
        except (OSError, UnicodeError) as err:
            raise UnreachableSourceError(self.source, url, err) from err

    @contextmanager
    def _exchange(self, target: Target, request: _Request) -> Iterator[HTTPResponse]:
        """The answer, its body still to be read; every fault on the way has its own error."""
        self.asked.requests += 1
        deadline = wire.Deadline(self.limits.total)
        headers = {"User-Agent": self.user_agent, **request.headers}
        try:
            with wire.connect(target, self.tls(), self.limits.connect) as sock, deadline.cuts(sock):
                sock.settimeout(self.limits.read)
                yield wire.ask(sock, target, request.method, headers, request.body)
        except (OSError, HTTPException, TruncatedSourceError) as err:
            raise self._wire_fault(request.url, err, deadline) from err
        # A body without a declared length ends quietly when the deadline cuts it.
        if deadline.passed:
            raise SlowSourceError(self.source, request.url, deadline.seconds)

    def _wire_fault(
        self, url: str, err: Exception, deadline: wire.Deadline
    ) -> SlowSourceError | TruncatedSourceError | UnreachableSourceError:
        if deadline.passed:
            return SlowSourceError(self.source, url, deadline.seconds)
        if isinstance(err, IncompleteRead | TruncatedSourceError):
            return TruncatedSourceError(self.source, url)
        return UnreachableSourceError(self.source, url, _wire_words(err))

    def _body(self, answer: HTTPResponse, url: str) -> bytes:
        pace = wire.Pace(self.limits.speed, self.limits.patience, self.monotonic)
        try:
            body = wire.read_body(answer, self.limits.body, self.limits.ratio, pace)
        except wire.TooSlowError as err:
            raise SlowSourceError(self.source, url, self.limits.patience) from err
        except wire.TooMuchError as err:
            raise TooLargeSourceError(self.source, url, str(err)) from err
        except wire.CutOffError as err:
            raise TruncatedSourceError(self.source, url) from err
        except wire.UnknownPackingError as err:
            raise GarbledSourceError(self.source, url, str(err)) from err
        self.asked.bytes += len(body)
        return body


def _wire_words(err: Exception) -> str:
    """What went wrong on the line, without the library's own numbers."""
    if isinstance(err, ssl.SSLCertVerificationError):
        return f"TLS: {err.verify_message}"
    if isinstance(err, ssl.SSLError):
        return f"TLS: {(err.reason or str(err)).replace('_', ' ').lower()}"
    return str(err) or type(err).__name__


def _tag(value: str | None) -> str:
    """A mark of the source's that can be sent back to it as it came."""
    text = (value or "").strip()
    return text if text.isascii() and text.isprintable() and len(text) <= MAX_TAG else ""


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Seconds of a ``Retry-After``, given as a number or as a date; ``None`` if neither."""
    if re.fullmatch(r"-?\d{1,18}", retry_after):
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now.timestamp()
