"""The document tells of every public reading action and nothing else; calls are held to it."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.logic as registry
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.types import Context
from openapi_spec_validator import OpenAPIV31SpecValidator

from ckanext.hatinh.api.table import api, present
from hatinh.openapi.model import Asks

pytestmark = pytest.mark.usefixtures("with_plugins")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
WRITTEN_FOR_POST = {name for name, it in api().actions.items() if it.asks is Asks.POST}


@pytest.fixture
def officer(portal: None) -> str:
    """Name of a sysadmin of a portal with its offices."""
    return factories.Sysadmin()["name"]


def dataset(officer: str, name: str, **changes: Any) -> dict[str, Any]:
    """A dataset with a table of three rows, public unless it is said to be private."""
    fields = {
        "name": name,
        "title_translated": {"vi": name},
        "notes_translated": {"vi": "Dân số trung bình"},
        "owner_org": "so-gddt",
        "resources": [{"url": "https://so.example.vn/a.csv", "format": "CSV"}],
        **CLASSIFIED,
    }
    made = tk.get_action("package_create")(Context(user=officer), fields | changes)
    rows = [{"ma": f"0{n}", "ten": f"Trường {n}"} for n in (1, 2, 3)]
    tk.get_action("datastore_create")(
        Context(user=officer),
        {"resource_id": made["resources"][0]["id"], "force": True, "records": rows},
    )
    return tk.get_action("package_show")(Context(user=officer), {"id": made["id"]})


def reading() -> set[str]:
    """Every action that says it has no side effect, in this portal with all its plugins."""
    registry.get_action("status_show")
    return {name for name in registry._actions if _has_no_side_effect(name)}


def _has_no_side_effect(name: str) -> bool:
    return getattr(registry.get_action(name), "side_effect_free", False)


def parameters(name: str, given: dict[str, str]) -> dict[str, Any]:
    """What a call of an action that needs an account may say: names of real things."""
    kinds = ("activity", "dataset", "organization", "group", "package", "resource")
    kind = next((kind for kind in kinds if name.removeprefix("user_").find(kind) >= 0), "user")
    if name.endswith(("_followee_list", "_list_for_user")) or name.startswith("user_"):
        kind = "user"
    return {
        "id": given[kind], "user_id": given["user"], "q": "a", "key": "ckan.site_title",
        "owner_id": given["user"], "owner_type": "user", "object_type": "package",
        "resource_id": given["resource"],
    }  # fmt: skip


def test_every_public_reading_action_is_told_of():
    """An action that somebody adds must be described, or be said to need an account."""
    assert reading() - set(api().actions) - api().needs_login == set()


def test_nothing_is_told_of_that_is_not_there():
    """What is described exists, and by GET it has no side effect."""
    assert set(api().actions) - present() == set()
    assert present() - WRITTEN_FOR_POST - reading() == set()
    assert api().needs_login - reading() == set()


def test_actions_left_out_answer_no_visitor(app, officer, ckan_config, monkeypatch):
    """Nothing public is left out: each of these refuses whoever has no account."""
    monkeypatch.setitem(ckan_config, "ckan.auth.allow_dataset_collaborators", True)
    made = dataset(officer, "cong-khai")
    changes = tk.get_action("package_activity_list")(Context(user=officer), {"id": made["id"]})
    given = {
        "dataset": made["id"], "package": made["id"], "resource": made["resources"][0]["id"],
        "user": officer, "organization": "so-gddt", "group": "giao-duc-va-dao-tao",
        "activity": changes[0]["id"],
    }  # fmt: skip
    answers = {
        name: app.get(f"/api/3/action/{name}", query_string=parameters(name, given)).status_code
        for name in sorted(api().needs_login)
    }
    assert {name: code for name, code in answers.items() if code != 403} == {}


def test_examples_of_the_document_work(app, officer):
    """Whoever copies an example gets an answer; nothing that is told of asks for an account."""
    dataset(officer, "cong-khai")
    paths = app.get("/api/openapi.json").json["paths"]
    answers = {}
    for path, operations in paths.items():
        if "get" in operations:
            asked = {
                it["name"]: it["example"]
                for it in operations["get"]["parameters"]
                if "example" in it and (it["required"] or it["name"] in ("limit", "rows"))
            }
            answers[path.rsplit("/", 1)[-1]] = app.get(path, query_string=asked).status_code
    assert {name: code for name, code in answers.items() if code not in (200, 404, 409)} == {}
    core = ("package_search", "package_show", "resource_show", "datastore_search", "datastore_info",
            "organization_show", "hatinh_example_list", "help_show")  # fmt: skip
    assert {name: answers[name] for name in core} == dict.fromkeys(core, 200)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_document_is_valid_and_kept_by_caches(app, portal, lang):
    """Valid in both languages; whoever has it already is not sent it again."""
    answer = app.get(f"/api/openapi.json?lang={lang}")
    assert list(OpenAPIV31SpecValidator(answer.json).iter_errors()) == []
    assert answer.cache_control.public
    assert "Set-Cookie" not in answer.headers
    again = app.get(
        f"/api/openapi.json?lang={lang}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_private_dataset_is_no_example_even_for_its_editor(app, officer):
    """The document is the same for everybody."""
    hidden = dataset(officer, "noi-bo-chim-canh", private=True)
    token = tk.get_action("api_token_create")(
        Context(user=officer, ignore_auth=True), {"user": officer, "name": "t", "scopes": ["full"]}
    )["token"]
    answer = app.get("/api/openapi.json", headers={"Authorization": token})
    assert hidden["name"] not in answer.text
    assert hidden["resources"][0]["id"] not in answer.text


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("group_autocomplete", "q"),
        ("organization_autocomplete", "q"),
        ("package_search?rows=1e9", "rows"),
        ("package_search?q=%00", "q"),
        ("organization_list?limit=x", "limit"),
        ("current_package_list_with_resources?limit=1&page=0", "page"),
        ("dcat_catalog_show?format=exe", "format"),
        ("dcat_catalog_show?modified_since=yesterday", "modified_since"),
    ],
)
def test_odd_call_is_refused_as_ckan_refuses(app, portal, call, named):
    """409 with the parameter's name, where CKAN alone answers 500 or whatever it makes of it."""
    answer = app.get(f"/api/3/action/{call}")
    assert answer.status_code == 409
    assert answer.json["success"] is False
    assert answer.json["error"]["__type"] == "Validation Error"
    assert named in answer.json["error"]


