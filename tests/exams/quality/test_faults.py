"""Known faults in a clean table: their dimension falls and no other, and all rows are found.

A fault of each of the six kinds is put into some places of a record that has 100 points in every
dimension. What the score says was broken must be exactly those places.
"""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from ckanext.hatinh.quality.drill import File, places
from demo.department import Department
from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.load import load
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.quality import (
    Evidence,
    ResourceEvidence,
    Score,
    load_formulas,
    measure,
    measure_columns,
)
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

TODAY = date(2026, 11, 22)
FORMULA = load_formulas(ROOT).on(TODAY)
ROWS = 400
FILES = 20
HEADER = ("ma", "so", "nhom", "ten")
SCHEMA = TableSchema(
    (
        Column("ma", "ma", key=True), Column("so", "so", required=True),
        Column("nhom", "nhom", required=True), Column("ten", "ten", required=True),
    )
)  # fmt: skip
CODES = CodeList("nhom", Text("Nhóm"), (Code("a", Text("A")), Code("b", Text("B"))))
DICTIONARY = Dictionary(
    "1",
    {
        "ma": Element("ma", Text("Mã"), NO_TEXT, Datatype.INTEGER),
        "so": Element("so", Text("Số"), NO_TEXT, Datatype.INTEGER, minimum=0, maximum=100),
        "nhom": Element("nhom", Text("Nhóm"), NO_TEXT, Datatype.CODE, code_list="nhom"),
        "ten": Element("ten", Text("Tên"), NO_TEXT, max_length=20),
    },
    {"nhom": CODES},
)
DATASET = Dataset(
    guid="g", kind="dataset", title=Text("Bảng sạch"), notes=Text("Không có lỗi"),
    publisher="so-gddt", themes=("HT05",), keywords=("bảng",), licence="CC-BY-4.0",
    frequency="nam", data_layer="mo", sharing_level="mo", publication_class="cong_khai",
    pii_class="none", importance_class="khac", source_system="CSDL", legal_basis="KH 731",
    contact="Văn phòng Sở", contact_email="so@hatinh.gov.vn", approved_by="Giám đốc",
    modified=date(2026, 9, 1),
    resources=tuple(
        Resource(f"r{n}", Text(f"Tệp {n}"), f"https://example.vn/{n}.csv", "CSV")
        for n in range(FILES)
    ),
)  # fmt: skip

Cells = list[list[str]]


def clean_cells() -> Cells:
    """A table in which everything is right."""
    return [[str(n), str(n % 100), "ab"[n % 2], f"Dòng {n}"] for n in range(1, ROWS + 1)]


@dataclass(frozen=True)
class Judged:
    """A score, and the files that its rows are in."""

    score: Score
    files: tuple[File, ...]

    def places(self, rule: str) -> list[str]:
        """Every place that the drill-down lists for a rule."""
        losses = [loss for loss in self.score.as_dict()["losses"] if loss["rule"] == rule]
        lost = places(losses, self.files, ())
        assert lost.whole
        found = [place["path"] for place in lost.some(10_000, 0)]
        assert lost.count == len(found)
        return found

    def columns(self) -> dict[tuple[str, str], int]:
        """Faulty places of every column and dimension below 100, in the first file."""
        facts = self.files[0].facts
        assert facts is not None
        return {
            (column.name, name): column.broken
            for column in measure_columns(facts, FORMULA)
            for name, value in column.dimensions.items()
            if value not in (None, 100.0)
        }


def judged(cells: Cells, dataset: Dataset = DATASET, away: frozenset[int] = frozenset()) -> Judged:
    """The record with this table as each of its files, some of which cannot be had."""
    table = "\n".join(",".join(row) for row in [list(HEADER), *cells]).encode()
    resources = []
    for number in range(len(dataset.resources)):
        if number in away:
            resources.append(ResourceEvidence("CSV", False))
            continue
        standard = Standard(SCHEMA, DICTIONARY, TODAY, f"$.resources[{number}]")
        facts = check_file("x", "CSV", io.BytesIO(table), standard).facts
        resources.append(ResourceEvidence("CSV", True, facts))
    score = measure(Evidence(dataset, TODAY, (), tuple(resources)), FORMULA)
    return Judged(score, tuple(File(f"r{n}", r.facts) for n, r in enumerate(resources)))


ONE_FILE = replace(DATASET, resources=DATASET.resources[:1])

