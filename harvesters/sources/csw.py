"""A catalogue of geographic metadata: CSW 2.0.2 with records after ISO 19139."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from harvesters.documents import read_xml
from harvesters.errors import GarbledSourceError
from harvesters.fields import RESOURCE, taken
from harvesters.http import Response
from harvesters.paging import Page
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

GMD = "http://www.isotc211.org/2005/gmd"
NS = {
    "csw": "http://www.opengis.net/cat/csw/2.0.2",
    "gmd": GMD,
    "gco": "http://www.isotc211.org/2005/gco",
    "ows": "http://www.opengis.net/ows",
}
ROWS = 50
OWNERS = ("owner", "custodian", "publisher", "pointOfContact")
"""Roles of the office that answers for a record, the best first."""


class CswSource(Adapter):
    """``url`` is the service without parameters.

    ``options.topics`` maps ISO topic categories to the words of the province's themes. A file's
    ``applicationProfile`` may be the address of its table schema (JSON).
    """

    optional_options = frozenset({"topics"})

    def drafts(self) -> Iterator[Draft]:
        """All records of the catalogue, in its order."""
        records = self.pages(self._page_url(1), self._page, "application/xml")
        return map(self._draft, records)

    def _page_url(self, start: int) -> str:
        query = {
            "service": "CSW",
            "version": "2.0.2",
            "request": "GetRecords",
            "resultType": "results",
            "typeNames": "gmd:MD_Metadata",
            "elementSetName": "full",
            "outputSchema": GMD,
            "maxRecords": ROWS,
            "startPosition": start,
        }
        return f"{self.config.url}?{urlencode(query)}"

    def _page(self, url: str, response: Response) -> Page[etree._Element]:
        del url
        root = read_xml(self.name, response)
        results = root.find("csw:SearchResults", NS)
        if root.tag != f"{{{NS['csw']}}}GetRecordsResponse" or results is None:
            why = (
                _one(root, ".//ows:ExceptionText") or f"{etree.QName(root).localname} for an answer"
            )
            raise GarbledSourceError(self.name, response.url, why)
        try:
            total = int(results.get("numberOfRecordsMatched", ""))
            following = int(results.get("nextRecord", "0"))
        except ValueError as err:
            raise GarbledSourceError(self.name, response.url, f"no counts: {err}") from err
        records = results.findall("gmd:MD_Metadata", NS)
        more = records and 0 < following <= total
        ids = tuple(_guid(record) for record in records)
        return Page(records, ids, self._page_url(following) if more else "", total)

    def _draft(self, record: etree._Element) -> Draft:
        contact = _contact(record)
        guid = _guid(record)
        fields: dict[str, Any] = {
            "title": _one(record, f"{_IDENTIFICATION}//gmd:citation//gmd:title"),
            "notes": _one(record, f"{_IDENTIFICATION}/gmd:abstract"),
            "publisher": _one(contact, "gmd:organisationName"),
            "contact": _one(contact, "gmd:individualName") or _one(contact, "gmd:positionName"),
            "contact_email": _one(contact, ".//gmd:electronicMailAddress"),
            "keywords": _keywords(record, themes=False),
            "themes": self._themes(record),
            "frequency": _code(record, ".//gmd:MD_MaintenanceFrequencyCode"),
            "licence": _one(record, f"{_IDENTIFICATION}//gmd:useLimitation"),
            "legal_basis": _one(record, f"{_IDENTIFICATION}//gmd:otherConstraints"),
            "provenance": _one(record, ".//gmd:lineage//gmd:statement"),
            "places": _all(record, ".//gmd:geographicIdentifier//gmd:code"),
            "bbox": _bbox(record),
            "period_start": _one(record, ".//gmd:EX_TemporalExtent//{*}beginPosition"),
            "period_end": _one(record, ".//gmd:EX_TemporalExtent//{*}endPosition"),
            **_dates(record),
        }
        resources = [self._resource(node, record) for node in record.iterfind(_ONLINE, NS)]
        return Draft(guid, taken(fields), resources, f"{self.config.url}#{guid}")

    def _themes(self, record: etree._Element) -> list[str]:
        """Keywords of type theme, and the topic categories that have words of ours."""
        topics = self.config.options.get("topics", {})
        found = _all(record, f"{_IDENTIFICATION}//gmd:MD_TopicCategoryCode")
        mapped = [str(topics[topic]) for topic in found if topic in topics]
        return _keywords(record, themes=True) + mapped

    def _resource(self, node: etree._Element, record: etree._Element) -> dict[str, Any]:
        url = _one(node, "gmd:linkage")
        profile = _one(node, "gmd:applicationProfile")
        raw = {
            "guid": url,
            "name": _one(node, "gmd:name"),
            "description": _one(node, "gmd:description"),
            "url": url,
            "format": _format(_one(node, "gmd:protocol"), url, record),
            "schema": self.table_schema(profile) if profile.endswith(".json") else {},
        }
        return taken(raw, RESOURCE)


_IDENTIFICATION = "gmd:identificationInfo/*"
_ONLINE = "gmd:distributionInfo//gmd:onLine/gmd:CI_OnlineResource"


def _words(node: etree._Element) -> str:
    """All text below a node: ISO wraps every value in one more element."""
    return " ".join("".join(str(text) for text in node.itertext()).split())


def _all(node: etree._Element, path: str) -> list[str]:
    return [words for found in node.iterfind(path, NS) if (words := _words(found))]


def _one(node: etree._Element | None, path: str) -> str:
    return next(iter(_all(node, path)), "") if node is not None else ""


def _code(node: etree._Element, path: str) -> str:
    found = node.find(path, NS)
    return "" if found is None else found.get("codeListValue") or _words(found)


def _keywords(record: etree._Element, *, themes: bool) -> list[str]:
    groups = record.iterfind(f"{_IDENTIFICATION}//gmd:MD_Keywords", NS)
    chosen = (g for g in groups if (_code(g, ".//gmd:MD_KeywordTypeCode") == "theme") is themes)
    return [word for group in chosen for word in _all(group, "gmd:keyword")]


def _guid(record: etree._Element) -> str:
    return _one(record, "gmd:fileIdentifier")


def _contact(record: etree._Element) -> etree._Element | None:
    """The party that answers for the data, else the one that answers for the record."""
    paths = (f"{_IDENTIFICATION}/gmd:pointOfContact", "gmd:contact")
    parties = [party for path in paths for party in record.iterfind(f"{path}/*", NS)]
    ranks = {role: rank for rank, role in enumerate(OWNERS)}
    return min(
        parties,
        key=lambda party: ranks.get(_code(party, "gmd:role/gmd:CI_RoleCode"), len(ranks)),
        default=None,
    )


def _dates(record: etree._Element) -> dict[str, str]:
    """First publication and last change; the date of the record stands in for the latter."""
    by_type = {
        _code(date, ".//gmd:CI_DateTypeCode"): _one(date, "gmd:date")
        for date in record.iterfind(f"{_IDENTIFICATION}/gmd:citation//gmd:CI_Date", NS)
    }
    return {
        "issued": by_type.get("publication") or by_type.get("creation", ""),
        "modified": by_type.get("revision") or _one(record, "gmd:dateStamp"),
    }


def _bbox(record: etree._Element) -> list[str]:
    """West, south, east, north in degrees; empty unless all four are there."""
    box = record.find(".//gmd:EX_GeographicBoundingBox", NS)
    names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
    sides = [_one(box, f"gmd:{name}") for name in names]
    return sides if all(sides) else []


def _format(protocol: str, url: str, record: etree._Element) -> str:
    """``WMS`` of ``OGC:WMS``; a plain download has the ending of its file, or the one format."""
    if protocol.upper().startswith("OGC:"):
        return protocol[4:].partition("-")[0]
    if "." in url.rsplit("/", 1)[-1]:
        return ""
    formats = _all(record, "gmd:distributionInfo//gmd:MD_Format/gmd:name")
    return formats[0] if len(formats) == 1 else ""
