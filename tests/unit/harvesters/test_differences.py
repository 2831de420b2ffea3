"""What people read before they agree to a change."""

from dataclasses import replace
from datetime import date

from harvesters.differences import MAX_VALUE, differences
from hatinh.dataset import Dataset, Resource
from hatinh.text import Text

FILE = Resource("f", Text("Bảng"), "https://a.example/b.csv", "CSV")
OLD = Dataset("g", "dataset", Text("Một", "One"), Text("x"), "so-gddt", resources=(FILE,))


def test_same_datasets_have_no_differences() -> None:
    """The order of keywords means nothing, and a stored file has the portal's address."""
    old = replace(OLD, keywords=("a", "b"))
    stored = replace(FILE, url="https://portal.example/download")
    assert differences(old, replace(OLD, keywords=("b", "a"), resources=(stored,))) == []


def test_changed_fields_are_told_in_words() -> None:
    """Texts in both languages, days, and files by name."""
    new = replace(
        OLD, title=Text("Hai"), issued=date(2026, 1, 2),
        resources=(replace(FILE, guid="h", name=Text("Khác")),),
    )  # fmt: skip
    assert differences(OLD, new) == [
        {"field": "title", "before": "Một / One", "after": "Hai"},
        {"field": "issued", "before": "", "after": "2026-01-02"},
        {"field": "resources.f", "before": "Bảng (CSV)", "after": ""},
        {"field": "resources.h", "before": "", "after": "Khác (CSV)"},
    ]


def test_fields_that_stay_local_are_left_out() -> None:
    """What will not change is no difference."""
    new = replace(OLD, contact="Phòng", notes=Text("y"))
    assert [d["field"] for d in differences(OLD, new, kept=["contact"])] == ["notes"]


def test_long_values_are_cut() -> None:
    """A page shows what changed, not the whole record."""
    (change,) = differences(OLD, replace(OLD, provenance="x" * 9999))
    assert len(change["after"]) == MAX_VALUE
