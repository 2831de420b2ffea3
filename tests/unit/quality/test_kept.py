"""Kept evidence: a record is scored again without its files, to the same score."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from written import as_csv

from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.problem import Problem, warning
from hatinh.quality import (
    Evidence,
    FileEvidence,
    KeptEvidence,
    ResourceEvidence,
    Score,
    load_formulas,
    measure,
    measure_files,
    of_table,
    set_apart,
)
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

DATA = Path(__file__).parent / "data"
FORMULAS = load_formulas(ROOT)
TODAY = date(2026, 11, 22)
FORMULA = FORMULAS.on(TODAY)
NUMBER = Element("n", Text("Số"), NO_TEXT, Datatype.INTEGER)
SCHEMA = TableSchema((Column("ma", "n", key=True), Column("so", "n", required=True)))
ROWS = [("1", "5"), ("2", "x"), ("2", ""), ("4", "y")]


def resource(guid: str, format: str = "CSV") -> Resource:
    """One file of the record."""
    return Resource(guid, Text(guid), f"https://example.vn/{guid}", format)


def judged(*guids: str) -> tuple[Dataset, list[Problem], dict[str, ResourceEvidence]]:
    """A record with the same faulty table under each name, and what was found."""
    problems: list[Problem] = [warning("code-unknown", "$.licence", "MIT")]
    found: dict[str, ResourceEvidence] = {}
    for number, guid in enumerate(guids):
        standard = Standard(SCHEMA, Dictionary("1", {"n": NUMBER}), TODAY, f"$.resources[{number}]")
        check = check_file("x", "CSV", as_csv(("ma", "so"), ROWS), standard)
        problems += check.problems
        found[guid] = ResourceEvidence("CSV", True, check.facts)
    dataset = Dataset(
        "g", "dataset", Text("T"), NO_TEXT, "so-gddt", publication_class="cong_khai",
        frequency="nam", modified=date(2026, 9, 1), resources=tuple(map(resource, guids)),
    )  # fmt: skip
    return dataset, problems, found


def through_json(evidence: KeptEvidence) -> KeptEvidence:
    """The evidence as the database gives it back."""
    files = {id_: found.as_dict() for id_, found in evidence.files.items()}
    stored = json.loads(json.dumps([[p.as_dict() for p in evidence.problems], files]))
    return KeptEvidence(
        tuple(map(Problem.from_dict, stored[0])),
        {id_: FileEvidence.from_dict(found) for id_, found in stored[1].items()},
    )


def on_portal(*ids: str) -> list[tuple[str, bool]]:
    """Files whose bytes lie on the portal."""
    return [(id_, True) for id_ in ids]


def test_kept_evidence_gives_the_score_of_the_files() -> None:
    """Losses with their places, problems and all: nothing is lost by keeping it."""
    dataset, problems, found = judged("a", "b")
    fresh = Evidence(dataset, TODAY, tuple(problems), tuple(found.values()))
    kept = through_json(set_apart(problems, found, {}))
    again = kept.evidence(dataset, on_portal("a", "b"), TODAY)
    assert measure(again, FORMULA) == measure(fresh, FORMULA)
    assert sorted(again.problems, key=repr) == sorted(fresh.problems, key=repr)
    assert again.resources == fresh.resources


def test_files_in_another_order_keep_what_was_found_in_them() -> None:
    """A file that moves up takes its problems and rows along."""
    dataset, problems, found = judged("a", "b")
    kept = set_apart(problems, found, {})
    turned = replace(dataset, resources=dataset.resources[::-1])
    again = kept.evidence(turned, on_portal("b", "a"), TODAY)
    paths = {problem.path for problem in again.problems if ".rows[2]." in problem.path}
    assert paths == {"$.resources[0].rows[2].so", "$.resources[1].rows[2].so"}
    firsts = [r.facts.tallies["cell-type"].first for r in again.resources if r.facts]
    assert firsts == ["$.resources[0].rows[2].so", "$.resources[1].rows[2].so"]


def test_each_file_has_dimensions_of_its_own() -> None:
    """A faulty table lowers its own values; a document has none but that it can be had."""
    dataset, problems, found = judged("a")
    both = replace(dataset, resources=(*dataset.resources, resource("b", "PDF")))
    evidence = set_apart(problems, found, {}).evidence(both, on_portal("a", "b"), TODAY)
    table, document = measure_files(evidence, FORMULA)
    assert {name for name, value in table.items() if value is None} == {"song"}
    assert {name for name, value in table.items() if value == 100} == {"thong_nhat", "dung_chung"}
    assert {name: value for name, value in document.items() if value is not None} == {
        "dung_chung": 100.0
    }
    whole = measure(evidence, FORMULA).dimensions
    assert (table["dung"], table["sach"]) == (whole["dung"], whole["sach"])


def test_file_that_left_takes_its_problems_along() -> None:
    """What was found in a deleted file costs nothing any more."""
    dataset, problems, found = judged("a", "b")
    kept = set_apart(problems, found, {})
    again = kept.evidence(replace(dataset, resources=dataset.resources[1:]), on_portal("b"), TODAY)
    assert {problem.path[:14] for problem in again.problems} == {"$.licence", "$.resources[0]"}


@pytest.mark.parametrize(
    ("format", "stored", "readable"),
    [("CSV", True, None), ("CSV", False, None), ("PDF", False, None), ("PDF", True, True)],
)
def test_file_that_nobody_read_is_not_judged(
    format: str, stored: bool, readable: bool | None
) -> None:
    """Not yet looked at is not unusable; what lies here and is no table can be had."""
    dataset = replace(judged("a")[0], resources=(resource("a", format),))
    evidence = KeptEvidence().evidence(dataset, [("a", stored)], TODAY)
    assert evidence.resources == (ResourceEvidence(format, readable),)
    rules = {loss.rule for loss in measure(evidence, FORMULA).losses}
    assert "file-unusable" not in rules


def test_evidence_of_another_format_is_not_of_this_file() -> None:
    """A table that was replaced by a document has no rows any more."""
    dataset, problems, found = judged("a")
    kept = set_apart(problems, found, {})
    changed = replace(dataset, resources=(resource("a", "PDF"),))
    again = kept.evidence(changed, on_portal("a"), TODAY)
    assert again.resources == (ResourceEvidence("PDF", True),)


def test_problem_of_a_file_as_the_source_lists_it_stays_with_the_record() -> None:
    """The third file of a source is not the third that the portal took."""
    left_out = warning("resource-url-missing", "$.resources[0].url", "ftp://x")
    away = warning("file-unreachable", "$.resources[0].url", "http://x", why="gone")
    kept = set_apart([left_out, away], {"a": ResourceEvidence("CSV", False)}, {})
    assert kept.problems == (left_out,)
    assert [problem.path for problem in kept.files["a"].problems] == ["$.url"]


def test_finding_with_bound_columns_outlives_one_without_of_the_same_bytes() -> None:
    """People's bindings are not forgotten when the source repeats its record."""
    _, problems, found = judged("a")
    facts = found["a"].facts
    loaded = of_table("csv", facts, problems, "$.resources[0]", "sha")
    fetched = FileEvidence("CSV", True, facts, digest="sha")
    assert loaded.outlives(fetched)
    assert not loaded.outlives(replace(fetched, digest="other"))
    assert not fetched.outlives(loaded)
    assert not replace(loaded, digest="").outlives(replace(fetched, digest=""))


