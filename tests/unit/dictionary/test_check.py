"""The check of tables: what is wrong is named once, at its place, by its rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import as_csv

from hatinh.dictionary.check import LISTED, Standard, TableCheck, check_file
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, SumRule, TableSchema
from hatinh.errors import SchemaError
from hatinh.problem import Problem, Severity
from hatinh.text import NO_TEXT, Text

DAY = date(2026, 11, 22)
MERGER = date(2025, 7, 1)
FILE = "$.resources[0]"


def element(name: str, datatype: Datatype = Datatype.STRING) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype)


PLACES = CodeList(
    "places",
    Text("Xã, phường"),
    (
        Code("18073", Text("Phường Nam Hà"), valid_to=date(2025, 6, 30)),
        Code("18073", Text("Phường Thành Sen"), valid_from=MERGER),
        Code("18094", Text("Phường Trần Phú"), valid_to=date(2025, 6, 30)),
    ),
)
ELEMENTS = (
    element("id"),
    replace(element("place"), pattern="^[0-9]{5}$", code_list="places"),
    replace(element("pupils", Datatype.INTEGER), minimum=0, maximum=5000),
    element("share", Datatype.DECIMAL),
    element("opened", Datatype.DATE),
    element("period", Datatype.PERIOD),
    replace(element("note"), max_length=20),
    replace(element("phone"), personal_data="basic", max_length=3),
    replace(element("citizen"), personal_data="basic", publish_forbidden=True),
)
DICTIONARY = Dictionary("1.0", {e.id: e for e in ELEMENTS}, {"places": PLACES})
SCHEMA = TableSchema(
    (
        Column("ma", "id", key=True),
        Column("xa", "place", required=True),
        Column("hoc_sinh", "pupils", required=True),
        Column("ty_le", "share"),
        Column("ngay", "opened"),
        Column("ky", "period"),
        Column("ghi_chu", "note"),
    )
)
HEADER = ("ma", "xa", "hoc_sinh", "ty_le", "ngay", "ky", "ghi_chu")
ROW = ("1", "18073", "1.234", "0,5", "31/12/2025", "20264", None)
CLEAN = [(str(n), *ROW[1:]) for n in range(1, 6)]


def check(
    rows: list[tuple[str | None, ...]],
    schema: TableSchema = SCHEMA,
    header: tuple[str, ...] = HEADER,
    at: date = DAY,
) -> TableCheck:
    standard = Standard(schema, DICTIONARY, at, FILE)
    return check_file("x", "CSV", as_csv(header, rows), standard)


def flat(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(problem.code, problem.path.removeprefix(FILE)) for problem in problems]


def failed(result: TableCheck) -> int:
    return sum(tally.failed for tally in result.facts.tallies.values())


def with_cell(row: int, column: str, value: str | None) -> list[tuple[str | None, ...]]:
    at = HEADER.index(column)
    rows: list[tuple[str | None, ...]] = list(CLEAN)
    rows[row] = (*rows[row][:at], value, *rows[row][at + 1 :])
    return rows


def test_clean_table_has_no_problem() -> None:
    """Nothing is reported where nothing is wrong, and the facts say what was looked at."""
    result = check(CLEAN)
    assert result.problems == ()
    assert (result.facts.rows, result.facts.columns, result.facts.bound_columns) == (5, 7, 7)
    assert failed(result) == 0
    assert result.facts.tallies["cell-type"].checked == 20


FAULTS = [
    ("cell-type", "hoc_sinh", "nhiều"),
    ("cell-type", "hoc_sinh", "12,5"),
    ("cell-type", "ty_le", "năm mươi"),
    ("cell-type", "ngay", "31/02/2026"),
    ("cell-type", "ky", "202613"),
    ("cell-pattern", "xa", "1807"),
    ("cell-too-long", "ghi_chu", "x" * 21),
    ("cell-out-of-range", "hoc_sinh", "-1"),
    ("cell-out-of-range", "hoc_sinh", "5.001"),
    ("cell-code-unknown", "xa", "99999"),
    ("cell-code-not-valid", "xa", "18094"),
    ("cell-empty", "xa", None),
    ("key-empty", "ma", None),
    ("text-unclean", "ghi_chu", "Ha\u0300 Ti\u0303nh"),
    ("text-unclean", "ghi_chu", "a\x07b"),
]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4), st.sampled_from(FAULTS))
def test_one_fault_is_reported_once_at_its_place(row: int, fault: tuple[str, str, str]) -> None:
    """Any one fault in a clean table gives exactly one problem, which names rule, row, column."""
    rule, column, value = fault
    result = check(with_cell(row, column, value))
    assert flat(result.problems) == [(rule, f".rows[{row + 1}].{column}")]
    assert failed(result) == 1


def test_repeated_key_names_the_first_row() -> None:
    """Of two rows with one key the later is reported, with the row it repeats."""
    (problem,) = check(with_cell(3, "ma", "1")).problems
    assert (problem.code, problem.path) == ("key-duplicated", f"{FILE}.rows[4].ma")
    assert problem.params == {"first": "1"}


def test_code_is_judged_on_the_day_of_the_data() -> None:
    """A code that ended with the merger is right in older data and wrong in newer (REQ-35)."""
    rows = with_cell(0, "xa", "18094")
    assert check(rows, at=date(2024, 12, 31)).problems == ()
    (problem,) = check(rows).problems
    assert problem.params == {"list": "places", "at": "2026-11-22"}


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 199)))
def test_counts_add_up_however_many_faults(faulty: set[int]) -> None:
    """At most so many problems are listed, and their counts are the exact number of faults."""
    rows = [(str(n), *ROW[1:2], "x" if n in faulty else "1", *ROW[3:]) for n in range(200)]
    result = check(rows)
    assert len(result.problems) == min(len(faulty), LISTED)
    assert sum(problem.count for problem in result.problems) == len(faulty)
    assert result.facts.tallies["cell-type"].failed == len(faulty)


def test_columns_are_held_to_the_promise() -> None:
    """A promised column that is missing and one that nobody promised are named."""
    result = check([("1", "x")], TableSchema((Column("a", "id"), Column("b", "id"))), ("a", "c"))
    assert flat(result.problems) == [
        ("column-missing", ".columns.b"),
        ("column-unexpected", ".columns.c"),
    ]


def test_one_name_twice_is_unexpected() -> None:
    """The second column of a name has no promise behind it."""
    result = check([("1", "2")], TableSchema((Column("a", "id"),)), ("a", "a"))
    assert flat(result.problems) == [("column-unexpected", ".columns.a")]


def test_columns_without_a_term_are_named() -> None:
    """A column bound to nothing, or to a term that does not exist, means nothing to others."""
    result = check([("1", "2")], TableSchema((Column("a"), Column("b", "ghost"))), ("a", "b"))
    assert flat(result.problems) == [
        ("column-unbound", ".columns.a"),
        ("element-unknown", ".columns.b"),
    ]
    assert result.facts.bound_columns == 0


def test_table_without_schema_is_unbound() -> None:
    """Without a schema nothing is missing or unexpected, but every column is unbound."""
    result = check([("1", "2")], TableSchema(), ("a", "b"))
    assert [code for code, _ in flat(result.problems)] == ["column-unbound"] * 2


def test_forbidden_identifiers_refuse_the_record() -> None:
    """A column of citizens' numbers is an error whatever it holds, and is not repeated."""
    result = check([("042085000001",)], TableSchema((Column("cccd", "citizen"),)), ("cccd",))
    (problem,) = result.problems
    assert (problem.code, problem.severity) == ("personal-data-column", Severity.ERROR)
    assert "042085000001" not in str(problem.as_dict())