IN_ROWS: Mapping[tuple[str, str, str], Callable[[int], str]] = {
    ("dung", "cell-type", "so"): lambda n: f"khoảng {n}",
    ("dung", "cell-out-of-range", "so"): lambda n: str(100 + n),
    ("dung", "cell-too-long", "ten"): lambda n: "rất dài " * 3 + str(n),
    ("du", "cell-empty", "ten"): lambda n: "",
    ("du", "key-empty", "ma"): lambda n: "",
    ("sach", "key-duplicated", "ma"): lambda n: "1",
    ("sach", "text-unclean", "ten"): lambda n: f"To\u0302 {n}",
    ("thong_nhat", "cell-code-unknown", "nhom"): lambda n: f"z{n}",
}
"""Faults of cells: dimension, rule and column, and what is written instead."""


def fallen(score: Score) -> set[str]:
    """Dimensions below 100."""
    return {name for name, value in score.dimensions.items() if value != 100}


def test_clean_record_has_every_point() -> None:
    """Without a fault nothing is lost anywhere."""
    score = judged(clean_cells()).score
    assert fallen(score) == set()
    assert score.losses == ()


@pytest.mark.parametrize("count", [1, 7, 150])
@pytest.mark.parametrize("fault", IN_ROWS, ids=lambda fault: fault[1])
def test_faults_of_cells_cost_one_dimension_and_are_all_found(
    fault: tuple[str, str, str], count: int
) -> None:
    """k faults of one kind: one dimension falls, of the record and of the column; and the
    drill-down lists those k rows."""
    dimension, rule, column = fault
    rows = sorted(random.Random(f"{rule} {count}").sample(range(2, ROWS + 1), count))
    cells = clean_cells()
    for row in rows:
        cells[row - 1][HEADER.index(column)] = IN_ROWS[fault](row)
    found = judged(cells, ONE_FILE)
    assert fallen(found.score) == {dimension}
    assert {loss.rule for loss in found.score.losses} == {rule}
    assert sum(loss.count for loss in found.score.losses) == count
    assert found.places(rule) == [f"$.resources[0].rows[{row}].{column}" for row in rows]
    assert found.columns() == {(column, dimension): count}


@pytest.mark.parametrize("count", [1, 30, 5000])
def test_days_late_cost_song_alone(count: int) -> None:
    """k days after period and grace: sống falls, and the day of update is named."""
    late = replace(DATASET, modified=TODAY - timedelta(366 + 60 + count))
    found = judged(clean_cells(), late)
    assert fallen(found.score) == {"song"}
    assert found.places("update-overdue") == ["$.modified"]


@pytest.mark.parametrize("count", [1, 3, 19])
def test_files_that_cannot_be_had_cost_dung_chung_alone(count: int) -> None:
    """k files of many are away: dùng chung falls, and those files are named."""
    away = frozenset(random.Random(count).sample(range(1, FILES), count))
    found = judged(clean_cells(), away=away)
    assert fallen(found.score) == {"dung_chung"}
    assert found.places("file-unusable") == [f"$.resources[{n}].url" for n in sorted(away)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_empty_fields_cost_du_alone(count: int) -> None:
    """k fields are blank: đủ falls, and those fields are named."""
    names = ["source_system", "legal_basis", "contact_email", "approved_by", "keywords"][:count]
    blank = replace(DATASET, **{name: () if name == "keywords" else "" for name in names})
    found = judged(clean_cells(), blank)
    assert fallen(found.score) == {"du"}
    assert sorted(found.places("field-empty")) == sorted(f"$.{name}" for name in names)


def test_intest_total_is_caught_in_its_row() -> None:
    """96,938 and 3,639 are not 97,556: the published table loses đúng at its total (REQ-40)."""
    department = Department("so-gddt", "http://demo.example")
    table = department.datasets[0].files[0]
    schema = TableSchema.from_dict(table.schema)
    standard = Standard(schema, load(ROOT), date(2022, 6, 30), "$.resources[0]")
    published = department.read(table.path)
    check = check_file(table.path, "CSV", io.BytesIO(published), standard)
    (problem,) = [problem for problem in check.problems if problem.code == "sum-differs"]
    assert (problem.value, problem.params["expected"]) == ("97556", "100577")
    (place,) = [place for place in check.facts.places if place.rule == "sum-differs"]
    lines = published.decode().splitlines()
    assert "Toàn tỉnh" in lines[int(place.rows)]
    mended = published.replace(b"97556", b"100577")
    right = check_file(table.path, "CSV", io.BytesIO(mended), standard)
    wrong, correct = (
        measure(Evidence(ONE_FILE, TODAY, (), (ResourceEvidence("CSV", True, facts),)), FORMULA)
        for facts in (check.facts, right.facts)
    )
    assert fallen(correct) == set()
    assert fallen(wrong) == {"dung"}
