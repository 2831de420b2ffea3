"""What a campaign asks, of whom and by when."""

from datetime import date

import pytest
import yaml

import schemas
from hatinh.campaign import load_form, units
from hatinh.dictionary.load import load
from hatinh.errors import SchemaError

FORM = load_form(schemas.ROOT)
PLACES = load(schemas.ROOT).code_lists[FORM.communes.list]
UNITS = units(schemas.ROOT, FORM, PLACES, date(2026, 11, 22))


def test_every_department_and_commune_takes_part_once():
    """All 69 communes of today and the departments in force, none of them twice."""
    communes = [unit for unit in UNITS if unit.shared]
    offices = [unit.id for unit in UNITS if not unit.shared]
    assert len(communes) == 69
    assert len(offices) >= 13
    assert {"vp-ubnd", "so-khcn", "cong-an-tinh", "thanh-tra-tinh"} <= set(offices)
    assert not {"so-ttt-old", "so-dan-toc-ton-giao", "ubnd-xa"} & set(offices)
    assert len({unit.id for unit in UNITS}) == len(UNITS)


def test_commune_is_named_as_people_name_it():
    """The office of a commune, in both languages."""
    named = {unit.id: unit.name for unit in UNITS}
    assert named["ubnd-xa-18844"] == (
        "UBND xã Kỳ Thượng",
        "People's Committee of Ky Thuong Commune",
    )


def test_days_of_plan_731_are_those_of_each_year():
    """What comes on 15 or 31 December is not before it."""
    assert FORM.units.of_year(2026) == date(2026, 12, 15)
    assert FORM.province.of_year(2027) == date(2027, 12, 31)


def test_what_is_shown_as_law_has_a_grade_of_law():
    """Basis and deadlines are of grade A or B; questions of other grades say that they are not."""
    assert {FORM.basis_grade, FORM.units.grade, FORM.province.grade} <= {"A", "B"}
    told = {q.id: q.as_dict()["proposed"] for q in FORM.questions.values()}
    assert told["duplicated"] is True
    assert {q.id: q.grade not in "AB" for q in FORM.questions.values()} == told


def test_broken_file_is_named(tmp_path):
    """A mistake of the file is told with its name."""
    (tmp_path / "campaign.yaml").write_text("units: 1", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"campaign\.yaml"):
        load_form(tmp_path)


def test_addressees_are_those_of_the_official_form():
    """Pages and the foot of the documents name the same offices."""
    path = schemas.ROOT / "figures" / "official.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))["recipients"]
    for name, deadline in (("unit", FORM.units), ("province", FORM.province)):
        assert [office.vi for office in deadline.addressees] == told[name]
