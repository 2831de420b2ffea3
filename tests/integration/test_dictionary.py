"""The dictionary against real services: reading it, its addresses, its pages, bound columns."""

import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.types import Context
from jsonschema import Draft202012Validator

from ckanext.hatinh.dictionary import editions
from hatinh.dictionary.attributes import flags
from hatinh.dictionary.edition_json import code_dict
from hatinh.dictionary.export.json_schema import entities
from hatinh.text import fold

pytestmark = pytest.mark.usefixtures("with_plugins", "first_edition")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
"""What the catalogue asks of every dataset."""

URI = "https://data.hatinh.gov.vn/id"
DATASET = {
    "name": "dien-tich-xa",
    "title_translated": {"vi": "Diện tích các xã"},
    "notes_translated": {"vi": "Diện tích tự nhiên"},
    "owner_org": "so-nnmt",
    "tag_string": "diện tích",
    **CLASSIFIED,
    "modified": "2025-12-31",
    "places": ["42"],
}
PROMISE = {
    "columns": [
        {"name": "Mã xã", "element": "ma_dvhc", "required": True, "key": True},
        {"name": "Diện tích", "element": "DienTich"},
        {"name": "Khác"},
    ]
}
FIELDS = [{"id": "ma_xa", "type": "text"}, {"id": "dien_tich", "type": "numeric"}]
BOUND = [
    {"id": "ma_xa", "type": "text", "info": {"label": "Mã xã", "hatinh_element": "ma_dvhc"}},
    {"id": "dien_tich", "type": "numeric", "info": {"hatinh_element": "DienTich"}},
]


@pytest.fixture
def first_edition(portal: None) -> None:
    """The edition that is shipped, in the database."""
    editions.load_first()


@pytest.fixture
def officer() -> str:
    """Name of a sysadmin."""
    return factories.Sysadmin()["name"]


def call(action: str, **parameters: Any) -> Any:
    """Call an action without an account, as anybody may."""
    return tk.get_action(action)(Context(user="", ignore_auth=False), parameters)


@pytest.fixture
def dataset(officer: str) -> dict[str, Any]:
    """A public dataset with one file whose publisher promised its columns."""
    file = {
        "url": "https://example.test/a.csv",
        "format": "CSV",
        "name_translated": {"vi": "Bảng"},
        "schema": json.dumps(PROMISE, ensure_ascii=False),
    }
    return tk.get_action("package_create")(Context(user=officer), DATASET | {"resources": [file]})


@pytest.fixture
def table(officer: str, dataset: dict[str, Any]) -> str:
    """Id of a resource without promises, for a DataStore table."""
    resource = tk.get_action("resource_create")(
        Context(user=officer),
        {
            "package_id": dataset["id"],
            "url": "https://example.test/b.csv",
            "name_translated": {"vi": "Bảng khác"},
        },
    )
    return resource["id"]


def create(officer: str, table: str, fields: Any, **more: Any) -> None:
    """Create or change a table of the DataStore."""
    data = {"resource_id": table, "force": True} | ({"fields": fields} if fields else {}) | more
    tk.get_action("datastore_create")(Context(user=officer), data)


def elements(table: str) -> dict[str, str]:
    """Elements of a table's columns, as CKAN's data dictionary tells them."""
    fields = tk.get_action("datastore_info")({"ignore_auth": True}, {"id": table})["fields"]
    return {field["id"]: (field.get("info") or {}).get("hatinh_element", "") for field in fields}


# -- reading ------------------------------------------------------------------------------------


def test_first_edition_is_loaded_once():
    """A second load changes nothing."""
    assert editions.load_first() == "unchanged"
    listed = call("hatinh_edition_list")
    assert [(head["number"], head["current"]) for head in listed] == [("0.1", True)]
    shown = call("hatinh_edition_show")
    assert len(shown["elements"]) == len(editions.shipped().elements) == listed[0]["elements"]


