"""Boards of quality on desktop and phone; an officer mends what a form hints at."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Page, expect

PAGES = {"province": "/chat-luong/", "office": "/chat-luong/so-gddt"}
PATIENCE = 120
"""Seconds that the background may take; a healthy portal takes less than five."""
FIELDS = {
    "publication_class": "cong_khai", "sharing_level": "mo", "pii_class": "none",
    "importance_class": "khac", "data_layer": "tong_hop", "license_id": "CC-BY-4.0",
    "frequency": "nam", "legal_basis": "Kế hoạch 731/KH-UBND", "contact": "Phòng Kế hoạch",
    "title_translated": {"vi": "Số trường theo xã"}, "notes_translated": {"vi": "Theo xã"},
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_board_is_clean_and_fits(visit: Any, name: str, size: str) -> None:
    """axe finds nothing serious, nothing is wider than the window, the console is silent."""
    page = visit.open(PAGES[name])
    visit.picture(f"board-{name}-{size}")
    check(page)
    assert visit.complaints == []


def test_reader_comes_from_the_province_to_the_rows(visit: Any, size: str) -> None:
    """Ranking, an office, its worst record, and there the reasons; each by a link."""
    page = visit.open(PAGES["province"])
    page.locator('[aria-labelledby="board-ranking"] tbody a').first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".ht-board__facts")).to_be_visible()
    page.locator('[aria-labelledby="board-worst"] tbody a').first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#dimension-du")).to_be_visible()
    assert visit.complaints == []


def test_table_of_a_board_is_downloaded(visit: Any) -> None:
    """The file has the rows of the page."""
    page = visit.open(PAGES["province"])
    rows = page.locator('.ht-board__table[aria-labelledby="board-ranking"] tbody tr').count()
    link = page.locator('a.ht-download[href*="ranking.csv"]').get_attribute("href")
    answer = page.request.get(f"{visit.url}{link}")
    assert answer.ok
    assert answer.text().strip().count("\r\n") == rows > 1


def test_officer_mends_one_of_three_and_sees_the_score_rise(
    enter: Callable[[str], Page], call: Callable[..., Any], portal_url: str, pictures: Any
) -> None:
    """By keyboard: from the three best mends to the input, saved, and the score is higher."""
    name = f"so-truong-{secrets.token_hex(3)}"
    made = call("package_create", name=name, owner_org="so-gddt", private=True, **FIELDS)
    before = measured(call, made["id"], lambda score: True)
    page = enter("so-gddt")
    page.goto(f"{portal_url}/dataset/{name}", wait_until="networkidle")
    assert page.locator(".ht-hints ol > li").count() == 3
    check(page)
    page.screenshot(path=pictures / "mends-dataset.png", full_page=True)
    page.locator('.ht-hints a[href$="#field-approved_by"]').click()
    page.wait_for_load_state("networkidle")
    hint = page.locator('.ht-hints a[data-input="approved_by"]')
    hint.focus()
    page.keyboard.press("Enter")
    field = page.locator("#field-approved_by")
    expect(field).to_be_focused()
    described = (field.get_attribute("aria-describedby") or "").split()
    assert "hint-approved_by" in described
    expect(page.locator("#hint-approved_by")).to_be_visible()
    words = page.locator(".form-group:has(#field-tag_string) .select2-search__field")
    assert "hint-tag_string" in (words.get_attribute("aria-describedby") or "").split()
    page.keyboard.type("Giám đốc Sở")
    page.keyboard.press("Tab")
    expect(page.locator(".ht-hints [role=status]")).not_to_be_empty()
    check(page)
    page.screenshot(path=pictures / "mends-form.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=pictures / "mends-form-phone.png", full_page=True)
    page.locator("#dataset-edit button[name=save].btn-primary").click()
    page.wait_for_url(f"**/dataset/{name}*")  # the place in the form stays behind it
    after = measured(call, made["id"], lambda score: score["total"] > before["total"])
    page.reload(wait_until="networkidle")
    shown = page.locator("#ht-quality-title ~ .ht-score").inner_text()
    assert shown.endswith(str(round(after["total"])))
    assert page.locator('.ht-hints a[href$="#field-approved_by"]').count() == 0


def measured(
    call: Callable[..., Any], package: str, fits_rule: Callable[[Any], bool]
) -> dict[str, Any]:
    """The score of a record, once the background has made one that fits."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = call("hatinh_score_history", id=package)
        if found and fits_rule(found[-1]):
            return found[-1]
        time.sleep(0.5)
    pytest.fail("the score was not made anew")