def head(app: Any, path: str) -> int:
    """The status of a HEAD, which CKAN's browser of tests does not know."""
    return app.flask_app.test_client().head(path).status_code


JSON_IN_A_FORM = {"content_type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ("package_search?rows=1e9", "rows"),
        ("group_autocomplete", "q"),
        ("package_search?q=%00", "q"),
        ("package_search?extras={}", "extras"),
    ],
)
def test_odd_address_is_refused_whatever_the_method(app, portal, call, named):
    """CKAN reads the address of a POST without a form, and that of HEAD, as it reads GET's."""
    path = f"/api/3/action/{call}"
    assert {app.get(path).status_code, head(app, path)} == {409}
    for sent in ({}, {"json": {}}, {"json": {"start": 1}}):
        answer = app.post(path, **sent)
        assert (answer.status_code, named in answer.json.get("error", {})) == (409, True), sent


def test_calls_in_order_are_let_pass_whatever_the_method(app, officer):
    """HEAD, arguments beside an empty POST, and JSON as the only key of a form, as of curl."""
    dataset(officer, "cong-khai")
    path = "/api/3/action/package_show"
    assert head(app, f"{path}?id=cong-khai") == 200
    assert app.post(f"{path}?id=cong-khai").json["result"]["name"] == "cong-khai"
    for body in ('{"id":"cong-khai"}', '{"id":"cong-khai"}=1'):
        answer = app.post(path, data=body, **JSON_IN_A_FORM)
        assert answer.json["result"]["name"] == "cong-khai", body
    body = '{"rows":0,"extras":{"ext_bbox":"105,17,106,18"}}'
    assert app.post("/api/3/action/package_search", data=body, **JSON_IN_A_FORM).status_code == 200


@pytest.mark.parametrize("body", ['{"rows":-1}', '{"rows":"1e9"}', '{"rows":1,"q":"\\u0000"}'])
def test_odd_json_in_a_form_is_refused(app, portal, body):
    """Whatever is wrong in a body is wrong there, too."""
    answer = app.post("/api/3/action/package_search", data=body, **JSON_IN_A_FORM)
    assert answer.status_code == 409
    assert answer.json["error"]["__type"] == "Validation Error"


def test_odd_json_of_a_get_is_refused(app, portal):
    """CKAN reads the body of a GET that has no arguments."""
    assert app.get("/api/3/action/package_search", json={"rows": -1}).status_code == 409


def test_file_where_a_word_belongs_is_refused(app, portal):
    """CKAN hands the file itself to the action."""
    sent = {"q": (BytesIO(b"a"), "a.csv"), "rows": "2"}
    answer = app.post("/api/3/action/package_search", data=sent)
    assert (answer.status_code, "q" in answer.json["error"]) == (409, True)


