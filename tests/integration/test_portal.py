"""The portal's pages as the server gives them: headers, costs, words, and what they extend."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ckan
import ckan.plugins.toolkit as tk
import ckanext.scheming
import pysolr
import pytest
from ckan import model
from ckan.tests.helpers import CKANTestApp
from sqlalchemy import event

import ckanext.hatinh.portal
from ckanext.hatinh.portal.security import HEADERS
from ckanext.hatinh.shared.vocabulary import dictionary

HOME = Path(ckanext.hatinh.portal.__file__).parent
OURS = HOME / "templates"
THEIRS = [
    Path(ckan.__file__).parent / "templates",
    Path(ckanext.scheming.__file__).parent / "templates",
]
OWN_FOLDERS = ("hatinh_portal/", "scheming/form_snippets/")
MAX_STYLE = 40_000
SOLR_ON_HOME = 3
"""CKAN's own search for its own home page, and our two."""
SQL_PER_FILE = 3
"""What CKAN spends on each file of a dataset page; we add nothing to it."""

DATASET = {
    "notes_translated": {"vi": "Số trường theo xã.", "en": "Schools by commune."},
    "owner_org": "so-gddt",
    "groups": [{"name": "giao-duc-va-dao-tao"}],
    "publication_class": "cong_khai",
    "sharing_level": "mo",
    "pii_class": "none",
    "importance_class": "khac",
    "data_layer": "goc",
    "license_id": "CC-BY-4.0",
    "frequency": "nam",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
}


@pytest.fixture
def new_dataset(portal: None, site_user: str) -> Callable[..., dict[str, Any]]:
    """Makes a dataset with that title and number of files."""

    def make(title: str, files: int = 1, **fields: Any) -> dict[str, Any]:
        resources = [
            {
                "url": f"http://127.0.0.1/{number}.csv",
                "format": "CSV",
                "name_translated": {"vi": f"Tệp {number}"},
            }
            for number in range(files)
        ]
        data = DATASET | {"title_translated": {"vi": title, "en": "Schools"}} | fields
        return tk.get_action("package_create")(
            {"user": site_user}, data | {"resources": resources, "type": "dataset"}
        )

    return make


