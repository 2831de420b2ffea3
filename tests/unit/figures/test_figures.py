"""Every figure over small tables whose answer can be counted on the fingers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hatinh.figures import (
    Figure,
    Files,
    columns_of,
    load_figures,
    load_tables,
    reads,
    run,
    to_report,
)
from hatinh.quality import load_formula
from hatinh.quality.freshness import update_state
from hatinh.text import Text
from schemas import ROOT

FOLDER = ROOT / "figures"
TABLES = load_tables(FOLDER / "tables.yaml")
COLUMNS = columns_of(TABLES)
FIGURES = load_figures(Files(FOLDER))
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

Given = Iterable[Mapping[str, Any]]

SETTLED: Mapping[str, Given] = {
    "day": [{"day": "2026-11-22"}],
    "settings": [{"name": "open_target", "value": 3}, {"name": "band_xanh", "value": 9000}],
    "cycles": [{"frequency": "nam", "days": 366, "grace": 60}],
    "codes": [
        {"list": "themes", "code": "HT05", "position": 1, "title_vi": "Giáo dục"},
        {"list": "publication_classes", "code": "cong_khai", "title_vi": "Công khai"},
        {"list": "personal_data_classes", "code": "none", "position": 1, "title_vi": "Không phải"},
        {"list": "personal_data_classes", "code": "basic", "position": 2, "title_vi": "Cơ bản"},
        {"list": "maturity_levels", "code": "2", "position": 3, "title_vi": "Đang phát triển"},
        {"list": "maturity_levels", "code": "4", "position": 5, "title_vi": "Quản lý hiệu quả"},
        {"list": "maturity_levels", "code": "5", "position": 6, "title_vi": "Tối ưu"},
    ],
    "organizations": [
        {"organization": "so-gddt", "title_vi": "Sở GD&ĐT", "active": 1, "position": 1},
        {"organization": "so-y-te", "title_vi": "Sở Y tế", "active": 1, "position": 2},
        {"organization": "so-xay-dung", "title_vi": "Sở Xây dựng", "active": 1, "position": 3},
        {"organization": "so-cu", "title_vi": "Sở cũ", "active": 0, "position": 4,
         "successor": "so-y-te"},
    ],
}  # fmt: skip


def dataset(record: str, organization: str = "so-gddt", **more: Any) -> dict[str, Any]:
    """An open dataset that was updated in time."""
    return {
        "record": record, "name": record, "title": record, "kind": "dataset", "private": 0,
        "organization": organization, "publication_class": "cong_khai", "open_level": 3,
        "frequency": "nam", "modified": "2026-10-01",
    } | more  # fmt: skip


def system(record: str, organization: str = "so-gddt", **more: Any) -> dict[str, Any]:
    """A system."""
    return dataset(record, organization, kind="system", **more)


def asked(figure: str, **given: Given) -> list[dict[str, Any]]:
    """What a figure's SELECT gives, line by line."""
    header, rows = run(FIGURES[figure].sql, COLUMNS, filled(given))
    return [dict(zip(header, row, strict=True)) for row in rows]


def filled(given: Mapping[str, Given]) -> dict[str, list[tuple[Any, ...]]]:
    """All tables, those that are not given as they are settled or empty."""
    return {
        name: [
            tuple(row.get(column, "") for column in columns)
            for row in given.get(name, SETTLED.get(name, ()))
        ]
        for name, columns in COLUMNS.items()
    }


