"""Tables, charts, maps and texts of files in a browser: readable, quiet, and usable by keyboard."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Browser, expect

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
COMMUNES = [
    ("18073", "Phường Thành Sen"), ("18100", "Phường Trần Phú"), ("18115", "Phường Bắc Hồng Lĩnh"),
    ("18118", "Phường Nam Hồng Lĩnh"), ("18754", "Phường Sông Trí"), ("18229", "Xã Đức Thọ"),
]  # fmt: skip
FIELDS = [
    {"id": "ma_xa", "type": "text", "info": {"label": "Mã xã", "hatinh_element": "ma_dvhc"}},
    {"id": "ten_xa", "type": "text", "info": {"label": "Tên xã, phường"}},
    {"id": "nam", "type": "int", "info": {"label": "Năm"}},
    {"id": "dan_so", "type": "numeric", "info": {"label": "Dân số trung bình (người)"}},
    {"id": "ty_le", "type": "numeric", "info": {"label": "Tỷ lệ tăng (%)"}},
    {"id": "cap_nhat", "type": "date", "info": {"label": "Ngày cập nhật"}},
]


@pytest.fixture(scope="session")
def address(call: Callable[..., Any]) -> str:
    """Path of a resource with a table of 120 rows."""
    package = call(
        "package_create",
        name=f"dan-so-{secrets.token_hex(3)}",
        title_translated={"vi": "Dân số trung bình theo xã"},
        notes_translated={"vi": "Dân số trung bình của các xã, phường, 2006–2025"},
        owner_org="so-nnmt",
        **CLASSIFIED,
    )
    resource = call(
        "resource_create",
        package_id=package["id"],
        name_translated={"vi": "Dân số trung bình các xã, phường, 2006–2025"},
        format="CSV",
        url="https://example.test/dan-so.csv",
    )
    records = [
        {
            "ma_xa": code, "ten_xa": name, "nam": year, "cap_nhat": f"{year}-12-31",
            "dan_so": 21000 + 3700 * at + 113 * (year - 2005), "ty_le": round(0.4 + at / 9, 2),
        }
        for year in range(2006, 2026)
        for at, (code, name) in enumerate(COMMUNES)
    ]  # fmt: skip
    call(
        "datastore_create",
        resource_id=resource["id"], force=True, fields=FIELDS, records=records,
    )  # fmt: skip
    return f"/dataset/{package['name']}/resource/{resource['id']}"


PAGES = {
    "file": "",
    "table": "/bang?f=nam&o=gte&v=2010&sort=dan_so+desc+nulls+last",
    "chart-bar": "/bieu-do?x=ten_xa&y=dan_so&agg=avg&kind=bar",
    "chart-line": "/bieu-do?x=nam&y=dan_so&agg=sum&kind=line",
    "chart-pie": "/bieu-do?x=ten_xa&y=dan_so&agg=sum&kind=pie",
    "map": "/ban-do?f=nam&o=eq&v=2025",
    "column": "/cot/ma_xa",
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_quiet(visit, address, size, name):
    """No grave fault by axe, no complaint of the browser, no scrolling of the page sideways."""
    page = visit.open(address + PAGES[name])
    visit.picture(f"rows-{name}-{size}")
    check(page)
    assert visit.complaints == []


def test_map_draws_its_points(visit, address, size):
    """Every commune of the set is a point, and its card holds the row as text."""
    page = visit.open(address + PAGES["map"])
    expect(page.locator(".ht-map")).to_have_attribute("data-drawn", str(len(COMMUNES)))
    page.locator(".leaflet-overlay-pane path.leaflet-interactive").first.dispatch_event("click")
    expect(page.locator(".leaflet-popup dl")).to_contain_text("Dân số trung bình")


def test_table_works_without_a_script(browser: Browser, portal_url, address):
    """Sorting, filtering and paging are links and a form."""
    visitor = browser.new_context(java_script_enabled=False, locale="vi-VN")
    page = visitor.new_page()
    page.goto(f"{portal_url}{address}")
    page.get_by_role("link", name="Năm").first.click()
    assert page.locator(".ht-rows__table tbody tr").count() == 50
    page.locator(".ht-rows__pages a").last.click()
    assert "page=2" in page.url
    page.fill("input[name=v]", "2025")
    page.select_option("select[name=f]", "nam")
    page.locator(".ht-rows__form button").click()
    assert page.locator(".ht-rows__table tbody tr").count() == len(COMMUNES)
    visitor.close()
