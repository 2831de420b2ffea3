"""The forms that officers fill in, made by scheming from ``schemas/*.yaml``."""

import json
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from ckan import model
from ckan.lib.search import rebuild
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
"""What the catalogue asks of every dataset."""

FILLED = {
    "title_translated-vi": "Danh sách trường học",
    "title_translated-en": "Schools",
    "notes_translated-vi": "Các trường của tỉnh",
    "owner_org": "so-gddt",
    "tag_string": "trường học,giáo dục",
    **CLASSIFIED,
    "modified": "2025-12-31",
    "places": ["42"],
    "harvest_guid": "gddt-1",
    "_ckan_phase": "1",
    "save": "",
}


@pytest.fixture
def officer() -> dict[str, str]:
    """Headers of somebody who may edit everything."""
    admin = factories.Sysadmin()["name"]
    return {"Authorization": factories.APIToken(user=admin, scopes=["full"])["token"]}


def stored() -> dict[str, Any]:
    """The dataset that the filled-in form makes."""
    return tk.get_action("package_show")({"ignore_auth": True}, {"id": "danh-sach-truong-hoc"})


def test_every_form_asks_for_both_languages(app: Any, officer: dict[str, str]):
    """Each form opens, and asks for the name in Vietnamese and in English."""
    kinds = ("dataset", "system", "dataservice", "organization", "group")
    for url in (*(f"/{kind}/new" for kind in kinds), "/organization/edit/so-gddt"):
        page = app.get(url, headers=officer).body
        assert 'name="title_translated-vi"' in page, url
        assert 'name="title_translated-en"' in page, url


def test_form_makes_a_dataset_and_its_file(app: Any, officer: dict[str, str]):
    """What is typed in the form arrives in the fields of the schema, and in no others."""
    app.post("/dataset/new", data=FILLED, headers=officer, follow_redirects=False)
    file = {"url": "https://example.test/a.csv", "name_translated-vi": "Tệp", "save": "go-metadata"}
    url = "/dataset/danh-sach-truong-hoc/resource/new"
    app.post(url, data={"id": ""} | file, headers=officer, follow_redirects=False)
    found = stored()
    assert found["state"] == "active"
    assert found["title_translated"] == {"vi": "Danh sách trường học", "en": "Schools"}
    assert (found["places"], found["modified"]) == (["42"], "2025-12-31")
    assert (found["isopen"], found["license_title"]) == (True, "Ghi công 4.0 Quốc tế (CC BY 4.0)")
    assert found["resources"][0]["name_translated"] == {"vi": "Tệp"}
    assert not [name for name in found["resources"][0] if name.endswith(("-vi", "-en"))]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_basis", "a\0b"),
        ("contact", "\ud800"),
        ("resource_guid", "a\0b"),
        ("schema", '{"columns": [{"name": "a\\u0000b"}]}'),
        ("type", "foo"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    app: Any, officer: dict[str, str], field: str, value: str
):
    """Before the database refuses it, or one file breaks the reports on all."""
    made = {
        name: words for name, words in FILLED.items() if "-" not in name and "_ckan" not in name
    }
    data = made | {"title_translated": {"vi": "Trường"}, "notes_translated": {"vi": "Các trường"}}
    of_file = field in ("resource_guid", "schema")
    data |= {"resources": [{"url": "https://x.vn", field: value}]} if of_file else {field: value}
    answer = app.post("/api/3/action/package_create", json=data, headers=officer)
    assert answer.status_code == 409, answer.body
    error = answer.json["error"]
    assert field in (error["resources"][0] if of_file else error)


def test_saving_the_form_keeps_what_the_harvest_wrote(app: Any, officer: dict[str, str]):
    """A harvested record that somebody edits keeps its identifier at the source."""
    app.post("/dataset/new", data=FILLED, headers=officer, follow_redirects=False)
    page = app.get("/dataset/edit/danh-sach-truong-hoc", headers=officer).body
    assert 'value="gddt-1"' in page
    changed = FILLED | {"name": "danh-sach-truong-hoc", "title_translated-vi": "Các trường"}
    url = "/dataset/edit/danh-sach-truong-hoc"
    app.post(url, data=changed, headers=officer, follow_redirects=False)
    found = stored()
    assert (found["title"], found["harvest_guid"]) == ("Các trường", "gddt-1")


