"""A record of geographic metadata, after ISO 19139 or ISO 19115-3, as a draft.

The two standards share most names and no namespace; so names alone are looked for. Where they
differ, the older way stands first.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from harvesters.fields import RESOURCE, taken
from hatinh.dataset import Draft

RECORDS = ("MD_Metadata", "MI_Metadata")
"""How the name of a whole record ends; countries put their own letters before it."""

OWNERS = ("owner", "custodian", "publisher", "pointOfContact")
"""Roles of the office that answers for a record, the best first."""

LANDING = frozenset({"information", "search", "order"})
"""Functions of an online resource that is a page about the data."""

TableSchema = Callable[[str], dict[str, Any]]
"""The table schema at an address."""

_IDENTIFICATION = "{*}identificationInfo/*"
_ONLINE = "{*}distributionInfo//{*}onLine/{*}CI_OnlineResource"
_SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


def records_of(root: etree._Element) -> list[etree._Element]:
    """The records of a document: itself, or those within."""
    if is_record(root):
        return [root]
    return [node for node in root.iter(etree.Element) if is_record(node)]


def is_record(node: etree._Element) -> bool:
    """Whether a node is a whole record."""
    return isinstance(node.tag, str) and etree.QName(node).localname.endswith(RECORDS)


def guid_of(record: etree._Element) -> str:
    """The identifier of a record."""
    paths = ("{*}fileIdentifier", "{*}metadataIdentifier/*/{*}code")
    return _first(_one(record, path) for path in paths)


def draft_of(
    record: etree._Element, origin: str, topics: Mapping[str, Any], schema: TableSchema
) -> Draft:
    """The draft of a record.

    ``topics`` maps ISO topic categories to the words of the province's themes; ``schema`` gives
    the table schema of a file whose ``applicationProfile`` is the address of one.
    """
    guid = guid_of(record)
    nodes = list(record.iterfind(_ONLINE))
    pages = (_one(node, "{*}linkage") for node in nodes if _function(node) in LANDING)
    fields: dict[str, Any] = {
        "title": _title(record),
        "notes": _text(record, f"{_IDENTIFICATION}/{{*}}abstract"),
        "keywords": _keywords(record, themes=False),
        "themes": _keywords(record, themes=True) + _topics(record, topics),
        "frequency": _code(record, ".//{*}MD_MaintenanceFrequencyCode"),
        "licence": _licence(record),
        "legal_basis": _legal_basis(record),
        "provenance": _one(record, ".//{*}lineage//{*}statement")
        or _one(record, ".//{*}resourceLineage//{*}statement"),
        "places": _all(record, ".//{*}geographicIdentifier//{*}code"),
        "bbox": _bbox(record),
        "landing_page": _first(pages),
        **_party(record),
        **_period(record),
        **_dates(record),
    }
    resources = [_resource(node, record, schema) for node in nodes]
    return Draft(guid, taken(fields), resources, f"{origin}#{guid}" if guid else origin)


# -- parts of a record ----------------------------------------------------------------------------


def _title(record: etree._Element) -> Any:
    return _text(record, f"{_IDENTIFICATION}/{{*}}citation/*/{{*}}title")


def _text(record: etree._Element, path: str) -> Any:
    """A text, or a text by language when translations stand beside it."""
    node = record.find(path)
    if node is None:
        return ""
    own = _first(_words(child) for child in node if not _is(child, "PT_FreeText"))
    texts = {
        _language(string.get("locale", "")): _words(string)
        for string in node.iterfind(".//{*}LocalisedCharacterString")
        if _words(string)
    }
    return {"vi": own, **texts} if own and texts.keys() - {"vi"} else own or _words(node)


def _language(locale: str) -> str:
    """``en`` of ``#locale-eng`` and the like."""
    letters = locale.strip("#").lower()[-3:]
    return {"eng": "en", "vie": "vi", "vnm": "vi"}.get(letters, letters.strip("-_")[-2:])


def _topics(record: etree._Element, topics: Mapping[str, Any]) -> list[str]:
    found = _all(record, f"{_IDENTIFICATION}//{{*}}MD_TopicCategoryCode")
    return [str(topics[topic]) for topic in found if topic in topics]


def _keywords(record: etree._Element, *, themes: bool) -> list[str]:
    groups = record.iterfind(f"{_IDENTIFICATION}//{{*}}MD_Keywords")
    chosen = (g for g in groups if (_code(g, ".//{*}MD_KeywordTypeCode") == "theme") is themes)
    return [_own_words(node) for group in chosen for node in group.iterfind("{*}keyword")]


def _licence(record: etree._Element) -> str:
    """The address of a licence where one is linked, else its words."""
    for node in record.iterfind(f"{_IDENTIFICATION}//{{*}}useLimitation"):
        return _address(node) or _words(node)
    for limits in record.iterfind(f"{_IDENTIFICATION}//{{*}}MD_LegalConstraints"):
        if _code(limits, "{*}useConstraints/*") in ("license", "licence"):
            return _constraint(limits)
    return ""


def _legal_basis(record: etree._Element) -> str:
    found = record.iterfind(f"{_IDENTIFICATION}//{{*}}otherConstraints")
    return _first(_words(node) for node in found)


def _constraint(limits: etree._Element) -> str:
    found = limits.iterfind("{*}otherConstraints")
    return _first(_address(node) or _words(node) for node in found)


