"""What was seen of a source at its last complete run, and whether it is still the same.

    Visited (from the last run) ──▶ Visitor asks conditionally ──▶ all as before: NotModifiedError
                                                              └─▶ anything else: the pages are read

Not modified is a hint of the server's: some send one ``ETag`` for ever. Whoever reads a source
gives an empty :class:`Visited` now and then, which asks for everything (F34).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from harvesters.http import Response
from hatinh.errors import HatinhError

Noise = re.Pattern[bytes] | None
"""What differs between two answers that say the same: a time of day, for one."""

HELD = 64 * 1024 * 1024
"""Bytes of pages that are held while it is not yet clear whether anything changed."""


class NotModifiedError(HatinhError):
    """Every page of the source is as it was remembered: no fault, and nothing to read."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source}: nothing changed")


@dataclass(frozen=True, slots=True)
class Visit:
    """What is remembered of one address; ``next`` is the page that it led to."""

    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    next: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class Visited:
    """The memory of a source: given from the last complete run, and made anew by this one."""

    def __init__(self, before: Mapping[str, Visit] | None = None) -> None:
        self.before: Mapping[str, Visit] = before or {}
        self._now: dict[str, Visit] = {}

    @classmethod
    def from_json(cls, value: Any) -> "Visited":
        """The memory as it was kept. What is not well formed is forgotten, not an error."""
        known = value if isinstance(value, dict) else {}
        return cls({url: _visit(raw) for url, raw in known.items() if isinstance(raw, dict)})

    def as_json(self) -> dict[str, dict[str, str]]:
        """What to keep when the run is complete."""
        return {url: asdict(visit) for url, visit in self._now.items()}

    def keep(self, url: str, visit: Visit) -> None:
        """Keep what an address said this time."""
        self._now[url] = visit

    def settle(self, visits: Mapping[str, Visit]) -> bool:
        """Keep all visits of a source at once; whether they are just those that were known.

        For sources that cannot be asked conditionally: their pages are read, but not what is in
        them.
        """
        for url, visit in visits.items():
            self.keep(url, visit)
        known = {url: visit.digest for url, visit in self.before.items()}
        return bool(known) and known == {url: visit.digest for url, visit in self._now.items()}


class Asker(Protocol):
    """Whoever asks for pages: the client itself, or one that adds a token."""

    @property
    def source(self) -> str:
        """The name of the source."""
        ...

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """The whole content behind a URL."""
        ...

    def revisit(
        self, url: str, conditions: Mapping[str, str], headers: Mapping[str, str]
    ) -> Response | None:
        """The content behind a URL, or ``None`` when it is as the conditions say."""
        ...


class Visitor:
    """Asks for the pages of one list. Unchanged ones are not read, changed ones asked once."""

    def __init__(
        self, client: Asker, visited: Visited, headers: Mapping[str, str], noise: Noise = None
    ) -> None:
        self.source = client.source
        self._client = client
        self._visited = visited
        self._headers = headers
        self._noise: Noise = noise
        self._held: dict[str, Response] = {}

    def unchanged(self, first_url: str) -> bool:
        """Whether all pages, as far as they are remembered to lead, are as before."""
        url, seen = first_url, dict[str, Visit]()
        while url and url not in seen:
            visit = self._visited.before.get(url)
            if visit is None or not self._same(url, visit):
                return False
            seen[url] = visit
            url = visit.next
        for known, visit in seen.items():
            self._visited.keep(known, visit)
        return True

    def get(self, url: str) -> Response:
        """The page, from the line or as it came while asking for changes."""
        return self._held.pop(url, None) or self._client.get(url, self._headers)

    def remember(self, url: str, response: Response, following: str = "") -> None:
        """Keep what a page was and where it leads."""
        self._visited.keep(url, visit_of(response, following, self._noise))

    def _same(self, url: str, visit: Visit) -> bool:
        response = self._client.revisit(url, visit.conditions, self._headers)
        if response is None:
            return True
        if sum(len(held.body) for held in self._held.values()) + len(response.body) <= HELD:
            self._held[url] = response
        return digest(response, self._noise) == visit.digest


def visit_of(response: Response, following: str = "", noise: Noise = None) -> Visit:
    """What is to be remembered of an answer; the page itself is not."""
    return Visit(response.etag, response.last_modified, digest(response, noise), following)


def digest(response: Response, noise: Noise = None) -> str:
    """The hash of a page as it came, unpacked; so long that no two pages share it."""
    body = noise.sub(b"", response.body) if noise else response.body
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _visit(raw: Mapping[str, Any]) -> Visit:
    names = (field.name for field in fields(Visit))
    return Visit(**{name: str(raw.get(name) or "") for name in names})
