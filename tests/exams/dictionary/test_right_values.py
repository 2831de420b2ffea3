"""Patterns of right values: they may miss one, and never take a wrong one."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatinh.dictionary import letters
from hatinh.dictionary.cell_form import form_of
from hatinh.dictionary.cell_judge import CellJudge
from hatinh.dictionary.digits import decimal, whole
from hatinh.dictionary.letters import SURE, one_of, within
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.dictionary.table_subject import Subject
from hatinh.tabular.numbers import Notation
from hatinh.text import NO_TEXT, Text, clean

LIMITS = st.none() | st.integers(-2_000_000, 2_000_000)
FRACTIONS = st.none() | st.decimals(-50, 50, places=2).map(float)
ALL = SURE + " "


def test_letters_beyond_doubt_are_what_cleaning_leaves() -> None:
    """Each is printable, composed, and never a mark on the letter before it."""
    for letter in SURE:
        assert letter.isprintable()
        assert unicodedata.is_normalized("NFC", letter)
        assert not unicodedata.combining(letter)
        assert clean(f"a{letter}a") == f"a{letter}a"


@pytest.mark.parametrize("chosen", ["abc", "-]^[\\", "aăâ é", ALL, "", "#&~"])
def test_sets_of_letters_take_these_and_no_others(chosen: str) -> None:
    """Signs that have a meaning in patterns are letters like others."""
    pattern = re.compile(one_of(chosen))
    assert {letter for letter in ALL if pattern.fullmatch(letter)} == set(chosen)


PATTERNS = [
    "^[A-Za-z_][A-Za-z0-9_]*$",
    "^[(]?([+]?84|0|1[89]00)[0-9 .,()/;-]{4,}$",
    "^[^@ ]+@[^@ ]+[.][^@ ]+$",
    "^[0-9]{4} ?[-–] ?[0-9]{4}$",
    r"^\d\.\w+$",
    "^CTDB_",
    "xã$",
    "a|^b$|c",
    "^(phường|xã|thị trấn)$",
    r"^\S+ \D\W$",
    "^(=|>=|>|<=|<)$",
    "^.[^a-z].$",
]
TEXTS = st.text(alphabet="aáx09 _.@-–(+84CTDB=><bcxãphường", max_size=9) | st.sampled_from(
    ["0912 345 678", "2024 - 2025", "a@b.c", "CTDB_1", "phường", "thị trấn", "1.a", "b"]
)


@given(st.sampled_from(PATTERNS), TEXTS)
def test_portable_patterns_find_what_python_finds(pattern: str, text: str) -> None:
    """Anchors, classes, repeats and bars mean the same after translation."""
    found = within(pattern, ALL)
    assert found is not None
    assert bool(re.fullmatch(f"(?:{found})", text)) == bool(re.search(pattern, text))


@pytest.mark.parametrize(
    "pattern", [r"(?!x)a", r"(a)\1", r"a\b", "a*?", "a++", "^a$b", "(?i)a", r"\x41", "a{201}", "a{"]
)
def test_patterns_that_engines_read_apart_are_given_up(pattern: str) -> None:
    """Looking around, references, and what is written in several ways."""
    assert within(pattern, ALL) is None


def test_no_letter_is_no_pattern() -> None:
    """A set without letters takes nothing."""
    assert re.search(letters.NOTHING, "a b\n") is None


@given(LIMITS, LIMITS, st.integers(-3_000_000, 9_000_000))
def test_whole_numbers_are_told_by_their_digits(
    low: int | None, high: int | None, value: int
) -> None:
    """Within the limits and only there, with and without marks between thousands."""
    pattern = re.compile("|".join(whole(low, high, r"\.")) or "(?!)")
    inside = (low is None or value >= low) and (high is None or value <= high)
    assert bool(pattern.fullmatch(str(value))) == inside
    assert bool(pattern.fullmatch(f"{value:,}".replace(",", "."))) == inside


@given(FRACTIONS, FRACTIONS, st.decimals(-60, 60, places=3))
def test_decimals_outside_of_limits_have_no_pattern(
    low: float | None, high: float | None, value: Decimal
) -> None:
    """A limit itself may be missed; what is beyond never passes."""
    pattern = re.compile("|".join(decimal(low, high, "", r"\.")) or "(?!)")
    inside = (low is None or value >= low) and (high is None or value <= high)
    assert inside or not pattern.fullmatch(f"{value:f}")


def judge(datatype: Datatype, **promised: Any) -> CellJudge:
    element = Element("e", Text("e"), NO_TEXT, datatype, **promised)
    nulls = CodeList("null_codes", Text(""), (Code("AB", Text("")), Code("12", Text(""))))
    codes = CodeList("codes", Text(""), (Code("a", Text("")), Code("b c", Text(""))))
    lists = {"null_codes": nulls, "codes": codes}
    schema = TableSchema((Column("c", "e"),))
    subject = Subject(
        ("c",), (), False, schema, Dictionary("1", {"e": element}, lists), date(2026, 1, 1)
    )
    return CellJudge("c", subject.bound["c"], subject)


JUDGES = [
    judge(Datatype.STRING),
    judge(Datatype.STRING, max_length=3),
    judge(Datatype.STRING, max_length=1),
    judge(Datatype.STRING, max_length=0),
    judge(Datatype.STRING, max_length=300),
    judge(Datatype.STRING, pattern="^[A-Z0-9 ]+$", max_length=4),
    judge(Datatype.STRING, pattern=r"^(?!x)\w+$"),
    judge(Datatype.CODE, code_list="codes"),
    judge(Datatype.INTEGER),
    judge(Datatype.INTEGER, minimum=1, maximum=1200),
    judge(Datatype.INTEGER, max_length=2),
    judge(Datatype.DECIMAL),
    judge(Datatype.DECIMAL, minimum=-1.5, maximum=0.1),
    judge(Datatype.DATE),
    judge(Datatype.PERIOD),
    judge(Datatype.PERIOD, pattern="^[0-9]{4}$"),
    judge(Datatype.BOOLEAN),
    judge(Datatype.URL),
]
ODD = st.text(alphabet='abAB012 ,.-+/:"\u00e1\u0301\u00a0\n', min_size=1, max_size=6)
KNOWN = [
    "2025-02-28", "2025-02-29", "31/04/2025", "31/12/2025", "1.200", "1.201", "0,1", "-1,5", "2025",
    "20255", "202513", "202512", "có", "Có", "http://a", "https://a b", "AB", "12", "b c",
]  # fmt: skip
CELLS = ODD | st.sampled_from(KNOWN)


@pytest.mark.parametrize("column", JUDGES, ids=range(len(JUDGES)))
@given(cell=CELLS)
def test_what_has_the_form_breaks_no_rule(column: CellJudge, cell: str) -> None:
    """Of such a cell the exact rules have nothing to say, and cleaning leaves it."""
    form = column.form
    if not form.expression().fullmatch(cell) or not form.fits(cell):
        return
    column.clear()
    assert column[cell] is None


def test_usual_values_have_the_form() -> None:
    """Else nothing would be won."""
    usual = {1: "ăn", 7: "b c", 9: "1.200", 12: "-0,5", 13: "31/12/2025", 14: "20254", 16: "có"}
    for at, cell in usual.items():
        form = form_of(JUDGES[at].bound, JUDGES[at].null_codes, lambda value: True)
        assert form.expression().fullmatch(cell)
        assert form.fits(cell)
    assert JUDGES[9].bound is not None
    assert JUDGES[9].bound.notation is Notation.LOCAL


def test_a_column_of_many_values_is_judged_as_one_of_few() -> None:
    """A pattern comes to help after some hundred values, and changes no verdict."""
    for column in JUDGES:
        column.clear()
        few = {cell: column[cell] for cell in [*KNOWN, "x1", "a" * 400, "AB  1"]}
        for number in range(1_000):
            assert column[f"x{number}"] == column._verdict(f"x{number}")
        assert all(column[cell] == verdict for cell, verdict in few.items())
