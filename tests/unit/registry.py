"""A small register to break: one of everything, in which nothing is wrong."""

from dataclasses import replace
from datetime import date
from typing import Any

import schemas
from hatinh.register import (
    DATASET,
    SERVICE,
    SYSTEM,
    Calls,
    Catalogue,
    Counted,
    Facts,
    Finding,
    Row,
    load_config,
    reconcile,
)

CONFIG = load_config(schemas.ROOT)
LONG_AGO = date(2026, 1, 1)
MONTH = (date(2026, 10, 1), date(2026, 10, 30))


def row(kind: str, id_: str, **values: Any) -> Row:
    """A record that is in order; its office is ``so-<id>``."""
    office = {"name": id_, "title": f"Tên của {id_}", "owner": f"so-{id_}", "since": LONG_AGO}
    access = {"publication_class": "cong_khai", "sharing_level": "mo", "pii_class": "none"}
    return Row(**{"id": id_, "kind": kind, **office, **access, **values})


SYSTEM_ROW = row(SYSTEM, "db1", guid="DB001", lgsp_status="active")
DATASET_ROW = row(DATASET, "ds1", guid="truong", source="s", source_system="DB001", tables=2)
SERVICE_ROW = row(
    SERVICE, "sv1", guid="sv", source="s", source_system="DB001", lgsp_status="active",
    serves=("truong",), endpoint="https://lgsp.example.vn/truong/1.0",
)  # fmt: skip
CATALOGUE = Catalogue("du-lieu-mo", "mo", 1, "1/QĐ-UBND", {"ds1": "cong_khai"})
COUNTED = Counted(*MONTH, (Calls("sv", 12, MONTH[1]),))


def facts(*rows: Row, **values: Any) -> Facts:
    """The register in order, with rows put in the place of those of the same id."""
    given = {found.id: found for found in (SYSTEM_ROW, DATASET_ROW, SERVICE_ROW, *rows)}
    whole = {"catalogues": (CATALOGUE,), "counted": COUNTED, "rules": CONFIG.rules}
    return Facts(**{"rows": list(given.values()), "steward": "so-khcn", **whole, **values})


def found(*rows: Row, **values: Any) -> list[Finding]:
    """What the rules find after rows were changed."""
    return reconcile(facts(*rows, **values))


def reasons(*rows: Row, **values: Any) -> list[str]:
    """Reasons of what the rules find."""
    return sorted(finding.reason for finding in found(*rows, **values))


def changed(given: Row, **values: Any) -> Row:
    """A row with other values."""
    return replace(given, **values)