def test_first_edition_follows_its_files_until_a_step_is_taken(officer, monkeypatch):
    """Who corrects the files corrects the proposal; what is in review is no longer touched."""
    for number, outcome in enumerate(("renewed", "unchanged")):
        shipped = editions.shipped()
        elements = dict(shipped.elements)
        del elements[sorted(elements)[number]]
        changed = replace(shipped, elements=elements)
        monkeypatch.setattr(editions, "shipped", lambda changed=changed: changed)
        assert editions.load_first() == outcome
        if outcome == "renewed":
            review = tk.get_action("hatinh_edition_review")
            review(Context(user=officer), {"number": "0.1"})


def test_element_is_shown_with_its_uri_and_uses(dataset):
    """An element tells its address, its attributes and where it is used."""
    shown = call("hatinh_element_show", id="ma_dvhc")
    assert shown["uri"] == f"{URI}/element/ma_dvhc"
    assert shown["code_list"] == "admin_units"
    assert [column["column"] for column in shown["columns"]] == ["Mã xã"]


def test_unknown_things_are_not_found():
    """What the dictionary does not hold is a 404, whatever it is."""
    for action, key in (
        ("hatinh_element_show", "id"),
        ("hatinh_codelist_show", "id"),
        ("hatinh_edition_show", "number"),
    ):
        with pytest.raises(tk.ObjectNotFound):
            call(action, **{key: "9.9"})


@pytest.mark.parametrize("words", ["mã đơn vị hành chính", "ma don vi hanh chinh", "MA DVHC"])
def test_words_find_elements_with_and_without_marks(words):
    """Nobody has to type the marks."""
    found = call("hatinh_element_search", q=words)["results"]
    assert "ma_dvhc" in [element["id"] for element in found]
    if "đ" in words:
        assert all(fold("hành chính") in fold(str(element)) for element in found)


def test_code_list_is_shown_as_of_a_day():
    """Until June 2025 the communes of before, from July those of today."""
    before = call("hatinh_codelist_show", id="admin_units", at="2025-06-30")["codes"]
    after = call("hatinh_codelist_show", id="admin_units", at="2025-07-01")["codes"]
    names = [{c["code"]: c["name"]["vi"] for c in codes} for codes in (before, after)]
    assert names[0]["18073"] != names[1]["18073"]
    assert len(names[1]) < len(names[0])


def test_wrong_day_is_refused():
    """A day is written as one."""
    with pytest.raises(tk.ValidationError) as refused:
        call("hatinh_codelist_show", id="admin_units", at="hôm qua")
    assert "at" in refused.value.error_dict


def test_place_is_shown_and_unknown_code_gets_suggestions():
    """A place is a code and a day; an unknown code is an error that helps."""
    assert call("hatinh_place_show", code="18073", at="2025-07-01")["code"] == "18073"
    with pytest.raises(tk.ValidationError) as refused:
        call("hatinh_place_show", code="18074", at="2025-07-01")
    assert refused.value.error_dict["suggestions"]


def test_table_is_converted_over_the_reform():
    """Sums are conserved when communes were merged."""
    units = call("hatinh_codelist_show", id="admin_units", at="2025-06-30")["codes"]
    communes = [code["code"] for code in units if len(code["code"]) == 5]
    rows = [{"ma": code, "dan": 100} for code in communes]
    result = call(
        "hatinh_place_convert",
        **{"rows": rows, "from": "2025-06-30", "to": "2025-07-01"},
        code_column="ma",
        value_columns=["dan"],
        split="estimate",
    )
    assert len(result["rows"]) == 69
    assert sum(row["cells"]["dan"] for row in result["rows"]) == 100 * len(communes)


def test_columns_get_suggestions():
    """A header that the dictionary knows gets its element."""
    found = call(
        "hatinh_suggest", columns=["Mã đơn vị hành chính", "Diện tích"], rows=[["18073", "12,5"]]
    )
    assert [column[0]["element"] for column in found] == ["ma_dvhc", "DienTich"]


