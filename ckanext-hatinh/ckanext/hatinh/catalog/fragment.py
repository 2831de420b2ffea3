"""What the catalogue says of one record: its triples, and its plain JSON.

The triples are the profile's. Blank nodes get names that follow from what is said of them and from
the record's id: equal records give equal bytes, and no two records of a dump share a blank node.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from ckanext.hatinh.catalog.dcat_profile import HatinhProfile
from ckanext.hatinh.catalog.dcat_record import formats, iri, record_uri
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.catalogue.plain import Vocabulary, plain_record
from hatinh.text import fit_for_xml

FORMS = {
    "ttl": (ox.RdfFormat.TURTLE, "text/turtle"),
    "nt": (ox.RdfFormat.N_TRIPLES, "application/n-triples"),
    "n3": (ox.RdfFormat.N3, "text/n3"),
    "jsonld": (ox.RdfFormat.JSON_LD, "application/ld+json"),
    "rdf": (ox.RdfFormat.RDF_XML, "application/rdf+xml"),
    "xml": (ox.RdfFormat.RDF_XML, "application/rdf+xml"),
}
"""Syntax and media type of the endings that an RDF document may have."""

PREFIXES = {
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "htd": "https://data.hatinh.gov.vn/def/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True)
class Fragment:
    """A record in N-Triples and in plain JSON."""

    uri: str
    nt: str
    plain: str

    @property
    def hash(self) -> str:
        """Changes when a word of it does."""
        return hashlib.sha256(f"{self.nt}\n{self.plain}".encode()).hexdigest()


def make_fragment(package: Mapping[str, Any]) -> Fragment:
    """The fragment of a package as ``package_show`` gives it."""
    known = dictionary().code_lists
    vocabulary = Vocabulary(iri, known["frequencies"], formats())
    uri = record_uri(package)
    plain = plain_record(package, uri, vocabulary)
    nt = serialized(record_triples(package), "nt").decode()
    return Fragment(uri, nt, json.dumps(plain, ensure_ascii=False, separators=(",", ":")))


def record_triples(package: Mapping[str, Any]) -> list[ox.Triple]:
    """What the profile says of a package, in an order of its own."""
    graph = Graph()
    HatinhProfile(graph).graph_from_dataset(dict(package), URIRef(record_uri(package)))
    return triples(graph, uuid.UUID(package["id"]).hex)


def triples(graph: Graph, name: str) -> list[ox.Triple]:
    """The triples of a graph, blank nodes named after ``name``, sorted.

    Words that the profile took for an address, and that are none, are left out.
    """
    found = ox.Dataset(quad for triple in graph if (quad := _quad(triple)))
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    named = (_renamed(quad, f"d{name}") for quad in found)
    return sorted(named, key=str)


def parsed(nt: str) -> Iterable[ox.Triple]:
    """The triples of a stored fragment, blank nodes with the names that they have."""
    return (quad.triple for quad in ox.parse(nt.encode(), format=ox.RdfFormat.N_TRIPLES))


def serialized(found: Iterable[ox.Triple], form: str, stream: Any = None) -> bytes:
    """Triples in a form, one after the other into a stream if there is one."""
    told = ox.serialize(found, stream, format=FORMS[form][0], prefixes=PREFIXES)
    return told or b""


def _quad(triple: tuple[Node, Node, Node]) -> ox.Quad | None:
    try:
        return ox.Quad(*map(_term, triple))
    except ValueError:
        return None


def _term(node: Node) -> Any:
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    literal = node if isinstance(node, Literal) else Literal(str(node))
    words = fit_for_xml(str(literal))
    if literal.language:
        return ox.Literal(words, language=literal.language)
    datatype = ox.NamedNode(str(literal.datatype)) if literal.datatype else None
    return ox.Literal(words, datatype=datatype)


def _renamed(quad: ox.Quad, name: str) -> ox.Triple:
    return ox.Triple(_named(quad.subject, name), quad.predicate, _named(quad.object, name))


def _named(term: Any, name: str) -> Any:
    return ox.BlankNode(f"{name}{term.value}") if isinstance(term, ox.BlankNode) else term
