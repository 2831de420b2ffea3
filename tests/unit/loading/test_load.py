"""What of a file reaches a table, and when nothing does."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from hatinh.dictionary.check import Source, Standard
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import NO_SCHEMA, Column, TableSchema
from hatinh.errors import UnreadableTableError
from hatinh.loading import Loaded, PgType, Policy, Terms, Words, load
from hatinh.text import NO_TEXT, Text

AT = date(2026, 11, 22)


def element(name: str, datatype: Datatype = Datatype.STRING, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


ELEMENTS = [
    element("ma"),
    element("so", Datatype.INTEGER, minimum=0),
    element("ty_le", Datatype.DECIMAL),
    element("ngay", Datatype.DATE),
    element("co", Datatype.BOOLEAN),
    element("xa", Datatype.CODE, code_list="xa"),
    element("ky", Datatype.CODE, code_list="ky"),
    element("cccd", publish_forbidden=True),
    element("ho_ten", max_length=5, personal_data="basic"),
]
LISTS = {
    "xa": CodeList("xa", Text("Xã"), (Code("18073", Text("Thành Sen")),)),
    "ky": CodeList("ky", Text("Kỳ"), (Code("nam", Text("Năm")), Code("mot_lan", Text("Một lần")))),
    "null_codes": CodeList("null_codes", Text("Mã rỗng"), (Code("KHONG_RO", Text("Không rõ")),)),
}
DICTIONARY = Dictionary("1", {e.id: e for e in ELEMENTS}, LISTS)


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.ids: Sequence[str] = ()
        self.csv = b""

    def begin(self, ids: Sequence[str], delimiter: str) -> None:
        self.ids = ids

    def write(self, csv: bytes) -> None:
        self.csv += csv

    @property
    def lines(self) -> list[str]:
        return self.csv.decode().splitlines()


def loaded(
    text: str, policy: Policy = Policy.GOOD_ROWS, key: str = "", **wishes: PgType
) -> tuple[Loaded, Kept]:
    """The outcome for a file whose columns are named after their elements."""
    header = text.splitlines()[0].split(";")
    columns = tuple(Column(name, name, key=name == key) for name in header if name)
    standard = Standard(TableSchema(columns), DICTIONARY, AT, "$.resources[0]")
    sink = Kept()
    source = Source("x.csv", "CSV", io.BytesIO(text.encode()))
    return load(source, Terms(standard, policy, wishes), sink), sink


def free(text: str) -> tuple[Loaded, Kept]:
    """The outcome for a file that nobody promised anything of."""
    sink = Kept()
    source = Source("x.csv", "CSV", io.BytesIO(text.encode()))
    return load(source, Terms(Standard(NO_SCHEMA, DICTIONARY, AT)), sink), sink


def types(found: Loaded) -> list[str]:
    return [f"{column.type}, {column.written}" for column in found.columns]


def test_element_gives_the_type_and_values_come_in_one_form() -> None:
    """Whatever is right is written so that the cast of its type reads it."""
    found, sink = loaded(
        "so;ty_le;ngay;co;xa\n"
        "1.234;0,5;1.2.2025;CÓ;18073\n"
        "12,0;1.000,25;2025-01-05;khong; 18073\n"
        "1 234;2;2025-1-5T00:00;0;18073\n"
    )
    assert sink.lines == [
        '1234,"0,5",2025-02-01,true,18073',
        '12,"1000,25",2025-01-05,false,18073',
        "1234,2,2025-01-05,false,18073",
    ]
    assert types(found) == [
        "bigint, local", "numeric, local", "date, day", "boolean, boolean", "text, as-is",
    ]  # fmt: skip


def test_notation_is_told_by_the_first_rows() -> None:
    """One 18.34 settles that points stand before fractions."""
    found, sink = loaded("ty_le\n18.34\n1.250\n")
    assert (types(found), sink.lines) == (["numeric, plain"], ["18.34", "1.250"])


@pytest.mark.parametrize(("digits", "expected"), [(18, "bigint"), (19, "numeric")])
def test_whole_numbers_are_bigint_while_they_fit(digits: int, expected: str) -> None:
    """A number that is too large for it makes no load fail."""
    found, _ = loaded(f"so\n{'9' * digits}\n1\n")
    assert found.columns[0].type == expected


def test_words_for_no_value_and_blanks_are_nothing() -> None:
    """They become NULL in a column of any type, bound or not."""
    found, sink = loaded("so;ma\nKHONG_RO;KHONG_RO\n1;a\n  ;\n")
    assert sink.lines == [",", "1,a"]
    assert [column.missing for column in found.profile] == [1, 1]


def test_blank_rows_are_no_rows() -> None:
    """A blank line between two rows is neither kept nor bad."""
    found, sink = loaded("so;ma\n1;a\n;\n2;b\n")
    assert (found.rows, found.kept, found.bad, sink.lines) == (3, 2, 0, ["1,a", "2,b"])


def test_bad_rows_stay_out_and_are_told() -> None:
    """The others are loaded; each fault has its row, column and rule."""
    found, sink = loaded("ma;so\na;1\n;2\nc;x\nd;-1\ne;5\nf;6\ng;7\n", key="ma")
    assert sink.lines == ["a,1", "e,5", "f,6", "g,7"]
    assert (found.rows, found.kept, found.bad, found.refused) == (7, 4, 3, None)
    assert [(fault.code, fault.path) for fault in found.faults] == [
        ("key-empty", "$.resources[0].rows[2].ma"),
        ("cell-type", "$.resources[0].rows[3].so"),
        ("cell-out-of-range", "$.resources[0].rows[4].so"),
    ]


def test_one_bad_row_refuses_a_file_that_is_loaded_whole() -> None:
    """The problem says how many; the columns are known all the same."""
    found, _ = loaded("so\n1\nx\n3\n", Policy.WHOLE)
    assert found.refused is not None
    assert (found.refused.code, found.refused.params) == (
        "load-bad-rows", {"bad": "1", "rows": "3"},
    )  # fmt: skip
    assert types(found) == ["bigint, local"]


def test_faults_that_no_value_has_keep_no_row_out() -> None:
    """A key used twice is a problem of the table; which of its rows is right nobody knows."""
    found, sink = loaded("ma;so\na;1\na;2\n", Policy.WHOLE, key="ma")
    assert (sink.lines, found.refused) == (["a,1", "a,2"], None)
    assert [problem.code for problem in found.check.problems] == ["key-duplicated"]


@pytest.mark.parametrize(("bad", "refused"), [(2, False), (3, True)])
def test_file_that_is_mostly_bad_is_refused_by_any_policy(bad: int, refused: bool) -> None:
    """More than half of the rows: then the columns are bound wrongly, not the rows wrong."""
    found, _ = loaded("so\n" + "x\n" * bad + "1\n" * 2)
    assert (found.refused is not None and found.refused.code == "load-mostly-bad") is refused


def test_column_that_is_never_published_refuses_and_nothing_of_it_goes_on() -> None:
    """Not even into a table that is rolled back."""
    found, sink = loaded("ma;cccd\na;\nb;042000000001\nc;\n")
    assert found.refused is not None
    assert found.refused.code == "personal-data-column"
    assert sink.lines == ["a,"]


@pytest.mark.parametrize("cell", ["", "KHONG_RO"])
def test_blank_column_that_is_never_published_is_loaded(cell: str) -> None:
    """There is nothing in it that could be published."""
    found, sink = loaded(f"ma;cccd\na;{cell}\nb;{cell}\n")
    assert (found.refused, found.kept, sink.lines) == (None, 2, ["a,", "b,"])


def test_values_of_persons_stand_in_no_fault() -> None:
    """The report of a load is read by more people than the file."""
    found, _ = loaded("ma;ho_ten\na;Nguyễn Văn A\nb;B\n")
    assert [fault.value for fault in found.faults] == [""]
    assert [column.personal for column in found.columns] == [False, True]


def test_columns_that_nobody_promised_get_their_type_by_all_values() -> None:
    """Zeros in front, groups of thousands and words make a text of a column."""
    found, _ = free("a,b,c,d,e\n1,01,2025-01-31,1.5,x\n2,2,2024-02-29,2,\n")
    assert [column.type.value for column in found.columns] == [
        "bigint", "text", "date", "numeric", "text",
    ]  # fmt: skip


def test_bad_rows_have_no_say_in_types() -> None:
    """They are not in the table."""
    standard = Standard(TableSchema((Column("so", "so"),)), DICTIONARY, AT)
    source = Source("x.csv", "CSV", io.BytesIO(b"so,tu_do\n1,2\nx,hai\n3,4\n"))
    found = load(source, Terms(standard, Policy.GOOD_ROWS), Kept())
    assert found.columns[1].type is PgType.BIGINT


def test_wish_of_a_steward_wins_over_a_guess_and_not_over_an_element() -> None:
    """The dictionary is the master."""
    standard = Standard(TableSchema((Column("so", "so"),)), DICTIONARY, AT)
    source = Source("x.csv", "CSV", io.BytesIO(b"so,ma_so\n1,007\n"))
    wishes = {"so": PgType.TEXT, "ma_so": PgType.NUMERIC}
    found = load(source, Terms(standard, wishes=wishes), Kept())
    assert [column.type for column in found.columns] == [PgType.BIGINT, PgType.NUMERIC]


def test_text_is_composed_and_else_as_written() -> None:
    """Spaces and line breaks stay; letters are put together, or nobody would find them."""
    _, sink = free('a,b\n"dòng\nhai","te\u0302n  x"\n')
    assert sink.csv.decode() == '"dòng\nhai",tên  x\n'


def test_cells_are_quoted_where_a_reader_needs_it() -> None:
    """Commas, quotes, returns, and a backslash that may end all rows."""
    _, sink = free('a;b\n"1,5";"nói ""có"""\n\\.;x\n')
    assert sink.lines == ['"1,5","nói ""có"""', '"\\.",x']


