"""The pages of the legal catalogues: issued by two persons, seen on desktop and phone."""

from collections.abc import Callable
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Page, expect

KIND = "du-lieu-mo"
WITHOUT_FILE = "ban-ghi-thu-khong-co-tep-du-lieu"
"""A faulty record of the demonstration: no edition is issued with it."""
PAGES = {
    "index": "/danh-muc/",
    "edition": f"/danh-muc/{KIND}/2",
    "annulled": f"/danh-muc/{KIND}/1",
    "difference": f"/danh-muc/{KIND}/2/khac-biet",
    "subjects": "/danh-muc/chu-de-bat-buoc",
}


@pytest.fixture(scope="session")
def two_editions(portal_url: str, call: Callable[..., Any], enter: Callable[[str], Page]) -> None:
    """Two issued editions: drafted by the administrator, issued by an editor on the page.

    The first is annulled by the same two. The portal may be tested twice: what is issued or
    annulled once stays so.
    """
    editor = enter("so-khcn")
    dropped = {WITHOUT_FILE: "Chưa có tệp dữ liệu"}
    for number, day in ((1, "2025-11-20"), (2, "2026-11-20")):
        states = {e["number"]: e["state"] for e in call("hatinh_catalogue_list", kind=KIND)}
        if states.get(number) == "ban_hanh":
            continue
        if number not in states:
            call("hatinh_catalogue_draft", kind=KIND)
        if number == 2:
            listed = call("hatinh_catalogue_entries", kind=KIND, number=1)["entries"]
            dropped |= {listed[0]["name"]: "Gộp vào bộ dữ liệu khác"}
        call("hatinh_catalogue_amend", kind=KIND, number=number, dropped=dropped)
        editor.goto(f"{portal_url}/en/danh-muc/{KIND}/{number}", wait_until="networkidle")
        editor.fill("#issue-decision", f"{number}/QĐ-UBND")
        editor.fill("#issue-decided", day)
        editor.get_by_role("button", name="Issue", exact=True).click()
        editor.wait_for_load_state("networkidle")
        expect(editor.locator(".ht-facts")).to_contain_text("In force")
    if call("hatinh_catalogue_show", kind=KIND, number=1)["annulled"]:
        return
    decision = {"decision": "9/QĐ-UBND", "decided": "2026-11-21", "note": "Ban hành sai mẫu"}
    call("hatinh_catalogue_annul", kind=KIND, number=1, **decision)
    editor.goto(f"{portal_url}/en/danh-muc/{KIND}/1", wait_until="networkidle")
    editor.get_by_role("button", name="Confirm the annulment").click()
    editor.wait_for_load_state("networkidle")
    expect(editor.locator(".alert-danger")).to_contain_text("9/QĐ-UBND")


@pytest.mark.usefixtures("two_editions")
@pytest.mark.parametrize("name", PAGES)
def test_page_is_clean_and_fits(visit: Any, name: str, size: str) -> None:
    """axe finds nothing serious, nothing is wider than the window, the console is silent."""
    page = visit.open(PAGES[name])
    visit.picture(f"catalogue-{name}-{size}")
    check(page)
    assert visit.complaints == []


@pytest.mark.usefixtures("two_editions")
def test_reader_comes_from_a_dataset_to_its_edition_and_down_to_the_files(visit: Any) -> None:
    """The dataset names its decision; the edition's page gives the files."""
    with_page = visit.open(PAGES["edition"])
    with_page.locator("#entries + div tbody th a").first.click()
    with_page.wait_for_load_state("networkidle")
    with_page.locator(".alert-info a").first.click()
    with_page.wait_for_load_state("networkidle")
    assert with_page.url.endswith(PAGES["edition"])
    for ending in ("docx", "pdf", "xlsx", "csv"):
        link = with_page.locator(f'a[href$="/{KIND}/2.{ending}"]').get_attribute("href")
        answer = with_page.request.get(f"{visit.url}{link}")
        assert answer.ok
        assert answer.headers["content-disposition"].endswith(f'{KIND}-2.{ending}"')
