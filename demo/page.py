"""What the server answers with, and what it is asked."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xls": "application/vnd.ms-excel",
    ".csv": "text/csv; charset=utf-8; header=present",
    ".geojson": "application/geo+json",
    ".json": "application/json; charset=utf-8",
    ".ttl": "text/turtle; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: status, media type and bytes."""

    body: bytes
    media_type: str
    status: int = 200

    @property
    def etag(self) -> str:
        """The strong validator of the bytes."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Request:
    """What a service needs of an HTTP request. ``query`` and ``form`` hold the last value.

    Names of ``headers`` are in small letters.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def authorization(self) -> str:
        """The header of that name."""
        return self.headers.get("authorization", "")

    @property
    def wants_json(self) -> bool:
        """Whether JSON was asked for; WSO2 gives XML to all others."""
        return "json" in self.headers.get("accept", "")


Service = Callable[[Request], Page]


def file_page(path: str, body: bytes) -> Page:
    """A file, with the media type of its ending."""
    return Page(body, MEDIA_TYPES[PurePosixPath(path).suffix])


def json_page(value: Any, status: int = 200) -> Page:
    """A JSON answer."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return Page(text.encode(), MEDIA_TYPES[".json"], status)
