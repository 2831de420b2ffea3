"""Every page that a citizen opens: right, accessible, quiet, and usable on a phone."""

import json
import time
from typing import Any
from urllib.request import urlopen

import pytest
from barriers import check
from playwright.sync_api import Browser, BrowserContext

LOADED_WITHIN = 120
"""Seconds in which the data worker makes a table of each harvested file."""


@pytest.fixture(scope="session")
def question_bank(portal_url: str) -> dict[str, Any]:
    """The dataset that most tests look at, as the API describes it."""
    query = "q=InTest&fq=dataset_type:dataset&rows=1"
    with urlopen(f"{portal_url}/api/3/action/package_search?{query}") as answer:
        return json.load(answer)["result"]["results"][0]


@pytest.fixture(scope="session")
def dataset(question_bank: dict[str, Any]) -> str:
    """Name of the question bank: two files, six marks and a total that does not add up."""
    return question_bank["name"]


@pytest.fixture(scope="session")
def resource(question_bank: dict[str, Any]) -> str:
    """Id of its first file."""
    return question_bank["resources"][0]["id"]


@pytest.fixture(scope="session")
def system(portal_url: str) -> str:
    """Name of an information system."""
    address = f"{portal_url}/api/3/action/package_search?rows=1&fq=dataset_type:system"
    with urlopen(address) as answer:
        return json.load(answer)["result"]["results"][0]["name"]


@pytest.fixture(scope="session")
def paths(dataset: str, resource: str, system: str) -> dict[str, str]:
    """The pages by a short name."""
    return {
        "home": "/",
        "search": "/dataset/",
        "search-nothing": "/dataset/?q=zzzzqqqq",
        "dataset": f"/dataset/{dataset}",
        "system": f"/system/{system}",
        "systems": "/system/",
        "services": "/dataservice/",
        "organizations": "/organization/",
        "organization": "/organization/so-gddt",
        "themes": "/group/",
        "theme": "/group/giao-duc-va-dao-tao",
        "guide": "/huong-dan",
        "about": "/gioi-thieu",
        "accessibility": "/tro-nang",
        "login": "/user/login",
        "not-found": "/khong-co-trang-nay",
        "english-home": "/en/",
        "english-dataset": f"/en/dataset/{dataset}",
        "resource": f"/dataset/{dataset}/resource/{resource}",
        "quality": f"/dataset/{dataset}/chat-luong",
        "quality-places": f"/dataset/{dataset}/chat-luong/sum-differs",
        "quality-column": f"/dataset/{dataset}/chat-luong/sum-differs?cot=so_cau_hoi",
        "reports": "/bao-cao/",
        "sources": "/thu-thap/",
    }


PAGES = (
    "home", "search", "search-nothing", "dataset", "system", "systems", "services", "organizations",
    "organization", "themes", "theme", "guide", "about", "accessibility", "login", "not-found",
    "english-home", "english-dataset", "resource", "quality", "quality-places",
    "quality-column", "reports", "sources",
)  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_grave_barrier_and_no_script_error(
    visit, paths: dict[str, str], name: str, size: str
) -> None:
    """axe finds nothing serious, the policy blocks nothing, nothing is wider than the window."""
    page = visit.open(paths[name])
    visit.picture(f"{name}-{size}")
    check(page)
    assert [text for text in visit.complaints if "404" not in text] == []


def test_fault_of_a_column_leads_to_its_rows(visit, paths: dict[str, str]) -> None:
    """The table of columns fits the window; from a total that differs one comes to its row."""
    page = visit.open(paths["quality"])
    table = page.locator(".ht-measured").first
    assert table.evaluate("table => table.scrollWidth - table.clientWidth") <= 1
    first = table.locator("tbody").first
    assert "so_cau_hoi" in first.locator("th").inner_text()
    first.locator("a[href*='cot=so_cau_hoi']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat-luong/sum-differs?*")
    assert page.locator("tbody tr").count() == 1
    assert "97556" in page.locator("tbody").inner_text()


