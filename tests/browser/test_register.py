"""The register of systems: its pages on desktop and phone, and the way through them."""

from typing import Any

import pytest
from barriers import check
from playwright.sync_api import expect

PAGES = {
    "systems": "/so-dang-ky/",
    "findings": "/so-dang-ky/doi-soat",
    "coverage": "/so-dang-ky/do-phu",
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_clean_and_fits(visit: Any, name: str, size: str) -> None:
    """axe finds nothing serious, nothing is wider than the window, the console is silent."""
    page = visit.open(PAGES[name])
    visit.picture(f"register-{name}-{size}")
    check(page)
    assert visit.complaints == []


def test_reader_comes_from_the_reports_to_a_system_and_its_datasets(visit: Any, size: str) -> None:
    """Reports, register, one system; from there to a dataset that comes from it."""
    page = visit.open("/bao-cao/")
    page.locator('a[href$="/so-dang-ky/"]').first.click()
    page.locator('a[href*="/so-dang-ky/he-thong/nen-tang-tich-hop"]').click()
    page.wait_for_load_state("networkidle")
    visit.picture(f"register-system-{size}")
    check(page)
    page.locator('main a[href*="/dataset/"], .primary a[href*="/dataset/"]').first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1").first).to_be_visible()
    assert visit.complaints == []


def test_findings_of_one_kind_are_shown_and_downloaded(visit: Any) -> None:
    """The form keeps what was chosen, and the file has what the page shows."""
    page = visit.open(PAGES["findings"])
    page.select_option("#field-kind", "khong_he_thong")
    page.locator("form:has(#field-kind) button").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("#field-kind").input_value() == "khong_he_thong"
    shown = page.locator(".primary tbody tr").count()
    assert shown
    link = page.locator('a.ht-download[href*=".csv"]').get_attribute("href")
    answer = page.request.get(f"{visit.url}{link}")
    assert answer.ok
    assert answer.text().strip().count("\r\n") == shown
