"""The first edition holds everything that was found out about the dictionary.

The counts and codes below are those of the fact sheet "Dictionary" of 22/11/2026 (data elements,
schema of an entry, code lists with sources and grades). They were taken from it by program and are
written out here because the sheet is no part of the repository.
"""

import pytest

from hatinh.dictionary.attributes import Attributes, flags
from hatinh.dictionary.edition import Edition
from hatinh.text import parse_day

ELEMENTS = {
    "HoVaTen": "B", "NgaySinh": "B", "GioiTinh": "B", "SoDinhDanhCaNhan": "B",
    "MaDinhDanhCoQuan": "B", "MaSoDoanhNghiep": "B", "ma_dvhc": "C", "loai_dvhc": "C", "vung": "C",
    "ma_tinh": "A", "HTTKQ": "C", "KyChiTra": "C", "MaHinhThucChiTra": "C",
    "SoTaiKhoanNguoiNhan": "C", "MaNganHang": "C", "MaChiTieu": "C", "ChiMuc": "C",
    "DonViTinh": "C", "MaCha": "C", "Kieu": "C", "CongThuc": "C", "RangBuoc": "C",
    "KyBaoCao": "C", "ToaDo": "D", "DiaChi": "D",
}  # fmt: skip
"""The 25 elements and their grades; two have none and are proposed."""

LISTS = {
    "data_layers": ("data_layers", 8),
    "data_blocks": ("data_blocks", 6),
    "core_domains": ("core_domains", 6),
    "lifecycle_stages": ("lifecycle_stages", 11),
    "governance_roles": ("governance_roles", 4),
    "governance_units": ("governance_units", 5),
    "sharing_levels": ("sharing_levels", 3),
    "publication_classes": ("publication_classes", 3),
    "open_catalogue_entry_fields": ("open_catalogue_entry_fields", 16),
    "publication_status": ("publication_status", 6),
    "report_states": ("report_states", 6),
    "frequencies": ("frequencies", 8),
    "period_format": ("period_formats", 5),
    "licences": ("licences", 6),
    "open_levels": ("open_levels", 5),
    "personal_data_classes": ("personal_data_classes", 4),
    "importance_classes": ("importance_classes", 3),
    "secrecy_levels": ("secrecy_levels", 4),
    "quality_dimensions": ("quality_dimensions", 6),
    "dqi_thresholds": ("dqi_thresholds", 3),
    "kqi_examples": ("kqi_examples", 4),
    "error_groups": ("error_groups", 8),
    "issue_log_fields": ("issue_log_fields", 9),
    "null_codes": ("null_codes", 5),
    "maturity_levels": ("maturity_levels", 6),
    "gender_qcvn109": ("genders", 3),
    "submission_channels": ("submission_channels", 3),
    "admin_unit_class": ("admin_unit_classes", 3),
    "region": ("regions", 3),
    "admin_units": ("admin_units", 292),
    "share_request_status": ("share_request_status", 5),
    "sharing_methods_nd278": ("sharing_methods", 4),
    "integration_status": ("integration_status", 3),
    "inventory_questions": ("inventory_questions", 4),
    "lgsp_reference_services": ("lgsp_reference_services", 11),
    "national_code_lists_named": ("national_code_lists", 8),
    "dataset_fields": ("dataset_fields", 23),
}
"""Each list of the sheet: its name here, and its values. Places are 69 new and 209 old units, 13
former districts and the province (they are a file of their own in the sheet)."""

LONGER = {"frequencies": 11}
"""Lists to which the portal adds values, flagged as its own."""

UNVERIFIED = {"dqi_thresholds", "error_groups", "issue_log_fields"}
CODES_PROPOSED = {
    "data_layers", "data_blocks", "core_domains", "governance_roles", "publication_classes",
    "personal_data_classes", "importance_classes", "error_groups", "dataset_fields",
}  # fmt: skip
"""Lists that the sheet says to be unverified, and those whose codes it says to be ours."""


def test_every_element_of_the_facts_is_there(shipped: Edition):
    """25 elements, with the grades that the facts give them."""
    assert len(ELEMENTS) == 25
    assert {key: shipped.elements[key].confidence for key in ELEMENTS} == ELEMENTS
    assert {key for key in ELEMENTS if shipped.elements[key].proposed} == {"ToaDo", "DiaChi"}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_list_of_the_facts_is_there(shipped: Edition, name: str):
    """34 code lists and three lists of names, each with as many values as the facts have."""
    key, count = LISTS[name]
    assert len(shipped.code_lists[key].codes) == LONGER.get(name, count)


def test_facts_are_37_lists():
    """None was forgotten: 34 code lists, the LGSP's services, the named lists, the fields."""
    assert len(LISTS) == 37


def test_entry_has_the_25_attributes_of_the_facts(attributes: Attributes):
    """14 of business, 11 technical, 7 of the province's own, none twice."""
    found = attributes.attributes
    sections = [attribute.section for attribute in found]
    assert [a.number for a in found if a.number] == list(range(1, 26))
    assert [sections.count(s) for s in ("business", "technical", "province")] == [14, 11, 7]
    columns = [column for attribute in found for column in attribute.columns]
    assert sorted(columns) == sorted(c.key for c in attributes.sheets["elements"].columns)


def test_every_list_cites_source_and_date(shipped: Edition):
    """Source, day, grade and owner of every list, whether the facts have it or the portal."""
    for found in shipped.code_lists.values():
        assert found.source, found.id
        assert parse_day(found.issued), found.id
        assert found.owner == "cong-an-tinh", found.id


def test_every_element_cites_its_source(shipped: Edition):
    """Source, owner, creator and language of every element."""
    for found in shipped.elements.values():
        assert found.source, found.id
        assert (found.owner_org, found.creator_org) == ("cong-an-tinh", "so-khcn"), found.id
        assert found.language == "vi, en", found.id
        assert found.rdf_type or found.datatype in ("code", "period"), found.id


def test_what_is_proposed_or_unverified_is_flagged(shipped: Edition, attributes: Attributes):
    """What the facts mark is marked; no list of grade C or D goes without a flag."""
    lists = shipped.code_lists
    assert {key for key, found in lists.items() if found.unverified} == UNVERIFIED
    assert {key for key in CODES_PROPOSED if not lists[key].proposed} == set()
    for found in (*lists.values(), *shipped.elements.values()):
        graded = found.confidence in "CD" or found.proposed
        assert bool(flags(found, attributes.guide)) == graded, found.id
