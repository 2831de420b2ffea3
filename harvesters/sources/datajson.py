"""A catalogue in one JSON file after DCAT-US (Project Open Data): ``data.json`` 1.1 and 3.0."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harvesters.documents import stream_lists
from harvesters.extent import extent
from harvesters.fields import CANONICAL, RESOURCE, table_schema, taken
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

LISTS = frozenset({"dataset", "service", "datasetSeries", "catalog"})
"""Members of a catalogue that hold records; a catalogue has one of them at least."""

WITHIN = {"datasetSeries": "seriesMember", "service": "servesDataset"}
"""Where whole datasets may stand inside other records (3.0)."""

NUMBER = re.compile(r"-?\d{1,3}(\.\d+)?")

_LEVELS = 9
"""How deep a thing may lie in things before it is nothing."""

Raw = Mapping[str, Any]


class DataJsonSource(Adapter):
    """``url`` is the file. Canonical fields beside those of the standard are read as they are."""

    def drafts(self) -> Iterator[Draft]:
        """The datasets and services, those of catalogues within included, in their order."""
        response = self.document(self.config.url)
        told: set[str] = set()
        within: list[Draft] = []
        for name, item in stream_lists(self.name, response, LISTS):
            for draft in self._records(name, item, response.url, within):
                told.add(draft.guid)
                yield draft
        # What stands within another record is often listed as well.
        for draft in within:
            if draft.guid not in told:
                told.add(draft.guid)
                yield draft

    def _records(self, name: str, item: Any, url: str, within: list[Draft]) -> Iterator[Draft]:
        raw = self.record(item, url, name)
        if name == "catalog":
            for inner in sorted(LISTS & raw.keys()):
                for record in _listed(raw[inner]):
                    yield from self._records(inner, record, url, within)
            return
        if name != "datasetSeries":
            yield _draft(raw, url, service=name == "service")
        members = _listed(raw.get(WITHIN.get(name, "")))
        whole = [member for member in members if isinstance(member, dict) and member.get("title")]
        within.extend(_draft(member, url, service=False) for member in whole)


def _draft(raw: Raw, url: str, *, service: bool) -> Draft:
    contact = _first(raw.get("contactPoint"))
    fields = {
        "title": _text(raw.get("title")),
        "notes": _text(raw.get("description")),
        "publisher": _name(_first(raw.get("publisher"))),
        "themes": [_name(theme) for theme in _listed(raw.get("theme"))],
        "keywords": [_text(word) for word in _listed(raw.get("keyword"))],
        "licence": _address(_first(raw.get("license"))),
        "frequency": _name(raw.get("accrualPeriodicity")),
        "contact": _name(contact),
        "contact_email": _email(contact),
        "landing_page": _address(_first(raw.get("landingPage"))),
        "issued": raw.get("issued"),
        "modified": raw.get("modified"),
        **_place(raw.get("spatial")),
        **_period(raw.get("temporal")),
        **(_service(raw) if service else {}),
    }
    files = [file for file in _listed(raw.get("distribution")) if isinstance(file, dict)]
    guid = _guid(raw)
    own = taken(raw, CANONICAL - fields.keys())
    origin = f"{url}#{guid}"
    return Draft(guid, {**taken(fields), **own}, [_resource(file) for file in files], origin)


def _service(raw: Raw) -> dict[str, Any]:
    served = (
        _guid(item) if isinstance(item, dict) else item
        for item in _listed(raw.get("servesDataset"))
    )
    return {
        "kind": "dataservice",
        "endpoint_url": _address(_first(raw.get("endpointURL"))),
        "endpoint_description": _address(_first(raw.get("endpointDescription"))),
        "serves_datasets": "; ".join(str(guid) for guid in served if guid),
    }


def _resource(raw: Raw) -> dict[str, Any]:
    url = _address(raw.get("downloadURL")) or _address(raw.get("accessURL"))
    known = {
        "guid": _address(raw.get("identifier")) or raw.get("@id") or url,
        "name": _text(raw.get("title")),
        "url": url,
        "format": _name(raw.get("format")),
        "description": _text(raw.get("description")),
        "media_type": raw.get("mediaType"),
        "schema": table_schema(raw.get("schema")),
    }
    return taken(known, RESOURCE)


def _guid(raw: Raw) -> str:
    return _address(raw.get("identifier")) or str(raw.get("@id") or "")


def _address(value: Any) -> str:
    """An address, or the thing that has it: by its identity, or by its own notation."""
    names = ("@id", "accessURL", "downloadURL", "notation", "name", "prefLabel")
    for _ in range(_LEVELS):
        if not isinstance(value, dict):
            return str(_first(value) or "")
        value = next((value[name] for name in names if value.get(name)), "")
    return ""


def _name(value: Any) -> str:
    """What a thing is called, or the word itself."""
    names = ("name", "fn", "prefLabel", "title", "notation", "@value", "@id")
    for _ in range(_LEVELS):
        if not isinstance(value, dict):
            return str(value) if value else ""
        value = next((_first(value[name]) for name in names if value.get(name)), "")
    return ""


def _text(value: Any) -> Any:
    """A text, in one language or by language."""
    if isinstance(value, list):
        by_language = {
            str(item.get("@language")): item.get("@value")
            for item in value
            if isinstance(item, dict)
        }
        return by_language or _text(_first(value))
    if isinstance(value, dict) and "@value" in value:
        return {str(value.get("@language") or "vi"): value["@value"]}
    return value


def _email(contact: Any) -> str:
    if not isinstance(contact, dict):
        return ""
    return _address(contact.get("hasEmail") or contact.get("mbox")).removeprefix("mailto:")


def _place(value: Any) -> dict[str, Any]:
    """Names of places, or the rectangle around a shape or between two corners."""
    places: list[str] = []
    for item in _listed(value):
        shape = item if isinstance(item, str) else json.dumps(item)
        if isinstance(item, dict) and (inner := item.get("bbox") or item.get("geometry")):
            shape = inner if isinstance(inner, str) else json.dumps(inner)
        if sides := extent(shape) or _corners(shape):
            return {"bbox": sides}
        places.append(_name(item))
    return {"places": places}


def _corners(words: str) -> list[str]:
    """``west,south,east,north``."""
    parts = [part.strip() for part in words.split(",")]
    return parts if len(parts) == 4 and all(map(NUMBER.fullmatch, parts)) else []


def _period(value: Any) -> dict[str, Any]:
    """``start/end`` in one text, or a thing with both."""
    first = _first(value)
    if isinstance(first, dict):
        return {"period_start": first.get("startDate"), "period_end": first.get("endDate")}
    start, _, end = str(first or "").partition("/")
    return {"period_start": start, "period_end": end}


def _listed(value: Any) -> list[Any]:
    """The items of a list; one thing alone is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _first(value: Any) -> Any:
    return next(iter(_listed(value)), None)