def test_table_without_rows_has_columns() -> None:
    """A header alone is a table."""
    found, sink = free("a,b\n")
    assert (found.kept, found.refused, sink.ids, sink.csv) == (0, None, ("a", "b"), b"")
    assert types(found) == ["text, as-is"] * 2


def test_file_without_anything_is_no_table() -> None:
    """There is nothing to load, and no sink is told of columns."""
    with pytest.raises(UnreadableTableError):
        free("")


def test_more_columns_than_a_table_may_have_are_refused() -> None:
    """PostgreSQL would refuse them too, after all rows were copied."""
    with pytest.raises(UnreadableTableError) as caught:
        free(",".join(f"c{number}" for number in range(1501)) + "\n1\n")
    assert caught.value.reason == "too-many-columns"


def test_profile_counts_what_was_kept() -> None:
    """Missing and different values by column; bad rows do not count."""
    found, _ = loaded("ma;so\na;1\na;\nb;x\nc;1\n")
    assert [(c.id, c.missing, c.distinct, c.more) for c in found.profile] == [
        ("ma", 0, 2, False), ("so", 1, 1, False),
    ]  # fmt: skip


def test_everything_wrong_is_told_to_who_asks() -> None:
    """Also what makes no row bad."""
    told: list[tuple[int, str]] = []
    standard = Standard(TableSchema((Column("so", "so"),)), DICTIONARY, AT)
    source = Source("x.csv", "CSV", io.BytesIO(b"so,la\n1,a\nx,b\n"))
    load(source, Terms(standard, tell=lambda v: told.append((v.row, v.rule))), Kept())
    assert told == [(0, "column-unexpected"), (2, "cell-type")]


def test_elements_tell_how_their_columns_are_searched():
    """Numbers without points between thousands, days, lists of codes; of texts their values."""
    line = "a;12;0.5;31/12/2025;có;18073;nam"
    found, _ = loaded(f"ma;so;ty_le;ngay;co;xa;ky\n{line}\n")
    assert [column.words for column in found.columns] == [
        Words.PARTS, Words.ONE, Words.ONE, Words.DAY, Words.PROSE, Words.ONE, Words.PARTS,
    ]  # fmt: skip
    local, _ = loaded("so;ty_le\n1.234.567;-1.234,5\n")
    assert [column.words for column in local.columns] == [Words.PROSE, Words.ONE]
