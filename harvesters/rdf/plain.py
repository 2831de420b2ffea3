"""What a parser of RDF gets: UTF-8, no DOCTYPE, and nothing that refers elsewhere."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from harvesters.decoding import text_of, xml_text_of
from harvesters.json_text import parse_json

CONTEXTS = {
    "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld": "project-open-data.json",
}
"""JSON-LD contexts that are kept here, by the address under which feeds know them."""

_FOLDER = Path(__file__).parent / "contexts"


def plain(body: bytes, syntax: str) -> bytes:
    """The document for the parser. Raises ``ValueError``."""
    if syntax == "xml":
        return xml_text_of(body).encode()
    if syntax == "json-ld":
        return json.dumps(_with_contexts(parse_json(body))).encode()
    return text_of(body).removeprefix("\ufeff").encode()


def mended_xml(document: bytes) -> bytes:
    """RDF/XML without the words that some catalogues write beside an address; else nothing.

    ``<dcat:theme rdf:resource="…">Environment</dcat:theme>`` is no RDF/XML, and common.
    """
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return b""
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
