"""A DCAT catalogue in a graph, as drafts: standard properties and the province's own (``htd:``).

Graphs have no order, so everything is sorted; blank nodes are named anew at each reading, so
their names are shown nowhere.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from harvesters.extent import extent
from harvesters.fields import CANONICAL, RESOURCE, table_schema, taken
from harvesters.rdf.graph import Graph, Term, having, values
from hatinh.dataset import Draft

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
HTD = "https://data.hatinh.gov.vn/def/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
LOCN = "http://www.w3.org/ns/locn#"
SCHEMA = "http://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TIME = "http://www.w3.org/2006/time#"
VCARD = "http://www.w3.org/2006/vcard/ns#"

TYPE = f"{RDF}type"
DATASET, SERVICE = f"{DCAT}Dataset", f"{DCAT}DataService"
NEXT = (f"{HYDRA}next", f"{HYDRA}nextPage")
TOTAL = f"{HYDRA}totalItems"

LABELS = (
    f"{SKOS}prefLabel",
    f"{FOAF}name",
    f"{VCARD}fn",
    "http://www.w3.org/2000/01/rdf-schema#label",
    f"{RDF}value",
    f"{DCT}title",
    f"{SCHEMA}name",
    f"{DCT}identifier",
    f"{VCARD}organization-name",
)
"""How a thing is called, the most telling first."""

NAMED = {
    "publisher": (f"{DCT}publisher", f"{DCT}creator"),
    "frequency": (f"{DCT}accrualPeriodicity",),
    "issued": (f"{DCT}issued", f"{DCT}created"),
    "modified": (f"{DCT}modified",),
    "provenance": (f"{DCT}provenance",),
    "contact": (f"{DCAT}contactPoint",),
}
"""Fields whose value is what a thing is called; the first property that is there."""

ADDRESSED = {
    "licence": (f"{DCT}license",),
    "landing_page": (f"{DCAT}landingPage", f"{FOAF}page"),
    "endpoint_url": (f"{DCAT}endpointURL",),
    "endpoint_description": (f"{DCAT}endpointDescription",),
}
"""Fields whose value is an address as it stands."""

PERIOD = {
    "period_start": (f"{DCAT}startDate", f"{SCHEMA}startDate", f"{TIME}hasBeginning"),
    "period_end": (f"{DCAT}endDate", f"{SCHEMA}endDate", f"{TIME}hasEnd"),
}
INSTANT = (f"{TIME}inXSDDateTime", f"{TIME}inXSDDate", f"{TIME}inXSDDateTimeStamp")
EMAILS = (f"{VCARD}hasEmail", f"{VCARD}email", f"{FOAF}mbox")
BOXES = (f"{DCAT}bbox", f"{LOCN}geometry")


class NoCatalogueError(ValueError):
    """The document describes no dataset and is no catalogue."""


class Listing(NamedTuple):
    """The records of one page, where it leads, and how many records the whole list has.

    ``services`` of the records are data services, which some totals leave out; ``missing``
    records are listed and not described on this page.
    """

    nodes: tuple[str, ...]
    services: int
    missing: tuple[str, ...]
    next_url: str
    total: str


def listing(graph: Graph) -> Listing:
    """What a page lists, in the order of the addresses. Raises :class:`NoCatalogueError`."""
    listed = {term.value for term in values(graph, f"{DCAT}dataset", f"{DCAT}service")}
    # A service without a name of its own is a part of the file that it gives access to.
    named = {node for node in having(graph, TYPE, SERVICE) if not node.startswith("_:")}
    typed = {*having(graph, TYPE, DATASET), *named}
    if not listed and not typed and not having(graph, TYPE, f"{DCAT}Catalog"):
        raise NoCatalogueError("no dcat:Catalog and no dcat:Dataset")
    # A file cut off after a full stop is still good Turtle: as many as are listed must be told,
    # be it under other names, as some portals do.
    told = {node for node in listed if TYPE in graph.get(node, ())}
    if len(told) < len(listed) or not listed:
        told |= typed
    services = {*having(graph, TYPE, SERVICE)} & told
    return Listing(
        nodes=tuple(sorted(told, key=lambda node: _thing(graph, node).place())),
        services=len(services),
        missing=tuple(listed - told) if len(told) < len(listed) else (),
        next_url=min((term.value for term in values(graph, *NEXT)), default=""),
        total=min((term.value for term in values(graph, TOTAL)), default=""),
    )


def identifiers(graph: Graph, nodes: tuple[str, ...]) -> list[str]:
    """The identifiers of records."""
    return [_thing(graph, node).guid() for node in nodes]


def drafts(graph: Graph, nodes: tuple[str, ...], base: str) -> Iterator[Draft]:
    """The drafts of the records of a page; ``base`` is where it came from."""
    for node in nodes:
        yield _draft(_thing(graph, node), base)


class _Thing(NamedTuple):
    """A node of the graph and what is said of it."""

    graph: Graph
    term: Term

    def all(self, *predicates: str) -> "list[_Thing]":
        """The values of the first property that has any, Vietnamese and untagged ones first."""
        said = self.graph.get(self.term.value) if self.term.kind != "text" else None
        found = next((said[name] for name in predicates if name in said), ()) if said else ()
        if len(found) < 2:
            return [_Thing(self.graph, term) for term in found]
        return sorted((_Thing(self.graph, term) for term in found), key=_Thing.rank)

    def rank(self) -> tuple[bool, str]:
        """Where it stands among values."""
        name = self.called() if self.term.kind == "blank" else self.term.value
        return _language(self.term) != "vi", name

    def text(self, *predicates: str) -> dict[str, str]:
        """A text by language; one without a tag is taken for Vietnamese."""
        texts: dict[str, str] = {}
        for thing in self.all(*predicates):
            texts.setdefault(_language(thing.term), thing.term.value)
        return texts

    def address(self, *predicates: str) -> str:
        """The first value as it stands; a node without an address says its own label."""
        for thing in self.all(*predicates):
            return thing.called() if thing.term.kind == "blank" else thing.term.value
        return ""

    def word(self, *predicates: str) -> str:
        """What the first value is called."""
        return next(iter(self.words(*predicates)), "")

    def words(self, *predicates: str) -> list[str]:
        """What the values are called; translations of texts are left out."""
        things = self.all(*predicates)
        local = [thing for thing in things if _language(thing.term) == "vi"] or things
        return [name for thing in local if (name := thing.called())]

    def place(self) -> tuple[str, str]:
        """Where it stands in a list: by its address, or by what is said of it."""
        blank = self.term.kind == "blank"
        return ("", self.term.value) if not blank else (self.guid(), self.called())

    def guid(self) -> str:
        """The identifier, or the address."""
        address = "" if self.term.kind == "blank" else self.term.value
        return self.address(f"{DCT}identifier") or address

    def called(self) -> str:
        """A literal's text, a thing's label, or the last part of its address."""
        if self.term.kind == "text":
            return self.term.value
        said = self.graph.get(self.term.value, {})
        for label in LABELS:
            if label in said:
                ranked = sorted(said[label], key=lambda term: (_language(term) != "vi", term.value))
                return ranked[0].value
        return _last_part(self.term.value) if self.term.kind == "address" else ""


def _thing(graph: Graph, node: str) -> _Thing:
    return _Thing(graph, Term("blank" if node.startswith("_:") else "address", node))


def _draft(record: _Thing, base: str) -> Draft:
    guid = record.guid()
    distributions = record.all(f"{DCAT}distribution")
    resources = sorted(map(_resource, distributions), key=lambda raw: raw.get("url", ""))
    origin = f"{base}#{guid}" if record.term.kind == "blank" else record.term.value
    return Draft(guid, {**_standard(record, distributions), **_own(record)}, resources, origin)


def _standard(record: _Thing, distributions: list[_Thing]) -> dict[str, Any]:
    fields = {
        "title": record.text(f"{DCT}title"),
        "notes": record.text(f"{DCT}description", f"{DCT}abstract"),
        "themes": record.words(f"{DCAT}theme"),
        "keywords": record.words(f"{DCAT}keyword"),
        "places": record.words(f"{DCT}spatial"),
        "bbox": _bbox(record),
        "contact_email": _email(record),
        **{name: record.word(*predicates) for name, predicates in NAMED.items()},
        **{name: record.address(*predicates) for name, predicates in ADDRESSED.items()},
        **_period(record),
        **_kind(record),
    }
    licences = (thing.address(f"{DCT}license") for thing in distributions)
    fields["licence"] = fields["licence"] or next((words for words in licences if words), "")
    return taken(fields)


def _own(record: _Thing) -> dict[str, Any]:
    said = record.graph.get(record.term.value, {})
    names = (name.removeprefix(HTD) for name in said if name.startswith(HTD))
    return taken({name: _single(record.words(HTD + name)) for name in names if name in CANONICAL})


def _resource(thing: _Thing) -> dict[str, Any]:
    url = thing.address(f"{DCAT}downloadURL", f"{DCAT}accessURL")
    raw = {
        "guid": thing.address(f"{DCT}identifier") or url,
        "name": thing.text(f"{DCT}title"),
        "description": thing.text(f"{DCT}description"),
        "url": url,
        "format": thing.word(f"{DCT}format"),
        "media_type": _media_type(thing.address(f"{DCAT}mediaType")),
        "schema": table_schema(thing.address(f"{HTD}table_schema")),
    }
    return taken(raw, RESOURCE)


def _period(record: _Thing) -> dict[str, str]:
    periods = record.all(f"{DCT}temporal")[:1]
    return {name: _instant(period, *bound) for period in periods for name, bound in PERIOD.items()}


def _instant(period: _Thing, *bound: str) -> str:
    for thing in period.all(*bound):
        return thing.word(*INSTANT) or thing.called()
    return ""


def _bbox(record: _Thing) -> list[str]:
    """West, south, east, north of the first place that says its shape."""
    shapes = (
        shape.term.value
        for place in record.all(f"{DCT}spatial")
        for box in BOXES
        for shape in place.all(box)
    )
    return next((sides for sides in map(extent, shapes) if sides), [])


def _email(record: _Thing) -> str:
    for point in record.all(f"{DCAT}contactPoint"):
        for email in point.all(*EMAILS):
            address = email.address(f"{VCARD}hasValue") or email.term.value
            if email.term.kind != "blank" or "@" in address:
                return address.removeprefix("mailto:")
    return ""


def _kind(record: _Thing) -> dict[str, Any]:
    types = record.graph.get(record.term.value, {}).get(TYPE, ())
    if Term("address", SERVICE) not in types:
        return {}
    served = [thing.guid() for thing in record.all(f"{DCAT}servesDataset")]
    return {"kind": "dataservice", "serves_datasets": "; ".join(served)}


def _language(term: Term) -> str:
    """The language of a text without its region; what has none counts as Vietnamese."""
    letters = (term.language or "vi").lower().partition("-")[0]
    return {"vie": "vi", "eng": "en"}.get(letters, letters)


def _last_part(uri: str) -> str:
    return unquote(uri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1])


def _media_type(words: str) -> str:
    """``text/csv`` of its address in the register of media types."""
    return "/".join(words.split("/")[-2:])


def _single(words: list[str]) -> str | list[str]:
    return words if len(words) > 1 else "".join(words)
