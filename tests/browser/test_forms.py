"""An officer describes a dataset in the form: what is missing is said where it is missing."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Page, expect

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def officer(enter: Callable[[str], Page]) -> Page:
    """The window of somebody who publishes for an office."""
    return enter("so-y-te")


def test_officer_is_told_what_is_missing_and_goes_on(visit: Any, officer: Page, size: str) -> None:
    """The faulty form can be read by everybody, keeps what was typed, and then takes the rest."""
    officer.set_viewport_size(visit.page.viewport_size)
    officer.goto(f"{visit.url}/dataset/new", wait_until="networkidle")
    check(officer)
    name = f"Cơ sở khám bệnh {secrets.token_hex(3)}"
    officer.locator("#field-title_translated-vi").fill(name)
    officer.locator("button[name=save]").click()
    officer.wait_for_load_state("networkidle")
    officer.screenshot(path=visit.pictures / f"form-faulty-{size}.png", full_page=True)
    check(officer)
    missing = officer.locator(".form-group.error")
    expect(missing.filter(has=officer.locator("#field-pii_class"))).to_contain_text("Thiếu giá trị")
    expect(officer.locator("#field-title_translated-vi")).to_have_value(name)
    officer.locator("#field-notes_translated-vi").fill("Các cơ sở khám bệnh của tỉnh")
    for field, value in CLASSIFIED.items():
        control = officer.locator(f"#field-{field}")
        is_list = control.evaluate("control => control.tagName") == "SELECT"
        (control.select_option if is_list else control.fill)(value)
    places = officer.get_by_role("combobox", name="Địa bàn").get_by_role("searchbox")
    places.fill("ky anh")
    officer.screenshot(path=visit.pictures / f"form-places-{size}.png")
    places.press("Enter")
    expect(officer.locator("#field-places option:checked")).to_have_text("Xã Kỳ Anh")
    officer.locator("button[name=save]").click()
    officer.wait_for_url("**/resource/new")
    officer.screenshot(path=visit.pictures / f"form-file-{size}.png", full_page=True)
    check(officer)