def by(column: str, lines: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    """The lines by one of their cells."""
    return {line[column]: line for line in lines}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_every_figure_tells_its_columns(figure: Figure) -> None:
    """The columns of a SELECT are those that have words, in their order; nothing is a fraction."""
    header, rows = run(figure.sql, COLUMNS, filled({}))
    made = to_report(figure, header, rows, NOW)
    assert all(len(row) == len(figure.columns) for row in made.lines)
    needed = reads(figure.sql, COLUMNS)
    assert all(needed[name] != COLUMNS[name] for name in needed if name in ("records", "scores"))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_order_of_rows_does_not_matter(figure: Figure) -> None:
    """A figure is made of what is in the tables, not of how they lie there; no tie is left."""
    given = {
        **SETTLED,
        "records": [
            *(dataset(f"d{n}", "so-y-te" if n % 2 else "so-cu") for n in range(6)),
            system("h1", lgsp_status="active"), system("h2", "so-mat-tich"),
            dataset("d9", legal_basis="Căn cứ NĐ 47/2020/NĐ-CP", organization=""),
        ],
        "laws": [{"instrument": "NĐ 47/2020/NĐ-CP", "number": "47/2020/NĐ-CP",
                  "expired": "2025-10-21", "grade": "B"}],
        "files": [{"file": f"f{n}", "record": f"d{n}", "format": "CSV" if n % 3 else "XLSX",
                   "tabular": 1, "columns": 3, "bound": n % 3} for n in range(6)],
        "scores": [{"record": f"d{n}", "total": 7000, "dung": 7000} for n in range(6)],
        "themes": [{"record": "d1", "theme": "HT05"}],
        "use": [{"record": "d1", "views": 1, "downloads": 0, "calls": 0}],
    }  # fmt: skip
    forwards = filled(given)
    backwards = {name: rows[::-1] for name, rows in forwards.items()}
    assert run(figure.sql, COLUMNS, forwards) == run(figure.sql, COLUMNS, backwards)


def test_inventory_counts_each_office_once_and_all_together() -> None:
    """Each figure is the number of records of which it is true; who has nothing has zeros."""
    lines = asked(
        "inventory",
        records=[
            dataset("a", publication_class="", open_level=0, modified="2019-01-01"),
            dataset("b", modified="", formats="CSV"), dataset("c", formats="CSV XLSX"),
            system("h", formats="PDF"), dataset("x", "so-mat-tich"),
        ],
        scores=[
            {"record": "a", "total": 8000, "dung": 5001},
            {"record": "c", "total": 8001},
        ],
        sources=[{"source": "s", "organization": "so-gddt", "rejected": 4}],
    )  # fmt: skip
    line = by("organization_vi", lines)["Sở GD&ĐT"]
    assert (line["datasets"], line["systems"], line["dataservices"]) == (3, 1, 0)
    assert (line["public"], line["unclassified"]) == (2, 1)
    assert line["formats"] == "CSV 2, XLSX 1"
    assert (line["open_level_3"], line["open_level_3_share"]) == (2, 6667)
    assert (line["on_time"], line["overdue"], line["update_unknown"]) == (1, 1, 1)
    assert (line["score"], line["dung"], line["du"]) == (8001, 5001, None)
    assert line["rejected"] == 4
    empty = by("organization_vi", lines)["Sở Y tế"]
    assert (empty["datasets"], empty["score"], empty["open_level_3_share"]) == (0, None, None)
    assert "Sở cũ" not in by("organization_vi", lines), "abolished, and nobody names it"
    assert by("organization_vi", lines)["(Chưa rõ cơ quan)"]["datasets"] == 1
    assert (lines[-1]["part"], lines[-1]["datasets"], lines[-1]["rejected"]) == (1, 4, 4)


def test_problems_are_counted_by_place_and_severity() -> None:
    """A record counts once, however many problems it has; a place counts each."""
    lines = asked(
        "problems",
        records=[dataset("a"), dataset("b"), dataset("c", "so-y-te")],
        problems=[
            {"record": "a", "code": "x", "severity": "error", "count": 3},
            {"record": "a", "code": "y", "severity": "warning", "count": 4},
            {"record": "a", "code": "z", "severity": "warning", "count": 5},
        ],
    )
    line = by("organization_vi", lines)["Sở GD&ĐT"]
    assert (line["records"], line["with_problems"], line["with_problems_share"]) == (2, 1, 5000)
    found = [line[name] for name in ("errors", "warnings", "places")]
    assert found == [3, 9, 12]
    assert (lines[-1]["records"], lines[-1]["places"]) == (3, 12)


@pytest.mark.parametrize(
    "modified", ["", "2026", "now", "2026-11-22", "2026-11-23", "2025-09-22", "2025-09-21", "x"]
)
def test_update_state_is_that_of_the_score(modified: str) -> None:
    """The SELECT and the score know one rule of what is overdue."""
    try:
        day = date.fromisoformat(modified)
    except ValueError:
        day = None
    formula = load_formula(ROOT / "quality.yaml")
    state = update_state("nam", day, date(2026, 11, 22), formula)
    lines = asked("updates", records=[dataset("a", modified=modified)])
    found = {name for name in ("on_time", "overdue", "update_unknown") if lines[-1][name]}
    assert found == {{"unknown": "update_unknown"}.get(state.value, state.value)}


def test_updates_tell_the_longest_delay() -> None:
    """Days are counted from the end of the grace; the share is of datasets with a term."""
    lines = asked(
        "updates",
        records=[
            dataset("a", modified="2025-09-20"), dataset("b"), dataset("c", frequency="khac"),
        ],
    )  # fmt: skip
    line = by("organization_vi", lines)["Sở GD&ĐT"]
    assert (line["days_late"], line["on_time_share"]) == (2, 5000)


def test_dataset_of_two_themes_counts_in_both_and_once_in_all() -> None:
    """Lines may overlap, the total does not."""
    codes = [
        {"list": "themes", "code": f"HT0{n}", "position": n, "title_vi": f"{n}"} for n in (1, 2)
    ]
    lines = asked(
        "inventory-themes",
        codes=codes,
        records=[dataset("a"), dataset("b"), system("h")],
        themes=[{"record": "a", "theme": "HT01"}, {"record": "a", "theme": "HT02"}],
    )
    assert [line["datasets"] for line in lines] == [1, 1, 1, 2]


def test_class_that_is_in_no_list_counts_as_none() -> None:
    """Codes of the list each have a line; anything else is not classified."""
    lines = asked("inventory-classes", records=[dataset("a"), dataset("b", publication_class="lạ")])
    found = {line["class_vi"]: line for line in lines if line["list_vi"] == "Phân loại công khai"}
    assert (found["Công khai"]["datasets"], found["Công khai"]["share"]) == (1, 5000)
    assert found["(Chưa phân loại)"]["datasets"] == 1


def test_open_levels_add_up() -> None:
    """Each dataset has one level; three and above count as enough."""
    lines = asked("open-levels", records=[dataset(f"d{n}", open_level=n) for n in (0, 2, 3, 4)])
    assert [lines[-1][f"level_{n}"] for n in range(6)] == [1, 0, 1, 1, 1, 0]
    assert (lines[-1]["open_level_3"], lines[-1]["open_level_3_share"]) == (2, 5000)


def test_only_an_approved_exception_leaves_the_denominator() -> None:
    """Connected ÷ (all − approved exceptions); what is connected is no exception (REQ-50)."""
    lines = asked(
        "lgsp",
        records=[
            system("a", lgsp_status="active"), system("b", lgsp_status="pending"),
            system("c"), system("d", lgsp_status="process"),
        ],
        exemptions=[
            {"record": "a", "approved": 1}, {"record": "b", "approved": 1},
            {"record": "c", "approved": 0},
        ],
    )  # fmt: skip
    total = lines[-1]
    assert (total["connected"], total["exempt"], total["claimed"]) == (1, 1, 1)
    assert (total["under_way"], total["asked"], total["connected_share"]) == (1, 3, 3333)


def test_dictionary_covers_bound_columns_of_tables() -> None:
    """Files that are no tables do not count."""
    lines = asked(
        "dictionary",
        records=[dataset("a")],
        files=[
            {"file": "1", "record": "a", "tabular": 1, "columns": 4, "bound": 1},
            {"file": "2", "record": "a", "tabular": 1, "columns": 0, "bound": 0},
            {"file": "3", "record": "a", "tabular": 0, "columns": 9, "bound": 9},
        ],
    )
    total = lines[-1]
    assert (total["tables"], total["described"], total["with_terms"]) == (2, 1, 1)
    assert (total["columns"], total["bound"], total["bound_share"]) == (4, 1, 2500)


def test_personal_data_that_anyone_sees_is_counted_apart() -> None:
    """By class: all records, and the datasets that are shown or stated to be public."""
    lines = asked(
        "personal-data",
        records=[dataset("a", pii_class="basic"), dataset("b", pii_class="basic", private=1)],
    )
    line = by("class_vi", lines)["Cơ bản"]
    assert (line["datasets"], line["shown"], line["public"]) == (2, 1, 2)


def test_owners_lists_orphans_before_what_was_handed_over() -> None:
    """Nobody's records, those of an abolished office with its successor, those taken over."""
    lines = asked(
        "owners",
        records=[
            dataset("a"), dataset("b", "so-mat-tich"), dataset("c", "so-cu"),
            dataset("d", "so-y-te", former_organization="so-cu"),
        ],
    )  # fmt: skip
    assert [(line["name"], line["successor_vi"]) for line in lines] == [
        ("b", None), ("c", "Sở Y tế"), ("d", None),
    ]  # fmt: skip


def test_dataset_is_used_once_anything_was_counted() -> None:
    """What is there without a use, and what nobody counted, is not used."""
    lines = asked(
        "use",
        records=[dataset("a"), dataset("b"), dataset("c")],
        use=[
            {"record": "a", "views": 5, "downloads": 1, "calls": 5},
            {"record": "b", "views": 0, "downloads": 0, "calls": 0},
        ],
    )
    line = by("organization_vi", lines)["Sở GD&ĐT"]
    assert [line[name] for name in ("views", "downloads", "calls", "used", "used_share")] == [
        5, 1, 5, 1, 3333,
    ]  # fmt: skip


def test_expired_law_is_found_by_its_whole_number() -> None:
    """A number within a longer one is another law; one in force, or ill confirmed, is left out."""
    law = {"expired": "2025-10-21", "grade": "B", "replaced_by": "NĐ 194/2025/NĐ-CP"}
    lines = asked(
        "laws-expired",
        records=[
            dataset("a", legal_basis="Điều 17 Nghị định 47/2020/NĐ-CP"),
            dataset("b", legal_basis="NĐ 147/2020/NĐ-CP"),
            dataset("c", legal_basis="13/2023/NĐ-CP"), dataset("d", legal_basis="9/2009/NĐ-CP"),
        ],
        laws=[
            {"instrument": "NĐ 47/2020/NĐ-CP", "number": "47/2020/NĐ-CP"} | law,
            {"instrument": "13", "number": "13/2023/NĐ-CP"} | law | {"expired": "2026-11-22"},
            {"instrument": "9", "number": "9/2009/NĐ-CP"} | law | {"grade": "C"},
        ],
    )  # fmt: skip
    assert [(line["name"], line["instrument"]) for line in lines] == [("a", "NĐ 47/2020/NĐ-CP")]


def test_ranking_shares_ranks_and_leaves_unmeasured_units_without() -> None:
    """Equal points share a rank, the next is left out; missing groups are not zero (REQ-81)."""
    offices = [
        {"organization": name, "title_vi": name, "active": 1, "position": at}
        for at, name in enumerate("abcde", 1)
    ]
    lines = asked(
        "ranking",
        organizations=offices,
        records=[
            dataset("1", "a"), dataset("2", "b"), dataset("3", "c", open_level=0),
            dataset("4", "d"), system("5", "c", lgsp_status="active"),
        ],
        scores=[
            {"record": "1", "dung": 8000, "du": 9000},
            {"record": "2", "dung": 8500},
            {"record": "3", "song": 9001},
        ],
    )  # fmt: skip
    shown = ("organization_vi", "rank", "tied", "points")
    found = [tuple(line[name] for name in shown) for line in lines]
    assert found == [
        ("a", 1, 2, 9250), ("b", 1, 2, 9250), ("c", 3, 1, 6334), ("d", None, None, None),
        ("e", None, None, None),
    ]  # fmt: skip
    assert lines[0]["use"] is None, "while nothing at all was counted, use is not measured"


def test_indicator_without_denominator_is_not_measured() -> None:
    """Missing is not zero; a score is a mean, a share is in hundredths of a percent."""
    lines = by("indicator", asked("dti", records=[dataset("a"), dataset("b", open_level=0)],
                                  scores=[{"record": "a", "dung": 8667}]))  # fmt: skip
    assert (lines["1.1"]["counted"], lines["1.1"]["of"], lines["1.1"]["value"]) == (8667, 1, 8667)
    assert (lines["2.1"]["counted"], lines["2.1"]["of"], lines["2.1"]["value"]) == (1, 2, 5000)
    assert (lines["3.1"]["value"], lines["3.1"]["target"]) == (None, 10000)
    assert lines["4.1"]["value"] is None


def test_level_of_a_question_is_the_number_of_its_steps() -> None:
    """Levels run from 0 to 5; the whole is the mean of what could be measured, with its name."""
    lines = asked(
        "maturity", records=[dataset("a", approved_by="x", contact="y", pii_class="none")]
    )
    levels = {line["question"]: line["level"] for line in lines}
    assert (levels["1"], levels["2"], levels["3"], levels["6"]) == (500, 500, None, 500)
    assert (lines[-1]["part"], lines[-1]["level"], lines[-1]["name_vi"]) == (1, 500, "Tối ưu")


def test_only_what_a_figure_looks_at_is_read() -> None:
    """A figure names its tables and columns by itself; rows that are only counted cost one."""
    assert reads("SELECT count(*) FROM scores WHERE total > 0", COLUMNS) == {
        "scores": {"total": "INTEGER"}
    }
    assert reads("SELECT count(*) FROM day", COLUMNS) == {"day": {"day": "TEXT"}}
    joined = reads("SELECT s.total FROM scores s JOIN records r USING (record)", COLUMNS)
    assert joined == COLUMNS, "SQLite does not tell of what it joins by"
    wanted = reads(FIGURES["inventory"].sql, COLUMNS)
    assert not {"title", "legal_basis"} & set(wanted["records"])
    assert "losses" not in wanted


def test_report_has_totals_texts_and_its_formula() -> None:
    """Two languages are one cell, hundredths become numbers, lines of part 1 are the totals."""
    header, rows = run(
        FIGURES["inventory"].sql, COLUMNS,
        filled({"records": [dataset("a")], "scores": [{"record": "a", "total": 8667}]}),
    )  # fmt: skip
    made = to_report(FIGURES["inventory"], header, rows, NOW)
    places = {column.id: at for at, column in enumerate(made.columns)}
    assert made.rows[0][0] == Text("Sở GD&ĐT")
    assert made.rows[0][places["score"]] == 86.67
    assert made.totals[0] == Text("Cộng", "Total")
    assert any("trung bình cộng" in note.vi for note in made.notes)


def test_ill_known_source_is_said_to_be_unverified() -> None:
    """Only grades A and B are shown without a warning."""
    unverified = {name for name, figure in FIGURES.items() if figure.unverified}
    assert unverified == {"maturity"}
    header, rows = run(FIGURES["maturity"].sql, COLUMNS, filled({}))
    notes = to_report(FIGURES["maturity"], header, rows, NOW).notes
    assert any(note.en.startswith("Unverified") for note in notes)
