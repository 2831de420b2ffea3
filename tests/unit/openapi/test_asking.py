"""Calls are held to what the document says of them."""

from typing import Any

import pytest
import yaml

import schemas
from hatinh.openapi import model
from hatinh.openapi.asking import DEEP, DEPTH, MISSING, POST_ONLY, UNPRINTABLE, faults

API = model.read(yaml.safe_load((schemas.ROOT / "openapi.yaml").read_text(encoding="utf-8")))


def told(action, given, *, by_get=True):
    """Name and rule of each fault."""
    return [(it.name, it.rule) for it in faults(API.actions[action], given, by_get=by_get)]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"q": "trường học", "rows": "20", "facet": "false", "sort": "title_string asc"},
        {"q": "", "fq": "type:dataset", "facet.field": '["organization"]', "facet.limit": "-1"},
        {"sort": "score desc, metadata_modified desc"},
        {"something_else": "is CKAN's to judge"},
    ],
)
def test_search_as_people_write_it_is_in_order(given):
    """What CKAN's documentation shows is not refused."""
    assert told("package_search", given) == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"rows": "many"}, ("rows", "type")),
        ({"rows": "-1"}, ("rows", "minimum")),
        ({"rows": "99999999999999999999"}, ("rows", "type")),
        ({"start": ["1", "2"]}, ("start", "type")),
        ({"facet": "perhaps"}, ("facet", "type")),
        ({"sort": "1; drop"}, ("sort", "pattern")),
        ({"facet.field": "organization"}, ("facet.field", "type")),
        ({"q": "x" * 1001}, ("q", "maxLength")),
        ({"extras": "{}"}, ("extras", POST_ONLY)),
    ],
)
def test_odd_value_is_named_with_the_rule_it_breaks(given, fault):
    """Each fault says which parameter and why."""
    assert told("package_search", given) == [fault]


def test_body_is_not_read_as_text():
    """Lists and numbers of a JSON body are taken as they are."""
    given = {"rows": 5, "facet.field": ["organization"], "extras": {"ext_bbox": "105,17,106,18"}}
    assert told("package_search", given, by_get=False) == []


@pytest.mark.parametrize("value", ["a\0b", "\ud800", ["x\0"], {"x": "\0"}, {"\0": 1}])
def test_character_that_no_store_takes_is_refused_wherever_it_is(value):
    """PostgreSQL and Solr answer such text with a fault of the program."""
    assert told("package_search", {"unknown": value}, by_get=False) == [("unknown", UNPRINTABLE)]


def nested(levels: int, kind: type = list) -> Any:
    """Lists within lists, or objects within objects."""
    value = kind()
    for _ in range(levels - 1):
        value = [value] if kind is list else {"a": value}
    return value


@pytest.mark.parametrize("kind", [list, dict])
@pytest.mark.parametrize("name", ["q", "unknown"])
@pytest.mark.parametrize("levels", [DEPTH + 1, 450, 2_000, 100_000])
def test_value_within_values_without_end_is_named(levels, name, kind):
    """Nobody goes down there, neither to look for odd characters nor for the kind of a value."""
    given = {name: nested(levels, kind), "rows": -1}
    assert told("package_search", given, by_get=False) == [(name, DEEP)]


@pytest.mark.parametrize("levels", [DEPTH + 1, 450, 900, 2_000, 100_000])
def test_text_of_values_without_end_is_named(levels):
    """JSON within an address is as deep as whoever writes it likes."""
    ((name, rule),) = told("package_search", {"facet.field": "[" * levels + "]" * levels})
    assert name == "facet.field"
    assert rule in (DEEP, "type")


def test_values_within_values_are_in_order_up_to_a_depth():
    """The deepest that is allowed is looked through to its end."""
    assert told("package_search", {"unknown": nested(DEPTH)}, by_get=False) == []
    deepest = nested(DEPTH - 1, dict)
    assert told("package_search", {"unknown": [deepest]}, by_get=False) == []


def test_missing_parameter_is_named():
    """CKAN's autocompletion falls over without one."""
    assert told("group_autocomplete", {}) == [("q", MISSING)]
    assert told("group_autocomplete", {"": "q"}) == [("q", MISSING)]


def test_other_name_of_a_parameter_counts():
    """``package_show?name_or_id=`` and ``datastore_search?id=`` have always worked."""
    assert told("package_show", {"name_or_id": "x"}) == []
    assert told("datastore_search", {"id": "x"}) == []


def test_file_of_a_form_is_not_looked_at():
    """What is in a file is the action's to judge."""
    assert told("hatinh_table_check", {"upload": object()}, by_get=False) == []
