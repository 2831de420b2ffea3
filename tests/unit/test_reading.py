"""What a draft becomes, and what is said of its faults."""

import unicodedata
from datetime import date
from typing import Any

import pytest

from hatinh.dataset import Dataset, Draft, fingerprint
from hatinh.dictionary.model import Code, CodeList, Dictionary
from hatinh.problem import Severity
from hatinh.reading import Reading, Vocabulary, read
from hatinh.text import Text

TODAY = date(2026, 11, 22)


def code_list(name: str, *codes: Code) -> CodeList:
    """A small code list."""
    return CodeList(name, Text(name), codes)


def simple(name: str, *codes: str) -> CodeList:
    """A code list whose names are its codes."""
    return code_list(name, *(Code(code, Text(code)) for code in codes))


VOCABULARY = Vocabulary(
    dictionary=Dictionary(
        "0.1",
        code_lists={
            "licences": simple("licences", "CC-BY-4.0"),
            "frequencies": code_list(
                "frequencies",
                Code("nam", Text("Năm", "Yearly"), other_names=("Hằng năm", "Hàng năm")),
            ),
            "data_layers": simple("data_layers", "goc", "mo"),
            "data_blocks": simple("data_blocks", "dan_dn"),
            "sharing_levels": simple("sharing_levels", "mo", "dung_chung"),
            "publication_classes": simple("publication_classes", "cong_khai", "khong"),
            "personal_data_classes": simple("personal_data_classes", "none", "basic"),
            "importance_classes": simple("importance_classes", "khac"),
            "themes": code_list("themes", Code("HT05", Text("Giáo dục và đào tạo"))),
            "admin_units": code_list(
                "admin_units",
                Code("18073", Text("Phường Nam Hà"), valid_to=date(2025, 6, 30)),
                Code("18073", Text("Phường Thành Sen"), valid_from=date(2025, 7, 1)),
            ),
            "integration_status": simple("integration_status", "active", "pending"),
            "system_kinds": simple("system_kinds", "csdl"),
            "system_levels": simple("system_levels", "tinh"),
        },
    ),
    organizations=code_list(
        "organizations",
        Code("so-gddt", Text("Sở Giáo dục và Đào tạo"), other_names=("Sở GD&ĐT",)),
        Code("so-noi-vu", Text("Sở Nội vụ")),
        Code(
            "so-ldtbxh-old",
            Text("Sở Lao động - Thương binh và Xã hội"),
            valid_to=date(2025, 2, 28),
            mapping="so-noi-vu",
        ),
    ),
    today=TODAY,
)

GOOD: dict[str, Any] = {
    "title": {"vi": "Ngân hàng câu hỏi InTest", "en": "InTest question bank"},
    "notes": "Số câu hỏi theo cấp học và môn.",
    "publisher": "Sở GD&ĐT",
    "themes": ["giáo dục VÀ đào tạo"],
    "keywords": "giáo dục; thi; giáo dục",
    "licence": "CC-BY-4.0",
    "frequency": "Hằng năm",
    "data_layer": "goc",
    "sharing_level": "mo",
    "publication_class": "cong_khai",
    "pii_class": "none",
    "importance_class": "khac",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
    "period_start": "01/01/2022",
    "period_end": "2022",
}
FILE = {"guid": "r1", "name": "Bảng", "url": "http://127.0.0.1/intest.csv"}


def read_with(defaults: dict[str, Any] | None = None, **changes: Any) -> Reading:
    """Read the good draft with some fields changed."""
    draft = Draft("intest", GOOD | changes, [FILE], "row 2")
    return read(draft, VOCABULARY, defaults or {})


def dataset_of(reading: Reading) -> Dataset:
    """The dataset of a reading that must have one."""
    assert reading.dataset is not None
    return reading.dataset


def codes(reading: Reading) -> list[tuple[str, str, Severity]]:
    """A reading's problems in short."""
    return [(problem.code, problem.path, problem.severity) for problem in reading.problems]


def test_read_good_draft_has_no_problem() -> None:
    """Names become codes, dates become days, keywords lose their doubles."""
    dataset = dataset_of(read_with())
    assert read_with().problems == ()
    assert dataset.publisher == "so-gddt"
    assert dataset.themes == ("HT05",)
    assert dataset.frequency == "nam"
    assert dataset.keywords == ("giáo dục", "thi")
    assert (dataset.period_start, dataset.period_end) == (date(2022, 1, 1), date(2022, 12, 31))
    assert dataset.resources[0].format == "CSV"


@pytest.mark.parametrize("name", ["title", "notes", "legal_basis", "contact", "pii_class"])
def test_read_required_field_missing_refuses(name: str) -> None:
    """A mandatory field of the catalogue that is empty everywhere refuses the record (REQ-13)."""
    reading = read_with(None, **{name: ""})
    assert reading.dataset is None
    assert codes(reading) == [("field-missing", f"$.{name}", Severity.ERROR)]


