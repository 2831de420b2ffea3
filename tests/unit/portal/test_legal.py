"""Which legal instruments a page may cite."""

from datetime import date
from pathlib import Path

import pytest

import schemas
from ckanext.hatinh.portal.legal import citable

TABLE = schemas.ROOT / "legal_instruments.csv"
HEADER = (
    "instrument,title,issued,effective,expired,replaced_by,status,confidence,articles,source,note\n"
)


@pytest.fixture
def cited(tmp_path: Path):
    """Numbers of the instruments that a table of one row lets us cite."""

    def numbers(row: str) -> list[str]:
        table = tmp_path / "legal.csv"
        table.write_text(HEADER + row, encoding="utf-8")
        return [found.number for found in citable(table, date(2026, 11, 22))]

    return numbers


def test_confirmed_instrument_in_force_is_cited(cited) -> None:
    """Official or reputable reading, in force today."""
    assert cited("Luật 1,A,2025-01-01,2025-07-01,,,hieu_luc,B,,,") == ["Luật 1"]


def test_unconfirmed_instrument_is_left_out(cited) -> None:
    """What we know from third parties only is not shown as law."""
    assert cited("CV 1,A,2025-01-01,,,,hieu_luc,D,,,") == []


def test_expired_instrument_is_left_out(cited) -> None:
    """The day after the last day of force, it is gone from the page."""
    assert cited("NĐ 1,A,2020-01-01,2020-02-01,2026-11-21,NĐ 2,het_hieu_luc,A,,,") == []


def test_instrument_not_yet_in_force_is_left_out(cited) -> None:
    """Nor before its first day."""
    assert cited("NĐ 3,A,2026-10-01,2027-01-01,,,hieu_luc,A,,,") == []


def test_shipped_table_can_be_read() -> None:
    """The table of the repository gives the plan that the portal rests on."""
    assert "KH 731/KH-UBND" in [found.number for found in citable(TABLE, date(2026, 11, 22))]
