"""A public dataset is withdrawn on its page, with a reason that its address tells everybody."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Page

WHY = "Đã gộp vào danh sách cơ sở giáo dục của tỉnh, cập nhật hằng năm."
CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def editor(enter: Callable[[str], Page]) -> Page:
    """The window of an editor of the office whose dataset it is."""
    return enter("so-gddt")


@pytest.fixture
def dataset(call: Callable[..., Any]) -> dict[str, Any]:
    """A public dataset."""
    return call(
        "package_create",
        name=f"truong-mam-non-{secrets.token_hex(4)}",
        title_translated={"vi": "Danh sách trường mầm non", "en": "List of nursery schools"},
        notes_translated={"vi": "Các trường của tỉnh"},
        owner_org="so-gddt",
        resources=[{"url": "https://so.example.vn/truong.csv", "format": "CSV"}],
        **CLASSIFIED,
    )


def test_editor_withdraws_and_visitors_read_why(
    visit: Any, editor: Page, dataset: dict[str, Any], size: str
) -> None:
    """From the form of the dataset by keyboard; both pages fit, and axe finds nothing serious."""
    window = visit.page.viewport_size
    editor.set_viewport_size(window)
    editor.goto(f"{visit.url}/dataset/edit/{dataset['id']}", wait_until="networkidle")
    editor.locator(f'a[href*="/dataset/delete/{dataset["id"]}"]').click()
    editor.wait_for_load_state("networkidle")
    editor.screenshot(path=visit.pictures / f"withdraw-{size}.png", full_page=True)
    check(editor)
    editor.locator("#reason").focus()
    editor.keyboard.type(WHY)
    editor.keyboard.press("Tab")
    editor.keyboard.press("Tab")
    with editor.expect_navigation(url=re.compile("/dataset/$")):
        editor.keyboard.press("Enter")
    answer = visit.page.goto(f"{visit.url}/dataset/{dataset['name']}", wait_until="networkidle")
    visit.picture(f"withdrawn-{size}")
    assert answer.status == 410
    told = visit.page.locator("main, [role=main]").first.inner_text()
    for words in (WHY, "Danh sách trường mầm non", "List of nursery schools"):
        assert words in told
    check(visit.page)
