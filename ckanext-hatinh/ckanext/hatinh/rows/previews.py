"""What the page of a file shows of it, without a program of its own: rows, text, or the file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckan.lib.uploader import get_resource_uploader

from ckanext.hatinh.rows.pages import TablePage, first_rows
from ckanext.hatinh.rows.resources import Shown

MOST_BYTES = 200_000
"""Beginning of a file that is shown as text."""
TEXTS = frozenset({"TXT", "JSON", "JSONL", "GEOJSON", "XML", "KML", "GML", "JSON-LD", "JSONLD"})
_INDENTED = frozenset({"JSON", "GEOJSON", "JSON-LD", "JSONLD"})


@dataclass(frozen=True, slots=True)
class TextPreview:
    """The beginning of a file; ``cut`` when there is more."""

    words: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """One of three: rows of a table, text, or the address of a PDF file."""

    shown: Shown
    page: TablePage | None = None
    text: TextPreview | None = None
    pdf: str = ""


def preview_of(package: Mapping[str, Any], resource: Mapping[str, Any]) -> Preview:
    """What can be shown of a resource to whoever sees its page."""
    found = Shown(package, resource)
    if resource.get("datastore_active") and found.table:
        return Preview(found, first_rows(found.address("hatinh_rows.table"), found.table))
    if resource.get("url_type") != "upload":
        return Preview(found)
    form = (resource.get("format") or "").upper()
    if form == "PDF":
        return Preview(found, pdf=resource["url"])
    return Preview(found, text=_text(resource, form) if form in TEXTS else None)


def _text(resource: Mapping[str, Any], form: str) -> TextPreview | None:
    """The beginning of an uploaded file; nothing where it is not there or is no text."""
    path = Path(get_resource_uploader(dict(resource)).get_path(resource["id"]))
    try:
        with path.open("rb") as file:
            head = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    cut = len(head) > MOST_BYTES
    words = head[:MOST_BYTES].decode("utf-8-sig", "ignore" if cut else "replace")
    return TextPreview(words if cut else _indented(words, form), cut)


def _indented(words: str, form: str) -> str:
    """JSON on lines of its own; whatever is none stays as it is."""
    if form not in _INDENTED:
        return words
    try:
        return json.dumps(json.loads(words), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return words
