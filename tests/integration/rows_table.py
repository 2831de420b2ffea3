"""A small table of the DataStore for tests of its rows."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.types import Context

from ckanext.hatinh.datastore import database

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
FIELDS = [
    {"id": "ma_xa", "type": "text"},
    {"id": "ten", "type": "text", "info": {"label": "Tên xã"}},
    {"id": "nam", "type": "int"},
    {"id": "dan_so", "type": "numeric"},
    {"id": "ngay", "type": "date"},
    {"id": "tỷ lệ % (1)", "type": "float"},
]
ROWS = [
    ["18073", "Phường Thành Sen", 2024, "71234.5", "2024-12-31", 0.5],
    ["18100", "=1+1", 2024, "-3", None, None],
    ["18115", "Xã Thạch Khê", 2025, None, "2025-12-31", 1.25],
    ["00000", 'a,"<b>"\nc', 2025, "1000000", "2025-01-02", 2],
]


@dataclass(frozen=True)
class Held:
    """A resource with its table, and the sysadmin who made it."""

    officer: str
    dataset: str
    id: str

    def address(self, page: str) -> str:
        """Address of a page about the resource."""
        return f"/dataset/{self.dataset}/resource/{self.id}/{page}"

    def ask(self, action: str, **asked: Any) -> Any:
        """Call an action about the table."""
        return tk.get_action(action)(Context(user=self.officer), {"resource_id": self.id, **asked})


def made(
    fields: list[dict[str, Any]] | None = None,
    rows: list[list[Any]] | None = None,
    private: bool = False,
    **resource: Any,
) -> Held:
    """A new dataset with a resource and its table."""
    database.prepare()
    officer = factories.Sysadmin()["name"]
    given = {
        "name": f"bang-{secrets.token_hex(4)}",
        "title_translated": {"vi": "Dân số các xã"},
        "notes_translated": {"vi": "Dân số trung bình"},
        "owner_org": "so-nnmt",
        "private": private,
        **CLASSIFIED,
    }
    package = tk.get_action("package_create")(Context(user=officer), given)
    described = {
        "package_id": package["id"],
        "name_translated": {"vi": "Bảng dân số"},
        "format": "CSV",
        "url": "https://example.test/a.csv",
    }
    found = tk.get_action("resource_create")(Context(user=officer), described | resource)
    held = Held(officer, package["name"], found["id"])
    if fields is not None or rows is not None or not resource:
        fill(held, FIELDS if fields is None else fields, ROWS if rows is None else rows)
    return held


def fill(held: Held, fields: list[dict[str, Any]], rows: list[list[Any]]) -> None:
    """Give a resource its table."""
    names = [field["id"] for field in fields]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    held.ask("datastore_create", force=True, fields=fields, records=records)
