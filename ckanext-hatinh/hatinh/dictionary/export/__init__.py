"""Downloads of an edition: workbook, CSV tables, JSON, JSON Schema, SKOS as Turtle and JSON-LD.

Whatever is proposed or unverified says so in each of them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hatinh.dictionary.attributes import Attributes
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.document import document
from hatinh.dictionary.export.json_schema import edition_schema
from hatinh.dictionary.export.rdf import edition_graph, serialised
from hatinh.dictionary.export.tables import zipped_tables
from hatinh.dictionary.model import CodeList
from hatinh.dictionary.workbook_form import write_workbook


@dataclass(frozen=True, slots=True)
class Source:
    """What an export is made from; ``at`` is the day whose codes a JSON Schema lists."""

    edition: Edition
    attributes: Attributes
    offices: CodeList
    at: date


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of download."""

    mimetype: str
    extension: str
    write: Callable[[Source], bytes]


def _workbook(source: Source) -> bytes:
    return write_workbook(source.edition, source.attributes, source.offices)


def _tables(source: Source) -> bytes:
    return zipped_tables(source.edition, source.attributes)


def _json(source: Source) -> bytes:
    return _dumped(document(source.edition, source.attributes.guide))


def _json_schema(source: Source) -> bytes:
    return _dumped(edition_schema(source.edition, source.attributes.guide, source.at))


def _turtle(source: Source) -> bytes:
    return serialised(edition_graph(source.edition, source.attributes.guide), "turtle").encode()


def _json_ld(source: Source) -> bytes:
    return serialised(edition_graph(source.edition, source.attributes.guide), "json-ld").encode()


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


FORMATS: Mapping[str, Format] = {
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", _workbook
    ),
    "csv": Format("application/zip", "csv.zip", _tables),
    "json": Format("application/json", "json", _json),
    "jsonschema": Format("application/schema+json", "schema.json", _json_schema),
    "ttl": Format("text/turtle", "ttl", _turtle),
    "jsonld": Format("application/ld+json", "jsonld", _json_ld),
}
"""The downloads, by the word that a request names them with."""