def test_personal_values_are_never_repeated() -> None:
    """Problems go to lists and reports, so they do not quote personal data."""
    schema = TableSchema((Column("sdt", "phone", key=True),))
    result = check([("0912345678",), ("0912345678",)], schema, ("sdt",))
    assert {code for code, _ in flat(result.problems)} == {"cell-too-long", "key-duplicated"}
    assert "0912345678" not in str([problem.as_dict() for problem in result.problems])


def test_numbers_of_typed_files_keep_their_point() -> None:
    """``1.234`` in a workbook is a fraction, in a CSV of ours a thousand and more."""
    schema = TableSchema((Column("n", "pupils"),))
    assert check([("1.234",)], schema, ("n",)).problems == ()
    standard = Standard(schema, DICTIONARY, DAY, FILE)
    typed = check_file("x", "JSONL", BytesIO(b'{"n": 1.5}'), standard)
    assert flat(typed.problems) == [("cell-type", ".rows[1].n")]


def test_missing_code_list_is_a_broken_dictionary() -> None:
    """A dictionary that names a list it does not have is a fault of ours, not of the data."""
    broken = Dictionary("1.0", DICTIONARY.elements)
    with pytest.raises(SchemaError, match="places"):
        check_file("x", "CSV", as_csv(HEADER, CLEAN), Standard(SCHEMA, broken, DAY))


# The question bank of the report on which the sum rule is modelled: 96,938 + 3,639 ≠ 97,556.
BANK_SCHEMA = TableSchema(
    (Column("cap", "id", key=True), Column("mon", "id", key=True), Column("so_cau", "count")),
    (
        SumRule("so_cau", {"cap": "Tất cả"}, {"mon": "Tất cả"}),
        SumRule("so_cau", {"cap": "THCS", "mon": "Tất cả"}, {"cap": "THCS"}),
    ),
)
BANK = [
    ("Tất cả", "Tất cả", "97.556"),
    ("THPT", "Tất cả", "96.938"),
    ("THCS", "Tất cả", "3.639"),
    ("THCS", "Toán", "3.000"),
    ("THCS", "Vật lí", "639"),
]


def bank(rows: list[tuple[str | None, ...]]) -> TableCheck:
    dictionary = Dictionary("1", {"id": element("id"), "count": element("count", Datatype.INTEGER)})
    standard = Standard(BANK_SCHEMA, dictionary, DAY, FILE)
    return check_file("x", "CSV", as_csv(("cap", "mon", "so_cau"), rows), standard)


def test_total_that_does_not_add_up_is_found() -> None:
    """The stated total of the question bank is not the sum of its parts (REQ-40)."""
    result = bank(list(BANK))
    (problem,) = result.problems
    assert (problem.code, problem.path) == ("sum-differs", f"{FILE}.rows[1].so_cau")
    assert (problem.value, problem.params["expected"]) == ("97556", "100577")
    assert result.facts.tallies["sum-differs"].checked == 2


Change = Callable[[list[tuple[str | None, ...]]], list[tuple[str | None, ...]]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: [("Tất cả", "Tất cả", "100.577"), *rows[1:]], []),
        (lambda rows: rows[1:], ["sum-row-missing"]),
        (lambda rows: [rows[0], *rows], ["key-duplicated", "sum-row-missing"]),
        (lambda rows: [*rows[:3]], ["sum-differs", "sum-row-missing"]),
        (lambda rows: [("Tất cả", "Tất cả", None), *rows[1:]], []),
    ],
    ids=["right", "no-total", "two-totals", "no-parts", "blank-is-not-zero"],
)
def test_sums_are_judged_only_when_they_can_be(change: Change, expected: list[str]) -> None:
    """One total and at least one part make a sum; a blank among them is no zero."""
    assert [problem.code for problem in bank(change(list(BANK))).problems] == expected
