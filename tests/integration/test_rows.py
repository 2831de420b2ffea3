"""Rows of a table as files: what was asked for, to whom it may be shown, and nothing that runs."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.types import Context
from openpyxl import load_workbook

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
FIELDS = [
    {"id": "ma_xa", "type": "text"},
    {"id": "ten", "type": "text", "info": {"label": "Tên xã"}},
    {"id": "nam", "type": "int"},
    {"id": "dan_so", "type": "numeric"},
    {"id": "ngay", "type": "date"},
]
ROWS = [
    ["18073", "Phường Thành Sen", 2024, "71234.5", "2024-12-31"],
    ["18100", "=1+1", 2024, "-3", None],
    ["18115", "Xã Thạch Khê", 2025, None, "2025-12-31"],
    ["00000", "a,\"b\"\nc", 2025, "1000000", "2025-01-02"],
]


@pytest.fixture
def officer() -> str:
    """Name of a sysadmin."""
    return factories.Sysadmin()["name"]


@pytest.fixture
def table(officer: str) -> dict[str, Any]:
    """A resource with a table of four rows."""
    return made(officer)


def made(officer: str, private: bool = False) -> dict[str, Any]:
    """A resource of a new dataset, with its table."""
    tk.get_action("package_create")(
        Context(user=officer),
        {
            "name": "dan-so-xa",
            "title_translated": {"vi": "Dân số các xã"},
            "notes_translated": {"vi": "Dân số trung bình"},
            "owner_org": "so-nnmt",
            "private": private,
            **CLASSIFIED,
        },
    )
    resource = tk.get_action("resource_create")(
        Context(user=officer),
        {"package_id": "dan-so-xa", "name_translated": {"vi": "Bảng"}, "format": "CSV",
         "url": "https://example.test/a.csv"},
    )  # fmt: skip
    records = [dict(zip([field["id"] for field in FIELDS], row, strict=True)) for row in ROWS]
    tk.get_action("datastore_create")(
        Context(user=officer),
        {"resource_id": resource["id"], "force": True, "fields": FIELDS, "records": records},
    )
    return resource


def get(app: Any, table: dict[str, Any], form: str, status: int = 200, **asked: Any) -> Any:
    """The answer with a file of rows."""
    address = f"/dataset/dan-so-xa/resource/{table['id']}/rows.{form}"
    return app.get(address, query_string=asked, status=status, follow_redirects=False)


def test_csv_gives_rows_in_order_with_labels(app, table):
    """The header says labels; values stand plainly; cells that would run are made inert."""
    body = get(app, table, "csv").data.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(body)))
    assert rows[0] == ["ma_xa", "Tên xã", "nam", "dan_so", "ngay"]
    assert rows[1] == ["18073", "Phường Thành Sen", "2024", "71234.5", "2024-12-31"]
    assert rows[2] == ["18100", "'=1+1", "2024", "-3", ""]
    assert rows[4][1] == 'a,"b"\nc'
