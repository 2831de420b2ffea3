"""What reconciliation reads from the database, each question in one statement.

Tables of sibling plugins are read only, by their names.
"""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model as core
from sqlalchemy.dialects.postgresql import JSONB

import schemas
from ckanext.hatinh.register import model
from ckanext.hatinh.shared.bindings import chosen
from ckanext.hatinh.shared.vocabulary import LOCAL_TIME, dictionary, today
from hatinh.dictionary.workflow import load_stewards
from hatinh.editions import Form, load_form
from hatinh.local_time import local_day
from hatinh.register import DATASET, SERVICE, SYSTEM, Catalogue, Config, Facts, Row, load_config
from hatinh.text import parse_date

KINDS = (SYSTEM, DATASET, SERVICE)
FIELDS = (
    "harvest_guid", "harvest_source", "issued", "source_system", "lgsp_status", "lgsp_exception",
    "lgsp_approval", "publication_class", "sharing_level", "pii_class", "serves_datasets",
    "endpoint_url", "system_kind",
)  # fmt: skip
TABLES = frozenset({"CSV", "TSV", "XLSX", "XLSM", "XLS", "ODS"})
"""Formats whose files are tables."""
GATEWAY = "lgsp_services"
"""The kind of source that is the gateway's own list."""

_RECORD = sa.table(
    "hatinh_harvest_record",
    sa.column("package_id"), sa.column("state"), sa.column("gone_since"),
)  # fmt: skip
_SOURCE = sa.table("hatinh_harvest_source", sa.column("name"), sa.column("kind"))

_ENTRIES = sa.text(
    "SELECT e.kind, entry ->> 'id', entry -> 'fields' ->> 'publication_class'"
    " FROM hatinh_editions_edition e, jsonb_array_elements(e.entries) entry"
    " WHERE e.kind || ' ' || e.number = ANY(:editions)"
)


@lru_cache(maxsize=1)
def config() -> Config:
    """Figures of the rules, and the words for what they find."""
    return load_config(schemas.ROOT)


@lru_cache(maxsize=1)
def form() -> Form:
    """The legal catalogues."""
    return load_form(schemas.ROOT, dictionary().code_lists["open_catalogue_entry_fields"])


@lru_cache(maxsize=1)
def steward() -> str:
    """The office that keeps the register: that of the catalogue."""
    return load_stewards(schemas.ROOT).catalogue


def facts(*, whole: bool = True) -> Facts:
    """All that there is to reconcile; without tables and editions unless it is wanted whole."""
    rules = config().rules
    return Facts(
        rows=rows(_tables() if whole else {}),
        catalogues=_catalogues() if whole else (),
        counted=model.counted(rules.quiet_days),
        rules=rules,
        steward=steward(),
    )


def rows(tables: Mapping[str, Counter[bool]]) -> list[Row]:
    """Every active record of the register, in the order of offices and titles."""
    package, group = core.Package, core.Group
    fields = {name: package.extras[name].astext for name in FIELDS}
    gone = sa.and_(_RECORD.c.package_id == package.id, _RECORD.c.state == "gone")
    query = (
        sa.select(
            package.id, package.type, package.name, package.title, package.private,
            package.metadata_created, group.name.label("owner"), _RECORD.c.gone_since,
            _SOURCE.c.kind.label("source_kind"),
            *(column.label(name) for name, column in fields.items()),
        )
        .outerjoin(group, group.id == package.owner_org)
        .outerjoin(_RECORD, gone)
        .outerjoin(_SOURCE, _SOURCE.c.name == fields["harvest_source"])
        .where(package.state == "active", package.type.in_(KINDS))
        .order_by(group.name, package.title, package.id)
    )  # fmt: skip
    return [_row(row, tables.get(row.id, Counter())) for row in core.Session.execute(query)]


def _row(row: Any, tables: Counter[bool]) -> Row:
    gone = row.gone_since
    return Row(
        id=row.id,
        kind=row.type,
        name=row.name,
        title=row.title or row.name,
        owner=row.owner or steward(),
        since=parse_date(row.issued or "") or local_day(row.metadata_created),
        guid=row.harvest_guid or "",
        source=row.harvest_source or "",
        private=row.private,
        source_system=(row.source_system or "").strip(),
        lgsp_status=row.lgsp_status or "",
        exception=row.lgsp_exception or "",
        approval=row.lgsp_approval or "",
        publication_class=row.publication_class or "",
        sharing_level=row.sharing_level or "",
        pii_class=row.pii_class or "",
        serves=tuple(filter(None, map(str.strip, (row.serves_datasets or "").split(";")))),
        endpoint=row.endpoint_url or "",
        gone_since=gone.astimezone(LOCAL_TIME).date() if gone else None,
        from_gateway=row.source_kind == GATEWAY,
        system_kind=row.system_kind or "",
        tables=tables.total(),
        undescribed=tables[False],
    )


def _tables() -> dict[str, Counter[bool]]:
    """For each dataset: tables with a column that is an element, and tables without."""
    resource = core.Resource
    schema = sa.cast(core.resource_table.c.extras, JSONB)["schema"].astext
    query = sa.select(resource.id, resource.package_id, schema).where(
        resource.state == "active", sa.func.upper(resource.format).in_(TABLES)
    )
    bound = chosen()
    found: dict[str, Counter[bool]] = {}
    for id_, package, promised in core.Session.execute(query):
        described = any(bound.get(id_, {}).values()) or _has_element(promised)
        found.setdefault(package, Counter())[described] += 1
    return found


def _has_element(schema: str | None) -> bool:
    """Whether a promised table has an element; what cannot be read promises nothing."""
    try:
        columns = json.loads(schema or "{}").get("columns", ())
        return any(column.get("element") for column in columns)
    except (AttributeError, TypeError, ValueError):
        return False


def _catalogues() -> list[Catalogue]:
    """The editions in force, with the classes that they give to their datasets."""
    heads = tk.get_action("hatinh_catalogue_list")({}, {})
    in_force = [head for head in heads if head["in_force"]]
    named = dictionary().code_lists["publication_classes"]
    classes: dict[str, dict[str, str]] = {}
    numbers = [f"{head['kind']} {head['number']}" for head in in_force]
    for kind, id_, words in core.Session.execute(_ENTRIES, {"editions": numbers}):
        code = named.find(words or "", today())
        classes.setdefault(kind, {})[id_] = code.code if code else ""
    return [
        Catalogue(
            kind=head["kind"],
            sharing_level=form().kinds[head["kind"]].sharing_level,
            number=head["number"],
            decision=head["decision"],
            classes=classes.get(head["kind"], {}),
        )
        for head in in_force
    ]
