"""Mends: what each would bring is what the formula gives when it is made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.check import TableFacts, Tally
from hatinh.errors import SchemaError
from hatinh.quality import Evidence, ResourceEvidence, load_formula, measure
from hatinh.quality.mends import (
    Mend,
    Mender,
    Origin,
    field_of,
    gain,
    load_remedies,
    mender,
    mends,
    worth,
)
from hatinh.text import Text
from schemas import ROOT

FORMULA = load_formula(ROOT / "quality.yaml")
REMEDIES = load_remedies(ROOT / "mends.yaml")
TODAY = date(2026, 11, 22)
OWN = Origin()
HARVESTED = Origin("so-gddt-lgsp")
ROWS = 20
TABLE_RULES = (
    "cell-type", "sum-differs", "column-missing", "cell-empty", "key-duplicated", "text-unclean",
    "column-unbound", "cell-code-unknown",
)  # fmt: skip
GOOD: Mapping[str, Any] = {
    "licence": "CC-BY-4.0", "contact": "Văn phòng Sở", "approved_by": "Giám đốc",
    "legal_basis": "KH 731", "modified": TODAY - timedelta(days=30),
}  # fmt: skip
BAD: Mapping[str, Any] = {
    "licence": "tat-ca-quyen", "contact": "", "approved_by": "", "legal_basis": "",
    "modified": TODAY - timedelta(days=600),
}  # fmt: skip


def evidence(bad: set[str], failed: Mapping[str, int], format_: str = "CSV") -> Evidence:
    """A record with faults in some fields and in some cells of its table."""
    fields = {name: (BAD if name in bad else GOOD)[name] for name in GOOD}
    file = Resource("r", Text("Tệp"), "https://example.vn/a.csv", format_)
    dataset = Dataset(
        guid="g", kind="dataset", title=Text("Trường học"), notes=Text("Danh sách"),
        publisher="so-gddt", frequency="nam", resources=(file,), **fields,
    )  # fmt: skip
    tallies = {
        rule: Tally(ROWS, failed.get(rule, 0), "$.resources[0].rows[1].a") for rule in TABLE_RULES
    }
    facts = TableFacts(ROWS, 4, 4, tallies)
    return Evidence(dataset, TODAY, (), (ResourceEvidence(format_, True, facts),))


FAULTY = evidence(set(BAD), dict.fromkeys(TABLE_RULES, 5), "PDF")
"""Something is wrong everywhere."""


def found(what: Evidence, origin: Origin = OWN) -> dict[str, Mend]:
    """The mends of a record by their rule, where nobody but one can make each."""
    listed = mends(measure(what, FORMULA), origin, REMEDIES, FORMULA)
    assert len({mend.rule for mend in listed}) == len(listed)
    return {mend.rule: mend for mend in listed}


fields = st.sets(st.sampled_from(sorted(BAD)))
tallies = st.dictionaries(st.sampled_from(TABLE_RULES), st.integers(0, ROWS))


@given(fields, tallies)
def test_mend_brings_what_the_formula_gives_once_it_is_made(
    bad: set[str], failed: dict[str, int]
) -> None:
    """Make one mend and measure again: the total rises by what was promised."""
    total = measure(evidence(bad, failed), FORMULA).total or 0
    for rule, mend in found(evidence(bad, failed)).items():
        made = {
            "licence-not-open": (bad - {"licence"}, failed),
            "update-overdue": (bad - {"modified"}, failed),
            "field-empty": ({"licence", "modified"} & bad, failed),
        }.get(rule, (bad, {**failed, rule: 0}))
        fields_empty_too = rule == "field-empty"
        again = measure(evidence(*made), FORMULA)
        rest = [loss.points for loss in again.losses if loss.rule == "field-empty"]
        promised = mend.gain
        if fields_empty_too:  # fields that no fault of this test fills stay empty
            promised -= sum(rest) * worth("du", FORMULA.dimensions, FORMULA)
        assert (again.total or 0) - total == pytest.approx(promised, abs=0.03)


@given(fields, tallies)
def test_all_mends_together_reach_a_hundred(bad: set[str], failed: dict[str, int]) -> None:
    """Every point that is missing is promised once."""
    what = evidence(bad, failed)
    total = measure(what, FORMULA).total or 0
    listed = mends(measure(what, FORMULA), OWN, REMEDIES, FORMULA)
    assert total + sum(mend.gain for mend in listed) == pytest.approx(100, abs=0.1)


def test_best_mend_comes_first() -> None:
    """Those who have an hour begin at the top."""
    gains = [mend.gain for mend in mends(measure(FAULTY, FORMULA), OWN, REMEDIES, FORMULA)]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > gains[-1] > 0


def test_faultless_record_has_no_mends() -> None:
    """Nothing is asked of those who did everything."""
    score = replace(measure(FAULTY, FORMULA), losses=())
    assert mends(score, OWN, REMEDIES, FORMULA) == []


def test_dimension_without_value_gives_its_weight_to_the_others() -> None:
    """Where only two dimensions are measured, a point of one is half a point of the total."""
    assert worth("du", ("du", "song"), FORMULA) == 0.5
    assert worth("du", (), FORMULA) == 0.0
    assert gain((), {"du": None}, FORMULA) == 0.0


def test_own_record_is_mended_here() -> None:
    """Whoever uploaded a file can upload a better one."""
    assert {mend.mender for mend in found(FAULTY).values()} == {Mender.YOU}


def test_harvested_record_is_mended_at_its_source_but_for_its_binding() -> None:
    """The next harvest would overwrite fields and rows; what columns mean is said here."""
    here = {rule for rule, mend in found(FAULTY, HARVESTED).items() if mend.mender is Mender.YOU}
    assert here == {"column-unbound"}


def test_field_that_a_source_leaves_to_the_portal_is_mended_here() -> None:
    """One rule falls into two mends where two mend it."""
    origin = Origin("so-gddt-lgsp", frozenset({"contact", "licence"}))
    listed = mends(measure(FAULTY, FORMULA), origin, REMEDIES, FORMULA)
    empty = {mend.mender: mend for mend in listed if mend.rule == "field-empty"}
    assert [loss.path for loss in empty[Mender.YOU].losses] == ["$.contact"]
    assert "$.contact" not in {loss.path for loss in empty[Mender.SOURCE].losses}
    assert mender("licence-not-open", "$.licence", origin, REMEDIES) is Mender.YOU


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("$.contact", "contact"),
        ("$.themes[1]", "themes"),
        ("$", ""),
        ("$.resources", ""),
        ("$.resources[0].rows[3].contact", ""),
    ],
)
def test_path_names_a_field_of_the_record_only(path: str, field: str) -> None:
    """A column that is called like a field is none."""
    assert field_of(path) == field


def test_every_weighed_rule_has_its_remedy() -> None:
    """Nobody loses points without being told what to do; no remedy is for nothing."""
    weighed = {rule for dimension in FORMULA.dimensions.values() for rule in dimension.rules}
    assert set(REMEDIES.rules) == weighed


def test_rule_of_an_older_formula_is_its_own_text() -> None:
    """Old scores are shown, too."""
    assert REMEDIES.of("rule-of-1999").do.vi == "rule-of-1999"


def test_inputs_and_pages_are_of_fields_that_records_have() -> None:
    """A hint leads to an input that is there."""
    form = yaml.safe_load((ROOT / "dataset.yaml").read_text(encoding="utf-8"))
    names = {field["field_name"] for field in form["dataset_fields"]}
    names.add("organizations")  # as CKAN calls the input of the publisher
    assert {name.removesuffix("-vi") for name in REMEDIES.inputs.values()} <= names
    asked = {*FORMULA.expected_fields["dataset"], "licence"}
    inputs = {REMEDIES.inputs.get(name, name).removesuffix("-vi") for name in asked}
    assert inputs - names == set(REMEDIES.pages)


@pytest.mark.parametrize("text", ["rules: 3", "rules: {a: {by: nobody, at: form, do: {vi: x}}}"])
def test_remedies_of_another_shape_are_refused(tmp_path: Path, text: str) -> None:
    """A wrong configuration stops the program, with the name of the file."""
    path = tmp_path / "mends.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=r"mends\.yaml"):
        load_remedies(path)
