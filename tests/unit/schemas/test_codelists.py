"""Code lists, offices and legal instruments: rules beyond those of the loader."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import pytest

import schemas
from hatinh.dictionary.load import load, load_organizations
from hatinh.dictionary.model import Code, Datatype
from hatinh.reading import CODED, DETAILS, PERSONAL, PUBLIC
from hatinh.text import fold, parse_day, slug

DICTIONARY = load(schemas.ROOT)
LISTS = DICTIONARY.code_lists
OFFICES = load_organizations(schemas.ROOT / "organizations.csv")
TODAY = date(2026, 11, 22)
LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)


def ambiguous(codes: Iterable[Code]) -> list[tuple[str, str, str]]:
    """Words that name two codes on one day."""
    named: dict[str, list[Code]] = defaultdict(list)
    for code in codes:
        for words in {fold(w) for w in (code.code, *code.name, *code.other_names) if w}:
            named[words].append(code)
    return [
        (words, one.code, other.code)
        for words, found in named.items()
        for number, one in enumerate(found)
        for other in found[number + 1 :]
        if (one.valid_from or date.min) <= (other.valid_to or date.max)
        and (other.valid_from or date.min) <= (one.valid_to or date.max)
    ]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_words_name_one_code(name: str):
    """On no day do the same words, whatever their case and marks, name two codes of a list."""
    assert ambiguous(LISTS[name]) == []


def test_words_name_one_office():
    """On no day do the same words name two offices."""
    assert ambiguous(OFFICES) == []


def test_every_coded_field_has_its_list():
    """The lists that records are read by are there."""
    details = {code_list for fields in DETAILS.values() for code_list in fields.values()}
    assert {*CODED.values(), *details, "themes", "admin_units"} - {""} <= set(LISTS)


def test_rule_on_personal_data_speaks_of_real_codes():
    """The codes that the program names are codes of the lists."""
    assert all(LISTS["personal_data_classes"].get(code, TODAY) for code in PERSONAL)
    assert LISTS["publication_classes"].get(PUBLIC, TODAY)


def test_themes_make_group_names():
    """The 19 themes of plan 731 give 19 names of CKAN groups."""
    names = {slug(theme.name.vi) for theme in LISTS["themes"]}
    assert len(names) == len(LISTS["themes"].codes) == 19
    assert all(2 <= len(name) <= 100 for name in names)


def test_places_are_those_of_the_two_decisions():
    """69 communes and wards today; 209 of them, 13 districts in their time, before July 2025."""
    places = LISTS["admin_units"]
    today = [place for place in places.at(TODAY) if len(place.code) == 5]
    before = places.at(LAST_DAY_OF_DISTRICTS)
    assert len(today) == 69
    assert len([place for place in before if len(place.code) == 5]) == 209
    assert len([place for place in before if len(place.code) == 3]) == 12
    assert len([place for place in places.at(date(2024, 6, 1)) if len(place.code) == 3]) == 13
    assert {place.parent for place in today} == {"42"}


def test_every_code_of_today_was_used_before():
    """No commune code is a key by itself: each named a unit before July 2025 (REQ-35)."""
    places = LISTS["admin_units"]
    for place in places.at(TODAY):
        assert places.get(place.code, LAST_DAY_OF_DISTRICTS), place.code


@pytest.mark.parametrize("words", ["Thành Sen", "phuong thanh sen", "18073", "Thanh Sen Ward"])
def test_place_is_found_by_the_ways_it_is_written(words: str):
    """A place is found with or without its type, marks or case."""
    found = LISTS["admin_units"].find(words, TODAY)
    assert found is not None
    assert found.code == "18073"


def test_frequencies_map_to_a_duration_and_to_the_eu_list():
    """Freshness needs a duration, DCAT an address; what has no period has no duration."""
    no_period = {code.code for code in LISTS["frequencies"] if not code.value}
    assert no_period == {"khi_phat_sinh", "khong_dinh_ky", "mot_lan"}
    for code in LISTS["frequencies"]:
        assert code.uri.startswith("http://publications.europa.eu/resource/authority/frequency/")


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("frequencies", "Hàng năm", "nam"),
        ("frequencies", "ANNUALLY", "nam"),
        ("licences", "CC BY 4.0", "CC-BY-4.0"),
        ("licences", "cc-by", "CC-BY-4.0"),
        ("publication_classes", "Mở", "cong_khai"),
        ("themes", "GD&ĐT", "HT05"),
        ("themes", "Nội vụ", "HT07"),
        ("system_kinds", "CSDL", "csdl"),
        ("system_levels", "TW/tỉnh", "bo_tinh"),
    ],
)
def test_words_of_departments_are_understood(name: str, words: str, code: str):
    """Departments write in their own words; the lists know them."""
    found = LISTS[name].find(words, TODAY)
    assert found is not None
    assert found.code == code


def test_licences_are_those_that_ckan_knows():
    """A licence code is the id of a CKAN licence, with the same name and address."""
    text = (schemas.ROOT / "licenses.json").read_text(encoding="utf-8")
    known = {
        item["id"]: (item["title"], item["title_en"], item["url"]) for item in json.loads(text)
    }
    assert known == {c.code: (c.name.vi, c.name.en, c.uri) for c in LISTS["licences"]}


def test_datatypes_are_those_that_the_program_checks():
    """Every datatype has a name for people, and there is no other."""
    assert {code.code for code in LISTS["datatypes"]} == set(Datatype)


def test_header_words_lead_to_one_element():
    """The header of a column suggests one element, never two."""
    named: dict[str, set[str]] = defaultdict(set)
    for element in DICTIONARY.elements.values():
        for words in (element.id, *element.name, *element.synonyms):
            named[fold(words)].add(element.id)
    assert {words: ids for words, ids in named.items() if len(ids) > 1} == {}


def test_identifiers_of_persons_are_never_published():
    """Elements that name one person by a number cannot be published."""
    for name in ("SoDinhDanhCaNhan", "SoTaiKhoanNguoiNhan"):
        assert DICTIONARY.elements[name].publish_forbidden


def table(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file of the schemas."""
    with (schemas.ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_offices_have_a_known_kind_and_status():
    """Kind and status of an office are codes."""
    for row in table("organizations.csv"):
        assert LISTS["org_kinds"].get(row["kind"], TODAY), row["slug"]
        assert LISTS["org_status"].get(row["status"], TODAY), row["slug"]


def test_unconfirmed_offices_publish_nothing():
    """Only an office that exists, or did, can publish."""
    for row in table("organizations.csv"):
        if row["status"] in ("du_kien", "chua_xac_nhan"):
            assert row["publishes"] == "no", row["slug"]


def test_legal_instruments_are_dated_and_graded():
    """Law is dated: what has ended says when, and what replaced it is in the table (REQ-01)."""
    rows = table("legal_instruments.csv")
    known = {row["instrument"] for row in rows}
    assert len(known) == len(rows)
    for row in rows:
        days = [parse_day(row[name]) for name in ("issued", "effective", "expired") if row[name]]
        assert None not in days, row["instrument"]
        assert days == sorted(day for day in days if day), row["instrument"]
        assert (row["status"] == "het_hieu_luc") == bool(row["expired"]), row["instrument"]
        assert set(filter(None, row["replaced_by"].split("|"))) <= known, row["instrument"]
        assert row["confidence"] in "ABCD", row["instrument"]


def test_dead_decree_is_not_in_force():
    """Decree 47/2020 is gone; nothing may cite it as law today (REQ-01)."""
    row = next(r for r in table("legal_instruments.csv") if r["instrument"] == "NĐ 47/2020/NĐ-CP")
    assert (row["status"], row["expired"]) == ("het_hieu_luc", "2025-10-21")
