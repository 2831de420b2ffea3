"""The page of one's tokens: made, seen once, copied, revoked; on desktop and phone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib import request as web

import pytest
from barriers import check
from playwright.sync_api import Page, ViewportSize, expect

OFFICE = "so-gddt"
SIZES = {
    "desktop": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=390, height=844),
}


@pytest.fixture(scope="module")
def editor(enter: Callable[[str], Page]) -> Page:
    """The window of an editor who has signed in."""
    return enter(OFFICE)


def test_editor_makes_copies_and_revokes_a_token(
    editor: Page, portal_url: str, pictures: Path, size: str
) -> None:
    """By keyboard and button, without a fault of axe or a page wider than the window; the token
    works, and is on no page after the one that made it."""
    editor.set_viewport_size(SIZES[size])
    account = editor.locator("[data-me]").get_attribute("data-me")
    address = f"{portal_url}/en/user/{account}/api-tokens"
    editor.goto(address, wait_until="networkidle")
    editor.fill("#name", f"Nightly {size}")
    editor.get_by_label("Publish").press("Space")
    editor.locator(f"#office-{OFFICE}").check()
    editor.fill("#expires_in_days", "30")
    editor.get_by_role("button", name="Create API Token").click()
    token = editor.locator("#token").inner_text()
    _look(editor, pictures / f"tokens-made-{size}.png")
    editor.get_by_role("button", name="Copy the token").click()
    editor.locator("#name").press("Control+V")
    assert editor.locator("#name").input_value() == token[:100]
    called = _call(portal_url, token)
    assert called["success"]
    editor.goto(address, wait_until="networkidle")
    assert token not in editor.content()
    mine = editor.get_by_role("article", name=f"Nightly {size}")
    expect(mine).not_to_contain_text("not yet")
    _look(editor, pictures / f"tokens-{size}.png")
    mine.get_by_role("button").click()
    editor.wait_for_load_state("networkidle")
    expect(editor.get_by_role("article", name=f"Nightly {size}")).to_have_count(0)


def _look(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    check(page)


def _call(portal_url: str, token: str) -> Any:
    with web.urlopen(
        web.Request(f"{portal_url}/api/3/action/hatinh_token_list", None, {"Authorization": token})
    ) as answer:
        return json.load(answer)
