"""What a parser of RDF gets: UTF-8, no DOCTYPE, and nothing that refers elsewhere."""

import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from harvesters.decoding import text_of, xml_text_of
from harvesters.json_text import depth, parse_json

CONTEXTS = {
    "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld": "project-open-data.json",
}
"""JSON-LD contexts that are kept here, by the address under which feeds know them."""

MAX_DEPTH = 100
"""Of JSON-LD: the parser takes time and memory by the square of it."""

_FOLDER = Path(__file__).parent / "contexts"


def plain(body: bytes, syntax: str) -> bytes:
    """The document for the parser. Raises ``ValueError``."""
    if syntax == "xml":
        return _sound(xml_text_of(body).encode())
    # What claims to be UTF-8 is not copied: the parser finds out whether it is.
    document = body if json.detect_encoding(body[:4]) == "utf-8" else text_of(body).encode()
    if syntax == "json-ld" and depth(document) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    return document


class _Nothing:
    """Takes what an XML parser finds, and keeps none of it."""

    def close(self) -> None:
        """Nothing was kept."""


def _sound(document: bytes) -> bytes:
    """An XML document that is well formed and nests within the bounds of libxml2.

    The parser of RDF has no bounds: what nests takes it time by the square of the depth.
    """
    # The stubs ask for handlers; without any the parser keeps its own time.
    nothing: Any = _Nothing()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, target=nothing)
    try:
        etree.parse(BytesIO(document), parser)
    except etree.XMLSyntaxError as err:
        raise ValueError(str(err)) from err
    return document


def mended(document: bytes, syntax: str) -> bytes:
    """A document that the parser did not take, in a form that it may; nothing if there is none.

    The parser fetches no context, so JSON-LD that refers to one always comes by here.
    Raises ``ValueError``, which then is the better reason.
    """
    if syntax == "xml":
        return _without_words_beside_addresses(document)
    if syntax == "json-ld":
        return json.dumps(_with_contexts(parse_json(document))).encode()
    text = text_of(document).encode()
    return b"" if text == document else text


def _without_words_beside_addresses(document: bytes) -> bytes:
    """``<dcat:theme rdf:resource="…">Environment</dcat:theme>`` is no RDF/XML, and common."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    for node in root.iterfind(".//*[@{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource]"):
        if not len(node):
            node.text = None
    return etree.tostring(root)


def _with_contexts(value: Any) -> Any:
    """The document with known contexts in place of their addresses.

    Any other would have to be fetched, by whatever rules the parser has: it is refused.
    """
    if isinstance(value, list):
        return [_with_contexts(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "@import" in value:
        raise ValueError("it refers to a context elsewhere: @import")
    return {
        name: _context(item) if name == "@context" else _with_contexts(item)
        for name, item in value.items()
    }


def _context(value: Any) -> Any:
    if isinstance(value, list):
        return [_context(item) for item in value]
    if not isinstance(value, str):
        return _with_contexts(value)
    if value not in CONTEXTS:
        raise ValueError(f"it refers to a context elsewhere: {value[:200]}")
    return _kept(CONTEXTS[value])


@cache
def _kept(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))["@context"]
