"""The score: six dimensions, each point that is missing explained."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import as_csv

from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.check import Standard, TableFacts, Tally, check_file
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, SumRule, TableSchema
from hatinh.problem import warning
from hatinh.quality import Evidence, ResourceEvidence, Score, load_formula, measure
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

FORMULA = load_formula(ROOT / "quality.yaml")
TODAY = date(2026, 11, 22)
RULES = [
    "cell-type",
    "sum-differs",
    "column-missing",
    "cell-empty",
    "key-duplicated",
    "text-unclean",
    "column-unbound",
    "cell-code-unknown",
]
FACTS = TableFacts(10, 4, 4, {rule: Tally(10, 0) for rule in RULES})
FILE = Resource("r", Text("Tệp"), "https://example.vn/a.csv", "CSV")
DATASET = Dataset(
    guid="g",
    kind="dataset",
    title=Text("Trường học"),
    notes=Text("Danh sách"),
    publisher="so-gddt",
    themes=("HT05",),
    keywords=("trường",),
    licence="CC-BY-4.0",
    frequency="nam",
    data_layer="mo",
    sharing_level="mo",
    publication_class="cong_khai",
    pii_class="none",
    importance_class="khac",
    source_system="CSDL ngành",
    legal_basis="KH 731",
    contact="Văn phòng Sở",
    contact_email="so@hatinh.gov.vn",
    approved_by="Giám đốc",
    modified=date(2026, 9, 1),
    resources=(FILE,),
)
EVIDENCE = Evidence(DATASET, TODAY, (), (ResourceEvidence("CSV", True, FACTS),))


def with_fields(**changes: Any) -> Evidence:
    return replace(EVIDENCE, dataset=replace(DATASET, **changes))


def with_tally(rule: str, failed: int) -> Evidence:
    tallies = {**FACTS.tallies, rule: Tally(10, failed, "$.resources[0].rows[1].a")}
    return replace(
        EVIDENCE, resources=(ResourceEvidence("CSV", True, replace(FACTS, tallies=tallies)),)
    )


def system(details: Mapping[str, str]) -> Evidence:
    return Evidence(replace(DATASET, kind="system", details=details, resources=()), TODAY)


def lowered(evidence: Evidence) -> set[str]:
    """Dimensions that are below those of the faultless record."""
    best, now = measure(EVIDENCE, FORMULA).dimensions, measure(evidence, FORMULA).dimensions
    return {name for name, value in now.items() if value != best[name]}


def test_faultless_record_scores_a_hundred() -> None:
    """Nothing lost, everything full, the best band."""
    score = measure(EVIDENCE, FORMULA)
    assert set(score.dimensions.values()) == {100.0}
    assert (score.total, score.band, score.losses) == (100.0, "xanh", ())
    assert score.formula == FORMULA.version


FAULTS = {
    "wrong value": (with_tally("cell-type", 3), "dung"),
    "wrong sum": (with_tally("sum-differs", 1), "dung"),
    "blank cell": (with_tally("cell-empty", 2), "du"),
    "missing column": (with_tally("column-missing", 1), "du"),
    "empty field": (with_fields(approved_by=""), "du"),
    "repeated key": (with_tally("key-duplicated", 4), "sach"),
    "dirty text": (with_tally("text-unclean", 1), "sach"),
    "overdue": (with_fields(modified=TODAY - timedelta(days=500)), "song"),
    "modified in future": (with_fields(modified=TODAY + timedelta(days=1)), "song"),
    "unbound column": (with_tally("column-unbound", 1), "thong_nhat"),
    "unknown code": (with_tally("cell-code-unknown", 1), "thong_nhat"),
    "unknown word": (
        replace(EVIDENCE, problems=(warning("theme-unknown", "$.themes", "?"),)),
        "thong_nhat",
    ),
    "closed format": (with_fields(resources=(replace(FILE, format="PDF"),)), "dung_chung"),
    "closed licence": (with_fields(licence="tat-ca-quyen"), "dung_chung"),
    "unreachable file": (
        replace(EVIDENCE, resources=(ResourceEvidence("CSV", False, FACTS),)),
        "dung_chung",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_lowers_its_own_dimension_only(fault: str) -> None:
    """Each kind of fault falls into one dimension, and its loss is named there."""
    evidence, dimension = FAULTS[fault]
    assert lowered(evidence) == {dimension}
    (loss,) = measure(evidence, FORMULA).losses
    assert loss.dimension == dimension


def test_unreadable_table_is_not_measured_as_wrong() -> None:
    """What could not be read is lost to use; it is neither right nor wrong."""
    score = measure(replace(EVIDENCE, resources=(ResourceEvidence("CSV", True, None),)), FORMULA)
    assert (score.dimensions["dung"], score.dimensions["sach"]) == (None, None)
    assert [(loss.rule, loss.problem_code) for loss in score.losses] == [
        ("file-unusable", "table-unreadable")
    ]


def test_missing_is_not_zero() -> None:
    """A dimension without a value is left out of the total, its weight with it."""
    score = measure(with_fields(frequency="khi_phat_sinh"), FORMULA)
    assert score.dimensions["song"] is None
    assert score.total == 100.0


def test_systems_are_judged_by_what_applies() -> None:
    """A system has no rows and no update period, but a connection."""
    details = {"lgsp_status": "pending"}
    score = measure(system(details), FORMULA)
    assert {name for name, value in score.dimensions.items() if value is None} == {
        "dung",
        "sach",
        "song",
    }
    assert score.dimensions["dung_chung"] == 0.0
    excepted = details | {"lgsp_exception": "Mật mã cơ yếu"}
    score = measure(system(excepted), FORMULA)
    assert score.dimensions["dung_chung"] is None


def test_restricted_files_are_not_held_against_a_record() -> None:
    """Files that the portal may not fetch are not counted as unreachable."""
    evidence = with_fields(publication_class="khong")
    closed = replace(evidence, resources=(ResourceEvidence("CSV", False),))
    assert "file-unusable" not in {loss.rule for loss in measure(closed, FORMULA).losses}


@pytest.mark.parametrize(("days", "value"), [(426, 100.0), (427, 99.73), (609, 50.0), (5000, 0.0)])
def test_freshness_fades_within_one_more_period(days: int, value: float) -> None:
    """A yearly record has 366 days and 60 of grace; then it fades to nothing in 366 more."""
    score = measure(with_fields(modified=TODAY - timedelta(days=days)), FORMULA)
    assert score.dimensions["song"] == pytest.approx(value, abs=0.01)


def test_question_bank_loses_correctness_at_its_total() -> None:
    """The total that does not add up lowers đúng, and the loss leads to its row (REQ-40)."""
    schema = TableSchema(
        (Column("cap", "id", key=True), Column("so_cau", "count", required=True)),
        (SumRule("so_cau", {"cap": "Tất cả"}, {}),),
    )
    elements = {
        "id": Element("id", Text("Cấp"), NO_TEXT),
        "count": Element("count", Text("Số câu hỏi"), NO_TEXT, Datatype.INTEGER),
    }
    rows = [("Tất cả", "97556"), ("THPT", "96938"), ("THCS", "3639")]
    standard = Standard(schema, Dictionary("1", elements), TODAY, "$.resources[0]")
    facts = check_file("x", "CSV", as_csv(("cap", "so_cau"), rows), standard).facts
    score = measure(replace(EVIDENCE, resources=(ResourceEvidence("CSV", True, facts),)), FORMULA)
    (loss,) = score.losses
    assert (loss.rule, loss.path) == ("sum-differs", "$.resources[0].rows[1].so_cau")
    assert score.dimensions["dung"] == pytest.approx(100 - loss.points)
    assert loss.points > 50


def test_score_survives_being_stored() -> None:
    """The stored form is JSON and reads back as the same score."""
    score = measure(with_tally("cell-type", 3), FORMULA)
    assert Score.from_dict(json.loads(json.dumps(score.as_dict()))) == score


TALLIES = st.dictionaries(
    st.sampled_from(RULES), st.integers(0, 10).map(lambda failed: Tally(10, failed))
)


def tallied(tallies: Mapping[str, Tally]) -> Evidence:
    facts = replace(FACTS, tallies=dict(tallies))
    return replace(EVIDENCE, resources=(ResourceEvidence("CSV", True, facts),))


@settings(max_examples=40, deadline=None)
@given(TALLIES, st.integers(-10, 5000))
def test_losses_and_value_add_up_to_a_hundred(tallies: dict[str, Tally], age: int) -> None:
    """Every dimension is between 0 and 100, and its losses explain what is missing."""
    evidence = tallied(tallies)
    aged = replace(DATASET, modified=TODAY - timedelta(days=age))
    score = measure(replace(evidence, dataset=aged), FORMULA)
    for name, value in score.dimensions.items():
        if value is not None:
            lost = math.fsum(loss.points for loss in score.losses if loss.dimension == name)
            assert 0 <= value <= 100
            assert value + lost == pytest.approx(100, abs=0.1)
    assert score.total is not None
    assert 0 <= score.total <= 100


@settings(max_examples=40, deadline=None)
@given(TALLIES, st.sampled_from(RULES))
def test_one_more_fault_never_raises_a_dimension(tallies: dict[str, Tally], rule: str) -> None:
    """Nobody gains by a fault."""
    before = measure(tallied({**tallies, rule: Tally(10, 4)}), FORMULA).dimensions
    after = measure(tallied({**tallies, rule: Tally(10, 5)}), FORMULA).dimensions
    assert all((after[name] or 0) <= (value or 0) for name, value in before.items())
