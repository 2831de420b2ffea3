"""What the columns of an inventory seem to be: headers as offices really write them."""

from collections.abc import Sequence

import pytest

from harvesters.headers import below, labels_at
from harvesters.mapping import Labels, Proposal, load_labels, propose_mapping
from schemas import ROOT

RECORDS = [
    ["1", "DL01", "Danh sách trường học", "Sở GD&ĐT", "Hằng năm", "truong.csv", "01/02/2026"],
    ["2", "DL02", "Danh sách lớp học", "Sở GD&ĐT", "Hằng quý", "lop.csv", "15/03/2026"],
]
NAMES = ["", "guid", "title", "publisher", "frequency", "resource_url", "modified"]


@pytest.fixture(scope="module")
def labels() -> Labels:
    """The labels of the house."""
    return load_labels(ROOT)


def names(proposal: Proposal) -> list[str]:
    """The proposed names, column by column."""
    return [guess.name for guess in proposal.guesses]


@pytest.mark.parametrize(
    "header",
    [
        ["STT", "Mã", "Tên bộ dữ liệu", "Cơ quan cung cấp", "Kỳ cập nhật", "Tệp", "Ngày cập nhật"],
        ["STT", "MA", "TEN BO DU LIEU", "CO QUAN CUNG CAP", "KY CAP NHAT", "TEP", "NGAY CAP NHAT"],
        ["TT", "Mã DL", "Tên bộ DL", "CQ cung cấp", "Chu kỳ CN", "Link", "Ngày CN"],
        ["TT", "Mã (*)", "2. Tên dữ liệu", "ĐV cung cấp", "Tần suất", "Đường dẫn tải", "Ngày CN"],
    ],
    ids=["as usual", "without marks", "abbreviated", "decorated"],
)
def test_headers_of_offices_are_understood(header: list[str], labels: Labels) -> None:
    """Marks, case, abbreviations, brackets and numbers before a label change nothing."""
    assert names(propose_mapping([header, *RECORDS], labels)) == NAMES


def test_titles_above_and_numbers_below_the_header_are_no_records(labels: Labels) -> None:
    """The header is found below title rows, and the row of column numbers is passed over."""
    header = ["STT", "Mã", "Tên dữ liệu", "Đơn vị", "Tần suất", "Tệp", "Ngày cập nhật"]
    numbers = ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"]
    titles = [["SỞ GIÁO DỤC VÀ ĐÀO TẠO"], ["BIỂU KIỂM KÊ DỮ LIỆU NĂM 2026"], []]
    proposal = propose_mapping([*titles, header, numbers, *RECORDS], labels)
    assert (proposal.header, proposal.header_rows) == (4, 1)
    assert proposal.guesses[1].sample == ("DL01", "DL02")


def test_merged_headers_are_read_over_two_rows(labels: Labels) -> None:
    """Labels below a merged cell carry its words; cells merged downwards stay as they are."""
    upper = ["STT", "Mã", "Tên bộ dữ liệu", "Tệp dữ liệu", "", "Ngày cập nhật"]
    lower = ["", "", "", "Tên tệp", "Đường dẫn", ""]
    rows = [["1", "DL01", "Trường", "Trường học", "t.csv", "01/02/2026"]] * 2
    proposal = propose_mapping([upper, lower, *rows], labels)
    assert proposal.header_rows == 2
    assert proposal.options == {
        "columns": {
            "Mã": "guid",
            "Tên bộ dữ liệu": "title",
            "Tệp dữ liệu / Tên tệp": "resource_name",
            "Tệp dữ liệu / Đường dẫn": "resource_url",
            "Ngày cập nhật": "modified",
        },
        "header_rows": 2,
    }


def test_a_sheet_without_codes_is_identified_by_titles(labels: Labels) -> None:
    """Without a column of codes the proposal says so and takes the titles."""
    rows = [row[2:4] for row in RECORDS]
    proposal = propose_mapping([["Tên bộ dữ liệu", "Đơn vị"], *rows], labels)
    assert proposal.missing == ("guid",)
    assert proposal.options["identity"] == "title"


def test_every_guess_says_why(labels: Labels) -> None:
    """A reason comes with the words that it rests on, and the next best names."""
    header = ["Tên bộ dữ liệu", "TAN SUAT", "Chu kỳ CN", "Xem ở đâu", "Chuyện khác"]
    rows = [
        ["A", "Năm", "Năm", "http://a.vn/x.csv", "…"],
        ["B", "Quý", "Quý", "http://a.vn/y.csv", "?"],
    ]
    guesses = propose_mapping([header, *rows], labels).guesses
    told = {guess.label: (guess.name, guess.reason, guess.because) for guess in guesses}
    assert told == {
        "Tên bộ dữ liệu": ("title", "same-label", "Tên bộ dữ liệu"),
        "TAN SUAT": ("frequency", "known-label", "Tần suất"),
        "Chu kỳ CN": ("", "taken", "frequency"),
        "Xem ở đâu": ("resource_url", "values", "http://a.vn/x.csv"),
        "Chuyện khác": ("", "no-match", ""),
    }


def test_cells_that_contradict_a_label_lower_its_confidence(labels: Labels) -> None:
    """A date column without dates is less sure than one with dates."""

    def confidence(cells: Sequence[str]) -> float:
        grid = [["Tên bộ dữ liệu", "Ngày cập nhật"], *(["A", cell] for cell in cells)]
        return propose_mapping(grid, labels).guesses[1].confidence

    assert confidence(["chưa rõ", "không"]) < confidence(["01/02/2026", "2026-03-01"])


@pytest.mark.parametrize(
    "grid", [[], [[]], [[""]], [["x"]], [["Mã"] * 3] * 3, [["\n"], ["a" * 9999]]]
)
def test_any_grid_gives_a_proposal(grid: list[list[str]], labels: Labels) -> None:
    """Nothing that a sheet holds is an error, and no name is proposed twice."""
    found = [name for name in names(propose_mapping(grid, labels)) if name]
    assert len(found) == len(set(found))


def test_columns_of_a_merged_cell_end_where_another_begins() -> None:
    """A merged cell reaches as far as there are words below it."""
    grid = [["A", "", "B", "", "C"], ["a", "b", "", "", ""]]
    assert labels_at(grid, 0, 2) == ["A / a", "A / b", "B", "", "C"]


def test_short_records_are_not_taken_for_column_numbers() -> None:
    """Only a row that is all numbers or letters is the numbering of columns."""
    assert below([["Mã", "Tên", "Đơn vị"], ["1", "2", "3"]], 0, 1) == 2
    assert below([["Mã", "Tên", "Đơn vị"], ["1", "Trường", "3"]], 0, 1) == 1
