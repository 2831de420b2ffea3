"""The page of the API, and the ready calls on the pages of datasets, as people see them."""

import json
from urllib.request import urlopen

import pytest
from barriers import check


@pytest.mark.parametrize(
    ("start", "group", "call"), [("", "Danh mục", "Gọi"), ("/en", "Catalogue", "Call")]
)
def test_action_is_found_called_and_answered(visit, size, start, group, call):
    """In either language: open a group, open an action, call it, read the answer."""
    page = visit.open(f"{start}/api/docs")
    page.wait_for_selector(".opblock-tag")
    visit.picture(f"api{start.replace('/', '-')}-{size}")
    page.locator(".opblock-tag", has_text=group).first.click()
    page.locator(
        "#operations-" + group.replace(" ", "_") + "-package_search_get button"
    ).first.click()
    page.get_by_role("button", name=call, exact=True).first.click()
    page.wait_for_selector(".live-responses-table tbody .response-col_status")
    assert page.locator(".live-responses-table tbody .response-col_status").inner_text() == "200"
    assert '"success": true' in page.locator(".live-responses-table").inner_text()
    page.mouse.move(0, 0)
    visit.picture(f"api{start.replace('/', '-')}-called-{size}")
    check(page)
    assert visit.complaints == []


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
def test_words_of_swagger_ui_are_vietnamese(visit):
    """None of its own English is left where people read."""
    page = visit.open("/api/docs")
    page.locator(".opblock-tag").first.click()
    page.locator(".opblock-summary-control").first.click()
    body = page.locator(".opblock-body").first
    body.get_by_text("Tham số").first.wait_for()
    shown = body.inner_text()
    for english in ("Parameters", "Execute", "Cancel", "Responses", "Description", "required"):
        assert english not in shown


def test_dataset_shows_how_to_use_it(visit, portal_url, size):
    """One call is open, the others open by keyboard; nothing is wider than the window."""
    with urlopen(f"{portal_url}/api/3/action/package_search?fq=res_format:CSV&rows=1") as answer:
        name = json.load(answer)["result"]["results"][0]["name"]
    page = visit.open(f"/dataset/{name}")
    part = page.locator("#dung-du-lieu")
    assert part.locator("details[open]").count() == 1
    part.locator("summary").nth(1).focus()
    page.keyboard.press("Enter")
    assert part.locator("details[open]").count() == 2
    part.scroll_into_view_if_needed()
    visit.picture(f"api-use-{size}")
    check(page)
