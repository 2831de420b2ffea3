"""The canonical record: what every source becomes and what the portal stores.

    source ──▶ Draft (raw words under canonical names) ──read()──▶ Dataset + Problems

Field names are the same in a draft, in :class:`Dataset` and in CKAN, except where
``ckanext.hatinh.shared.mapping`` says otherwise. They follow DCAT-AP 3 and the province's
catalogue fields (``dataset_fields`` of the dictionary; REQ-13, 33, 45, 89).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import msgspec

from hatinh.dictionary.table_schema import NO_SCHEMA, TableSchema
from hatinh.text import NO_TEXT, Text

Kind = Literal["dataset", "system", "dataservice"]

MAPPING_VERSION = 1
"""Raise it when the same source record should give a different package: all are written again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as its source words it, before any judgement.

    ``fields`` maps canonical names to raw values: a string, a list of strings, or
    ``{"vi": …, "en": …}`` for texts. ``resources`` are mappings with the names of
    :class:`Resource` (``schema`` as the JSON form of a table schema).
    ``origin`` says where the record stands in its source (``row 7``, a URL).
    """

    guid: str
    fields: Mapping[str, Any]
    resources: Sequence[Mapping[str, Any]] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One file or service of a dataset (tệp dữ liệu; dcat:Distribution)."""

    guid: str
    name: Text
    url: str
    format: str
    description: Text = NO_TEXT
    media_type: str = ""
    schema: TableSchema = NO_SCHEMA


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset, an information system or a data service of the province.

    Codes refer to the lists in ``schemas/codelists``; ``publisher`` is an organisation's slug.
    ``former_publisher`` keeps the office that made the data when it has been merged away (REQ-90).
    ``details`` holds the fields that only systems or data services have.
    """

    guid: str
    kind: Kind
    title: Text
    notes: Text
    publisher: str
    former_publisher: str = ""
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    licence: str = ""
    frequency: str = ""
    data_layer: str = ""
    data_block: str = ""
    sharing_level: str = ""
    publication_class: str = ""
    pii_class: str = ""
    importance_class: str = ""
    source_system: str = ""
    legal_basis: str = ""
    contact: str = ""
    contact_email: str = ""
    approved_by: str = ""
    provenance: str = ""
    landing_page: str = ""
    period_start: date | None = None
    period_end: date | None = None
    issued: date | None = None
    modified: date | None = None
    sent_to_bca_date: date | None = None
    places: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()


def fingerprint(dataset: Dataset, contents: Mapping[str, str]) -> str:
    """Hash of a record and its files: equal means there is nothing to write.

    ``contents`` maps resource guids to the SHA-256 of their bytes. The mapping version is part
    of the hash, so that a changed mapping writes everything again.
    """
    whole = {"version": MAPPING_VERSION, "dataset": dataset, "contents": dict(contents)}
    canonical = msgspec.json.encode(whole, order="deterministic")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()
