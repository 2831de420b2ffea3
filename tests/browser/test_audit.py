"""The auditor's pages: a sysadmin appoints, the auditor looks and finds no button to change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Browser, Page, ViewportSize, expect

OFFICE = "so-gddt"
SIZES = {
    "desktop": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=390, height=844),
}


@pytest.fixture(scope="module")
def admin(browser: Browser, portal_url: str, portal_var: Path) -> Page:
    """The window of the administrator who has signed in."""
    page = browser.new_context(locale="vi-VN").new_page()
    page.goto(f"{portal_url}/user/login", wait_until="networkidle")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", (portal_var / "admin-password").read_text().strip())
    page.locator("form:has(input[name=password]) button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    return page


def test_sysadmin_appoints_and_auditor_looks(
    admin: Page,
    enter: Callable[[str], Page],
    call: Callable[..., Any],
    portal_url: str,
    pictures: Path,
    size: str,
) -> None:
    """By keyboard, without a fault of axe or a page wider than the window. The auditor was an
    editor: the buttons are gone, what was read is in the log, and dismissal gives them back."""
    auditor = enter(OFFICE)
    account = call("user_show", id=auditor.locator("[data-me]").get_attribute("data-me"))["name"]
    found = call("package_search", fq=f"organization:{OFFICE} AND dataset_type:dataset", rows=1)
    dataset = found["results"][0]["name"]
    for page in (admin, auditor):
        page.set_viewport_size(SIZES[size])
    admin.goto(f"{portal_url}/en/kiem-toan/", wait_until="networkidle")
    admin.get_by_label("Name of the account").fill(account)
    admin.get_by_label("Number and day of the decision").fill("12/QĐ-UBND 22/11/2026")
    admin.keyboard.press("Enter")
    admin.wait_for_load_state("networkidle")
    row = admin.get_by_role("row").filter(has_text=account)
    expect(row).to_contain_text("12/QĐ-UBND")
    _look(admin, pictures / f"auditors-{size}.png")
    auditor.goto(f"{portal_url}/dataset/{dataset}", wait_until="networkidle")
    expect(auditor.locator(f'a[href*="/dataset/edit/{dataset}"]')).to_have_count(0)
    auditor.goto(f"{portal_url}/kiem-toan/nhat-ky", wait_until="networkidle")
    expect(auditor.get_by_role("row").filter(has_text=f"/dataset/{dataset}").first).to_be_visible()
    expect(auditor.locator('.account a[href$="/kiem-toan/"]')).to_have_count(1)
    _look(auditor, pictures / f"audit-log-{size}.png")
    row.get_by_role("button").press("Enter")
    admin.wait_for_load_state("networkidle")
    auditor.goto(f"{portal_url}/dataset/{dataset}", wait_until="networkidle")
    expect(auditor.locator(f'a[href*="/dataset/edit/{dataset}"]').first).to_be_attached()


def _look(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    check(page)