def _address(node: etree._Element) -> str:
    """The address that an anchor stands for."""
    anchor = node.find(".//{*}Anchor")
    return "" if anchor is None else anchor.get("{http://www.w3.org/1999/xlink}href", "")


def _party(record: etree._Element) -> dict[str, str]:
    """The party that answers for the data, else the one that answers for the record."""
    paths = (f"{_IDENTIFICATION}/{{*}}pointOfContact", "{*}contact")
    parties = [party for path in paths for party in record.iterfind(f"{path}/*")]
    ranks = {role: rank for rank, role in enumerate(OWNERS)}
    if not parties:
        return {"publisher": _linked_office(record, paths)}
    party = min(
        parties,
        key=lambda one: (not _office(one), ranks.get(_code(one, "{*}role/*"), len(ranks))),
    )
    person = _first(
        _one(party, path)
        for path in (
            "{*}individualName",
            ".//{*}CI_Individual/{*}name",
            "{*}positionName",
            ".//{*}CI_Individual/{*}positionName",
        )
    )
    return {
        "publisher": _office(party),
        "contact": person,
        "contact_email": _one(party, ".//{*}electronicMailAddress"),
    }


def _linked_office(record: etree._Element, paths: tuple[str, ...]) -> str:
    """The title of a link to a party that is described elsewhere."""
    links = (node for path in reversed(paths) for node in record.iterfind(path))
    return _first(link.get("{http://www.w3.org/1999/xlink}title", "") for link in links)


def _office(party: etree._Element) -> str:
    paths = ("{*}organisationName", ".//{*}CI_Organisation/{*}name")
    return _first(_one(party, path) for path in paths)


def _period(record: etree._Element) -> dict[str, str]:
    bounds = {"period_start": "begin", "period_end": "end"}
    extent = record.find(".//{*}EX_TemporalExtent")
    if extent is None:
        return {}
    return {
        name: _one(extent, f".//{{*}}{bound}Position")
        or _one(extent, f".//{{*}}{bound}//{{*}}timePosition")
        for name, bound in bounds.items()
    }


def _dates(record: etree._Element) -> dict[str, str]:
    """First publication and last change; the date of the record stands in for the latter."""
    data = _by_type(record, f"{_IDENTIFICATION}/{{*}}citation/*/{{*}}date/{{*}}CI_Date")
    own = _by_type(record, "{*}dateInfo/{*}CI_Date")
    stamp = _one(record, "{*}dateStamp") or own.get("revision") or own.get("creation", "")
    return {
        "issued": data.get("publication") or data.get("creation", ""),
        "modified": data.get("revision") or stamp,
    }


def _by_type(record: etree._Element, path: str) -> dict[str, str]:
    dates = record.iterfind(path)
    return {_code(date, ".//{*}CI_DateTypeCode"): _one(date, "{*}date") for date in dates}


def _bbox(record: etree._Element) -> list[str]:
    """West, south, east, north in degrees; empty unless all four are there."""
    box = record.find(".//{*}EX_GeographicBoundingBox")
    sides = [_one(box, f"{{*}}{name}") for name in _SIDES]
    return sides if all(sides) else []


def _resource(node: etree._Element, record: etree._Element, schema: TableSchema) -> dict[str, Any]:
    url = _one(node, "{*}linkage")
    profile = _one(node, "{*}applicationProfile")
    raw = {
        "guid": url,
        "name": _one(node, "{*}name"),
        "description": _one(node, "{*}description"),
        "url": url,
        "format": _format(_one(node, "{*}protocol"), url, record),
        "schema": schema(profile) if profile.endswith(".json") else {},
    }
    return taken(raw, RESOURCE)


def _format(protocol: str, url: str, record: etree._Element) -> str:
    """``WMS`` of ``OGC:WMS``; a plain download has the ending of its file, or the one format."""
    if protocol.upper().startswith("OGC:"):
        return protocol[4:].partition("-")[0]
    if "." in url.rsplit("/", 1)[-1]:
        return ""
    formats = _all(record, "{*}distributionInfo//{*}MD_Format/{*}name")
    return formats[0] if len(formats) == 1 else ""


def _function(node: etree._Element) -> str:
    return _code(node, ".//{*}CI_OnLineFunctionCode")


# -- words ----------------------------------------------------------------------------------------


def _words(node: etree._Element) -> str:
    """All text below a node: ISO wraps every value in one more element."""
    return " ".join("".join(str(text) for text in node.itertext()).split())


def _own_words(node: etree._Element) -> str:
    """The text of a node in the record's own language."""
    return _first(_words(child) for child in node if not _is(child, "PT_FreeText")) or _words(node)


def _is(node: etree._Element, name: str) -> bool:
    return isinstance(node.tag, str) and etree.QName(node).localname == name


def _first(words: Iterator[str]) -> str:
    return next((word for word in words if word), "")


def _all(node: etree._Element, path: str) -> list[str]:
    return [words for found in node.iterfind(path) if (words := _own_words(found))]


def _one(node: etree._Element | None, path: str) -> str:
    return next(iter(_all(node, path)), "") if node is not None else ""


def _code(node: etree._Element, path: str) -> str:
    found = node.find(path)
    return "" if found is None else found.get("codeListValue") or _words(found)
