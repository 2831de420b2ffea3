"""What the files of the dictionary must keep, and how a wrong one is named."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import schemas
from hatinh.dictionary.load import CODE_COLUMNS, load, load_organizations, load_partners
from hatinh.dictionary.model import Datatype
from hatinh.errors import SchemaError

TODAY = date(2026, 11, 22)
HEADER = ",".join(CODE_COLUMNS)
EDITION = "number: '0.1'\nstate: de_xuat\ndate: 2026-11-22\nowner: so-y-te\n"
ELEMENT = (
    "subject: {vi: Chung, en: General}\nentity: X\nelements:\n  Ma:\n    name: {vi: Mã, en: Code}\n"
    "    definition: {vi: Mã, en: Code}\n    source: test\n    confidence: D\n"
)
ENTRY = "colours: {title: {vi: Màu, en: Colours}, source: test, date: 2026-01-01, confidence: D}\n"

Edit = Callable[[str, str], Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Writes one file into a small valid dictionary and gives its root."""
    files = {
        "dictionary/edition.yaml": EDITION,
        "dictionary/general.yaml": ELEMENT,
        "codelists/index.yaml": ENTRY,
        "codelists/colours.csv": f"{HEADER}\ndo,Đỏ,Red,,,,1,,,hieu_luc,\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def codes(*rows: str) -> str:
    """A code list with these rows."""
    return "\n".join((HEADER, *rows)) + "\n"


def test_shipped_dictionary_is_valid():
    """The dictionary of the repository loads, and answers."""
    dictionary = load(schemas.ROOT)
    assert dictionary.edition == "0.1"
    assert dictionary.elements["ma_dvhc"].datatype is Datatype.CODE
    assert dictionary.code_lists["themes"].get("HT05", TODAY)


def test_small_dictionary_is_read_whole(edit: Edit):
    """Every cell of a row arrives in its place."""
    row = 'do,Đỏ,Red,hồng|son,,"Màu, của lửa",7,2025-07-01,2026,hieu_luc,P1M|https://example.org/a'
    codes_ = load(edit("codelists/colours.csv", codes(row))).code_lists["colours"].codes
    assert len(codes_) == 1
    code = codes_[0]
    assert (code.name.vi, code.name.en, code.other_names) == ("Đỏ", "Red", ("hồng", "son"))
    assert (code.order, code.description) == (7, "Màu, của lửa")
    assert (code.valid_from, code.valid_to) == (date(2025, 7, 1), date(2026, 12, 31))
    assert (code.value, code.uri) == ("P1M", "https://example.org/a")


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        (",Đỏ,,,,,1,,,hieu_luc,", "column ma", "is empty"),
        ("do,,,,,,1,,,hieu_luc,", "column ten", "is empty"),
        ("do, Đỏ,,,,,1,,,hieu_luc,", "column ten", "space"),
        ("do,Đỏ,,,,,một,,,hieu_luc,", "column thu_tu", "no whole number"),
        ("do,Đỏ,,,,,1,31/02/2026,,hieu_luc,", "column ngay_hl", "no day"),
        ("do,Đỏ,,,,,1,,,active,", "column trang_thai", "none of hieu_luc"),
        ("do,Đỏ,,,,,1,,,het_hieu_luc,", "column ngay_hhl", "last day"),
        ("do,Đỏ,,,mau,,1,,,hieu_luc,", "column ma_cha", "no code 'mau'"),
        ("do,Đỏ,,,,,1,2026,2025,hieu_luc,", "column ma", "ends before it begins"),
        ("do,Đỏ", "row 2", "2 cells"),
    ],
)
def test_wrong_cell_is_named_by_file_row_and_column(edit: Edit, row: str, place: str, reason: str):
    """A wrong cell stops the start, and the message says which one it is."""
    root = edit("codelists/colours.csv", codes(row))
    with pytest.raises(SchemaError) as caught:
        load(root)
    assert caught.value.where.startswith("codelists/colours.csv, row 2")
    assert place in caught.value.where
    assert reason in caught.value.what


def test_code_twice_in_different_times_is_accepted(edit: Edit):
    """A code may name two things when the one ends before the other begins (REQ-35)."""
    rows = codes(
        "18073,Phường Nam Hà,,,,,1,,2025-06-30,het_hieu_luc,",
        "18073,Phường Thành Sen,,,,,2,2025-07-01,,hieu_luc,",
    )
    found = load(edit("codelists/colours.csv", rows)).code_lists["colours"]
    before, after = found.get("18073", date(2025, 6, 30)), found.get("18073", date(2025, 7, 1))
    assert before is not None
    assert after is not None
    assert (before.name.vi, after.name.vi) == ("Phường Nam Hà", "Phường Thành Sen")


def test_code_twice_at_the_same_time_is_refused(edit: Edit):
    """Two meanings of one code on one day cannot be told apart."""
    rows = codes("a,A,,,,,1,,2025-07-01,het_hieu_luc,", "a,B,,,,,2,2025-07-01,,hieu_luc,")
    with pytest.raises(SchemaError, match=r"row 3.*twice for the same days"):
        load(edit("codelists/colours.csv", rows))


def test_header_of_another_shape_is_refused(edit: Edit):
    """The header is fixed: a column that is missing would shift all meanings."""
    with pytest.raises(SchemaError, match=r"row 1.*header must be"):
        load(edit("codelists/colours.csv", "ma,ten\ndo,Đỏ\n"))


def test_decomposed_letters_are_refused(edit: Edit):
    """Letters are composed (NFC); others look the same and are never found."""
    decomposed = codes("do,Đo\u0309,,,,,1,,,hieu_luc,")
    with pytest.raises(SchemaError, match="NFC"):
        load(edit("codelists/colours.csv", decomposed))


