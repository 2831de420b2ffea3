"""A large file of a form is sent in pieces, goes on after a break, and works on a phone."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Route, expect

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
LINE = "00001;Xã Đức Thọ;2025\n"
SIZE, PIECE = 30 << 20, 4 << 20


@pytest.fixture(scope="module")
def dataset(call: Callable[..., Any]) -> str:
    """Name of a dataset without files."""
    fields = {
        "title_translated": {"vi": "Tệp lớn"},
        "notes_translated": {"vi": "Tệp gửi từng phần"},
        "owner_org": "so-nnmt",
    }
    return call("package_create", name=f"tep-lon-{secrets.token_hex(3)}", **fields, **CLASSIFIED)[
        "name"
    ]


def test_large_file_is_sent_in_pieces_and_goes_on_after_a_break(
    dataset, enter, call, portal_url, tmp_path, pictures
):
    """30 MB arrive whole although the line breaks; after a page is left only the rest is sent."""
    path = tmp_path / "bang-lon.csv"
    path.write_text("ma;ten;nam\n" + LINE * (SIZE // len(LINE.encode()) + 1), "utf-8")
    page = enter("so-nnmt")
    asked: list[Request] = []
    page.on("requestfinished", lambda each: asked.append(each) if each.method == "PATCH" else None)

    _choose(page, portal_url, dataset, path)
    page.route("**/tai-len/*", lambda route: _cut_after(route, 3))
    page.click("button[name=save][value=go-dataset-complete]")
    expect(page.locator("[data-pieces] progress")).to_have_js_property(
        "value", 3 * PIECE, timeout=60_000
    )
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, "[data-pieces]").response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []
    page.screenshot(path=pictures / "upload-pieces.png", full_page=True)

    _choose(page, portal_url, dataset, path)
    page.unroute("**/tai-len/*")
    asked.clear()
    page.click("button[name=save][value=go-dataset-complete]")
    page.wait_for_url(f"**/dataset/{dataset}", timeout=120_000)
    sent = [_offset(each) for each in asked]
    assert sent == list(range(3 * PIECE, path.stat().st_size, PIECE))
    resource = call("package_show", id=dataset)["resources"][-1]
    assert (resource["size"], resource["url_type"]) == (path.stat().st_size, "upload")


def test_file_is_sent_with_the_form_where_scripts_do_not_run(
    dataset, enter, call, portal_url, browser, tmp_path
):
    """Nothing of the form needs a script; a file that is there stays when nothing is chosen."""
    path = tmp_path / "nho.csv"
    path.write_text("ma;ten\n" + LINE, "utf-8")
    state = enter("so-nnmt").context.storage_state()
    page = browser.new_context(java_script_enabled=False, storage_state=state).new_page()
    _choose(page, portal_url, dataset, path)
    page.click("button[name=save][value=go-dataset-complete]")
    page.wait_for_url(f"**/dataset/{dataset}")
    made = next(r for r in call("package_show", id=dataset)["resources"] if "nho" in r["url"])
    page.goto(f"{portal_url}/dataset/{dataset}/resource/{made['id']}/edit")
    page.fill("[name='name_translated-vi']", "Bảng nhỏ")
    page.click("button[name=save]")
    page.wait_for_url(f"**/resource/{made['id']}")
    kept = call("resource_show", id=made["id"])
    assert kept["name_translated"]["vi"] == "Bảng nhỏ"
    assert (kept["url"], kept["url_type"], kept["size"]) == (
        made["url"], "upload", path.stat().st_size,
    )  # fmt: skip


def _choose(page: Page, portal_url: str, dataset: str, path: Path) -> None:
    """Open the form of a new file anew, and choose the file."""
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{portal_url}/dataset/{dataset}/resource/new", wait_until="networkidle")
    page.get_by_label("Tệp", exact=True).set_input_files(path)
    page.fill("[name='name_translated-vi']", "Bảng lớn")


def _offset(asked: Request) -> int:
    return int(asked.headers["upload-offset"])


def _cut_after(route: Route, pieces: int) -> None:
    """Let so many pieces through, then break the line."""
    late = route.request.method == "PATCH" and _offset(route.request) >= pieces * PIECE
    route.abort() if late else route.continue_()