@contextmanager
def counting_sql() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = model.meta.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def solr_requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests sent to Solr in this test."""
    sent: list[str] = []
    send = pysolr.Solr._send_request

    def noting(self: pysolr.Solr, method: str, path: str = "", *rest: Any, **named: Any) -> Any:
        sent.append(path)
        return send(self, method, path, *rest, **named)

    monkeypatch.setattr(pysolr.Solr, "_send_request", noting)
    return sent


def test_anonymous_reader_gets_no_cookie(new_dataset, app: CKANTestApp) -> None:
    """Without a cookie a shared cache can serve one answer to everybody (home, list, dataset)."""
    name = new_dataset("Danh sách trường học")["name"]
    for path in ("/", "/dataset/", f"/dataset/{name}", "/organization/so-gddt", "/huong-dan"):
        assert "Set-Cookie" not in app.get(path).headers, path


@pytest.mark.usefixtures("portal")
def test_form_brings_its_own_token(app: CKANTestApp) -> None:
    """The page that signs people in still has what its form needs."""
    assert app.get("/user/login").headers.get("Set-Cookie")


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("path", ["/", "/khong-co", "/api/3/action/status_show"])
def test_every_answer_has_its_security_headers(app: CKANTestApp, path: str) -> None:
    """Pages, errors and the API name what a browser may load: nothing from elsewhere."""
    answer = app.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "http" not in answer.headers["Content-Security-Policy"]


def test_home_page_costs_two_searches(
    new_dataset, app: CKANTestApp, solr_requests: list[str]
) -> None:
    """However many datasets there are, the home page asks Solr as often, and the database too."""
    costs = []
    for titles in (["Một"], ["Hai", "Ba", "Bốn", "Năm"]):
        for title in titles:
            new_dataset(title)
        app.get("/")
        solr_requests.clear()
        with counting_sql() as statements:
            page = app.get("/")
        assert titles[-1] in page.text
        assert len([path for path in solr_requests if path.startswith("select")]) <= SOLR_ON_HOME
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_dataset_page_adds_nothing_per_file(new_dataset, app: CKANTestApp) -> None:
    """A file on a dataset page costs what CKAN itself spends on it, and no more."""
    few, many = new_dataset("Ít tệp", 1)["name"], new_dataset("Nhiều tệp", 11)["name"]
    costs = []
    for name in (few, many):
        app.get(f"/dataset/{name}")
        with counting_sql() as statements:
            app.get(f"/dataset/{name}")
        costs.append(len(statements))
    assert (costs[1] - costs[0]) / 10 <= SQL_PER_FILE


def test_dataset_page_says_who_when_and_under_which_licence(new_dataset, app: CKANTestApp) -> None:
    """Publisher, former publisher, frequency, classes and files stand on the page in words."""
    made = new_dataset("Danh sách trường học", former_publisher="so-ttt-old", modified="2026-11-01")
    page = app.get(f"/dataset/{made['name']}").text
    for words in (
        "Sở Giáo dục và Đào tạo",
        "Sở Thông tin và Truyền thông",
        "Hằng năm",
        "Công khai",
    ):
        assert words in page, words
    assert f"/dataset/{made['name']}.ttl" in page
    assert 'class="btn btn-primary ht-download' in page


def test_english_page_names_offices_and_themes_in_english(new_dataset, app: CKANTestApp) -> None:
    """The switch changes names too, not only the frame around them."""
    name = new_dataset("Danh sách trường học")["name"]
    page = app.get(f"/en/dataset/{name}").text
    for words in ("Schools by commune.", "Department of Education and Training", "Annual"):
        assert words in page, words
    assert "Education and training" in page


@pytest.mark.usefixtures("portal")
def test_former_office_points_to_its_successor(app: CKANTestApp) -> None:
    """Who follows an old link to an abolished office learns who has its work."""
    page = app.get("/organization/so-ttt-old").text
    assert 'href="/organization/so-khcn"' in page
    assert 'href="/organization/so-ttt-old"' in app.get("/organization/so-khcn").text


@pytest.mark.usefixtures("portal")
def test_directory_lists_every_office_once(app: CKANTestApp) -> None:
    """Every organisation of the portal can be reached from the list of offices."""
    page = app.get("/organization/").text
    for name in tk.get_action("organization_list")({}, {}):
        assert f'href="/organization/{name}"' in page, name


def test_partial_search_page_has_both_parts(new_dataset, app: CKANTestApp) -> None:
    """A search by script gets results and filters, without the page around them."""
    new_dataset("Danh sách trường học")
    page = app.get("/dataset/?q=truong", headers={"HX-Request": "true"}).text
    assert 'id="search-results"' in page
    assert 'id="search-facets"' in page
    assert "<html" not in page


@pytest.mark.usefixtures("portal")
def test_missing_page_leads_on(app: CKANTestApp) -> None:
    """Nobody is left at an error: there is a search box and a way home."""
    page = app.get("/khong-co-trang-nay", status=404).text
    assert 'id="field-main-search"' in page


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize(
    "path",
    [
        "/dataset/changes_multiple",
        "/group/changes_multiple?new_id=khong-co&old_id=khong-co",
        "/organization/changes_multiple",
        "/testing/primer",
        "/testing/custom_form_fields",
    ],
)
def test_page_of_what_is_not_there_is_missing(app: CKANTestApp, path: str) -> None:
    """CKAN breaks over some of these, and keeps the others for who writes its styles."""
    assert 'id="field-main-search"' in app.get(path, status=404).text


def overrides() -> list[Path]:
    """Our templates that stand in the place of one of CKAN's or scheming's."""
    ours = (path.relative_to(OURS) for path in sorted(OURS.rglob("*.html")))
    return [path for path in ours if any((theirs / path).exists() for theirs in THEIRS)]


@pytest.mark.parametrize("template", overrides(), ids=str)
def test_core_template_is_extended_never_replaced(template: Path) -> None:
    """What stands in the place of a core template begins by extending it."""
    assert (OURS / template).read_text(encoding="utf-8").startswith("{% ckan_extends %}")


def test_templates_that_replace_nothing_have_their_own_folder() -> None:
    """Own pages live under ``hatinh_portal/``, fields of forms where scheming looks for them."""
    known = {str(path) for path in overrides()}
    strangers = [
        path
        for path in (str(found.relative_to(OURS)) for found in OURS.rglob("*.html"))
        if path not in known and not path.startswith(OWN_FOLDERS)
    ]
    assert strangers == []


def test_style_is_small_and_loads_nothing_from_elsewhere() -> None:
    """Less than 40 kB of our own style, and no address of another host in it or in a picture."""
    style = (HOME / "assets" / "portal.css").read_text(encoding="utf-8")
    assert len(style.encode()) < MAX_STYLE
    addresses = re.findall(r"url\([\"']?([^\"')]+)", style)
    assert [path for path in addresses if not path.startswith("/hatinh_portal/")] == []


def test_icons_of_all_themes_exist() -> None:
    """Every theme of the code list has its symbol."""
    icons = (HOME / "public" / "hatinh_portal" / "icons.svg").read_text(encoding="utf-8")
    for theme in dictionary().code_lists["themes"]:
        assert f'id="{theme.code}"' in icons, theme.code
