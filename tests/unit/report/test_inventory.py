"""The inventory: every organisation once, every figure recountable."""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from hatinh.quality import load_formula
from hatinh.report import COLUMNS, Cell, DatasetRow, Report, inventory, load_texts
from hatinh.text import Text
from schemas import ROOT

FORMULA = load_formula(ROOT / "quality.yaml")
TEXTS = load_texts(ROOT / "reports.yaml", "inventory")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OFFICES = {
    "so-gddt": Text("Sở Giáo dục và Đào tạo", "Department of Education"),
    "so-y-te": Text("Sở Y tế"),
}


def dataset(organization: str = "so-gddt", **fields: object) -> DatasetRow:
    values = {
        "publication_class": "cong_khai",
        "licence": "CC-BY-4.0",
        "frequency": "nam",
        "modified": date(2026, 10, 1),
        "formats": ("CSV",),
        "dimensions": {"dung": 80.0, "song": None},
        "total": 80.0,
    }
    return DatasetRow(organization, "dataset", **(values | fields))  # type: ignore[arg-type]


def report(rows: list[DatasetRow], rejected: dict[str, int] | None = None) -> Report:
    return inventory(rows, OFFICES, NOW, FORMULA, TEXTS, rejected)


def line(made: Report, row: int) -> dict[str, Cell | Text]:
    cells = [*made.rows, made.totals][row]
    return dict(zip((column.id for column in made.columns), cells, strict=True))


def test_every_column_has_its_words() -> None:
    """Columns counted and columns worded are the same, in the same order."""
    assert list(COLUMNS) == list(TEXTS.columns)


def test_every_organisation_has_a_line_even_without_data() -> None:
    """Who has published nothing is shown with zeros, and with no score at all."""
    made = report([dataset()])
    assert [row[0] for row in made.rows] == list(OFFICES.values())
    empty = line(made, 1)
    assert (empty["datasets"], empty["public"], empty["overdue"]) == (0, 0, 0)
    assert (empty["dung"], empty["score"], empty["open_level_3_share"]) == (None, None, None)


def test_line_counts_classes_formats_levels_and_states() -> None:
    """Each figure is the number of datasets of which it is true."""
    found = line(
        report(
            [
                dataset(formats=("CSV", "XLSX", "CSV")),
                dataset(formats=("PDF",), publication_class="khong", modified=date(2020, 1, 1)),
                dataset(formats=("XLSX",), publication_class="", modified=None),
                DatasetRow("so-gddt", "system"),
                DatasetRow("so-gddt", "dataservice"),
            ]
        ),
        0,
    )
    assert (found["datasets"], found["systems"], found["dataservices"]) == (3, 1, 1)
    assert (found["public"], found["conditional"], found["not_public"]) == (1, 0, 1)
    assert (found["unclassified"], found["formats"]) == (1, "XLSX 2, CSV 1, PDF 1")
    assert (found["open_level_3"], found["open_level_3_share"]) == (1, 33.3)
    assert (found["on_time"], found["overdue"], found["update_unknown"]) == (1, 1, 1)


def test_mean_leaves_out_what_was_not_measured() -> None:
    """A missing score is no zero in the mean."""
    rows = [dataset(total=90.0), dataset(total=None, dimensions={}), dataset(total=60.0)]
    found = line(report(rows), 0)
    assert (found["score"], found["dung"], found["song"]) == (75.0, 80.0, None)


def test_records_of_nobody_are_shown() -> None:
    """A record whose office is not in the register gets a line of its own (REQ-89)."""
    made = report([dataset("so-la")], {"so-la-khac": 2, "so-y-te": 1})
    orphans = line(made, 2)
    assert (orphans["organization"], orphans["datasets"], orphans["rejected"]) == (
        TEXTS.orphans,
        1,
        2,
    )
    assert line(made, 3)["rejected"] == 3


SUMMED = [name for name, (kind, _) in COLUMNS.items() if kind == "integer"]
ROWS = st.lists(
    st.builds(
        DatasetRow,
        st.sampled_from(["so-gddt", "so-y-te", "so-la"]),
        st.sampled_from(["dataset", "system", "dataservice"]),
        st.sampled_from(["cong_khai", "khong", ""]),
        frequency=st.sampled_from(["nam", "ngay", ""]),
        modified=st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
        total=st.none() | st.floats(0, 100),
        problems=st.integers(0, 9),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_totals_are_the_sums_of_the_lines(rows: list[DatasetRow]) -> None:
    """No record is lost or counted twice; the states of update add up to the datasets."""
    made = report(rows)
    lines = [line(made, at) for at in range(len(made.rows))]
    totals = line(made, len(lines))
    for column in SUMMED:
        assert totals[column] == sum(int(str(found[column])) for found in lines)
    states = [totals[name] for name in ("on_time", "overdue", "update_unknown")]
    assert sum(int(str(n)) for n in states) == totals["datasets"]
    assert totals["datasets"] == sum(row.kind == "dataset" for row in rows)
