"""An element is suggested for a column from its header, values and neighbours; or nothing is."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

import schemas
from hatinh.dictionary.load import load
from hatinh.dictionary.suggest import Row, shipped_hints, suggest, suggest_table
from hatinh.dictionary.suggest_hints import load_hints
from hatinh.dictionary.suggest_values import is_tax_code
from hatinh.errors import SchemaError

DICTIONARY = load(schemas.ROOT)
TODAY = date(2026, 11, 22)
NONE = "-"


def first(header: str, samples: tuple[object, ...] = (), context: tuple[str, ...] = ()) -> str:
    """The element that comes first, or ``-``."""
    found = suggest(header, samples, DICTIONARY, TODAY, context)
    return found[0].element if found else NONE


@pytest.mark.parametrize(
    ("header", "element"),
    [
        ("SĐT", "SoDienThoai"),
        ("CCCD", "SoDinhDanhCaNhan"),
        ("MST", "MaSoDoanhNghiep"),
        ("Mã ĐVHC", "ma_dvhc"),
        ("STT", "SoThuTu"),
        ("TT", "SoThuTu"),
        ("ĐVT", "DonViTinh"),
        ("maDonViHanhChinh", "ma_dvhc"),
        ("MADVHC", "ma_dvhc"),
        ("Họ và tên chủ hộ", "HoVaTen"),
        ("Ngày sinh của trẻ", "NgaySinh"),
        ("Toạ độ", "ToaDo"),
        ("Tỉ lệ (%)", "TyLePhanTram"),
        ("Số điên thọai", "SoDienThoai"),
        ("Số tài khoảnn ngân hàng", "SoTaiKhoanNguoiNhan"),
        ("Thông tin chung - Địa chỉ", "DiaChi"),
        ("Họ và tên / Full name", "HoVaTen"),
    ],
)
def test_header_alone_is_enough(header: str, element: str):
    """Abbreviations, cases, variant spellings, slips and headers of two levels are known."""
    assert first(header) == element


@pytest.mark.parametrize(
    ("header", "samples", "element"),
    [
        ("Năm", ("2024", "2025"), "KyBaoCao"),
        ("Nam", ("1.204", "845"), "SoNam"),
        ("Đơn vị", ("tấn", "ha", "triệu đồng"), "DonViTinh"),
        ("Đơn vị", ("Sở Nội vụ", "Sở Xây dựng"), "TenCoQuan"),
        ("Đơn vị", ("Xã Can Lộc", "Phường Thành Sen"), "TenDonViHanhChinh"),
        ("Mã", ("18073", "18100", "18115"), "ma_dvhc"),
        ("Mã số", ("1.001193", "2.000889", "1.004194"), "MaTTHC"),
        ("Tên", ("Xã Can Lộc", "Xã Sơn Tây", "Xã Kỳ Anh"), "TenDonViHanhChinh"),
        ("Cột 5", ("a.b@hatinh.gov.vn", "c@hatinh.gov.vn"), "ThuDienTu"),
        ("Diện tích (ha)", ("12,5", "7"), "DienTichDat"),
        ("Diện tích (km2)", ("12,5", "7"), "DienTich"),
    ],
)
def test_values_and_units_decide(header: str, samples: tuple[str, ...], element: str):
    """A header with several meanings has the one that its values have."""
    assert first(header, samples) == element


@pytest.mark.parametrize(
    ("header", "context", "element"),
    [
        ("Kỳ", ("Số tài khoản", "Ngân hàng", "Họ tên"), "KyChiTra"),
        ("Kỳ", ("Mã chỉ tiêu", "Đơn vị tính"), "KyBaoCao"),
        ("Diện tích", ("Năng suất", "Sản lượng"), "DienTichGieoTrong"),
    ],
)
def test_neighbours_decide(header: str, context: tuple[str, ...], element: str):
    """The other headers tell what the table is about."""
    assert first(header, ("202604",), context) == element


@pytest.mark.parametrize(
    ("header", "samples"),
    [
        ("", ()),
        ("   ", ("1",)),
        ("Hành vi vi phạm", ("Không niêm yết giá",)),
        ("Cân nặng", ("52", "61")),
        ("Ngày sinh", ("Thôn 2", "Thôn 3", "Thôn 5")),
        ("Số CCCD", ("Nguyễn Văn A", "Trần Thị B")),
        ("🙂🙂", ("🙂",)),
        ("Số trạm bơm", ("12", "3", "40")),
        ("Tên ngân hàng", ("Ngân hàng Nông nghiệp", "Ngân hàng Công thương")),
        ("Số hộ tái nghèo", ("4", "6")),
        ("Văn bản bị thay thế", ("72/2019/QĐ-UBND",)),
        ("Mục đích sử dụng", ("Chăn nuôi", "Kho bãi")),
        ("Số hộ làm nghề", ("310", "95")),
        ("Thời gian đào tạo (tháng)", ("2", "3")),
        ("Kho bạc/Ngân hàng", ("Agribank", "Vietcombank")),
        ("Chủ rừng", ("BQL rừng phòng hộ Nam Hà Tĩnh", "BQL rừng Ngàn Sâu")),
        ("Mật độ cao", ("1200", "15")),
        ("ThietBi_AmThanh", ("Có", "Không")),
        ("Tên loại văn bản", ("Quyết định", "Nghị quyết")),
        ("Vị trí mỏ", ("Thôn 2, xã Kỳ Lạc",)),
        ("Thực hiện (%)", ("12", "30")),
    ],
)
def test_silence_when_nothing_fits(header: str, samples: tuple[str, ...]):
    """Below the threshold nothing is suggested; values that do not fit speak louder."""
    assert first(header, samples) == NONE


def test_hints_speak_of_real_elements():
    """Every element that the hints name is in the dictionary."""
    hints = shipped_hints()
    named = {*hints.open, *hints.looks, *hints.named_by, *hints.by_values}
    named |= {name for names in hints.ambiguous.values() for name in names}
    named |= {rule.element for rule in (*hints.generic, *hints.neighbours)}
    named |= {name for rule in hints.neighbours for name in rule.beside | rule.without}
    assert named - set(DICTIONARY.elements) == set()


def test_faulty_hints_name_their_file(tmp_path: Path):
    """A wrong expression stops the load with the file."""
    shutil.copy(schemas.ROOT / "suggest.yaml", tmp_path)
    path = tmp_path / "suggest.yaml"
    path.write_text(path.read_text("utf-8").replace("looks:\n", "looks:\n  X: ['(']\n"), "utf-8")
    with pytest.raises(SchemaError, match=r"suggest\.yaml"):
        load_hints(tmp_path)


def test_check_digit_of_tax_codes():
    """The tenth digit is computed from the nine before it."""
    assert is_tax_code("0100109106")
    assert is_tax_code("0100109106-001")
    assert not is_tax_code("0100109107")
    assert not is_tax_code("010010910")


HEADERS = ["Mã xã", "Họ và tên", None, "Mã xã"]
CELLS = [
    [18073, "Nguyễn Văn An", None, "18073"],
    [18100.0, "Lê Thị Bình", 4.5],
    [None, "Trần Thị Cúc", float("nan"), "18115", "thừa"],
]


def firsts(headers: Sequence[object], rows: Sequence[Row]) -> list[str]:
    """The first suggestion for each column of a table, or ``-``."""
    found = suggest_table(headers, rows, DICTIONARY, TODAY)
    return [column[0].element if column else NONE for column in found]


def test_table_of_numbers_gaps_and_repeated_headers_is_read():
    """Cells are texts, numbers or nothing; rows may be short or long; headers blank or twice."""
    assert firsts(HEADERS, CELLS) == ["ma_dvhc", "HoVaTen", NONE, "ma_dvhc"]


def test_rows_are_lists_or_objects():
    """A row by header says the same as a row in order; what it lacks is blank."""
    rows = [{"Mã xã": 18073, "Họ và tên": "Nguyễn Văn An"}, {"Mã xã": "18100"}]
    assert firsts(["Mã xã", "Họ và tên"], rows) == ["ma_dvhc", "HoVaTen"]


def test_headers_alone_are_enough_and_no_headers_give_nothing():
    """Without rows the headers speak; without headers there are no columns."""
    assert firsts(["CCCD", "Ngày sinh"], []) == ["SoDinhDanhCaNhan", "NgaySinh"]
    assert firsts([], CELLS) == []


@pytest.mark.parametrize(
    ("values", "element"),
    [
        (("042190001122", "042085006713", "042195010432"), "SoDinhDanhCaNhan"),
        (("0912345678", "0987 654 321", "+84 912 345 679"), "SoDienThoai"),
        (("12/08/2025", "13/08/2025", "14/08/2025"), NONE),
        (("1", "2", "0"), NONE),
    ],
)
def test_blank_header_is_told_by_values_of_one_form(values: tuple[str, ...], element: str):
    """Values speak alone only in a form that nothing else has."""
    assert first("", values) == element


@pytest.mark.parametrize(
    ("header", "values", "element"),
    [
        ("Lớp - Tổng số", ("31", "28"), "SoLop"),
        ("Lơp", ("3A", "3B"), "LopHoc"),
        ("Dân số năm 2025 (Nghìn người)", ("94,5", "41,3"), "DanSo"),
        ("gia_dat_2026_trd_m2", ("35,0", "20,4"), "DonGia"),
        ("stop_address", ("Đường Trần Phú", "Số 7 Hàm Nghi"), "DiaChi"),
        ("OwnerFullName", ("Lê Thị Mai", "Trần Đình Sơn"), "HoVaTen"),
        ("noithuongtru", ("Thôn 3, xã Đức Thọ",), "DiaChi"),
        ("Don vi tinh", ("ty dong", "trieu dong"), "DonViTinh"),
        ("Địa chỉ", ("04 Trần Phú", "Thiên Cầm"), "DiaChi"),
        ("So với cùng kỳ quý trước (%)", ("104,2", "98,1"), "TyLeSoSanh"),
        ("Số CCCD", (42190001122, 42085006713), "SoDinhDanhCaNhan"),
    ],
)
def test_header_is_read_however_it_is_put(header: str, values: tuple[object, ...], element: str):
    """Units, years, tones, English and glued words, lost marks and zeros do not matter."""
    assert first(header, values) == element


def test_names_of_people_are_told_by_their_values():
    """Values that look like persons name the column, whatever it is called."""
    assert first("Kiểm soát viên", ("Trần Văn Tú", "Phan Thị Mai")) == "HoVaTen"


def test_days_are_no_duration():
    """Days speak against an element of words that has no days."""
    assert first("Thời hạn GQ", ("17/09/2026", "03/10/2026", "11/10/2026")) == NONE


def test_neighbours_are_known_by_their_values_too():
    """A header of two meanings is told by what the other columns turned out to be."""
    rows = [["Xã Đức Thọ", "I"], ["Xã Can Lộc", "II"], ["Xã Kỳ Xuân", "III"]]
    assert firsts(["Tên ĐVHC", "Phân loại"], rows)[1] == "loai_dvhc"
