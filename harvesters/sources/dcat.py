"""A DCAT catalogue in Turtle or JSON-LD, with the province's own fields under ``htd:``."""

import logging
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.exceptions import Error as RdfError
from rdflib.term import Node

from harvesters.documents import is_page, read_json
from harvesters.errors import GarbledSourceError, IncompleteSourceError
from harvesters.fields import CANONICAL, RESOURCE, table_schema, taken
from harvesters.http import Response
from harvesters.paging import Page
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

HTD = Namespace("https://data.hatinh.gov.vn/def/")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

ACCEPT = "text/turtle, application/ld+json;q=0.9"
SYNTAX = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/json": "json-ld",
}
BY_ENDING = {".ttl": "turtle", ".nt": "nt", ".jsonld": "json-ld", ".json": "json-ld"}

LABELS = (SKOS.prefLabel, FOAF.name, VCARD.fn, RDF.value, DCTERMS.title, DCTERMS.identifier)
"""How a thing is called, the most telling first."""

NAMED = {
    "publisher": DCTERMS.publisher,
    "frequency": DCTERMS.accrualPeriodicity,
    "issued": DCTERMS.issued,
    "modified": DCTERMS.modified,
    "provenance": DCTERMS.provenance,
    "contact": DCAT.contactPoint,
}
ADDRESSED = {
    "licence": DCTERMS.license,
    "landing_page": DCAT.landingPage,
    "endpoint_url": DCAT.endpointURL,
    "endpoint_description": DCAT.endpointDescription,
}
"""Fields whose value is an address as it stands."""

# Dates that are none are told as problems of their record; a traceback for each helps nobody.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