# -- addresses and pages ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
    ],
)
@pytest.mark.parametrize(
    "path", ["element/ma_dvhc", "code/themes", "code/themes/HT05", "code/admin_units/18073"]
)
def test_permanent_address_answers_in_the_form_asked_for(app, path, accept, media_type):
    """Browsers get a page, programs get RDF."""
    answer = app.get(f"/id/{path}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(media_type)


@pytest.mark.parametrize(
    ("path", "schema_id"),
    [
        ("element/ma_dvhc", f"{URI}/element/ma_dvhc"),
        ("entity/DiaChi", f"{URI}/entity/DiaChi"),
        ("edition/0.1", f"{URI}/edition/0.1"),
    ],
)
def test_permanent_address_answers_with_json_schema(app, path, schema_id):
    """A program that likes JSON Schema best gets one that the meta-schema accepts."""
    answer = app.get(f"/id/{path}", headers={"Accept": "application/schema+json"})
    assert answer.headers["Content-Type"].startswith("application/schema+json")
    schema = json.loads(answer.body)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema_id
    first = app.get(f"/id/{path}", headers={"Accept": "*/*"}, follow_redirects=False)
    assert "Accept" in first.headers["Vary"]
    assert "schema.json" not in first.headers["Location"]


def test_every_element_and_entity_has_a_valid_schema(app):
    """The files of all elements and entities are schemas, in both languages of the portal."""
    edition = editions.current()
    paths = [f"thuat-ngu/{key}" for key in sorted(edition.elements)[::20]]
    paths += [f"thuc-the/{name}" for name in entities(edition)]
    for path in paths:
        for language in ("", "/en"):
            schema = json.loads(app.get(f"{language}/tu-dien/{path}.schema.json").body)
            Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "path",
    [
        "tu-dien/phien-ban/%00",
        "tu-dien/phien-ban/%00.ttl",
        "tu-dien/phien-ban/x.json",
        "tu-dien/danh-muc/themes/%00",
        "tu-dien/danh-muc/themes?at=99999-1-1",
        "tu-dien/thuat-ngu/ma_dvhc.schema.json?at=0000-00-00",
        "id/code/admin_units/18073/2025-99-99",
        "api/3/action/hatinh_edition_show?number=%00&content=x",
        "api/3/action/hatinh_edition_diff?number=%00",
        "api/3/action/hatinh_table_check?resource_id=%00",
    ],
)
def test_garbage_is_never_a_fault_of_the_portal(app, path):
    """Whatever stands in an address, the answer says that it is the asker's mistake."""
    assert app.get(f"/{path}").status_code in {400, 404, 409}


def test_schema_lists_the_codes_of_the_day(app):
    """Values are judged as of a day: a new commune is no value of before."""
    url = "/tu-dien/thuat-ngu/ma_dvhc.schema.json?at="
    before, after = (json.loads(app.get(url + day).body) for day in ("2025-06-30", "2025-07-01"))
    gone = {c["const"] for c in before["oneOf"]} - {c["const"] for c in after["oneOf"]}
    judge = Draft202012Validator(after)
    assert judge.is_valid("18073")
    assert not judge.is_valid(min(gone))


def test_schema_is_not_sent_twice(app):
    """A client that has the file of today is told so."""
    url = "/tu-dien/thuat-ngu/ma_dvhc.schema.json"
    tag = app.get(url).headers["ETag"]
    assert app.get(url, headers={"If-None-Match": tag}, status=304).data == b""


@pytest.mark.parametrize("path", ["thuat-ngu/khong_co.schema.json", "thuc-the/KhongCo.schema.json"])
def test_schema_of_nothing_is_not_found(app, path):
    """What the dictionary does not hold has no schema."""
    assert app.get(f"/tu-dien/{path}", status=404).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "element/khong_co",
        "entity/KhongCo",
        "code/khong_co",
        "code/themes/HT99",
        "code/admin_units/99999",
    ],
)
def test_unknown_address_is_not_found(app, path):
    """An address of nothing is a 404."""
    assert app.get(f"/id/{path}", status=404).status_code == 404


