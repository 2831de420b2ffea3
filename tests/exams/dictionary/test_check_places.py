"""Commune codes that cross the reform are found wherever they stand in a table."""

import csv
import io
from datetime import date

import pytest

from hatinh.dictionary import bulk, check
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.load import load
from hatinh.dictionary.table_schema import Column, TableSchema
from schemas import ROOT

SCHEMA = TableSchema(
    (Column("ma", "ma_dvhc"), Column("ten", "TenDonViHanhChinh"), Column("so", "DienTich"))
)
STANDARD = Standard(SCHEMA, load(ROOT), date(2026, 1, 1))
NEW = ["18073", "Phường Thành Sen", "1"]


@pytest.fixture(params=["row by row", "in bulk"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables and large ones are checked on different ways."""
    monkeypatch.setattr(check, "BULK", 0 if request.param == "in bulk" else 1 << 40)
    monkeypatch.setattr(bulk, "SEGMENT", 20_000)


def found(rows: list[list[str]]) -> list[tuple[str, str, str]]:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["ma", "ten", "so"], *rows])
    body = io.BytesIO(out.getvalue().encode())
    problems = check_file("x.csv", "CSV", body, STANDARD).problems
    return [
        (problem.code, problem.params["before"], problem.params["after"])
        for problem in problems
        if problem.code == "place-codes-cross-reform"
    ]


OLD = ["18073", "Phường Nam Hà", "1"]


@pytest.mark.parametrize("at", [0, 4_000, 7_999])
def test_one_old_name_among_thousands_is_found(at: int) -> None:
    """A code beside the name that it had before the reform, far below the first rows."""
    rows = [list(NEW) for _ in range(8_000)]
    rows[at] = OLD
    (only,) = found(rows)
    assert only[0] == "place-codes-cross-reform"
    assert only[2] == "18073 Phường Thành Sen"


@pytest.mark.parametrize("at", [0, 7_999])
def test_codes_alone_are_judged_as_codes(at: int) -> None:
    """Without names a kept code tells no day; one that ended is not valid, and that is all."""
    schema = TableSchema((Column("ma", "ma_dvhc"), Column("so", "DienTich")))
    codes = ["18073"] * 8_000
    codes[at] = "18077"
    body = io.BytesIO("\n".join(["ma,so", *(f"{code},1" for code in codes), ""]).encode())
    told = []
    standard = Standard(schema, STANDARD.dictionary, STANDARD.at)
    check_file("x.csv", "CSV", body, standard, lambda v: told.append((v.row, v.rule)))
    assert told == [(at + 1, "cell-code-not-valid")]


def test_one_side_is_no_problem() -> None:
    """All new, or all old."""
    assert not found([list(NEW) for _ in range(3_000)])
    assert not found([list(OLD) for _ in range(3_000)])
