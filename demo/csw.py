"""A catalogue service (CSW 2.0.2) that gives ISO 19139 records of geographic tables."""

import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from demo.department import DemoDataset, Department, TableFile
from demo.page import MEDIA_TYPES, Page, Request

NAMESPACES = (
    'xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
    'xmlns:gmd="http://www.isotc211.org/2005/gmd" '
    'xmlns:gco="http://www.isotc211.org/2005/gco" '
    'xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:ows="http://www.opengis.net/ows"'
)
RECORD = Template((Path(__file__).parent / "iso19139.xml").read_text(encoding="utf-8"))

MAX_RECORDS = 3
"""Records in one answer at most, so that a reader has to turn pages."""


class CswCatalogue:
    """The catalogue service of one department."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.records = [self._record(dataset) for dataset in department.datasets]

    def answer(self, request: Request) -> Page:
        """Answer ``GetCapabilities``, ``GetRecords`` or ``GetRecordById``."""
        query = {name.lower(): value for name, value in request.query.items()}
        asked = query.get("request", "")
        if query.get("service") != "CSW":
            return _exception("MissingParameterValue", "service")
        if asked == "GetCapabilities":
            return self._capabilities()
        if asked == "GetRecords":
            return self._search(query.get("startposition", "1"), query.get("maxrecords", "10"))
        if asked == "GetRecordById":
            return self._by_id(query.get("id", ""))
        return _exception("OperationNotSupported", "request")

    def _search(self, start: str, limit: str) -> Page:
        if not (start.isdigit() and limit.isdigit() and int(start) >= 1):
            return _exception("InvalidParameterValue", "startPosition")
        first = int(start) - 1
        shown = self.records[first : first + min(int(limit), MAX_RECORDS)]
        after = first + len(shown)
        following = after + 1 if after < len(self.records) else 0
        return _xml(
            f"<csw:GetRecordsResponse {NAMESPACES}>\n"
            '<csw:SearchStatus timestamp="2026-11-01T00:00:00Z"/>\n'
            f'<csw:SearchResults numberOfRecordsMatched="{len(self.records)}" '
            f'numberOfRecordsReturned="{len(shown)}" nextRecord="{following}" elementSet="full">\n'
            + "\n".join(shown)
            + "\n</csw:SearchResults>\n</csw:GetRecordsResponse>\n"
        )

    def _by_id(self, identifier: str) -> Page:
        tag = f"<gco:CharacterString>{escape(identifier)}</gco:CharacterString>"
        found = [r for r in self.records if f"<gmd:fileIdentifier>{tag}" in r]
        return _xml(
            f"<csw:GetRecordByIdResponse {NAMESPACES}>\n"
            + "\n".join(found)
            + "\n</csw:GetRecordByIdResponse>\n"
        )

    def _capabilities(self) -> Page:
        title = escape(self.department.description["title"])
        return _xml(
            f'<csw:Capabilities {NAMESPACES} version="2.0.2">\n'
            f"<ows:ServiceIdentification><ows:Title>{title}</ows:Title>"
            "<ows:ServiceType>CSW</ows:ServiceType>"
            "<ows:ServiceTypeVersion>2.0.2</ows:ServiceTypeVersion>"
            "</ows:ServiceIdentification>\n</csw:Capabilities>\n"
        )

    def _record(self, dataset: DemoDataset) -> str:
        west, south, east, north = dataset.fields["bbox"]
        values = {
            "guid": dataset.guid,
            "abstract": dataset.text("notes"),
            "legal": dataset.text("legal_basis"),
            "lineage": dataset.text("provenance"),
            "topic": dataset.text("topic_category"),
            "start": dataset.text("period_start"),
            "end": dataset.text("period_end"),
        } | {name: dataset.text(name) for name in ("title", "publisher", "contact", "modified")}
        return RECORD.substitute(
            {name: escape(value) for name, value in values.items()},
            west=west,
            south=south,
            east=east,
            north=north,
            keywords="".join(_keyword(word) for word in dataset.words("keywords")),
            themes="".join(_keyword(word) for word in dataset.words("themes")),
            online="".join(self._online(file) for file in dataset.files),
        )

    def _online(self, file: TableFile) -> str:
        """A file; ``applicationProfile`` is the address of its table schema."""
        parts = {
            "protocol": "WWW:DOWNLOAD-1.0-http--download",
            "applicationProfile": self.department.url(file.schema_path) if file.schema else "",
            "name": file.name,
            "description": file.format,
        }
        return (
            "\n<gmd:onLine><gmd:CI_OnlineResource>"
            f"<gmd:linkage><gmd:URL>{escape(self.department.url(file.path))}</gmd:URL></gmd:linkage>"
            + "".join(_string(name, value) for name, value in parts.items() if value)
            + "</gmd:CI_OnlineResource></gmd:onLine>"
        )


def points(rows: Sequence[dict[str, str]]) -> bytes:
    """Rows with ``vi_do`` and ``kinh_do`` as GeoJSON points (WGS 84, longitude first)."""
    features = [
        {
            "type": "Feature",
            "id": row["ma_xa"],
            "geometry": {
                "type": "Point",
                "coordinates": [float(row["kinh_do"]), float(row["vi_do"])],
            },
            "properties": {k: v for k, v in row.items() if k not in ("vi_do", "kinh_do")},
        }
        for row in rows
    ]
    collection = {"type": "FeatureCollection", "features": features}
    return json.dumps(collection, ensure_ascii=False, indent=1).encode()


def _keyword(word: str) -> str:
    return _string("keyword", word)


def _string(name: str, value: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{escape(value)}</gco:CharacterString></gmd:{name}>"


def _xml(text: str, status: int = 200) -> Page:
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Page((declaration + text).encode(), MEDIA_TYPES[".xml"], status)


def _exception(code: str, locator: str) -> Page:
    return _xml(
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.2.0">'
        f'<ows:Exception exceptionCode="{code}" locator="{locator}"/>'
        "</ows:ExceptionReport>\n",
        400,
    )