@pytest.mark.parametrize("ending", ["xlsx", "csv.zip", "json", "schema.json", "ttl", "jsonld"])
def test_edition_is_downloaded_in_every_form(app, ending):
    """An edition leaves the portal whole, in each form."""
    answer = app.get(f"/tu-dien/phien-ban/0.1.{ending}")
    assert answer.status_code == 200
    assert f"tu-dien-0.1.{ending}" in answer.headers["Content-Disposition"]
    assert len(answer.data) > 10_000


@pytest.mark.parametrize("language", ["", "/en"])
def test_pages_open_in_both_languages(app, language):
    """Every page of the dictionary opens for everybody."""
    for path in (
        "",
        "?q=hanh+chinh",
        "thuat-ngu/ma_dvhc",
        "danh-muc/admin_units?at=2025-06-30",
        "phien-ban/",
        "phien-ban/0.1",
        "phien-ban/0.1/khac-biet",
        "mau.xlsx",
    ):
        assert app.get(f"{language}/tu-dien/{path}").status_code == 200, path


def test_page_shows_what_is_not_official(app):
    """Nobody takes a proposal for law: each page says what is proposed, unverified or ungraded."""
    edition, guide = editions.current(), editions.attributes().guide
    things = [*edition.elements.values(), *edition.code_lists.values()]
    told = [words.en for thing in things for words in flags(thing, guide)]
    shown = unescape(app.get("/en/tu-dien/").body)
    assert len(told) > 0
    for words in set(told):
        assert shown.count(f'title="{words}"') == told.count(words), words
    element = next(e for e in edition.elements.values() if e.unofficial)
    assert flags(element, guide)[0].vi in app.get(f"/tu-dien/thuat-ngu/{element.id}").body


def test_every_code_list_shows_its_source_and_date(app):
    """A list without a source would be an opinion."""
    shown = unescape(app.get("/en/tu-dien/").body)
    for found in editions.current().code_lists.values():
        assert found.source, found.id
        assert found.issued, found.id
        assert found.source in shown, found.id
    page = unescape(app.get("/en/tu-dien/danh-muc/frequencies").body)
    found = editions.current().code_lists["frequencies"]
    assert found.source in page
    assert f"{found.confidence} – " in page


# -- bound columns ------------------------------------------------------------------------------


def test_promised_columns_are_listed_and_shown(app, dataset):
    """The columns of a harvested table are bound by its table schema."""
    listed = call("hatinh_element_columns")
    assert [(c["column"], c["element"], c["chosen"]) for c in listed] == [
        ("Mã xã", "ma_dvhc", False),
        ("Diện tích", "DienTich", False),
    ]
    page = app.get(f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}").body
    assert "/tu-dien/thuat-ngu/ma_dvhc" in page


def test_chosen_columns_are_listed(officer, table):
    """What a person binds in the data dictionary is listed with the rest."""
    create(officer, table, BOUND)
    listed = call("hatinh_element_columns", resource_id=table)
    assert {c["column"]: c["element"] for c in listed} == {
        "ma_xa": "ma_dvhc",
        "dien_tich": "DienTich",
    }
    assert all(column["chosen"] for column in listed)
    assert call("hatinh_element_columns", element="DienTich", resource_id=table)


def test_element_in_use_is_not_withdrawn(officer, dataset):
    """What published columns mean cannot be taken out of the dictionary."""
    with pytest.raises(tk.ValidationError) as refused:
        tk.get_action("hatinh_edition_propose")(Context(user=officer), {"withdraw": ["DienTich"]})
    problems: Any = refused.value.error_dict["problems"]
    assert [(p["code"], p["value"]) for p in problems] == [("element-in-use", "DienTich")]


def test_code_in_use_is_not_withdrawn(officer, dataset):
    """A code that records have stays in its list."""
    found = editions.get("0.1").code_lists["frequencies"]
    kept = [code_dict(code) for code in found if code.code != DATASET["frequency"]]
    with pytest.raises(tk.ValidationError) as refused:
        tk.get_action("hatinh_edition_propose")(
            Context(user=officer), {"code_lists": [{"id": "frequencies", "codes": kept}]}
        )
    problems: Any = refused.value.error_dict["problems"]
    assert [(p["code"], p["value"]) for p in problems] == [("code-in-use", "nam")]


