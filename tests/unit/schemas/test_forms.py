"""What the schemas of the dataset types must keep, checked without CKAN."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
import yaml

import schemas
from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.load import load
from hatinh.reading import CODED, DETAILS, REQUIRED

TYPES = ("dataset", "system", "dataservice")
FORMS = (*TYPES, "organization", "group")
NOT_IN_THE_FORM = {"kind", "themes", "details", "resources"}
"""Fields that CKAN keeps as the type, the groups, fields of their own, and the files."""


@cache
def read(name: str) -> dict[str, Any]:
    """One of the schemas."""
    return yaml.load((schemas.ROOT / f"{name}.yaml").read_text("utf-8"), yaml.CSafeLoader)


PRESETS = {preset["preset_name"]: preset["values"] for preset in read("presets")["presets"]}


def expanded(name: str, part: str) -> list[dict[str, Any]]:
    """Fields of a form with their presets filled in, as scheming does it."""
    return [PRESETS.get(field.get("preset"), {}) | field for field in read(name).get(part, ())]


def all_fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of every form."""
    for name in FORMS:
        for part in ("dataset_fields", "resource_fields", "fields"):
            for field in expanded(name, part):
                yield f"{name}.{field['field_name']}", field


def canonical(name: str, part: str = "dataset_fields") -> dict[str, dict[str, Any]]:
    """Fields of a form by the names that the domain uses."""
    return {
        field.get("canonical", field["field_name"].removesuffix("_translated")): field
        for field in expanded(name, part)
    }


def test_field_has_label_and_help_in_both_languages():
    """An officer reads every field's name and meaning in Vietnamese, a guest in English."""
    for where, field in all_fields():
        for key in ("label", "help_text"):
            texts = field.get(key)
            assert isinstance(texts, dict), f"{where}: {key}"
            assert set(texts) == {"vi", "en"}, f"{where}: {key}"
            assert all(texts.values()), f"{where}: {key}"


@pytest.mark.parametrize("name", FORMS)
def test_field_stands_once_in_its_form(name: str):
    """A form has a field once."""
    for part in ("dataset_fields", "resource_fields", "fields"):
        names = [field["field_name"] for field in expanded(name, part)]
        assert len(names) == len(set(names))


def test_every_preset_is_known_and_used():
    """No field points at nothing, and no preset lies about."""
    named = {
        field["preset"]
        for name in FORMS
        for part in ("dataset_fields", "resource_fields", "fields")
        for field in read(name).get(part, ())
        if "preset" in field
    }
    assert named == set(PRESETS)


def test_dataset_form_has_every_field_of_the_record():
    """Nothing of a canonical dataset is lost on its way into CKAN."""
    names = {field.name for field in fields(Dataset)} - NOT_IN_THE_FORM
    assert names <= set(canonical("dataset"))
    assert {field.name for field in fields(Resource)} <= set(
        canonical("dataset", "resource_fields")
    )


@pytest.mark.parametrize("kind", TYPES)
def test_form_has_the_fields_of_its_kind(kind: str):
    """What only systems or data services have is in their form."""
    assert set(DETAILS[kind]) <= set(canonical(kind))


@pytest.mark.parametrize("kind", TYPES)
def test_form_requires_what_a_harvest_requires(kind: str):
    """The form refuses what the harvest refuses, and nothing else."""
    always = {"title", "publisher"} | ({"notes"} if kind == "dataset" else set())
    required = {name for name, field in canonical(kind).items() if field.get("required")}
    assert required == REQUIRED[kind] | always


@pytest.mark.parametrize("kind", TYPES)
def test_coded_field_uses_the_list_of_the_domain(kind: str):
    """Form and harvest read a field by the same list."""
    lists = {**CODED, **DETAILS[kind], "places": "admin_units"}
    for name, field in canonical(kind).items():
        assert field.get("hatinh_code_list", "") == lists.get(name, ""), name


def test_coded_field_offers_its_choices():
    """A field with a code list offers the list's codes and takes no other."""
    lists = load(schemas.ROOT).code_lists
    for where, field in all_fields():
        if "hatinh_code_list" in field:
            assert field["hatinh_code_list"] in lists, where
            assert field["choices_helper"] == "hatinh_code_choices", where
            assert {"hatinh_code_valid", "hatinh_places"} & set(field["validators"].split()), where


@pytest.mark.parametrize("name", FORMS)
def test_schema_says_what_it_is_for(name: str):
    """Scheming finds the type of a schema in its head."""
    head = read(name)
    assert head["scheming_version"] == 2
    kind = {"organization": "organization_type", "group": "group_type"}.get(name, "dataset_type")
    assert head[kind] == name
    assert "hatinh_core_fields" in head["before_validators"]
