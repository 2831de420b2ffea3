"""A graph of RDF in plain Python: who says what of whom."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse
from pyoxigraph import Literal as OxLiteral

from harvesters.rdf.plain import mended, plain

Kind = Literal["address", "blank", "text"]

SYNTAXES: Mapping[str, RdfFormat] = {
    "turtle": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "xml": RdfFormat.RDF_XML,
    "json-ld": RdfFormat.JSON_LD,
}


class Term(NamedTuple):
    """A node or a text. ``language`` is of texts only; a blank node's name begins with ``_:``."""

    kind: Kind
    value: str
    language: str = ""


Said = dict[str, list[Term]]
"""The values of each property of one node."""

Graph = dict[str, Said]
"""What is said of each node, by its address or its blank name."""


def read_graph(body: bytes, syntax: str, base: str) -> Graph:
    """The graph of a document in one of ``SYNTAXES``. Raises ``ValueError``."""
    document = plain(body, syntax)
    try:
        return _parsed(document, syntax, base)
    except SyntaxError as err:
        other = mended(document, syntax)
        if not other:
            raise ValueError(str(err.msg)) from err
    try:
        return _parsed(other, syntax, base)
    except SyntaxError as err:
        raise ValueError(str(err.msg)) from err


def _parsed(document: bytes, syntax: str, base: str) -> Graph:
    graph: Graph = {}
    # Lenient: an address with a space in it is a fault of one record, not of the catalogue.
    for quad in parse(document, format=SYNTAXES[syntax], base_iri=base, lenient=True):
        said = graph.setdefault(_name(quad.subject), {})
        said.setdefault(quad.predicate.value, []).append(_term(quad.object))
    return graph


def having(graph: Graph, predicate: str, address: str) -> list[str]:
    """The nodes that have a property with this address for a value."""
    value = Term("address", address)
    return [node for node, said in graph.items() if value in said.get(predicate, ())]


def values(graph: Graph, *predicates: str) -> Iterator[Term]:
    """The values of properties, whoever has them."""
    for said in graph.values():
        for predicate in predicates:
            yield from said.get(predicate, ())


def _name(node: Any) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else node.value


def _term(node: Any) -> Term:
    if isinstance(node, OxLiteral):
        return Term("text", node.value, node.language or "")
    if isinstance(node, NamedNode):
        return Term("address", node.value)
    if isinstance(node, BlankNode):
        return Term("blank", f"_:{node.value}")
    raise ValueError("a statement about a statement")