@pytest.mark.parametrize("version", FORMULAS.versions)
def test_same_evidence_and_formula_give_the_score_that_was_stored(version: str) -> None:
    """A score of years ago can be made again. When this fails, a rule has changed: raise the
    version of the formula, and keep the former rules apart where they differ."""
    stored = json.loads((DATA / "scores.json").read_text(encoding="utf-8"))
    dataset, problems, found = judged("a")
    kept = through_json(set_apart(problems, found, {}))
    for day, score in stored[version].items():
        evidence = kept.evidence(dataset, on_portal("a"), date.fromisoformat(day))
        assert measure(evidence, FORMULAS.versions[version]) == Score.from_dict(score)


def test_formula_in_force_is_that_of_the_day() -> None:
    """A new version counts from its day on; before the first one, the first is all there is."""
    newest = max(FORMULAS.versions.values(), key=lambda formula: formula.since)
    assert FORMULAS.on(newest.since).version == "2026.11-2"
    later = replace(newest, version="later", since=newest.since + timedelta(30))
    both = replace(FORMULAS, versions={**FORMULAS.versions, "later": later})
    assert both.on(later.since - timedelta(1)).version == "2026.11-2"
    assert both.on(later.since).version == "later"
    assert both.on(date(2020, 1, 1)).version in FORMULAS.versions
