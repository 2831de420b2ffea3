"""A place is a code on a day: gazetteer, conversion of tables, crossing of the reform."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import as_csv

import schemas
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.load import load
from hatinh.dictionary.place_conversion import Conversion, Request, Status, convert, divide
from hatinh.dictionary.places import REFORM, crossing, load_gazetteer
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.errors import SchemaError

DICTIONARY = load(schemas.ROOT)
PLACES = load_gazetteer(schemas.ROOT, DICTIONARY)
BEFORE, AFTER = REFORM - timedelta(days=1), REFORM

OLD = [u.code for u in PLACES.units.at(BEFORE) if len(u.code) == 5]
NEW = [u.code for u in PLACES.units.at(AFTER) if len(u.code) == 5]
DIVIDED = {"18082": ["18073", "18652"], "18796": ["18754", "18823", "18832"]}


def ask(rows: list[dict[str, Any]], **options: Any) -> Conversion:
    """Convert a table with the columns ``ma`` and ``so`` over the reform."""
    asked = {"from_date": BEFORE, "to_date": AFTER, "code_column": "ma", "value_columns": ["so"]}
    return convert(PLACES, rows, Request(**{**asked, **options}))


def cells(result: Conversion) -> dict[str, Any]:
    """The sums by code."""
    return {row.cells["ma"]: row.cells["so"] for row in result.rows}


def codes_of(result: Conversion) -> set[str]:
    """The codes of all problems and notes."""
    return {problem.code for problem in (*result.problems, *result.notes)}


# -- the gazetteer ------------------------------------------------------------------------------


def test_every_commune_of_both_days_answers():
    """All 209 old codes at 2025-06-30 and all 69 new ones at 2025-07-01 are places."""
    assert (len(OLD), len(NEW)) == (209, 69)
    for code, day in [(c, BEFORE) for c in OLD] + [(c, AFTER) for c in NEW]:
        place = PLACES.show(code, day)
        assert place is not None
        assert place.code == code
        assert place.kind in {"xa", "phuong", "thi_tran"}
        assert place.parent_name.vi


def test_a_code_without_its_day_is_two_places():
    """18073 was Phường Nam Hà and is Phường Thành Sen."""
    before, after = PLACES.show("18073", BEFORE), PLACES.show("18073", AFTER)
    assert before
    assert after
    assert (before.name.vi, after.name.vi) == ("Phường Nam Hà", "Phường Thành Sen")


def test_a_code_that_ended_does_not_answer_later():
    """Of the 209 codes only the 69 that were kept answer after the reform."""
    assert {code for code in OLD if PLACES.show(code, AFTER)} == set(NEW)


def test_changes_lead_there_and_back():
    """What is a successor of an old unit has that unit among its predecessors."""
    for code in OLD:
        old = PLACES.show(code, BEFORE)
        assert old
        assert old.successors
        for link in old.successors:
            new = PLACES.show(link.code, AFTER)
            assert new
            assert code in {before.code for before in new.predecessors}
            assert link.legal_basis


def test_divided_units_are_the_two_of_the_resolution():
    """Only Đại Nài and Kỳ Lợi went to more than one unit, and their parts say so."""
    found = {c: PLACES.show(c, BEFORE) for c in OLD}
    parts = {c: [s.code for s in p.successors] for c, p in found.items() if p}
    assert {c: s for c, s in parts.items() if len(s) > 1} == DIVIDED
    extents = {s.extent for c in DIVIDED if (p := found[c]) for s in p.successors}
    assert extents == {"part"}


def test_new_communes_have_a_centre_in_the_province():
    """Centre points are known for all 69 communes of today, with their source."""
    for code in NEW:
        place = PLACES.show(code, AFTER)
        assert place
        assert place.centre
        assert 17.5 < place.centre.lat < 19
        assert 105 < place.centre.lon < 107
        assert place.centre.source


@pytest.mark.parametrize("words", ["Thành Sen", "thanh sen", "P. Thành Sen", "PHƯỜNG THÀNH SEN"])
def test_find_takes_any_writing_of_a_name(words: str):
    """Case, marks and the word of the type are free."""
    assert [place.code for place in PLACES.find(words, AFTER)] == ["18073"]
    assert PLACES.find(words, BEFORE) == ()


@pytest.mark.parametrize(
    ("words", "at", "meant"),
    [
        ("18077", AFTER, "18073"),  # the code ended: its successor
        ("Bắc Hà", AFTER, "18073"),  # the name ended: its successor
        ("Thành Sen", BEFORE, "18073"),  # the name is not there yet: one of its predecessors
        ("18074", AFTER, "18073"),  # one digit wrong
        ("1873", AFTER, "18073"),  # one digit lost
        ("phường thanh xen", AFTER, "18073"),  # one letter wrong
    ],
)
def test_suggest_leads_to_the_place_that_was_meant(words: str, at: date, meant: str):
    """An unknown code or name has suggestions."""
    assert meant in [place.code for place in PLACES.suggest(words, at)]


def test_suggest_is_silent_without_likeness():
    """Words unlike any place lead nowhere."""
    assert PLACES.suggest("Đà Lạt", AFTER) == ()
    assert PLACES.suggest("999", AFTER) == ()


def test_code_far_from_all_others_gets_the_nearest():
    """Every unknown code of a commune has suggestions."""
    assert [place.code for place in PLACES.suggest("99999", AFTER, 2)] == sorted(NEW)[:-3:-1]


def test_district_that_ended_leads_to_the_communes_of_today():
    """The code of a former district leads to the units that its communes became."""
    assert {place.code for place in PLACES.suggest("436", AFTER)} <= set(NEW)
    assert PLACES.suggest("436", AFTER)


def test_place_as_json_has_open_ends():
    """Days are ISO text, an open end is null."""
    place = PLACES.show("18073", AFTER)
    assert place
    found = place.as_dict()
    assert (found["valid_from"], found["valid_to"]) == ("2025-07-01", None)
    assert found["name"] == {"vi": "Phường Thành Sen", "en": "Thanh Sen Ward"}
    assert {link["extent"] for link in found["predecessors"]} == {"whole", "part"}


def test_faulty_change_names_its_file(tmp_path: Path):
    """A wrong cell stops the load with the file."""
    for path in schemas.ROOT.glob("admin_unit_*.csv"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    faulty = tmp_path / "admin_unit_changes.csv"
    faulty.write_text(faulty.read_text("utf-8").replace(",whole,", ",half,", 1), "utf-8")
    with pytest.raises(SchemaError, match=r"admin_unit_changes\.csv.*half"):
        load_gazetteer(tmp_path, DICTIONARY)


# -- conversion ---------------------------------------------------------------------------------


def test_table_of_all_old_codes_conserves_the_sum():
    """With estimates the whole sum of 209 rows is in the 69 rows, to the unit."""
    rows = [{"ma": code, "so": 1000 + 7 * index} for index, code in enumerate(OLD)]
    result = ask(rows, split="estimate")
    assert result.problems == ()
    assert set(cells(result)) == set(NEW)
    assert sum(cells(result).values()) == sum(row["so"] for row in rows)
    assert all(value == int(value) for value in cells(result).values())


def test_mergers_are_exact():
    """A row is the sum of exactly those old rows that went wholly into it."""
    amounts = {code: 3**index % 9973 for index, code in enumerate(OLD)}
    result = ask([{"ma": code, "so": amount} for code, amount in amounts.items()])
    for row in result.rows:
        place = PLACES.show(row.cells["ma"], AFTER)
        assert place
        whole = [link.code for link in place.predecessors if link.extent == "whole"]
        assert row.cells["so"] == sum(amounts[code] for code in whole)
        assert set(row.sources) == set(whole)


def test_divided_units_are_refused_unless_told():
    """Each refusal names the unit and where it went; rows that lack its part are marked."""
    result = ask([{"ma": code, "so": 1} for code in OLD])
    assert [(p.code, p.value) for p in result.problems] == [
        ("place-split-refused", "18082"),
        ("place-split-refused", "18796"),
    ]
    assert result.problems[0].path == f"$.rows[{OLD.index('18082') + 1}].ma"
    assert "18073 (Phường Thành Sen)" in result.problems[0].params["into"]
    marked = {row.cells["ma"] for row in result.rows if row.status is Status.INCOMPLETE}
    assert marked == {code for codes in DIVIDED.values() for code in codes}
    assert not result.complete
    assert sum(cells(result).values()) == 207


def test_estimates_are_marked_and_named():
    """An estimate says its method and shares, in a note and on each row."""
    result = ask([{"ma": "18082", "so": 101}, {"ma": "18073", "so": 9}], split="estimate")
    assert cells(result) == {"18073": 60, "18652": 50}
    assert {row.status for row in result.rows} == {Status.ESTIMATED}
    note, *_ = result.notes
    assert note.code == "place-split-estimated"
    assert note.params == {"method": "equal", "shares": "18073: 50.0%, 18652: 50.0%"}


def test_area_of_a_divided_unit_follows_the_law():
    """All natural area of Kỳ Lợi went to Vũng Áng: that is no estimate."""
    rows = [{"ma": "18796", "so": "33,12"}]
    result = ask(rows, split="estimate", area_columns=["so"])
    assert cells(result) == {"18754": 0, "18823": Decimal("33.12"), "18832": 0}
    assert {row.status for row in result.rows} == {Status.EXACT}
    assert result.notes[0].params["method"] == "law"


@settings(max_examples=40)
@given(
    st.decimals(-(10**12), 10**12, places=3),
    st.lists(st.floats(0, 1e3).filter(lambda w: w == 0 or w > 1e-3), min_size=1, max_size=7),
)
def test_parts_add_up_to_the_amount(amount: Decimal, weights: list[float]):
    """Whatever the weights, no unit is lost, none made, and no part is off by a unit."""
    if not any(weights):
        return
    parts = divide(amount, weights)
    assert sum(parts) == amount
    total = sum(map(Decimal, weights))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * Decimal(weight) / total) <= Decimal("0.001")


def test_whole_numbers_are_divided_into_whole_numbers():
    """Ten people in three parts are 4, 3 and 3."""
    assert divide(Decimal(10), [1, 1, 1]) == [4, 3, 3]


@pytest.mark.parametrize("code", ["18073", "18652"])
def test_merged_sum_cannot_be_divided_back(code: str):
    """The way from new to old is refused with its reason."""
    result = ask([{"ma": code, "so": 5}], from_date=AFTER, to_date=BEFORE)
    assert result.rows == ()
    assert [p.code for p in result.problems] == ["place-cannot-divide"]
    assert int(result.problems[0].params["count"]) > 1


def test_unchanged_commune_goes_both_ways():
    """A commune that was not rearranged has one former self."""
    result = ask([{"ma": "18196", "so": 5}], from_date=AFTER, to_date=BEFORE)
    assert (cells(result), result.problems) == ({"18196": 5}, ())


def test_same_side_of_the_reform_changes_nothing():
    """Between two days on one side each code is itself."""
    rows = [{"ma": code, "so": 2} for code in OLD]
    result = ask(rows, to_date=date(2025, 3, 1))
    assert cells(result) == dict.fromkeys(OLD, 2)
    assert {row.status for row in result.rows} == {Status.EXACT}


def test_unknown_code_is_an_error_with_suggestions():
    """A code that names nothing on the day is refused, and told what may be meant."""
    result = ask([{"ma": "18074", "so": 1}])
    (problem,) = result.problems
    assert (problem.code, problem.path) == ("place-code-unknown", "$.rows[1].ma")
    assert "18073 (Phường Nam Hà)" in problem.params["near"]


def test_district_is_no_commune():
    """A district ended without a successor; the province goes on."""
    result = ask([{"ma": "436", "so": 1}, {"ma": "42", "so": 9}])
    assert [p.code for p in result.problems] == ["place-ended"]
    assert cells(result) == {"42": 9}


@pytest.mark.parametrize("name", ["Tỷ lệ hộ nghèo", "ty_le", "Mật độ dân số", "Tăng trưởng (%)"])
def test_rates_are_not_added(name: str):
    """A rate is refused unless somebody says how, or that it is none."""
    rows = [{"ma": "18073", name: 10}]
    assert codes_of(ask(rows, value_columns=[name])) == {"place-rate-not-additive"}
    assert ask(rows, value_columns=[name], additive=[name]).complete


def test_rate_is_weighed_when_told():
    """A rate with its weight becomes the weighted mean."""
    rows = [
        {"ma": "18073", "so": 100, "ty_le": "4,5"},
        {"ma": "18077", "so": 300, "ty_le": "2,5"},
    ]
    result = ask(rows, averaged={"ty_le": "so"})
    assert [row.cells["ty_le"] for row in result.rows] == [Decimal("3.00")]


def test_year_keeps_rows_apart_and_names_follow():
    """Columns that are no place and no amount keep rows apart; names become the new ones."""
    rows = [
        {"stt": n, "ma": code, "xa": name, "huyen": "TP Hà Tĩnh", "nam": year, "so": "1.000"}
        for n, (code, name, year) in enumerate(
            [("18073", "Nam Hà", 2023), ("18077", "Bắc Hà", 2023), ("18077", "Bắc Hà", 2024)]
        )
    ]
    result = ask(rows)
    kept = [[row.cells[c] for c in ("xa", "huyen", "nam", "so")] for row in result.rows]
    assert kept == [
        ["Phường Thành Sen", "Tỉnh Hà Tĩnh", 2023, 2000],
        ["Phường Thành Sen", "Tỉnh Hà Tĩnh", 2024, 1000],
    ]
    assert [p.value for p in result.notes if p.code == "place-column-dropped"] == ["stt"]


def test_blank_is_not_zero():
    """A blank part is told; a sum of blanks only is blank."""
    result = ask([{"ma": "18073", "so": None}, {"ma": "18118", "so": ""}, {"ma": "18077", "so": 3}])
    assert cells(result) == {"18073": 3, "18118": None}
    assert [p.code for p in result.notes][:2] == ["place-value-missing"] * 2


def test_text_in_a_sum_is_refused():
    """What is no number is not added in silence."""
    (problem,) = ask([{"ma": "18073", "so": "khoảng 5"}]).problems
    assert problem.code == "place-value-unreadable"


def test_missing_column_is_refused():
    """A column that is not in the table is a problem, not a crash."""
    assert codes_of(ask([{"ma": "18073"}])) == {"place-column-missing"}
    assert ask([]).rows == ()


def test_converted_rows_have_a_json_form():
    """Sums are numbers, and text where a number of JSON would lose digits."""
    rows = [{"ma": "18073", "so": "1,5"}, {"ma": "18118", "so": 2.0}]
    rows.append({"ma": "18229", "so": "0,12345678901234567891"})
    written = [row.as_dict()["cells"]["so"] for row in ask(rows).rows]
    assert written == [1.5, 2, "0.12345678901234567891"]


@pytest.mark.parametrize("code", [18073, 18073.0, " 18073 ", "18073.0"])
def test_code_may_be_a_number(code: object):
    """A code is the same as text, as a number and as a spreadsheet writes it."""
    (row,) = ask([{"ma": code, "so": 1}]).rows
    assert row.sources == ("18073",)


def test_former_unit_that_the_table_lacks_is_noted():
    """A sum that only some of the former units gave says which are missing."""
    place = PLACES.show("18073", AFTER)
    assert place
    former = [link.code for link in place.predecessors]
    result = ask([{"ma": code, "so": 1} for code in former[1:]], split="estimate")
    noted = [note for note in result.notes if note.code == "place-parts-absent"]
    assert [note.value for note in noted if former[0] in note.params["absent"]] == ["18073"]
    whole = ask([{"ma": code, "so": 1} for code in OLD], split="estimate")
    assert "place-parts-absent" not in codes_of(whole)


# -- crossing -----------------------------------------------------------------------------------


def test_column_of_one_day_does_not_cross():
    """All old codes, or all new ones, are fine."""
    assert crossing(PLACES, OLD) is None
    assert crossing(PLACES, NEW) is None


def test_ended_code_beside_a_new_name_crosses():
    """Phường Bắc Hà ended when Phường Thành Sen began."""
    found = crossing(PLACES, ["18077", "18073"], names=["Bắc Hà", "Phường Thành Sen"], path="$.x")
    assert found
    assert (found.code, found.path) == ("place-codes-cross-reform", "$.x")
    assert found.params == {"before": "18077 Bắc Hà", "after": "18073 Phường Thành Sen"}


@pytest.mark.parametrize(
    ("periods", "crosses"),
    [
        (["2023", "2024"], False),
        (["2024", "2026"], True),
        (["20252", "20253"], True),
        (["202507", "202512"], False),
        (["2025"], False),
        (["2025-06-30", "01/7/2025"], True),
    ],
)
def test_periods_cross_the_reform(periods: list[str], crosses: bool):
    """Kept codes say no day, their periods do."""
    assert bool(crossing(PLACES, NEW[:3], periods=periods)) is crosses


def test_periods_of_other_codes_do_not_matter():
    """A column that has no code of a place cannot cross."""
    assert crossing(PLACES, ["A1", "B2"], periods=["2024", "2026"]) is None


BOUND = (
    Column("Mã xã", "ma_dvhc"),
    Column("Tên xã", "TenDonViHanhChinh"),
    Column("Kỳ", "KyBaoCao"),
    Column("Từ ngày", "NgayHieuLuc"),
)


def crossed(*rows: tuple[str, ...]) -> list[str]:
    """Paths of the problems of a table whose columns are bound from the left."""
    columns = BOUND[: len(rows[0])]
    table = as_csv([column.name for column in columns], rows)
    standard = Standard(TableSchema(columns), DICTIONARY, AFTER, "$.resources[0]")
    result = check_file("x", "CSV", table, standard)
    return [p.path for p in result.problems if p.code == "place-codes-cross-reform"]


def test_check_finds_a_column_that_crosses():
    """Codes with names of both sides, or periods of both sides, are one problem of the column."""
    found = ["$.resources[0].columns.Mã xã"]
    assert crossed(("18077", "Bắc Hà"), ("18073", "Thành Sen")) == found
    assert crossed(("18073", "", "2024"), ("18073", "", "2026")) == found
    assert crossed(("18073", "Thành Sen", "202508"), ("18100", "Trần Phú", "2026")) == []


def test_table_that_says_the_day_of_its_codes_may_cross():
    """A column with the day from which each code counts makes it clear."""
    rows = [("18073", "Nam Hà", "2024", "2020-01-01"), ("18073", "Thành Sen", "2026", "2025-07-01")]
    assert crossed(*rows) == []


def test_shares_name_their_method():
    """Each share cites a text, and a divided unit has a share for each of its parts."""
    with (schemas.ROOT / "admin_unit_shares.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["method"] in {"law", "area", "equal"} for row in rows)
    anywhere = {(r["old_code"], r["new_code"]) for r in rows if r["measure"] == "any"}
    assert anywhere == {(old, new) for old, parts in DIVIDED.items() for new in parts}
