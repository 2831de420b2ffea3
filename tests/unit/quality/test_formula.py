"""The formula is data: it is complete, and a wrong one is refused."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from written import as_csv

from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, Order, RowSum, SumRule, TableSchema
from hatinh.errors import SchemaError
from hatinh.quality import UpdateState, load_formula, open_level, update_state
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

FILE = ROOT / "quality.yaml"
FORMULA = load_formula(FILE)
DATA = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
REFUSING = {"personal-data-column"}


def table_rules() -> set[str]:
    """Ids of the rules that a table with every kind of promise is checked by."""
    element = Element(
        "e", Text("e"), NO_TEXT, Datatype.INTEGER, pattern=".", max_length=9, minimum=0,
        code_list="list",
    )  # fmt: skip
    schema = TableSchema(
        (Column("a", "e", required=True), Column("k", "e", key=True), Column("p", "place")),
        (SumRule("a", {"k": "1"}, {"k": "2"}),),
        (Order("a", "k"),),
        (RowSum("a", ("k",)),),
    )
    codes = CodeList("list", Text("list"), (Code("1", Text("1")), Code("2", Text("2"))))
    place = Element("place", Text("p"), NO_TEXT, Datatype.CODE, code_list="admin_units")
    lists = {"list": codes, "admin_units": replace(codes, id="admin_units")}
    dictionary = Dictionary("1", {"e": element, "place": place}, lists)
    table = as_csv(("a", "k", "p"), [("1", "1", "1"), ("2", "2", "2")])
    standard = Standard(schema, dictionary, date(2026, 1, 1))
    return set(check_file("x", "CSV", table, standard).facts.tallies)


def test_every_rule_has_its_place_in_one_dimension() -> None:
    """Each rule of tables and records is weighed once, and none is named that does not exist."""
    named = [rule for dimension in FORMULA.dimensions.values() for rule in dimension.rules]
    assert len(named) == len(set(named))
    assert set(named) - set(FORMULA.texts) == table_rules() - REFUSING
    assert set(FORMULA.texts) <= set(named)


def test_document_explains_every_rule_as_it_is() -> None:
    """Rule, dimension and weight in docs/quality.md are those of the formula."""
    lines = (ROOT.parent / "docs" / "quality.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")] for line in lines if "| `" in line]
    written = {(row[1], row[2], row[3]) for row in rows}
    weighed = {
        (rule, name, f"{weight:g}")
        for name, dimension in FORMULA.dimensions.items()
        for rule, weight in dimension.rules.items()
    }
    assert weighed <= written


def test_formula_says_that_it_is_a_proposal() -> None:
    """No law fixes the formula and the thresholds are unverified: the file must say so (REQ-39)."""
    assert DATA["proposed"] is True
    assert DATA["thresholds"]["unverified"] is True
    assert list(FORMULA.dimensions) == ["dung", "du", "sach", "song", "thong_nhat", "dung_chung"]


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (100, "xanh"),
        (90, "xanh"),
        (89.99, "vang"),
        (75, "vang"),
        (74.9, "do"),
        (0, "do"),
        (None, ""),
    ],
)
def test_bands_begin_at_their_thresholds(total: float | None, band: str) -> None:
    """Green from 90, amber from 75, red below; no total, no band."""
    assert FORMULA.band(total) == band


@pytest.mark.parametrize(
    "change",
    [
        {"version": None, "dimensions": {}},
        {"dimensions": {"dung": {"weight": -1, "kinds": [], "rules": {}}}},
        {"dimensions": {"dung": {"weight": "x", "kinds": [], "rules": {}}}},
        {"expected_fields": {"dataset": ["no_such_field"]}},
        {"frequencies": {"nam": {"days": 1}}},
        {"open_levels": []},
    ],
)
def test_wrong_formula_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    """A formula that cannot be right stops the start, and says which file."""
    file = tmp_path / "quality.yaml"
    file.write_text(yaml.safe_dump(DATA | change), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"quality\.yaml"):
        load_formula(file)


@pytest.mark.parametrize(
    ("licence", "formats", "level"),
    [
        ("CC-BY-4.0", ["PDF"], 1),
        ("CC-BY-4.0", ["PDF", "xlsx"], 2),
        ("CC-BY-4.0", ["XLSX", "CSV"], 3),
        ("CC-BY-4.0", ["TTL"], 4),
        ("CC-BY-4.0", [], 0),
        ("", ["CSV"], 0),
    ],
)
def test_open_level_is_the_best_format_under_an_open_licence(
    licence: str, formats: list[str], level: int
) -> None:
    """One good file is enough; without an open licence nothing is open (REQ-16, 17)."""
    assert open_level(licence, formats, FORMULA) == level


@pytest.mark.parametrize(
    ("frequency", "modified", "state"),
    [
        ("thang", date(2026, 11, 1), UpdateState.ON_TIME),
        ("thang", date(2026, 10, 15), UpdateState.ON_TIME),
        ("thang", date(2026, 10, 14), UpdateState.OVERDUE),
        ("thang", None, UpdateState.UNKNOWN),
        ("thang", date(2027, 1, 1), UpdateState.UNKNOWN),
        ("khi_phat_sinh", date(2020, 1, 1), UpdateState.UNKNOWN),
    ],
)
def test_update_state_follows_the_stated_period(
    frequency: str, modified: date | None, state: UpdateState
) -> None:
    """Overdue begins the day after period and grace; no promise or no date is unknown."""
    assert update_state(frequency, modified, date(2026, 11, 22), FORMULA) is state
