"""The score of each column: its own faults, by the formula of the file, and nobody else's."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from written import as_csv

from hatinh.dictionary.check import Standard, TableFacts, check_file
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, Order, RowSum, SumRule, TableSchema
from hatinh.quality import (
    ColumnLoss,
    ColumnScore,
    FileEvidence,
    load_formula,
    measure_columns,
    of_table,
)
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

FORMULA = load_formula(ROOT / "quality.yaml")
NUMBER = Element("n", Text("Số"), NO_TEXT, Datatype.INTEGER)
FREE = Element("t", Text("Tên"), NO_TEXT)
SCHEMA = TableSchema(
    (Column("ma", "n", key=True), Column("so", "n", required=True), Column("ten", "t"))
)
HEADER = ("ma", "so", "ten")
FAULTY = [("1", "5", "a"), ("2", "x", "b"), ("2", "", "c"), ("4", "y", "d")]
NOT_OF_COLUMNS: dict[str, float | None] = {"song": None, "dung_chung": None}


def facts(
    rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, schema: TableSchema = SCHEMA
) -> TableFacts:
    """What is found in a table."""
    dictionary = Dictionary("1", {"n": NUMBER, "t": FREE})
    return check_file(
        "x", "CSV", as_csv(header, rows), Standard(schema, dictionary, date(2026, 11, 22))
    ).facts


def columns(found: TableFacts) -> dict[str, ColumnScore]:
    """The columns by their names."""
    return {column.name: column for column in measure_columns(found, FORMULA)}


def told(found: TableFacts, rule: str) -> dict[str, tuple[int, int]]:
    """Where a rule judged: broken and judged places by column."""
    return {
        column.name: (column.broken.get(rule, 0), column.judged[rule])
        for column in found.by_column
        if rule in column.judged
    }


def test_column_loses_points_by_the_formula_of_its_file() -> None:
    """2 of 3 numbers wrong: 100 − 100·⅔; 1 of 4 cells blank, half the weight: 100 − 50·¼."""
    so = columns(facts(FAULTY))["so"]
    assert so.dimensions == {
        "dung": 33.33, "du": 87.5, "sach": 100.0, "thong_nhat": 100.0, **NOT_OF_COLUMNS,
    }  # fmt: skip
    assert so.losses == (
        ColumnLoss("dung", "cell-type", 66.67, 2, 3),
        ColumnLoss("du", "cell-empty", 12.5, 1, 4),
    )


def test_repeated_key_costs_the_column_of_the_key() -> None:
    """1 of 4 rows, three quarters of the weight of sạch: 100 − 75·¼."""
    ma = columns(facts(FAULTY))["ma"]
    assert ma.dimensions["sach"] == 81.25
    assert ma.losses == (ColumnLoss("sach", "key-duplicated", 18.75, 1, 4),)


def test_neighbour_of_faulty_columns_loses_nothing() -> None:
    """Free text has nothing to be right by, so đúng is not measured; all else is whole."""
    ten = columns(facts(FAULTY))["ten"]
    whole = {"du": 100.0, "sach": 100.0, "thong_nhat": 100.0}
    assert ten.dimensions == {"dung": None, **whole, **NOT_OF_COLUMNS}
    assert (ten.losses, ten.element) == ((), "t")


@pytest.mark.parametrize("count", [1, 3, 9])
@pytest.mark.parametrize(
    ("column", "value", "dimension"),
    [("so", "khoảng {}", "dung"), ("so", "", "du"), ("ten", "To\u0302 {}", "sach")],
)
def test_faults_in_one_column_lower_that_column_in_that_dimension(
    column: str, value: str, dimension: str, count: int
) -> None:
    """k faults of one kind: every other value of every column stays where it was."""
    at = HEADER.index(column)
    rows = [[str(n), str(n), f"Dòng {n}"] for n in range(10)]
    for row in rows[:count]:
        row[at] = value.format(row[0])
    below = {
        (found.name, name): found.broken
        for found in measure_columns(facts(rows), FORMULA)
        for name, points in found.dimensions.items()
        if points not in (None, 100.0)
    }
    assert below == {(column, dimension): count}


def test_promised_column_that_is_not_there_has_no_du() -> None:
    """It is listed, after those of the file; what cannot be judged in it is not measured."""
    found = facts([("1", "5")], ("ma", "so"))
    assert [column.name for column in found.by_column] == ["ma", "so", "ten"]
    ten = columns(found)["ten"]
    assert ten.losses == (ColumnLoss("du", "column-missing", 100.0, 1, 1),)
    assert ten.dimensions == {
        "dung": None, "du": 0.0, "sach": None, "thong_nhat": 100.0, **NOT_OF_COLUMNS,
    }  # fmt: skip


def test_rule_on_several_columns_counts_where_it_tells_its_places() -> None:
    """The later of an order, the total of a sum, the first of a key: no fault is counted twice."""
    names = ("ma", "nam", "tu", "den", "nam_gioi", "nu", "tong")
    schema = TableSchema(
        tuple(Column(name, "n", key=name in ("ma", "nam")) for name in names),
        sums=(SumRule("tong", {"ma": "9"}, {"nam": "1"}),),
        orders=(Order("tu", "den"),),
        row_sums=(RowSum("tong", ("nam_gioi", "nu")),),
    )
    rows = [
        ("1", "1", "5", "4", "1", "1", "2"),
        ("1", "1", "1", "4", "1", "1", "3"),
        ("9", "0", "1", "4", "3", "3", "6"),
    ]
    found = facts(rows, names, schema)
    assert told(found, "order-reversed") == {"den": (1, 3)}
    assert told(found, "row-sum-differs") == {"tong": (1, 3)}
    assert told(found, "sum-differs") == {"tong": (1, 1)}
    assert told(found, "key-duplicated") == {"ma": (1, 3)}


def test_columns_together_have_what_the_file_has() -> None:
    """Each rule judged and found as much in all columns as in the file."""
    found = facts(FAULTY)
    for rule, tally in found.tallies.items():
        parts = told(found, rule).values()
        if rule not in ("cell-surplus", "personal-data-column"):
            assert sum(broken for broken, _ in parts) == tally.failed
            assert sum(judged for _, judged in parts) == tally.checked


def test_worst_column_comes_first() -> None:
    """By the least dimension, then by faulty places, then as in the file."""
    assert [column.name for column in measure_columns(facts(FAULTY), FORMULA)] == [
        "so", "ma", "ten",
    ]  # fmt: skip


def test_column_that_nobody_described_is_unbound() -> None:
    """Without a schema: no term, and thống nhất is lost whole."""
    (column,) = measure_columns(facts([("1",), ("2",)], ("a",), TableSchema()), FORMULA)
    assert (column.name, column.element) == ("a", "")
    assert column.losses == (ColumnLoss("thong_nhat", "column-unbound", 100.0, 1, 1),)


def test_columns_of_one_name_are_one_and_those_without_are_none() -> None:
    """A name used twice is judged twice; a heading that is blank cannot be pointed at."""
    schema = TableSchema((Column("a", "n"),))
    found = facts([("1", "2", "3"), ("1", "2", "3")], ("a", "a", ""), schema)
    assert [column.name for column in found.by_column] == ["a"]
    assert told(found, "column-unexpected") == {"a": (1, 2)}


def stored(found: TableFacts) -> dict[str, Any]:
    """Evidence of the file as the database gives it back."""
    return json.loads(json.dumps(of_table("CSV", found, (), "$", "").as_dict()))


def test_kept_evidence_gives_the_same_columns() -> None:
    """Nothing is lost by keeping it."""
    found = facts(FAULTY)
    again = FileEvidence.from_dict(stored(found)).facts
    assert again is not None
    assert measure_columns(again, FORMULA) == measure_columns(found, FORMULA)


def test_evidence_kept_before_columns_were_counted_has_none() -> None:
    """Not measured is not zero, and not an error."""
    earlier = stored(facts(FAULTY))
    del earlier["facts"]["by_column"]
    again = FileEvidence.from_dict(earlier).facts
    assert again is not None
    assert measure_columns(again, FORMULA) == []
