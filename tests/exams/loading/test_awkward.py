"""Every awkward file gives its expected table, or the reason why it gives none."""

import io

import pytest
from awkward import CASES, Case
from reading_back import Kept

from hatinh.dictionary.check import Source
from hatinh.errors import UnreadableTableError
from hatinh.loading import Loaded, Terms, load

USUAL = {"column-unbound", "column-unexpected"}
"""Said of every column that nobody promised."""

READABLE = [case for case in CASES if not case.unreadable]


def loaded(case: Case) -> tuple[Loaded, Kept]:
    sink = Kept()
    source = Source(case.name, case.format, io.BytesIO(case.body), sheet=case.sheet)
    return load(source, Terms(case.standard, case.policy), sink), sink


def test_exam_is_as_large_as_promised() -> None:
    """Forty files, each once."""
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", READABLE, ids=lambda case: case.name)
def test_file_gives_the_expected_table(case: Case) -> None:
    """Columns, types, values, what is left out, and what is told."""
    found, sink = loaded(case)
    assert (found.refused.code if found.refused else "") == case.refused
    assert found.bad == case.bad
    if case.refused:
        return
    assert {column.id: column.type.value for column in found.columns} == case.columns
    assert sink.table(found.columns) == [list(row) for row in case.rows]
    assert found.kept == len(case.rows)
    assert {problem.code for problem in found.check.problems} - USUAL == case.told


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.unreadable], ids=lambda case: case.name
)
def test_what_is_no_table_has_a_reason(case: Case) -> None:
    """It is told by a code that has words in both languages."""
    with pytest.raises(UnreadableTableError) as caught:
        loaded(case)
    assert caught.value.reason == case.unreadable
