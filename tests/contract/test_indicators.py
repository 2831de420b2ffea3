"""The export of the reporting system: what may be published, and how its figures are written."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from demo.xls import Cell, xls
from harvesters.errors import GarbledSourceError
from harvesters.http import Client
from harvesters.registry import ADAPTERS, open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource
from hatinh.text import Text

LABELS = ["Mục", "Mã chỉ tiêu", "Tên", "ĐVT", "Kỳ", "Giá trị", "Cơ quan", "Tần suất", "Trạng thái"]
OPTIONS: dict[str, Any] = {
    "columns": {"Mã chỉ tiêu": "ma", "Kỳ": "ky", "Giá trị": "gia_tri"},
    "roles": {
        "code": "Mã chỉ tiêu",
        "period": "Kỳ",
        "value": "Giá trị",
        "publisher": "Cơ quan",
        "frequency": "Tần suất",
        "state": "Trạng thái",
    },
    "title": {"vi": "Chỉ tiêu {frequency} của {publisher}"},
}

HELD_BACK = ["Đang nhập", "Đã trình", "Đã duyệt, gửi", "Từ chối", "Đính chính", "6-8", "?"]
HELD_BACK += ["Chưa phê duyệt", "Không phê duyệt"]

Open = Callable[[Sequence[Sequence[Cell]]], Source]


def line(code: str, period: Cell, value: Cell, state: Cell, **other: str) -> list[Cell]:
    """A row of the export."""
    office, often = other.get("office", "Sở Y tế"), other.get("often", "Tháng")
    return ["1", code, "Tên", "người", period, value, office, often, state]


@pytest.fixture
def export(server: Any, reply: Any, client: Client) -> Open:
    """Opens the source on an export with these rows below its titles and header."""

    def opened(rows: Sequence[Sequence[Cell]]) -> Source:
        body = xls("Chỉ tiêu", [["HỆ THỐNG BÁO CÁO"], ["Kỳ xuất: 11/2026"], LABELS, *rows])
        server.routes["/xuat.xls"] = lambda asked: reply(body, "application/vnd.ms-excel")
        config = SourceConfig(
            "bao-cao", "indicators", Text("Báo cáo"), f"{server.url}/xuat.xls", "vp-ubnd", True,
            options=OPTIONS,
        )  # fmt: skip
        assert list(ADAPTERS["indicators"].option_faults(OPTIONS)) == []
        return open_source(config, client)

    return opened


def table(source: Source, draft: Draft) -> list[str]:
    """The figures of a record, without the header."""
    (raw,) = draft.resources
    resource = Resource(raw["url"], Text("b"), raw["url"], "CSV")
    return source.content(resource).decode().splitlines()[1:]


def figures(source: Source) -> list[str]:
    """The figures of the only record."""
    (draft,) = source.drafts()
    return table(source, draft)


# -- what may be published ------------------------------------------------------------------------


@pytest.mark.parametrize("state", [4, "4", "4 - Phê duyệt", "Phê duyệt", "ĐÃ PHÊ DUYỆT"])
def test_approved_figures_are_published(export: Open, state: Cell) -> None:
    """State 4, however the system writes it."""
    assert figures(export([line("CTDB_1", "202601", 5, state)])) == ["CTDB_1,202601,5"]


@pytest.mark.parametrize(
    "state",
    [1, 2, 3, 5, 6, 7, 8, 40, 14, 4.5, None, *HELD_BACK],
)
def test_nothing_else_is_published(export: Open, state: Cell) -> None:
    """Figures that are entered, submitted, refused or corrected never leave the system."""
    rows = [line("CTDB_1", "202601", 5, 4), line("CTDB_SECRET", "202601", 7, state)]
    source = export(rows)
    assert figures(source) == ["CTDB_1,202601,5"]
    assert "CTDB_SECRET" not in repr(list(source.drafts()))


def test_an_agency_without_approved_figures_has_no_record(export: Open) -> None:
    """Not even the title of what is not approved is told."""
    rows = [line("CTDB_1", "2026", 1, 4), line("CTDB_2", "2026", 1, 2, office="Sở Nội vụ")]
    assert [draft.fields["publisher"] for draft in export(rows).drafts()] == ["Sở Y tế"]


def test_a_state_column_without_states_refuses_the_export(export: Open) -> None:
    """Where the column is not what it is configured to be, nothing may be published."""
    with pytest.raises(GarbledSourceError):
        list(export([line("CTDB_1", "2026", 1, "abc")]).drafts())


def test_an_approved_figure_of_nobody_refuses_the_export(export: Open) -> None:
    """A figure without agency or frequency would silently be lost."""
    with pytest.raises(GarbledSourceError, match="CTDB_1 has no agency"):
        list(export([line("CTDB_1", "2026", 1, 4, office="")]).drafts())


def test_the_state_is_no_column_of_the_table() -> None:
    """The configuration cannot publish states."""
    options = OPTIONS | {"columns": {**OPTIONS["columns"], "Trạng thái": "trang_thai"}}
    assert any("state" in fault for fault in ADAPTERS["indicators"].option_faults(options))


@pytest.mark.parametrize("roles", [{}, {**OPTIONS["roles"], "other": "x"}, []])
def test_roles_are_checked(roles: Any) -> None:
    """Every role has its label, and there are no others."""
    assert list(ADAPTERS["indicators"].option_faults(OPTIONS | {"roles": roles}))


# -- records --------------------------------------------------------------------------------------


def test_each_agency_and_frequency_is_a_record(export: Open) -> None:
    """Figures are told apart by who answers for them and how often they come, in one order."""
    rows = [
        line("CTDB_3", "2026", 3, 4, office="Sở Y tế", often="Năm"),
        line("CTDB_2", "20262", 2, 4, office="Sở Y tế", often="Quý"),
        line("CTDB_1", "2026", 1, 4, office="Sở Nội vụ", often="Năm"),
    ]
    drafts = list(export(rows).drafts())
    guids = ["chi-tieu-so-noi-vu-nam", "chi-tieu-so-y-te-nam", "chi-tieu-so-y-te-quy"]
    assert [draft.guid for draft in drafts] == guids
    assert drafts[2].fields["title"] == {"vi": "Chỉ tiêu quý của Sở Y tế"}
    assert [d.guid for d in export(rows[::-1]).drafts()] == guids


@pytest.mark.parametrize(
    ("periods", "first", "last"),
    [
        (["202602", "202511"], "2025-11-01", "2026-02-28"),
        (["20264", "20261"], "2026-01-01", "2026-12-31"),
        (["2024", "2026"], "2024-01-01", "2026-12-31"),
        (["15/03/2026", "2026-03-20"], "2026-03-15", "2026-03-20"),
        (["giữa năm"], None, None),
    ],
    ids=["months", "quarters", "years", "days", "words"],
)
def test_the_period_of_a_record_covers_its_figures(
    export: Open, periods: list[str], first: str | None, last: str | None
) -> None:
    """Periods are written YYYYMM, YYYYQ, YYYY or as days."""
    (draft,) = export([line("CTDB_1", period, 1, 4) for period in periods]).drafts()
    assert (draft.fields.get("period_start"), draft.fields.get("period_end")) == (first, last)


def test_the_order_of_the_export_changes_nothing(export: Open) -> None:
    """Figures are in order of code and period, so the same figures are the same file."""
    rows = [line("CTDB_2", "202602", 1, 4), line("CTDB_1", "202602", 2, 4)]
    rows += [line("CTDB_1", "202601", 3, 4)]
    expected = ["CTDB_1,202601,3", "CTDB_1,202602,2", "CTDB_2,202602,1"]
    assert figures(export(rows)) == figures(export(rows[::-1])) == expected


def test_rows_without_a_code_are_headings(export: Open) -> None:
    """Sections and numbers of columns are no figures."""
    rows = [
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"],
        ["I", None, "Y TẾ"],
        line("CTDB_1", "2026", 1, 4),
        [None],
    ]
    assert figures(export(rows)) == ["CTDB_1,2026,1"]


# -- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["1.234,5", "7"], ["1234.5", "7"]),
        (["1.234", "2.345,5"], ["1234", "2345.5"]),
        (["12.5", "1.234"], ["12.5", "1.2340"]),
        ([1234.5, "1.234,5"], ["1234.5", "1234.5"]),
        ([None, " ", 0], ["", "", "0"]),
        (["-3,5", "…"], ["-3.5", "…"]),
    ],
    ids=["local", "groups", "plain", "mixed", "blank is not zero", "words"],
)
def test_numbers_are_written_with_a_point(
    export: Open, values: list[Cell], written: list[str]
) -> None:
    """Vietnamese and plain notation mean the same; blanks and words stay what they are."""
    rows = [line("CTDB_1", f"20260{n}", value, 4) for n, value in enumerate(values, 1)]
    assert [row.split(",")[2] for row in figures(export(rows))] == written
