"""Editions as JSON, their fingerprint, their difference, and which one is in force."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hatinh.dictionary.edition import Action, Edition, State, Step, current
from hatinh.dictionary.edition_diff import FieldChange, diff
from hatinh.dictionary.edition_json import element, element_dict, fingerprint, from_dict, to_dict
from hatinh.dictionary.model import Code
from hatinh.text import Text


def with_element(edition: Edition, key: str, **fields: object) -> Edition:
    """The edition with one element changed."""
    changed = replace(edition.elements[key], **fields)
    return replace(edition, elements={**edition.elements, key: changed})


def with_codes(edition: Edition, *codes: Code) -> Edition:
    """The edition with other colours."""
    colours = replace(edition.code_lists["colours"], codes=codes)
    return replace(edition, code_lists={"colours": colours})


def test_edition_survives_storage(shipped: Edition):
    """What is stored as JSON is read as it was, to the last field."""
    step = Step(Action.PROPOSE, "user", datetime(2026, 11, 22, 8, tzinfo=UTC), "lần đầu")
    edition = replace(shipped, history=(step,), proposer="user")
    found = from_dict(json.loads(json.dumps(to_dict(edition))))
    assert found.elements == edition.elements
    assert found.history == edition.history
    assert not diff(edition, found)
    assert to_dict(found) == to_dict(edition)


def test_fingerprint_speaks_of_content_alone(small: Edition):
    """State and order change no fingerprint; one letter does."""
    other = replace(
        small, state=State.REVIEW, elements=dict(reversed(list(small.elements.items())))
    )
    assert fingerprint(other) == fingerprint(small)
    assert fingerprint(with_element(small, "MauSac", example="do")) != fingerprint(small)


def test_difference_names_every_field(small: Edition):
    """A change shows its fields before and after, a new or withdrawn thing its key and name."""
    changed = with_element(small, "CanNang", maximum=5, name=Text("Cân nặng", "Mass"))
    codes = small.code_lists["colours"].codes
    new = Code("vang", Text("Vàng", "Yellow"))
    found = diff(small, with_codes(changed, codes[0], codes[1], new))
    assert [(c.kind, c.what, c.key) for c in found.changes] == [
        ("changed", "element", "CanNang"),
        ("withdrawn", "code", "colours/lam@2020-01-01"),
        ("added", "code", "colours/vang"),
    ]
    assert found.changes[0].fields == (
        FieldChange("maximum", 0.125, 5),
        FieldChange("name", {"vi": "Cân nặng", "en": "Weight"}, {"vi": "Cân nặng", "en": "Mass"}),
    )
    assert found.changes[1].fields == found.changes[2].fields == ()
    assert json.loads(json.dumps(found.as_dict()))["changes"][2]["name"]["en"] == "Yellow"


def test_added_element_says_what_it_is(small: Edition):
    """Whoever reviews an addition reads its definition in the difference."""
    without = {key: one for key, one in small.elements.items() if key != "CanNang"}
    (change,) = diff(replace(small, elements=without), small).changes
    said = {field.field: (field.before, field.after) for field in change.fields}
    assert said["definition"] == (None, small.elements["CanNang"].definition.as_dict())
    assert {"id", "name"}.isdisjoint(said)


def test_equal_editions_do_not_differ(small: Edition):
    """No difference is falsy."""
    assert not diff(small, replace(small, number="1.1"))


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ({"0.1": "de_xuat"}, "0.1"),
        ({"0.1": "de_xuat", "1.0": "de_xuat"}, "0.1"),
        ({"0.1": "de_xuat", "1.9": "phe_duyet", "1.10": "phe_duyet", "2.0": "tham_van"}, "1.10"),
    ],
)
def test_edition_in_force_is_the_last_approved(small: Edition, states: dict[str, str], number: str):
    """Until one is approved the first edition serves, however far a later one has come."""
    editions = {n: replace(small, number=n, state=State(s)) for n, s in states.items()}
    found = current(editions)
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    "fields",
    [
        {"minimum": "5"},
        {"minimum": float("nan")},
        {"max_length": True},
        {"max_length": 1.5},
        {"synonyms": "mau"},
        {"synonyms": [1]},
        {"proposed": "x"},
        {"name": {"vi": 5}},
        {"name": {"fr": "poids"}},
        {"valid_from": 2026},
        {"valid_from": "hôm nay"},
        {"datatype": "text"},
        {"unit": None},
        {"colour": "red"},
    ],
)
def test_element_of_wrong_types_is_not_read(small: Edition, fields: dict[str, object]):
    """What a program sends is of the right types, or it is no element."""
    whole = element_dict(small.elements["CanNang"])
    assert element(whole) == small.elements["CanNang"]
    with pytest.raises((KeyError, TypeError, ValueError)):
        element(whole | fields)
