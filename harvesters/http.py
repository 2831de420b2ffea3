"""The HTTP client of the harvest: suspicious, bounded, and without memory.

It stands on the standard library because the address has to be checked between resolving the
name and connecting; clients that resolve for themselves can be led elsewhere in between.
No cookies, no proxy or password from the environment, no address that was not checked.
"""

import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import urljoin

from harvesters import wire
from harvesters.address import (
    RefusedAddressError,
    Resolver,
    Target,
    check_address,
    host_and_port,
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


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: times in seconds, ``body`` in bytes after unpacking."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 300.0
    body: int = 50 * 1024 * 1024
    ratio: int = 100
    redirects: int = 5
    retries: int = 2
    wait: float = 60.0


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer with status 200. ``url`` is where it came from after redirects."""

    url: str
    status: int
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Request:
    """What to ask; with a ``form`` it is a POST."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Busy:
    """The source asks us to come back later."""

    status: int
    retry_after: str


@cache
def _tls() -> ssl.SSLContext:
    """The system's trusted authorities: a province adds its own there."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Client:
    """Fetches for one source; :meth:`bound_to` makes one from a general client.

    Time, sleep and name resolution are arguments so that tests need not wait or be online.
    """

    source: str = ""
    private_hosts: frozenset[str] = frozenset()
    limits: Limits = Limits()
    user_agent: str = "HaTinhDataPortal/1 (+https://data.hatinh.gov.vn)"
    resolve: Resolver = resolve_host
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def bound_to(self, config: SourceConfig) -> "Client":
        """The client of one source.

        ``allow_private`` opens the private network for the source's own host and port only:
        a link in the source to anything else there is still refused.
        """
        try:
            private = {host_and_port(config.url)} if config.allow_private else ()
        except RefusedAddressError as err:
            raise ForbiddenAddressError(config.name, config.url, str(err)) from err
        return replace(self, source=config.name, private_hosts=frozenset(private))

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """The whole content behind a URL. Raises :class:`harvesters.errors.SourceError`."""
        return self._send(_Request(url, headers or {}))

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """The answer to a form. It is never redirected: a form may carry a secret."""
        return self._send(_Request(url, headers, form))

    # -- policy: busy sources, redirects ------------------------------------------------------

    def _send(self, request: _Request) -> Response:
        for attempt in range(self.limits.retries):
            answer = self._follow(request)
            if isinstance(answer, Response):
                return answer
            self.sleep(self._pause(answer.retry_after, attempt))
        answer = self._follow(request)
        if isinstance(answer, Response):
            return answer
        raise RefusedBySourceError(self.source, request.url, answer.status)

    def _follow(self, request: _Request) -> Response | _Busy:
        for _ in range(self.limits.redirects + 1):
            answer = self._ask(request)
            if not isinstance(answer, _Request):
                return answer
            request = answer
        raise LoopingSourceError(self.source, request.url)

    def _moved(self, request: _Request, origin: Target, location: str) -> _Request:
        # Headers arrive as Latin-1; a location with Vietnamese letters was UTF-8.
        where = location.encode("latin-1", "replace").decode("utf-8", "replace")
        url = urljoin(request.url, where)
        target = self._target(url)
        if origin.scheme == "https" and target.scheme == "http":
            raise ForbiddenAddressError(self.source, url, "redirected from https to http")
        if target.origin == origin.origin:
            return replace(request, url=url)
        kept = {k: v for k, v in request.headers.items() if k.lower() != "authorization"}
        return replace(request, url=url, headers=kept)

    def _pause(self, retry_after: str, attempt: int) -> float:
        """Seconds to wait: what the source asks for, within reason."""
        asked = _seconds(retry_after, self.now())
        return min(max(2.0**attempt if asked is None else asked, 0.0), self.limits.wait)

    # -- one exchange -------------------------------------------------------------------------

    def _ask(self, request: _Request) -> Response | _Request | _Busy:
        target = self._target(request.url)
        with self._exchange(target, request) as answer:
            if answer.status == 200:
                media_type = answer.headers.get_content_type()
                return Response(request.url, 200, media_type, self._body(answer, request.url))
            location = answer.headers["Location"]
            if answer.status in MOVED and location and request.form is None:
                return self._moved(request, target, location)
            if answer.status in BUSY:
                return _Busy(answer.status, answer.headers["Retry-After"] or "")
            if answer.status == 401:
                raise UnauthorisedSourceError(self.source, request.url)
            raise RefusedBySourceError(self.source, request.url, answer.status)

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
        deadline = wire.Deadline(self.limits.total)
        headers = {"User-Agent": self.user_agent, **request.headers}
        try:
            with wire.connect(target, _tls(), self.limits.connect) as sock, deadline.cuts(sock):
                sock.settimeout(self.limits.read)
                yield wire.ask(sock, target, headers, request.form)
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
        return UnreachableSourceError(self.source, url, str(err) or type(err).__name__)

    def _body(self, answer: HTTPResponse, url: str) -> bytes:
        try:
            return wire.read_body(answer, self.limits.body, self.limits.ratio)
        except wire.TooMuchError as err:
            raise TooLargeSourceError(self.source, url, str(err)) from err
        except wire.CutOffError as err:
            raise TruncatedSourceError(self.source, url) from err
        except wire.UnknownPackingError as err:
            raise GarbledSourceError(self.source, url, str(err)) from err


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Seconds of a ``Retry-After``, given as a number or as a date; ``None`` if neither."""
    if re.fullmatch(r"-?\d{1,18}", retry_after):
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - now.timestamp()
