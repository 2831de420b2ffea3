"""The cells of one column on their way into a table, each different one made once."""

import re
import unicodedata
from collections.abc import Callable
from functools import reduce
from operator import or_

from hatinh.dictionary.cell_judge import CellJudge
from hatinh.dictionary.model import Datatype
from hatinh.dictionary.table_subject import Bound
from hatinh.loading.distinct import Distinct
from hatinh.loading.kinds import DAY, TEXT, Kind, Typed, kind_of, type_of, wished, words_of
from hatinh.loading.model import PgType, Words, Written
from hatinh.tabular.cells import Words as Hashes
from hatinh.tabular.numbers import Notation, number
from hatinh.text import fold, parse_date

_REMEMBERED = 20_000
"""Different cells of a column that are kept as they were made."""

_SHORT = 200
"""Letters of a cell up to which it is kept; longer ones hardly stand twice."""

_TRUE = frozenset({"true", "1", "co"})
_FREE = frozenset({Datatype.STRING})
_NUMBERS = frozenset({Datatype.INTEGER, Datatype.DECIMAL})
_ONE_WORD = 40
"""Letters of a text up to which it may be a word by itself."""
_ONE_POINT = 8
"""Letters of a number that has one point between thousands at most; the parser takes the sign off
one that has more."""
_LONGEST = 18
"""Letters of a whole number, as it is written, that surely is a bigint."""


class Texts(dict[str | None, str]):
    """Cells of CSV by cell of the file, and what has been seen of the column."""

    def __init__(
        self, judge: CellJudge, special: re.Pattern[str], most: int, *, implied: bool
    ) -> None:
        super().__init__()
        self._judge = judge
        self._special = special
        self._implied = implied
        self.kinds = Kind.NOTHING
        self.longest = self.missing = 0
        self.distinct = Distinct(most)
        element = judge.bound.element if judge.bound else None
        self._datatype = element.datatype if element else None
        self._written = _writer(judge.bound)

    @property
    def free(self) -> bool:
        """Whether only the values tell what they look like."""
        return self._datatype is None or self._datatype in _FREE

    def __missing__(self, cell: str | None) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        value = self._judge.value(cell)
        text = "" if cell is None or value is None else self._written(cell, value)
        if text and cell is not None:
            self.distinct.add(cell)
            if self.free:
                self.kinds |= kind_of(text)
            self.longest = max(self.longest, len(cell))
        if self._special.search(text):
            text = '"' + text.replace('"', '""') + '"'
        if cell is None or len(cell) <= _SHORT:
            self[cell] = text
        return text

    def note(self, missing: int, kinds: Kind, longest: int, hashes: Hashes | None) -> None:
        """What was seen in rows that did not come one by one."""
        self.missing += missing
        self.kinds |= kinds
        self.longest = max(self.longest, longest)
        self.distinct.note(hashes)

    def type(self, wish: PgType | None, *, typed: bool) -> Typed:
        """The type of the column, once all rows have been seen."""
        if self._datatype is not None:
            return self._promised(self._datatype)
        if self._implied:
            return wished(self.kinds, PgType.DOUBLE) or TEXT
        return wished(self.kinds, wish) or type_of(self.kinds, typed=typed)

    @property
    def words(self) -> Words:
        """How the column is searched, once all rows have been seen."""
        if not 0 < self.longest <= _ONE_WORD:
            return Words.PROSE
        if self.free:
            return words_of(self.kinds)
        return _promised_words(self._judge.bound, self.longest)

    def _promised(self, datatype: Datatype) -> Typed:
        if datatype is Datatype.DATE:
            return DAY
        if datatype is Datatype.BOOLEAN:
            return PgType.BOOLEAN, Written.BOOLEAN
        if datatype not in _NUMBERS or self._judge.bound is None:
            return TEXT
        whole = datatype is Datatype.INTEGER and self.longest <= _LONGEST
        local = self._judge.bound.notation is Notation.LOCAL
        written = Written.LOCAL if local else Written.PLAIN
        return (PgType.BIGINT if whole else PgType.NUMERIC), written


def special(delimiter: str) -> re.Pattern[str]:
    """What a cell may only have between quotes; a backslash may look like the end of all rows."""
    return re.compile(f'[{re.escape(delimiter)}"\r\n\\\\]')


def _promised_words(bound: Bound | None, longest: int) -> Words:
    """How a column is searched whose element says what its values are."""
    if bound is None or bound.element is None:
        return Words.PROSE
    if bound.codes is not None:
        return words_of(reduce(or_, (kind_of(code.code) for code in bound.codes), Kind.NOTHING))
    if bound.element.datatype is Datatype.DATE:
        return Words.DAY
    one = bound.notation is Notation.PLAIN or longest <= _ONE_POINT
    return Words.ONE if one and bound.element.datatype in _NUMBERS else Words.PROSE


def _writer(bound: Bound | None) -> Callable[[str, str], str]:
    """How a cell and its clean value, in which nothing is wrong, is written."""
    element = bound.element if bound else None
    if bound is None or element is None or element.datatype in _FREE:
        return lambda cell, _: unicodedata.normalize("NFC", cell)
    match element.datatype:
        case Datatype.INTEGER:
            return lambda _, value: _plain(value, bound.notation).partition(".")[0]
        case Datatype.DECIMAL:
            mark = "," if bound.notation is Notation.LOCAL else "."
            return lambda _, value: _plain(value, bound.notation).replace(".", mark)
        case Datatype.DATE:
            return lambda _, value: _day(value)
        case Datatype.BOOLEAN:
            return lambda _, value: "true" if fold(value) in _TRUE else "false"
    return lambda _, value: value


def _plain(value: str, notation: Notation) -> str:
    found = number(value, notation)
    return value if found is None else f"{found:f}"


def _day(value: str) -> str:
    found = parse_date(value)
    return value if found is None else found.isoformat()
