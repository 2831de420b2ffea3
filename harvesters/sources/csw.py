"""A catalogue of geographic metadata: CSW 2.0.2 with records after ISO 19139, 19115-3 or DCAT."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from lxml import etree

from harvesters.documents import read_xml
from harvesters.errors import GarbledSourceError, TooLargeSourceError
from harvesters.geographic import draft_of, guid_of, is_record
from harvesters.http import Response
from harvesters.paging import Page
from harvesters.rdf.process import RdfFaultError, RdfReader, RdfTooLargeError
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

NS = {"csw": "http://www.opengis.net/cat/csw/2.0.2", "ows": "http://www.opengis.net/ows"}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
ACCEPT = "application/xml, text/xml"
ROWS = 50


class Profile(NamedTuple):
    """How a standard is asked for."""

    type_names: str
    schema: str


PROFILES = {
    "iso19139": Profile("gmd:MD_Metadata", "http://www.isotc211.org/2005/gmd"),
    "iso19115-3": Profile("mdb:MD_Metadata", "http://standards.iso.org/iso/19115/-3/mdb/2.0"),
    "dcat": Profile("gmd:MD_Metadata", "http://www.w3.org/ns/dcat#"),
}


class CswSource(Adapter):
    """``url`` is the service without parameters.

    ``options.topics`` maps ISO topic categories to the words of the province's themes;
    ``options.profile`` names the form of the records, ``iso19139`` unless told. A file's
    ``applicationProfile`` may be the address of its table schema (JSON).
    """

    optional_options = frozenset({"topics", "profile"})
    noise = re.compile(rb'timestamp="[^"<>]{0,40}"')

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """A standard that is not known here."""
        if options.get("profile", "iso19139") not in PROFILES:
            yield f"profile {options['profile']!r} is unknown; use one of {', '.join(PROFILES)}"

    def drafts(self) -> Iterator[Draft]:
        """All records of the catalogue, in its order."""
        if self._profile != "dcat":
            yield from map(self._draft, self.pages(self._page_url(1), self._page, ACCEPT))
            return
        with closing(RdfReader()) as reader:
            yield from self.pages(self._page_url(1), partial(self._rdf_page, reader), ACCEPT)

    @property
    def _profile(self) -> str:
        return self.config.options.get("profile", "iso19139")

    def _page_url(self, start: int) -> str:
        profile = PROFILES[self._profile]
        query = {
            "service": "CSW",
            "version": "2.0.2",
            "request": "GetRecords",
            "resultType": "results",
            "typeNames": profile.type_names,
            "elementSetName": "full",
            "outputSchema": profile.schema,
            "maxRecords": ROWS,
            "startPosition": start,
        }
        # Some services are known by a parameter of their own (map=…).
        joint = "&" if "?" in self.config.url else "?"
        return f"{self.config.url.rstrip('?&')}{joint}{urlencode(query)}"

    def _page(self, url: str, response: Response) -> Page[etree._Element]:
        records, total, following = self._records(url, response)
        for node in records:
            if not is_record(node):
                why = f"{etree.QName(node).localname} for a record of ISO metadata"
                raise GarbledSourceError(self.name, response.url, why)
        return Page(records, tuple(map(guid_of, records)), following, total)

    def _rdf_page(self, reader: RdfReader, url: str, response: Response) -> Page[Draft]:
        """The records of a page as one graph. A record may describe more than one dataset."""
        records, total, following = self._records(url, response)
        graph = etree.Element(RDF)
        for record in records:
            graph.extend(list(record) if record.tag == RDF else [])
        try:
            found = reader.read(etree.tostring(graph), "xml", response.url)
        except RdfFaultError as err:
            raise GarbledSourceError(self.name, response.url, str(err)) from err
        except RdfTooLargeError as err:
            raise TooLargeSourceError(self.name, response.url, str(err)) from err
        aside = len(found.ids) - len(records)
        return Page(found.drafts, found.ids, following, total, aside)

    def _records(self, url: str, response: Response) -> tuple[list[etree._Element], int, str]:
        """The records of a page, their number in all, and where the next page is."""
        results = self._results(response)
        records = [node for node in results if isinstance(node.tag, str)]
        start = int(url.rpartition("startPosition=")[2])
        try:
            total = int(results.get("numberOfRecordsMatched", ""))
            following = int(results.get("nextRecord") or "0")
        except ValueError as err:
            raise GarbledSourceError(self.name, response.url, f"no counts: {err}") from err
        if results.get("nextRecord") is None:
            following = start + len(records)
        more = records and start < following <= total
        return records, total, self._page_url(following) if more else ""

    def _results(self, response: Response) -> etree._Element:
        root = read_xml(self.name, response)
        results = root.find("csw:SearchResults", NS)
        if root.tag != f"{{{NS['csw']}}}GetRecordsResponse" or results is None:
            told = root.findtext(".//ows:ExceptionText", namespaces=NS)
            why = told or f"{etree.QName(root).localname} for an answer"
            raise GarbledSourceError(self.name, response.url, why)
        return results

    def _draft(self, record: etree._Element) -> Draft:
        topics = self.config.options.get("topics", {})
        return draft_of(record, self.config.url, topics, self.table_schema)