def test_code_list_without_entry_in_the_register_is_refused(edit: Edit):
    """A list whose source nobody states is not shown."""
    with pytest.raises(SchemaError, match=r"not in index\.yaml"):
        load(edit("codelists/shapes.csv", codes()))


def test_register_entry_without_file_is_refused(edit: Edit):
    """The register promises a list that is not there."""
    with pytest.raises(SchemaError, match="there is no file"):
        load(edit("codelists/index.yaml", ENTRY + ENTRY.replace("colours", "shapes")))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("confidence: D", "confidence: E", "one of A, B, C, D"),
        ("source: test, ", "", "source is missing"),
        ("en: Colours", "en: ''", "both languages"),
    ],
)
def test_register_entry_needs_source_grade_and_title(edit: Edit, old: str, new: str, reason: str):
    """Nobody can judge a list without its source and grade."""
    with pytest.raises(SchemaError, match=reason):
        load(edit("codelists/index.yaml", ENTRY.replace(old, new)))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("    datatype: number\n", "not a valid Datatype"),
        ("    pattern: '['\n", "no regular expression"),
        ("    pattern: '^[0-9]+$'\n    example: abc\n", "breaks the pattern"),
        ("    datatype: code\n", "a code has a code list"),
        ("    code_list: colours\n", "a code has a code list"),
        ("    datatype: code\n    code_list: shapes\n", "no code list 'shapes'"),
        ("    personal_data: secret\n", "personal_data is one of"),
        ("    lenght: 5\n", "unknown keys: lenght"),
    ],
)
def test_wrong_element_is_refused(edit: Edit, line: str, reason: str):
    """An element that contradicts itself stops the start."""
    with pytest.raises(SchemaError, match=reason) as caught:
        load(edit("dictionary/general.yaml", ELEMENT + line))
    assert caught.value.where == "dictionary/general.yaml, Ma"


def test_element_in_two_files_is_refused(edit: Edit):
    """An id means one thing."""
    with pytest.raises(SchemaError, match="another file"):
        load(edit("dictionary/other.yaml", ELEMENT))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("state: de_xuat", "state: xong", "not a valid State"),
        ("owner: so-y-te\n", "", "owner is missing"),
        ("number: '0.1'\n", "", "number is missing"),
        ("2026-11-22", "hôm nay", "date is no day"),
    ],
)
def test_edition_without_its_head_is_refused(edit: Edit, old: str, new: str, reason: str):
    """An edition has a number, a day, a known state and an owner."""
    with pytest.raises(SchemaError, match=reason):
        load(edit("dictionary/edition.yaml", EDITION.replace(old, new)))


def test_element_has_what_its_edition_and_subject_say(edit: Edit):
    """Owner, group and technical name need not be repeated with every element."""
    edit("dictionary/edition.yaml", EDITION + "defaults: {owner_org: so-y-te, language: vi}\n")
    element = load(edit("dictionary/general.yaml", ELEMENT.replace("  Ma:", "  MaXa:")))
    found = element.elements["MaXa"]
    assert (found.owner_org, found.language, found.group.en) == ("so-y-te", "vi", "General")
    assert found.field_name == "X.ma_xa"


def test_broken_yaml_is_named(edit: Edit):
    """A slip of the pen in YAML names its file."""
    with pytest.raises(SchemaError, match=r"dictionary/general\.yaml"):
        load(edit("dictionary/general.yaml", "elements: [\n"))


def test_missing_edition_is_named(tmp_path: Path):
    """A dictionary without an edition is none."""
    shutil.copytree(schemas.ROOT / "codelists", tmp_path / "codelists")
    with pytest.raises(SchemaError, match=r"edition\.yaml: the file is missing"):
        load(tmp_path)


def test_office_is_found_by_the_ways_it_is_written():
    """Departments write their names in many ways; all lead to one slug."""
    offices = load_organizations(schemas.ROOT / "organizations.csv")
    for words in ("Sở GD&ĐT", "so gddt", "SỞ GIÁO DỤC VÀ ĐÀO TẠO", "so-gddt"):
        found = offices.find(words, TODAY)
        assert found is not None
        assert found.code == "so-gddt"


def test_merged_office_names_its_successor():
    """An abolished office is known until its end and names who took over (REQ-90)."""
    offices = load_organizations(schemas.ROOT / "organizations.csv")
    words = "Sở Lao động - Thương binh và Xã hội"
    found = offices.find(words, date(2025, 2, 28))
    assert found is not None
    assert found.mapping == "so-noi-vu"
    assert offices.find(words, TODAY) is None


def test_partners_are_no_publishers():
    """Companies, planned and unconfirmed offices publish nothing here."""
    path = schemas.ROOT / "organizations.csv"
    offices, partners = load_organizations(path), load_partners(path)
    assert partners == {"vnpt", "mobifone", "khcn-hue", "bcd-du-lieu", "so-dan-toc-ton-giao"}
    assert not [slug for slug in partners if offices.known(slug)]


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("so-y-te,", "So Y te,", "column slug", "single hyphens"),
        ("so_nganh_cu,ubnd-tinh,,,", "so_nganh_cu,ubnd-huyen,,,", "column parent", "ubnd-huyen"),
        (",so-noi-vu,yes", ",so-la,yes", "column successor", "so-la"),
        (",so-noi-vu,yes", ",,yes", "column successor", "a successor"),
        (",so-noi-vu,yes", ",so-noi-vu,có", "column publishes", "none of yes, no"),
    ],
)
def test_wrong_office_is_named(tmp_path: Path, old: str, new: str, place: str, reason: str):
    """A wrong line of the offices names its row and column."""
    text = (schemas.ROOT / "organizations.csv").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "organizations.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        load_organizations(path)
    assert place in caught.value.where
    assert reason in caught.value.what