def test_unknown_element_is_refused(officer, table):
    """A column is bound to an element of the dictionary or to none."""
    wrong = [{"id": "a", "type": "text", "info": {"hatinh_element": "KhongCo"}}]
    with pytest.raises(tk.ValidationError):
        create(officer, table, wrong)


@pytest.mark.parametrize("fields", [FIELDS, None])
def test_bindings_survive_a_reload(officer, table, fields):
    """A table that is dropped and loaded anew keeps its elements (ckan#7699)."""
    create(officer, table, BOUND)
    tk.get_action("datastore_delete")(Context(user=officer), {"resource_id": table, "force": True})
    create(officer, table, fields, records=[{"ma_xa": "18073", "dien_tich": 12.5}])
    found = elements(table)
    assert found["ma_xa"] == "ma_dvhc"
    assert found["dien_tich"] == "DienTich"


def test_change_of_fields_keeps_bindings_and_labels(officer, table):
    """Adding a column, or saving other words for one, frees nothing."""
    create(officer, table, BOUND)
    create(officer, table, [*FIELDS, {"id": "ghi_chu", "type": "text"}])
    create(officer, table, [{"id": "ma_xa", "type": "text", "info": {"label": "Mã"}}, FIELDS[1]])
    assert elements(table)["ma_xa"] == "ma_dvhc"


def test_blank_element_frees_a_column(officer, table):
    """A person may take a binding back."""
    create(officer, table, BOUND)
    freed = [{"id": "ma_xa", "type": "text", "info": {"hatinh_element": ""}}, FIELDS[1]]
    create(officer, table, freed)
    listed = call("hatinh_element_columns", resource_id=table)
    assert [column["column"] for column in listed] == ["dien_tich"]


def test_visitor_cannot_bind_columns(officer, table):
    """Who may not write the table does not write its bindings either."""
    create(officer, table, FIELDS)
    context = Context(user="", ignore_auth=False)
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("datastore_create")(
            context, {"resource_id": table, "force": True, "fields": BOUND}
        )
    assert call("hatinh_element_columns", resource_id=table) == []


def test_form_offers_elements_with_a_suggestion(app, officer, table, dataset):
    """The form of CKAN's data dictionary has a choice of elements, and saves it."""
    create(officer, table, FIELDS, records=[{"ma_xa": "18073", "dien_tich": 12.5}])
    token = factories.APIToken(user=officer, scopes=["full"])["token"]
    headers = {"Authorization": token}
    url = f"/en/dataset/{dataset['name']}/dictionary/{table}"
    page = app.get(url, headers=headers).body
    assert "info__1__hatinh_element" in page
    assert "Suggested:" in page
    chosen = {"info__1__hatinh_element": "ma_dvhc", "info__2__hatinh_element": ""}
    app.post(url, data=chosen, headers=headers, follow_redirects=False)
    assert elements(table) == {"ma_xa": "ma_dvhc", "dien_tich": ""}
    assert "thuat-ngu/ma_dvhc" in app.get(f"/dataset/{dataset['name']}/resource/{table}").body


def test_table_schema_carries_elements(app, dataset):
    """The file says to any Frictionless tool what its columns are."""
    resource = dataset["resources"][0]["id"]
    url = f"/dataset/{dataset['name']}/resource/{resource}/table-schema.json"
    schema = json.loads(app.get(url).body)
    first, second, third = schema["fields"]
    assert first["rdfType"] == f"{URI}/element/ma_dvhc"
    assert first["constraints"]["required"] is True
    assert first["type"] == "string"
    assert second["type"] == "number"
    assert "rdfType" not in third
    assert schema["primaryKey"] == ["Mã xã"]


def test_dcat_carries_elements(app, dataset):
    """The catalogue says in RDF what the columns are."""
    turtle = app.get(f"/dataset/{dataset['name']}.ttl").body
    assert f"{URI}/element/ma_dvhc" in turtle
    assert "csvw" in turtle
