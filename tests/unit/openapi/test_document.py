"""The document is valid OpenAPI 3.1 in both languages and says what the table says."""

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

import schemas
from hatinh.errors import SchemaError
from hatinh.openapi import model
from hatinh.openapi.document import Portal, document

TABLE = yaml.safe_load((schemas.ROOT / "openapi.yaml").read_text(encoding="utf-8"))
API = model.read(TABLE)
SITE = "https://data.example.vn"
WHOLE = Portal(SITE, "1", API.actions, {"dataset": "truong-hoc", "table": "4c5f"})


def query(found, action, name):
    """One parameter of a call by GET."""
    asked = found["paths"][f"/api/3/action/{action}"]["get"]["parameters"]
    return next(it for it in asked if it["name"] == name)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_document_is_valid(lang):
    """openapi-spec-validator finds no fault."""
    assert list(OpenAPIV31SpecValidator(document(API, WHOLE, lang)).iter_errors()) == []


def test_action_that_the_portal_lacks_is_left_out():
    """A portal without a plugin does not promise its actions, nor their heading."""
    found = document(API, Portal(SITE, "1", {"package_show"}, {}), "en")
    assert list(found["paths"]) == ["/api/3/action/package_show"]
    assert found["tags"] == [{"name": "Catalogue"}]


def test_words_are_of_the_language():
    """Vietnamese and English differ in words alone."""
    vi, en = (document(API, WHOLE, lang) for lang in ("vi", "en"))
    assert vi["paths"]["/api/3/action/package_show"]["get"]["summary"].startswith("Một bộ dữ liệu")
    assert en["paths"]["/api/3/action/package_show"]["get"]["summary"].startswith("One dataset")
    assert vi["paths"].keys() == en["paths"].keys()


def test_examples_are_things_of_the_catalogue():
    """A sample that the portal knows is the example; one that it does not know is left out."""
    found = document(API, WHOLE, "en")
    assert query(found, "package_show", "id")["example"] == "truong-hoc"
    assert "example" not in query(found, "organization_show", "id")


def test_json_within_an_address_is_told_as_such():
    """Filters of rows travel as JSON text."""
    filters = query(document(API, WHOLE, "en"), "datastore_search", "filters")
    assert list(filters["content"]) == ["application/json"]


def test_what_only_a_body_can_carry_is_told_of_post_alone():
    """The box of a search is an object within an object."""
    path = document(API, WHOLE, "en")["paths"]["/api/3/action/package_search"]
    body = path["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert "extras" in body
    assert "extras" not in {it["name"] for it in path["get"]["parameters"]}


@pytest.mark.parametrize("status", ["400", "403", "404", "409", "414", "415", "429"])
def test_refusals_are_told_of_every_call(status):
    """Nobody is surprised by a refusal."""
    found = document(API, WHOLE, "en")
    assert status in found["components"]["responses"]
    for path in found["paths"].values():
        for operation in path.values():
            assert status in operation["responses"]


def test_table_with_a_dangling_name_is_refused():
    """A parameter that is not there is found when the table is read."""
    broken = TABLE | {"actions": {"x": TABLE["actions"]["package_show"] | {"takes": ["nothing"]}}}
    with pytest.raises(SchemaError, match="nothing"):
        model.read(broken)