PARSER_FAULTS = (
    RdfError,
    AttributeError,
    LookupError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What the parsers of rdflib raise on bad input: they check little by themselves."""


class DcatSource(Adapter):
    """``url`` is the catalogue; its further pages (``hydra:next``) are followed."""

    def drafts(self) -> Iterator[Draft]:
        """The datasets and data services, page by page, in the order of their addresses."""
        return self.pages(self.config.url, self._page, ACCEPT)

    def _page(self, url: str, response: Response) -> Page[Draft]:
        del url
        graph = self._graph(response)
        if (None, RDF.type, DCAT.Catalog) not in graph:
            raise GarbledSourceError(self.name, response.url, "no dcat:Catalog")
        listed = _listed(graph)
        # A file cut off after a full stop is still good Turtle: what is listed must be told.
        told = [node for node in listed if (node, RDF.type, None) in graph]
        if len(told) < len(listed):
            raise IncompleteSourceError(self.name, response.url, len(listed), len(told))
        drafts = [_draft(_Thing(graph, node)) for node in told]
        following = _anywhere(graph, HYDRA.next) or _anywhere(graph, HYDRA.nextPage)
        total = _anywhere(graph, HYDRA.totalItems)
        return Page(
            records=drafts,
            ids=tuple(draft.guid for draft in drafts),
            next_url=following,
            total=self._number(total, response.url) if total else None,
        )

    def _graph(self, response: Response) -> Graph:
        ending = PurePosixPath(urlsplit(response.url).path).suffix
        syntax = SYNTAX.get(response.media_type) or BY_ENDING.get(ending)
        if is_page(response) or not syntax:
            what = f"{response.media_type}, neither Turtle nor JSON-LD"
            raise GarbledSourceError(self.name, response.url, what)
        if syntax == "json-ld" and _refers_elsewhere(read_json(self.name, response)):
            raise GarbledSourceError(self.name, response.url, "it refers to a context elsewhere")
        try:
            return Graph().parse(data=response.body, format=syntax, publicID=response.url)
        except PARSER_FAULTS as err:
            raise GarbledSourceError(self.name, response.url, f"no {syntax}: {err}") from err

    def _number(self, words: str, url: str) -> int:
        try:
            return int(words)
        except ValueError as err:
            raise GarbledSourceError(self.name, url, f"totalItems: {err}") from err


class _Thing(NamedTuple):
    """A node of the graph and what is said of it. Graphs have no order: everything is sorted."""

    graph: Graph
    node: Node

    def all(self, predicate: Node) -> "list[_Thing]":
        """The values of a property, Vietnamese and untagged texts first."""
        nodes = self.graph.objects(self.node, predicate)
        return sorted((_Thing(self.graph, node) for node in nodes), key=_Thing.rank)

    def rank(self) -> tuple[bool, str]:
        """Where it stands among values. A blank node's own name is new at every reading."""
        name = self.called() if isinstance(self.node, BNode) else str(self.node)
        return _language(self.node) != "vi", name

    def text(self, predicate: Node) -> dict[str, str]:
        """A text by language; one without a tag is taken for Vietnamese."""
        texts: dict[str, str] = {}
        for thing in self.all(predicate):
            texts.setdefault(_language(thing.node), str(thing.node))
        return texts

    def address(self, predicate: Node) -> str:
        """The first value as it stands."""
        return next((str(thing.node) for thing in self.all(predicate)), "")

    def word(self, predicate: Node) -> str:
        """What the first value is called."""
        return next(iter(self.words(predicate)), "")

    def words(self, predicate: Node) -> list[str]:
        """What the values are called; translations of texts are left out."""
        things = self.all(predicate)
        local = [thing for thing in things if _language(thing.node) == "vi"] or things
        return [name for thing in local if (name := thing.called())]

    def guid(self) -> str:
        """Its identifier, else its address; a blank node has neither."""
        address = "" if isinstance(self.node, BNode) else str(self.node)
        return self.address(DCTERMS.identifier) or address

    def called(self) -> str:
        """A literal's text, a thing's label, or the last part of its address."""
        if isinstance(self.node, Literal):
            return str(self.node)
        labels = (self.address(label) for label in LABELS)
        if label := next((label for label in labels if label), ""):
            return label
        return _last_part(self.node) if isinstance(self.node, URIRef) else ""


def _draft(record: _Thing) -> Draft:
    fields = {
        "title": record.text(DCTERMS.title),
        "notes": record.text(DCTERMS.description),
        "themes": record.words(DCAT.theme),
        "keywords": record.words(DCAT.keyword),
        "places": record.words(DCTERMS.spatial),
        "contact_email": _email(record),
        **{name: record.word(predicate) for name, predicate in NAMED.items()},
        **{name: record.address(predicate) for name, predicate in ADDRESSED.items()},
        **_period(record),
        **_kind(record),
    }
    own = {name: _single(record.words(HTD[name])) for name in CANONICAL}
    distributions = record.all(DCAT.distribution)
    resources = sorted(map(_resource, distributions), key=lambda raw: raw.get("url", ""))
    licences = (thing.address(DCTERMS.license) for thing in distributions)
    fields["licence"] = fields["licence"] or next((words for words in licences if words), "")
    return Draft(record.guid(), {**taken(fields), **taken(own)}, resources, str(record.node))


def _resource(thing: _Thing) -> dict[str, Any]:
    url = thing.address(DCAT.downloadURL) or thing.address(DCAT.accessURL)
    raw = {
        "guid": thing.address(DCTERMS.identifier) or url,
        "name": thing.text(DCTERMS.title),
        "description": thing.text(DCTERMS.description),
        "url": url,
        "format": thing.word(DCTERMS.format),
        "media_type": _media_type(thing.address(DCAT.mediaType)),
        "schema": table_schema(thing.address(HTD.table_schema)),
    }
    return taken(raw, RESOURCE)


def _period(record: _Thing) -> dict[str, str]:
    bounds = {"period_start": DCAT.startDate, "period_end": DCAT.endDate}
    periods = record.all(DCTERMS.temporal)[:1]
    return {name: period.word(bound) for period in periods for name, bound in bounds.items()}


def _email(record: _Thing) -> str:
    addresses = (point.address(VCARD.hasEmail) for point in record.all(DCAT.contactPoint))
    return next((words.removeprefix("mailto:") for words in addresses if words), "")


def _kind(record: _Thing) -> dict[str, Any]:
    if (record.node, RDF.type, DCAT.DataService) not in record.graph:
        return {}
    served = [thing.guid() for thing in record.all(DCAT.servesDataset)]
    return {"kind": "dataservice", "serves_datasets": "; ".join(served)}


def _listed(graph: Graph) -> list[Node]:
    nodes = {*graph.objects(None, DCAT.dataset), *graph.objects(None, DCAT.service)}
    return sorted(nodes, key=str)


def _anywhere(graph: Graph, predicate: Node) -> str:
    """A property of the list itself, whichever node carries it."""
    return min(map(str, graph.objects(None, predicate)), default="")


def _language(node: Node) -> str:
    """The language of a text without its region; what has none counts as Vietnamese."""
    tag = node.language if isinstance(node, Literal) else None
    return (tag or "vi").lower().partition("-")[0]


def _last_part(uri: str) -> str:
    return unquote(uri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1])


def _media_type(words: str) -> str:
    """``text/csv`` of its address in the register of media types."""
    return "/".join(words.split("/")[-2:])


def _single(words: list[str]) -> str | list[str]:
    return words if len(words) > 1 else "".join(words)


def _refers_elsewhere(value: Any) -> bool:
    """Whether a JSON-LD document would have contexts fetched: any address could stand there."""
    if isinstance(value, list):
        return any(_refers_elsewhere(item) for item in value)
    if not isinstance(value, dict):
        return False
    contexts = value.get("@context", [])
    contexts = contexts if isinstance(contexts, list) else [contexts]
    if "@import" in value or any(isinstance(context, str) for context in contexts):
        return True
    return any(_refers_elsewhere(item) for item in value.values())
