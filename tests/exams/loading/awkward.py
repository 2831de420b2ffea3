"""Awkward files as offices send them, each with the table that a load must make of it."""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter
import xlwt
from opendocument import document, table_row

from hatinh.dictionary.check import Standard
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.loading import Policy
from hatinh.tabular.encoding import LEGACY
from hatinh.text import NO_TEXT, Text

AT = date(2026, 11, 22)
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Case:
    """A file, what was promised for it, and what comes of it.

    ``columns`` are the ids and types of the table. ``rows`` are its values: days as ISO texts,
    numbers as themselves. ``promised`` names elements by header. ``told`` are codes of problems
    beside those that every table without promises has. Where a file is ``refused``, or
    ``unreadable``, that is the code of the reason, and no row is expected.
    """

    name: str
    format: str
    body: bytes
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: Rows = ()
    promised: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = Policy.GOOD_ROWS
    sheet: str = ""
    bad: int = 0
    told: frozenset[str] = frozenset()
    refused: str = ""
    unreadable: str = ""

    @property
    def standard(self) -> Standard:
        """What the file is checked by."""
        columns = tuple(Column(name, element) for name, element in self.promised.items())
        return Standard(TableSchema(columns), DICTIONARY, AT)


def _element(name: str, datatype: Datatype, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


_ELEMENTS = (
    _element("ten", Datatype.STRING),
    _element("so", Datatype.INTEGER),
    _element("thap_phan", Datatype.DECIMAL),
    _element("ngay", Datatype.DATE),
    _element("co", Datatype.BOOLEAN),
    _element("cccd", Datatype.STRING, publish_forbidden=True),
)
_NULLS = CodeList("null_codes", Text("Mã rỗng"), (Code("KHONG_RO", Text("Không rõ")),))
DICTIONARY = Dictionary("1", {e.id: e for e in _ELEMENTS}, {"null_codes": _NULLS})


# -- texts --------------------------------------------------------------------------------------

PLAIN = "mã,tên,số\n01,Trường Tiểu học Đại Nài,5\n02,Ủy ban nhân dân xã Cẩm Bình,12\n"
PLAIN_COLUMNS = {"mã": "text", "tên": "text", "số": "bigint"}
PLAIN_ROWS = [["01", "Trường Tiểu học Đại Nài", 5], ["02", "Ủy ban nhân dân xã Cẩm Bình", 12]]


def _plain(name: str, body: bytes, format: str = "CSV", **more: Any) -> Case:
    return Case(name, format, body, PLAIN_COLUMNS, PLAIN_ROWS, **more)


def _in_1258() -> bytes:
    """The text with its letters and tones apart, as that code page has them."""
    tones, apart = "\u0300\u0301\u0303\u0309\u0323", ""
    for letter in PLAIN:
        parts = unicodedata.normalize("NFD", letter)
        base = "".join(part for part in parts if part not in tones)
        tone = "".join(part for part in parts if part in tones)
        apart += unicodedata.normalize("NFC", base) + tone
    return apart.encode("cp1258")


def _in_font(name: str) -> bytes:
    """The text in an encoding whose letters are listed in a file."""
    with (LEGACY / name).open(encoding="utf-8", newline="") as lines:
        letters = {row["text"]: row["bytes"] for row in csv.DictReader(lines)}
    return b"".join(
        letter.encode() if letter.isascii() else bytes.fromhex(letters[letter]) for letter in PLAIN
    )


OLD = frozenset({"old-encoding"})
ENCODINGS = [
    _plain("utf-8", PLAIN.encode()),
    _plain("utf-8 with a byte-order mark", PLAIN.encode("utf-8-sig")),
    _plain("utf-16, little end first", PLAIN.encode("utf-16")),
    _plain("utf-16 without a mark, big end first", PLAIN.encode("utf-16-be")),
    _plain("windows-1258", _in_1258(), told=OLD),
    _plain("vni", _in_font("vni.csv"), told=OLD),
    Case(
        "tcvn3", "CSV", b"m\xb7,t\xaan\n01,Tr\xad\xeang \xae\xb9i h\xe4c H\xb5 T\xdcnh\n",
        {"mã": "text", "tên": "text"}, [["01", "Trường đại học Hà Tĩnh"]], told=OLD,
    ),
    _plain("lines of a windows program", PLAIN.replace("\n", "\r\n").encode()),
    _plain("lines of an old mac", PLAIN.replace("\n", "\r").encode()),
    _plain("no end of the last line", PLAIN.rstrip().encode()),
    _plain("semicolons", PLAIN.replace(",", ";").encode()),
    _plain("tabs", PLAIN.replace(",", "\t").encode(), "TSV"),
    _plain("bars", PLAIN.replace(",", "|").encode()),
    Case(
        "letters in parts, as a mac writes them", "CSV",
        unicodedata.normalize("NFD", "tên,số\nHà Tĩnh,1\n").encode(),
        {"tên": "text", "số": "bigint"}, [["Hà Tĩnh", 1]], told=frozenset({"text-unclean"}),
    ),
]  # fmt: skip

SHAPES = [
    Case(
        "quotes with line breaks", "CSV",
        'mã,ghi chú\n1,"dòng một\ndòng hai, hết"\n2,"nói ""có"""\n'.encode(),
        {"mã": "bigint", "ghi chú": "text"}, [[1, "dòng một\ndòng hai, hết"], [2, 'nói "có"']],
    ),
    Case(
        "a quoted header over two lines", "CSV", '"Tên\nđơn vị","Tỷ lệ\n(%)"\nA,1.5\n'.encode(),
        {"Tên đơn vị": "text", "Tỷ lệ": "numeric"}, [["A", Decimal("1.5")]],
    ),
    Case(
        "rows of fewer cells", "CSV", b"a,b,c\n1,2,3\n4\n5,6\n",
        {"a": "bigint", "b": "bigint", "c": "bigint"}, [[1, 2, 3], [4, None, None], [5, 6, None]],
    ),
    Case(
        "rows of more cells", "CSV", b"a,b\n1,2\n3,4,x\n",
        {"a": "bigint", "b": "bigint", "cot_3": "text"}, [[1, 2, None], [3, 4, "x"]],
    ),
    Case(
        "a row of more cells far below", "CSV", b"a,b\n" + b"1,2\n" * 5_001 + b"3,4,x\n5,6\n",
        {"a": "bigint", "b": "bigint"}, [*[[1, 2]] * 5_001, [5, 6]],
        bad=1, told=frozenset({"cell-surplus"}),
    ),
    Case(
        "delimiters at the end of each row", "CSV", b"a;b;;\n1;x;;\n2;y;;\n",
        {"a": "bigint", "b": "text"}, [[1, "x"], [2, "y"]],
    ),
    Case(
        "one header twice", "CSV", "xã,số,số\nA,1,2\n".encode(),
        {"xã": "text", "số": "bigint", "số_2": "bigint"}, [["A", 1, 2]],
    ),
    Case(
        "headers left blank", "CSV", b",ten,xa\n1,A,x\n",
        {"cot_1": "bigint", "ten": "text", "xa": "text"}, [[1, "A", "x"]],
    ),
    Case(
        "headers that a table may not have", "CSV", b'_id,xmin,"a ""b""",_id\n1,2,3,4\n',
        {"id": "bigint", "xmin_": "bigint", "a b": "bigint", "id_2": "bigint"}, [[1, 2, 3, 4]],
    ),
    Case(
        "headers of many bytes", "CSV", f"{'ế' * 30}a,{'ế' * 30}b\n1,2\n".encode(),
        {"ế" * 21: "bigint", "ế" * 20 + "_2": "bigint"}, [[1, 2]],
    ),
    Case(
        "titles above the header", "CSV",
        "DANH SÁCH TRƯỜNG HỌC,,\nNăm 2025,,\n,,\nmã,tên,xã\n01,A,B\n".encode(),
        {"mã": "text", "tên": "text", "xã": "text"}, [["01", "A", "B"]],
    ),
    Case(
        "blank rows between and below", "CSV", b"a,b\n1,x\n,\n\n2,y\n,\n\n\n",
        {"a": "bigint", "b": "text"}, [[1, "x"], [2, "y"]],
    ),
    Case(
        "300 columns", "CSV",
        "\n".join(",".join(f"{cell}{n}" for n in range(300)) for cell in ("c", "v", "w")).encode(),
        {f"c{n}": "text" for n in range(300)}, [[f"{v}{n}" for n in range(300)] for v in "vw"],
    ),
    Case(
        "one column", "CSV", b'ma\n01\n\\.\n"a,b"\n',
        {"ma": "text"}, [["01"], ["\\."], ["a,b"]],
    ),
    Case("no rows", "CSV", "mã,tên\n".encode(), {"mã": "text", "tên": "text"}, []),
    Case(
        "a quoted cell over many lines in a large file", "CSV",
        b"a,b\n" + b"1,x\n" * 150_000 + b'2,"' + b"y\n" * 50_000 + b'"\n' + b"3,z\n" * 150_000,
        {"a": "bigint", "b": "text"},
        [*[[1, "x"]] * 150_000, [2, "y\n" * 50_000], *[[3, "z"]] * 150_000],
    ),
]  # fmt: skip

VALUES = [
    Case(
        "codes with leading zeros", "CSV", b"ma,dien thoai\n001,0393855555\n120,0393855556\n",
        {"ma": "text", "dien thoai": "text"}, [["001", "0393855555"], ["120", "0393855556"]],
    ),
    Case(
        "numbers of cards", "CSV", b"the\n4111111111111111\n4111111111111112\n",
        {"the": "text"}, [["4111111111111111"], ["4111111111111112"]],
    ),
    Case(
        "days written in three ways", "CSV", b"ngay\n31/12/2025\n2025-12-31\n1.2.2025\n",
        {"ngay": "text"}, [["31/12/2025"], ["2025-12-31"], ["1.2.2025"]],
    ),
    Case(
        "days written in three ways that are promised to be days", "CSV",
        b"ngay\n31/12/2025\n2025-12-31\n1.2.2025\n29-02-2024\n30/02/2025\n",
        {"ngay": "date"}, [["2025-12-31"], ["2025-12-31"], ["2025-02-01"], ["2024-02-29"]],
        promised={"ngay": "ngay"}, bad=1, told=frozenset({"cell-type"}),
    ),
    Case(
        "groups of thousands", "CSV", b"so\n1.234\n567\n",
        {"so": "text"}, [["1.234"], ["567"]],
    ),
    Case(
        "groups of thousands in a column of whole numbers", "CSV",
        b"so;ty\n1.234;0,5\n567;1.234,25\n",
        {"so": "bigint", "ty": "numeric"},
        [[1234, Decimal("0.5")], [567, Decimal("1234.25")]],
        promised={"so": "so", "ty": "thap_phan"},
    ),
    Case(
        "points before fractions in a column of decimals", "CSV", b"ty\n18.34\n1.250\n",
        {"ty": "numeric"}, [[Decimal("18.34")], [Decimal("1.250")]], promised={"ty": "thap_phan"},
    ),
    Case(
        "fractions as programs write them", "CSV", b"x,y\n0.5,1\n5.1e-05,2E10\n",
        {"x": "numeric", "y": "text"}, [[Decimal("0.5"), "1"], [Decimal("0.000051"), "2E10"]],
    ),
    Case(
        "a number too large for the machine", "CSV", b"so\n1\n99999999999999999999\n",
        {"so": "numeric"}, [[1], [99999999999999999999]], promised={"so": "so"},
    ),
    Case(
        "yes and no in many ways", "CSV", "co\ntrue\nCÓ\nKhông\n0\nkhong\nx\n".encode(),
        {"co": "boolean"}, [[True], [True], [False], [False], [False]],
        promised={"co": "co"}, bad=1, told=frozenset({"cell-type"}),
    ),
    Case(
        "words for no value", "CSV", b"ten,so\nKHONG_RO,KHONG_RO\nA,5\n ,\nB,\n",
        {"ten": "text", "so": "bigint"}, [[None, None], ["A", 5], ["B", None]],
        promised={"ten": "ten", "so": "so"},
    ),
    Case(
        "spaces around numbers", "CSV", b"a, b\n1, 2\n3, 4\n",
        {"a": "bigint", "b": "bigint"}, [[1, 2], [3, 4]],
    ),
    Case(
        "a word below many numbers", "CSV", b"so\n" + b"12345\n" * 200_000 + b"het\n",
        {"so": "text"}, [*[["12345"]] * 200_000, ["het"]],
    ),
    Case(
        "a bad row in a file that is loaded whole", "CSV", b"so\n1\n2\nba\n",
        promised={"so": "so"}, policy=Policy.WHOLE, bad=1, refused="load-bad-rows",
    ),
    Case(
        "mostly bad rows", "CSV", b"so\n1\nhai\nba\n",
        promised={"so": "so"}, bad=2, refused="load-mostly-bad",
    ),
    Case(
        "numbers of persons", "CSV", b"ten,cccd\nA,042000000001\n",
        promised={"ten": "ten", "cccd": "cccd"}, refused="personal-data-column",
    ),
]  # fmt: skip


# -- workbooks ----------------------------------------------------------------------------------


def _xlsx(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book)
    return out.getvalue()


def _merged(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Huyện", "Xã", "Số hộ"])
    sheet.merge_range("A2:A3", "Cẩm Xuyên")
    sheet.write_row(1, 1, ["Cẩm Bình", 120])
    sheet.write_row(2, 1, ["Cẩm Lạc", 95])


def _typed(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["ma", "so", "ty_le", "ngay", "co", "tong"])
    for row, (code, number, share) in enumerate([("007", 5, 1.25), ("008", 12, 2)], 1):
        sheet.write_row(row, 0, [code, number, share])
        sheet.write_datetime(row, 3, datetime.combine(date(2025, 12, 29 + row), time()), day)
        sheet.write_boolean(row, 4, row == 1)
        sheet.write_formula(row, 5, f"=B{row + 1}*2", None, number * 2)


def _sheets(book: xlsxwriter.Workbook) -> None:
    for name, cell in (("Ẩn", "0"), ("Trang 1", "1"), ("Trang 2", "2")):
        book.add_worksheet(name).write_column(0, 0, ["ma", cell])
    hidden, shown, _ = book.worksheets()
    shown.activate()
    hidden.hide()


def _xls() -> bytes:
    out, book = io.BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row, cells in enumerate((("mã", "số"), ("01", 5), ("02", 2.5))):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(out)
    return out.getvalue()


def _cut_short() -> bytes:
    whole = _xlsx(_merged)
    return whole[: len(whole) // 2]


def _other_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    return out.getvalue()


HIDDEN = frozenset({"sheets-hidden", "sheets-unread"})
WORKBOOKS = [
    Case(
        "merged cells", "XLSX", _xlsx(_merged),
        {"Huyện": "text", "Xã": "text", "Số hộ": "bigint"},
        [["Cẩm Xuyên", "Cẩm Bình", 120], [None, "Cẩm Lạc", 95]],
        told=frozenset({"workbook-merged"}),
    ),
    Case(
        "numbers, days, yes and no, formulas", "XLSX", _xlsx(_typed),
        {
            "ma": "text", "so": "bigint", "ty_le": "numeric",
            "ngay": "date", "co": "text", "tong": "bigint",
        },
        [
            ["007", 5, Decimal("1.25"), "2025-12-30", "true", 10],
            ["008", 12, 2, "2025-12-31", "false", 24],
        ],
        told=frozenset({"workbook-formulas"}),
    ),
    Case(
        "the first sheet hidden", "XLSX", _xlsx(_sheets), {"ma": "bigint"}, [[1]], told=HIDDEN
    ),
    Case(
        "a sheet by its name", "XLSX", _xlsx(_sheets), {"ma": "bigint"}, [[2]],
        sheet="Trang 2", told=HIDDEN,
    ),
    Case(
        "a sheet that is not there", "XLSX", _xlsx(_sheets),
        sheet="Trang 3", unreadable="sheet-missing",
    ),
    Case(
        "opendocument", "ODS",
        document("".join(map(table_row, [["ma", "ten"], ["01", "A\nB"], ["02", ""]]))),
        {"ma": "text", "ten": "text"}, [["01", "A\nB"], ["02", None]],
    ),
    Case(
        "xls", "XLS", _xls(),
        {"mã": "text", "số": "numeric"}, [["01", 5], ["02", Decimal("2.5")]],
    ),
    Case("a workbook cut short", "XLSX", _cut_short(), unreadable="workbook-broken"),
    Case("an archive that is no workbook", "XLSX", _other_archive(), unreadable="workbook-broken"),
]  # fmt: skip


# -- objects, and what is no table --------------------------------------------------------------

_FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [105.9, 18.34]},
            "properties": {"ten": "Chợ", "so": 5},
        },
        {"type": "Feature", "geometry": None, "properties": {"ten": "Bến xe"}},
    ],
}
OBJECTS = [
    Case(
        "a list below a key, keys left out", "JSON",
        json.dumps({"tong": 2, "data": [{"ma": "01", "so": 1.5}, {"so": 2, "con": [1]}]}).encode(),
        {"ma": "text", "so": "numeric", "con": "text"},
        [["01", Decimal("1.5"), None], [None, 2, "[1]"]],
    ),
    Case(
        "lines of objects", "JSONL", b'{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n',
        {"a": "bigint", "b": "text"}, [[1, "x"], [2, None]],
    ),
    Case(
        "places", "GEOJSON", json.dumps(_FEATURES).encode(),
        {"lon": "double precision", "lat": "double precision", "ten": "text", "so": "bigint"},
        [[Decimal("105.9"), Decimal("18.34"), "Chợ", 5], [None, None, "Bến xe", None]],
    ),
    Case("nothing at all", "CSV", b"", unreadable="file-empty"),
    Case("a document", "CSV", b"%PDF-1.7\n1 0 obj\n", unreadable="file-binary"),
    Case(
        "zero bytes within", "CSV", b"a,b\n" + b"1,2\n" * 2_000 + b"3,\0\n",
        unreadable="file-binary",
    ),
    Case(
        "broken letters far below", "CSV", "mã\n".encode() + "ế\n".encode() * 400_000 + b"\xff\n",
        unreadable="encoding-unknown",
    ),
    Case("an object that does not end", "JSON", b'[{"a": 1}, {"a":', unreadable="not-a-table"),
]  # fmt: skip

CASES = [*ENCODINGS, *SHAPES, *VALUES, *WORKBOOKS, *OBJECTS]
