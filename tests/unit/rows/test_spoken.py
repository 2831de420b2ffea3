"""Values as people write them in a form, in plain words."""

from datetime import date, datetime
from decimal import Decimal
from itertools import product

import pytest

from hatinh.rows.column import Column, Kind
from hatinh.rows.spoken import read_value

NUMBER = Column("so", "Số", Kind.NUMBER, stored="numeric")
WHOLE = Column("nam", "Năm", Kind.NUMBER, stored="int4")
DAY = Column("ngay", "Ngày", Kind.DATE, stored="date")
MOMENT = Column("luc", "Lúc", Kind.MOMENT, stored="timestamp")
BOOLEAN = Column("co", "Có", Kind.BOOLEAN, stored="bool")
TEXT = Column("ten", "Tên", Kind.TEXT)
CODE = Column("ma", "Mã", Kind.NUMBER, stored="numeric")


@pytest.mark.parametrize(
    ("column", "words", "vi", "en"),
    [
        (NUMBER, "71.234,5", "71234.5", None),
        (NUMBER, "71,234.5", None, "71234.5"),
        (NUMBER, "71.234", "71234", "71.2340"),
        (NUMBER, "71,234", "71.2340", "71234"),
        (NUMBER, "1.234.567", "1234567", None),
        (NUMBER, "1 234 567,25", "1234567.25", None),
        (NUMBER, "0.125", "0.1250", "0.1250"),
        (NUMBER, "0,5", "0.5", None),
        (NUMBER, " −3 ", "-3", "-3"),
        (NUMBER, "+7", "7", "7"),
        (NUMBER, "12345678901234567890,12", "12345678901234567890.12", None),
        (NUMBER, "1" * 301, None, None),
        (NUMBER, "NaN", "NaN", "NaN"),
        (NUMBER, "hai", None, None),
        (NUMBER, "1e5", None, None),
        (NUMBER, "\u0661", None, None),
        (WHOLE, "71.234", "71234", None),
        (WHOLE, "5,0", "5", None),
        (WHOLE, "2.147.483.648", None, None),
        (WHOLE, "-2.147.483.648", "-2147483648", None),
        (WHOLE, "NaN", None, None),
        (CODE, "12.345", "12.3450", "12.3450"),
        (CODE, "18.073,5", None, None),
        (DAY, "01/02/2025", "2025-02-01", "2025-02-01"),
        (DAY, "2025-02-01", "2025-02-01", "2025-02-01"),
        (DAY, "31/02/2025", None, None),
        (DAY, "2025", None, None),
        (MOMENT, "22/11/2026 08:30", "2026-11-22T08:30:00", "2026-11-22T08:30:00"),
        (MOMENT, "2026-11-22T08:30:00.250000", *["2026-11-22T08:30:00.250000"] * 2),
        (MOMENT, "22/11/2026", "2026-11-22", "2026-11-22"),
        (MOMENT, "22/11/2026 25:00", None, None),
        (BOOLEAN, "Có", "true", "true"),
        (BOOLEAN, "KHÔNG", "false", "false"),
        (BOOLEAN, "có thể", None, None),
        (TEXT, " 1.234 ", " 1.234 ", " 1.234 "),
    ],
)
def test_value_is_read_by_its_column_and_language(
    column: Column, words: str, vi: str | None, en: str | None
) -> None:
    """Points group and a comma parts in Vietnamese, the other way round in English."""
    assert (read_value(column, words, "vi"), read_value(column, words, "en")) == (vi, en)


@pytest.mark.parametrize("words", ["71.234,567", "1,234", "0,125", "1234", "-5,0001", "999.999"])
def test_plain_value_means_the_same_in_every_language(words: str) -> None:
    """An address that carries it can be taken to the page of the other language."""
    plain = read_value(NUMBER, words, "vi")
    assert plain
    assert Decimal(plain) == Decimal(words.replace(".", "").replace(",", "."))
    assert {read_value(NUMBER, plain, language) for language in ("vi", "en")} == {plain}


def test_day_and_moment_are_read_as_they_are_written() -> None:
    """What a value says of itself is read in both languages."""
    moment = datetime.fromisoformat("2025-02-01T08:05:09")
    for value, language in product((date(2025, 2, 1), moment), ("vi", "en")):
        column = MOMENT if isinstance(value, datetime) else DAY
        assert read_value(column, value.isoformat(), language) == value.isoformat()