def test_read_field_missing_with_default_takes_the_default() -> None:
    """A source's defaults speak where its record is silent."""
    assert dataset_of(read_with({"licence": "CC-BY-4.0"}, licence="")).licence == "CC-BY-4.0"


def test_read_unknown_code_with_default_warns() -> None:
    """What nobody knows is replaced by the default, and said so."""
    reading = read_with({"frequency": "nam"}, frequency="thỉnh thoảng")
    assert dataset_of(reading).frequency == "nam"
    assert codes(reading) == [("code-unknown", "$.frequency", Severity.WARNING)]


def test_read_unknown_class_without_default_refuses() -> None:
    """A classification is never guessed."""
    reading = read_with(sharing_level="ai cũng được")
    assert reading.dataset is None
    assert codes(reading) == [("code-unknown", "$.sharing_level", Severity.ERROR)]


def test_read_owner_missing_or_unknown_refuses() -> None:
    """Every dataset names the office that answers for it (REQ-89)."""
    assert codes(read_with(publisher="")) == [("publisher-missing", "$.publisher", Severity.ERROR)]
    assert codes(read_with(publisher="Sở Vũ trụ")) == [
        ("publisher-unknown", "$.publisher", Severity.ERROR)
    ]


def test_read_owner_merged_away_gives_successor_and_keeps_former() -> None:
    """A dataset keeps the owner of its time beside the present one (REQ-90)."""
    dataset = dataset_of(read_with(publisher="Sở Lao động - Thương binh và Xã hội"))
    assert (dataset.publisher, dataset.former_publisher) == ("so-noi-vu", "so-ldtbxh-old")


def test_read_unknown_theme_warns_and_is_dropped() -> None:
    """An unknown theme does not keep a dataset out."""
    reading = read_with(themes=["Thiên văn", "HT05"])
    assert dataset_of(reading).themes == ("HT05",)
    assert codes(reading) == [("theme-unknown", "$.themes", Severity.WARNING)]


def test_read_impossible_date_warns_and_is_dropped() -> None:
    """30 February is nobody's date."""
    reading = read_with(modified="31/02/2026")
    assert dataset_of(reading).modified is None
    assert codes(reading) == [("date-unreadable", "$.modified", Severity.WARNING)]


def test_read_reversed_period_is_turned_and_warned() -> None:
    """A period that ends before it starts was written the wrong way round."""
    reading = read_with(period_start="2023-01-01", period_end="2022-01-01")
    assert dataset_of(reading).period_start == date(2022, 1, 1)
    assert codes(reading) == [("period-reversed", "$.period_end", Severity.WARNING)]


def test_read_personal_data_public_refuses() -> None:
    """Personal data is never published openly (REQ-70)."""
    reading = read_with(pii_class="basic")
    assert reading.dataset is None
    assert codes(reading) == [("personal-data-public", "$.publication_class", Severity.ERROR)]


def test_read_place_code_is_read_at_today() -> None:
    """A place is (code, date): today 18073 is Thành Sen, no longer Nam Hà (REQ-35)."""
    assert dataset_of(read_with(places="Phường Thành Sen")).places == ("18073",)
    assert codes(read_with(places="Phường Nam Hà"))[0][0] == "place-unknown"


def test_read_file_without_address_is_dropped_with_warning() -> None:
    """A file that has no web address cannot be handed on."""
    draft = Draft("x", GOOD, [{"url": "file:///etc/passwd"}, FILE])
    reading = read(draft, VOCABULARY, {})
    assert [r.guid for r in dataset_of(reading).resources] == ["r1"]
    assert codes(reading)[0][0] == "resource-url-missing"


def test_read_system_needs_no_catalogue_class() -> None:
    """An information system is registered, not published: only its own fields count."""
    fields = {
        "kind": "system", "title": "LGSP", "publisher": "Sở Nội vụ", "contact": "TT CĐS",
        "lgsp_status": "active", "system_kind": "csdl",
    }  # fmt: skip
    dataset = dataset_of(read(Draft("DB001", fields), VOCABULARY, {}))
    assert dataset.kind == "system"
    assert dataset.details == {"lgsp_status": "active", "system_kind": "csdl"}


def test_fingerprint_same_record_composed_or_decomposed_is_equal() -> None:
    """A source that changes only its Unicode form has changed nothing."""
    title = unicodedata.normalize("NFD", GOOD["title"]["vi"])
    one, other = (
        dataset_of(read_with()),
        dataset_of(read_with(title={"vi": title, "en": GOOD["title"]["en"]})),
    )
    assert fingerprint(one, {}) == fingerprint(other, {})


def test_fingerprint_changed_file_differs() -> None:
    """New bytes under the same record are a change."""
    dataset = dataset_of(read_with())
    assert fingerprint(dataset, {"r1": "a"}) != fingerprint(dataset, {"r1": "b"})