@pytest.mark.parametrize("levels", [51, 450, 2_000, 100_000])
@pytest.mark.parametrize("action", ["package_search", "datastore_search"])
def test_value_within_values_without_end_is_refused(app, portal, action, levels):
    """As JSON, as the only key of a form, and as text of a parameter: 409 in words."""
    deep = "[" * levels + "]" * levels
    path, named = f"/api/3/action/{action}", {"q", "parameter"}
    answers = [
        app.post(path, data=f'{{"q": {deep}}}', content_type="application/json"),
        app.post(path, data=f'{{"q": {deep}}}', **JSON_IN_A_FORM),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert answer.json["error"]["__type"] == "Validation Error"
        assert named & set(answer.json["error"])
    for name in ("facet.field", "filters"):
        assert app.post(path, data={name: deep, "resource_id": "x"}).status_code < 500


@pytest.mark.parametrize("levels", [2_000, 100_000])
def test_body_without_end_is_refused_for_every_action(app, portal, levels):
    """Also where it is no object, and where the document says nothing of the action."""
    deep = "[" * levels + "]" * levels
    for action in ("package_search", "package_create", "status_show"):
        path = f"/api/3/action/{action}"
        answer = app.post(path, data=deep, content_type="application/json")
        assert (answer.status_code, answer.json["success"]) == (409, False), action
    unknown = app.post("/api/3/action/khong_co", data=deep, content_type="application/json")
    assert unknown.status_code == 400


@pytest.mark.parametrize("version", ["", "3/"])
def test_call_is_held_to_the_document_under_every_address(app, portal, version):
    """``/api/action`` is the same door."""
    assert app.get(f"/api/{version}action/group_autocomplete").status_code == 409


def test_body_that_is_no_json_stays_ckans_to_refuse(app, portal):
    """400, as it always was."""
    answer = app.post("/api/3/action/package_search", data="{", content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("filters", [{"ten": {}}, [{"ten": [{"eq": 1}, {}]}], '{"ten": {}}'])
def test_condition_without_an_operator_is_refused(officer, filters):
    """CKAN's search of rows falls over it; ours says so, to pages as well."""
    resource = dataset(officer, "cong-khai")["resources"][0]["id"]
    with pytest.raises(tk.ValidationError, match="filters"):
        tk.get_action("datastore_search")({}, {"resource_id": resource, "filters": filters})


def test_filters_that_ckan_knows_still_work(officer):
    """A value, a list, a range, and a choice between conditions."""
    resource = dataset(officer, "cong-khai")["resources"][0]["id"]
    for filters, rows in (
        ({}, 3),
        ([], 3),
        ("[{}]", 3),
        ({"ma": "01"}, 1),
        ({"ma": ["01", "02"]}, 2),
        ({"ma": {"gte": "02"}}, 2),
        ({"$or": [{"ma": "01"}, {"ten": "Trường 3"}]}, 2),
    ):
        asked = {"resource_id": resource, "filters": filters}
        assert tk.get_action("datastore_search")({}, asked)["total"] == rows


def test_ready_calls_are_as_public_as_their_file(app, officer):
    """A private file's calls are for those who may see it."""
    hidden = dataset(officer, "noi-bo", private=True)["resources"][0]["id"]
    answer = app.get(f"/api/3/action/hatinh_example_list?resource_id={hidden}")
    assert answer.status_code == 403
    assert tk.get_action("hatinh_example_list")(Context(user=officer), {"resource_id": hidden})


def test_ready_calls_are_for_rows_once_there_is_a_table(app, officer):
    """Before that they fetch the file."""
    made = dataset(officer, "cong-khai")
    plain = tk.get_action("resource_create")(
        Context(user=officer),
        {"package_id": made["id"], "url": "https://so.example.vn/b.pdf", "format": "PDF"},
    )
    calls = "/api/3/action/hatinh_example_list?resource_id="
    rows = app.get(calls + made["resources"][0]["id"]).json["result"]
    file = app.get(calls + plain["id"]).json["result"]
    assert "datastore_search" in rows[0]["code"]
    assert file[0]["code"] == 'curl -L -o "b.pdf" "https://so.example.vn/b.pdf"'


def test_pages_show_the_calls(app, officer):
    """Page of the dataset and page of the file."""
    made = dataset(officer, "cong-khai")
    resource = made["resources"][0]["id"]
    for path in ("/dataset/cong-khai", f"/dataset/cong-khai/resource/{resource}"):
        page = app.get(path).text
        assert 'id="dung-du-lieu"' in page
        assert f"datastore_search?resource_id={resource}" in page


def test_only_files_of_swagger_ui_that_the_page_needs_are_served(app, portal):
    """No example page of Swagger UI, no file from beside it."""
    assert app.get("/api/docs/swagger-ui.css").status_code == 200
    for name in ("oauth2-redirect.html", "..%2fLICENSE", "swagger-initializer.js"):
        assert app.get(f"/api/docs/{name}").status_code == 404


def test_page_has_no_script_of_its_own_within(app, portal):
    """The portal's policy allows none."""
    page = app.get("/api/docs").text
    assert "<script>" not in page
    assert "swagger-ui-bundle.js" in page
