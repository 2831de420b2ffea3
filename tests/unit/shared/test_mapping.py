"""The mapping between a canonical dataset and a package loses nothing."""

from dataclasses import replace
from datetime import date

from ckanext.hatinh.shared.mapping import from_package, package_id, resource_id, to_package
from hatinh.dataset import Dataset, Resource
from hatinh.dictionary.model import Code, CodeList
from hatinh.dictionary.table_schema import Column, SumRule, TableSchema
from hatinh.text import Text

THEMES = CodeList(
    "themes",
    Text("Chủ đề"),
    (Code("HT05", Text("Giáo dục và đào tạo")), Code("HT04", Text("Y tế"))),
)
FULL = Dataset(
    guid="intest",
    kind="dataset",
    title=Text("Ngân hàng câu hỏi", "Question bank"),
    notes=Text("Mô tả\nhai dòng"),
    publisher="so-gddt",
    former_publisher="so-ttt-old",
    themes=("HT05", "HT04"),
    keywords=("giáo dục",),
    licence="CC-BY-4.0",
    frequency="nam",
    data_layer="goc",
    data_block="dan_dn",
    sharing_level="mo",
    publication_class="cong_khai",
    pii_class="none",
    importance_class="khac",
    source_system="DB031",
    legal_basis="KH 731",
    contact="Văn phòng",
    contact_email="vp@example.org",
    approved_by="Giám đốc",
    provenance="BC Quý II/2022",
    landing_page="http://127.0.0.1/x",
    period_start=date(2022, 1, 1),
    period_end=date(2022, 12, 31),
    issued=date(2022, 6, 1),
    modified=date(2022, 6, 2),
    sent_to_bca_date=date(2026, 1, 1),
    places=("42",),
    bbox=(105.1, 17.9, 106.5, 18.8),
    resources=(
        Resource(
            "r1",
            Text("Bảng", "Table"),
            "http://127.0.0.1/a.csv",
            "CSV",
            Text("Một bảng"),
            "text/csv",
            TableSchema(
                (Column("mon", "MonHoc", required=True, key=True),),
                (SumRule("so", {"cap": "Tổng"}, {"mon": "Tổng"}),),
            ),
        ),
    ),
)
SYSTEM = Dataset(
    guid="DB001",
    kind="system",
    title=Text("LGSP"),
    notes=Text(""),
    publisher="so-khcn",
    contact="TT",
    details={"lgsp_status": "active", "sector": "Hạ tầng số"},
)


def test_mapping_every_field_returns_as_it_went() -> None:
    """Dataset → package → dataset is the identity, for each kind."""
    for dataset in (FULL, SYSTEM):
        package = to_package(dataset, package_id("nguon", dataset.guid), THEMES)
        assert from_package(package, THEMES) == dataset


def test_mapping_test_dataset_leaves_no_field_empty() -> None:
    """The round trip proves something only while every field of the example is filled."""
    empty = {name for name in Dataset.__dataclass_fields__ if not getattr(FULL, name)}
    assert empty == {"details"}


def test_mapping_ids_depend_on_source_and_guid_only() -> None:
    """The same record of the same source is the same package on every machine."""
    assert package_id("a", "x") == package_id("a", "x")
    assert len({package_id("a", "x"), package_id("b", "x"), package_id("a", "y")}) == 3
    assert resource_id(package_id("a", "x"), "r") != resource_id(package_id("a", "y"), "r")


def test_mapping_dataset_that_is_not_public_becomes_private() -> None:
    """Class "không công khai" keeps a dataset out of every public page."""
    closed = replace(FULL, publication_class="khong")
    assert to_package(closed, package_id("s", "g"), THEMES)["private"] is True
    assert to_package(FULL, package_id("s", "g"), THEMES)["private"] is False


def test_mapping_keyword_with_forbidden_signs_becomes_a_valid_tag() -> None:
    """CKAN refuses commas and slashes in tags; the words are kept."""
    dataset = replace(FULL, keywords=("thi, trắc nghiệm/online", "x"))
    tags = to_package(dataset, package_id("s", "g"), THEMES)["tags"]
    assert tags == [{"name": "thi trắc nghiệm online"}]
