"""The shipped edition, and a small one to change."""

from datetime import date

import pytest

import schemas
from hatinh.dictionary.attributes import Attributes, load_attributes
from hatinh.dictionary.edition import Edition, State
from hatinh.dictionary.load import load_edition, load_organizations
from hatinh.dictionary.model import Code, CodeList, Datatype, Element
from hatinh.text import Text

NAME = Text("Tên", "Name")


@pytest.fixture(scope="session")
def shipped() -> Edition:
    """The first edition, as the files are."""
    return load_edition(schemas.ROOT)


@pytest.fixture(scope="session")
def offices() -> CodeList:
    """The organisations of the province."""
    return load_organizations(schemas.ROOT / "organizations.csv")


@pytest.fixture(scope="session")
def attributes() -> Attributes:
    """The sheets of the workbook."""
    return load_attributes(schemas.ROOT)


@pytest.fixture
def small() -> Edition:
    """Two elements and one list of three codes, all in order."""
    shared = {"group": NAME, "entity": "X", "source": "test", "owner_org": "so-y-te"}
    colour = Element(
        id="MauSac",
        name=Text("Màu sắc", "Colour"),
        definition=Text("Màu của vật, theo danh mục màu", "Colour of a thing, by the list"),
        datatype=Datatype.CODE,
        code_list="colours",
        synonyms=("mau",),
        **shared,
    )
    weight = Element(
        id="CanNang",
        name=Text("Cân nặng", "Weight"),
        definition=Text("Khối lượng của vật tính bằng kilôgam", "Mass of a thing in kilograms"),
        datatype=Datatype.DECIMAL,
        minimum=0,
        maximum=0.125,
        unit="kg",
        example="0.1",
        **shared,
    )
    codes = (
        Code("do", Text("Đỏ", "Red"), order=1),
        Code("son", Text("Đỏ son", "Vermilion"), parent="do", order=2),
        Code("lam", Text("Lam", "Blue"), order=3, valid_from=date(2020, 1, 1)),
    )
    colours = CodeList(
        "colours", Text("Màu", "Colours"), codes, source="test", issued="2026", owner="so-y-te"
    )
    return Edition(
        number="1.0",
        date=date(2026, 11, 22),
        state=State.APPROVED,
        owner="cong-an-tinh",
        elements={element.id: element for element in (colour, weight)},
        code_lists={"colours": colours},
        decision="QĐ 1/QĐ-UBND",
    )