def test_new_form_answers_nothing_that_the_law_asks(app: Any, officer: dict[str, str]):
    """Classes and frequency wait for a choice; what the portal writes by itself is not asked."""
    page = BeautifulSoup(app.get("/dataset/new", headers=officer).body, "html.parser")
    asked = ("publication_class", "sharing_level", "pii_class", "importance_class", "data_layer")
    for name in (*asked, "frequency"):
        options = page.select(f"select[name={name}] option")
        assert options[0]["value"] == ""
        assert not page.select(f"select[name={name}] [selected]")
    for name in ("harvest_source", "harvest_guid", "uri", "former_publisher"):
        assert not page.select(f"[name={name}]")
    parts = [part.get_text() for part in page.select("h2.ht-form__part")]
    assert parts == [
        "Tên và mô tả", "Phân loại và quyền sử dụng", "Căn cứ và trách nhiệm", "Nguồn gốc",
        "Thời gian và địa bàn",
    ]  # fmt: skip
    assert not page.select_one("label[for=field-name] .control-required")
    assert page.select_one("label[for=field-frequency] .control-required")


def test_code_that_is_no_longer_in_force_is_not_lost_by_saving(app: Any, officer: dict[str, str]):
    """A place that has been merged since, a cycle that was given up: the officer is told of it."""
    app.post("/dataset/new", data=FILLED, headers=officer, follow_redirects=False)
    package = model.Package.get("danh-sach-truong-hoc")
    assert package is not None
    package.extras = {**package.extras, "places": '["436"]', "frequency": "hai-nam"}
    model.Session.commit()
    rebuild(package.id)
    url = "/dataset/edit/danh-sach-truong-hoc"
    shown = app.get(url, headers=officer).body
    former = {"places": ["436"], "frequency": "hai-nam"}
    kept = FILLED | {"name": "danh-sach-truong-hoc"} | former
    refused = app.post(url, data=kept, headers=officer, follow_redirects=False).body
    for page in (shown, refused):
        for field, words in (("places", "Thành phố Hà Tĩnh"), ("frequency", "hai-nam")):
            (chosen,) = BeautifulSoup(page, "html.parser").select(f"#field-{field} [selected]")
            assert chosen.get_text() == f"{words} (hết hiệu lực)"
    (told,) = BeautifulSoup(refused, "html.parser").select(".error-explanation")
    assert {"436", "hai-nam"} <= set(told.get_text().split())
    assert (stored()["places"], stored()["frequency"]) == (["436"], "hai-nam")


def test_office_keeps_a_kind_that_is_no_longer_in_force(app: Any, officer: dict[str, str]):
    """Its form shows what it has, and not the first of the list."""
    kind = """UPDATE "group" SET extras = extras || '{"kind": "phong-cu"}' """
    model.Session.execute(sa.text(kind + "WHERE name = 'so-gddt'"))
    model.Session.commit()
    page = app.get("/organization/edit/so-gddt", headers=officer).body
    (chosen,) = BeautifulSoup(page, "html.parser").select("#field-kind [selected]")
    assert chosen.get_text() == "phong-cu (hết hiệu lực)"


def test_who_publishes_for_several_offices_chooses_one(app: Any, officer: dict[str, str]):
    """Nobody puts a record into the first office of the list; who has one office has it already."""
    several = BeautifulSoup(app.get("/dataset/new", headers=officer).body, "html.parser")
    first, second, *_ = several.select("#field-organizations option")
    assert (first["value"], bool(second["value"])) == ("", True)
    name = factories.User()["name"]
    member = {"id": "so-y-te", "username": name, "role": "editor"}
    tk.get_action("organization_member_create")({"ignore_auth": True}, member)
    token = factories.APIToken(user=name, scopes=["full"])["token"]
    alone = app.get("/dataset/new", headers={"Authorization": token}).body
    (only,) = BeautifulSoup(alone, "html.parser").select("#field-organizations option")
    assert only.get_text() == "Sở Y tế"


def test_form_without_a_vietnamese_name_is_shown_again(app: Any, officer: dict[str, str]):
    """What is missing is named by its label, and what was typed is not lost."""
    faulty = FILLED | {"title_translated-vi": "", "frequency": ""}
    page = app.post("/dataset/new", data=faulty, headers=officer, follow_redirects=False).body
    assert 'data-field-label="title_translated"' in page
    assert 'data-field-label="frequency"' in page
    assert 'value="Schools"' in page