def test_list_of_pages_is_the_list_of_paths(paths: dict[str, str]) -> None:
    """No page is named without an address, or the other way round."""
    assert set(PAGES) == set(paths)


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
class TestSearch:
    """Searching as people type."""

    def found(self, visit, words: str) -> list[str]:
        page = visit.open("/")
        box = page.locator("#field-main-search")
        box.fill(words)
        box.press("Enter")
        page.wait_for_url("**/dataset/?q=**")
        return page.locator(".dataset-heading a").all_inner_texts()

    def test_words_without_diacritics_find_the_same(self, visit) -> None:
        """“truong hoc” finds what “trường học” finds."""
        bare = self.found(visit, "truong hoc")
        marked = self.found(visit, "trường học")
        assert bare
        assert sorted(bare) == sorted(marked)

    def test_exact_diacritics_come_first(self, visit) -> None:
        """The first hit for “trường học” has those very words or comes from their office."""
        page = visit.open("/dataset/?q=trường+học")
        first = page.locator(".dataset-item").first.inner_text().casefold()
        assert "trường" in first

    def test_filter_narrows_the_list_and_can_be_taken_away(self, visit) -> None:
        """A filter is one click on and one click off, without a reload of the whole page."""
        page = visit.open("/dataset/")
        everything = page.locator(".ht-result-title__count").inner_text()
        page.locator(".ht-facet .nav-item a").first.click()
        page.wait_for_selector(".filter-list .remove")
        assert "?" in page.url
        page.locator(".filter-list .remove").first.click()
        page.wait_for_selector(".filter-list .remove", state="detached")
        assert page.locator(".ht-result-title__count").inner_text() == everything


class TestLanguage:
    """Vietnamese by default, English by one click, on every width."""

    def test_page_is_vietnamese_by_default(self, visit) -> None:
        """The page says so to browsers and screen readers, and its title is Vietnamese."""
        page = visit.open("/")
        assert page.locator("html").get_attribute("lang") == "vi"

    def test_switch_opens_the_same_page_in_english(self, visit, paths: dict[str, str]) -> None:
        """The switch is visible without opening a menu and keeps the page."""
        page = visit.open(paths["dataset"])
        switch = page.locator(".account-masthead .ht-languages a[lang=en]")
        assert switch.is_visible()
        switch.click()
        page.wait_for_url(f"**/en{paths['dataset']}")
        assert page.locator("html").get_attribute("lang") == "en"
        page.locator(".account-masthead .ht-languages a[lang=vi]").click()
        assert page.locator("html").get_attribute("lang") == "vi"


def test_file_that_is_a_table_says_once_what_its_columns_mean(
    visit, portal_url: str, paths: dict[str, str], resource: str
) -> None:
    """CKAN's own list of columns is left out where the dictionary tells more."""
    asked = f"{portal_url}/api/3/action/resource_show?id={resource}"
    until = time.monotonic() + LOADED_WITHIN
    while not json.load(urlopen(asked))["result"].get("datastore_active"):
        assert time.monotonic() < until, "the file did not become a table"
        time.sleep(1)
    page = visit.open(paths["resource"])
    assert page.get_by_role("heading", name="Ý nghĩa của các cột").count() == 1
    assert page.get_by_role("heading", name="Từ điển dữ liệu", exact=True).count() == 0


@pytest.mark.parametrize("size", ["phone"], indirect=True)
class TestPhone:
    """A citizen's phone."""

    def test_menu_opens_and_leads_to_datasets(self, visit) -> None:
        """The menu is one touch away."""
        page = visit.open("/")
        entry = page.locator(".main-navbar a[href='/dataset/']")
        assert not entry.is_visible()
        page.locator(".navbar-toggler").click()
        entry.wait_for(state="visible")
        entry.click()
        page.wait_for_url("**/dataset/")

    def test_download_button_can_be_touched(self, visit, paths: dict[str, str]) -> None:
        """A download is at least 44 pixels high and gives the file."""
        page = visit.open(paths["dataset"])
        button = page.locator("a.ht-download").first
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        with page.expect_download() as download:
            page.evaluate("link => { link.download = ''; link.click() }", button.element_handle())
        assert download.value.path().stat().st_size > 0


@pytest.mark.parametrize("size", ["desktop"], indirect=True)
class TestWithoutHelp:
    """Old browsers, blocked scripts, keyboards, paper."""

    def test_first_tab_leads_past_the_menu(self, visit) -> None:
        """The skip link shows itself when it has the focus."""
        page = visit.open("/dataset/")
        page.keyboard.press("Tab")
        assert page.locator(".ht-skip:focus").is_visible()

    def test_pages_work_without_scripts(self, browser: Browser, portal_url: str, size: str) -> None:
        """Menu, filters and downloads are there when scripts are not."""
        visitor = browser.new_context(
            java_script_enabled=False, viewport={"width": 390, "height": 844}
        )
        page = visitor.new_page()
        page.goto(f"{portal_url}/dataset/")
        assert page.locator(".main-navbar a[href='/dataset/']").is_visible()
        assert page.locator(".ht-facet .nav-item a").first.is_visible()
        visitor.close()

    def test_anonymous_visit_leaves_no_cookie(
        self, visit, context: BrowserContext, paths: dict[str, str]
    ) -> None:
        """Reading sets no cookie, so that shared caches can serve everybody."""
        for name in ("home", "search", "dataset", "organization", "english-home"):
            visit.open(paths[name])
        assert context.cookies() == []
