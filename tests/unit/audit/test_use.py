"""What counts as use, and who is left out."""

from datetime import date
from pathlib import Path

import pytest

import schemas
from hatinh.audit.use import Use, load_counting, read_counters
from hatinh.errors import SchemaError

COUNTING = load_counting(schemas.ROOT)


@pytest.mark.parametrize(
    ("page", "form", "kind"),
    [
        ("dataset.read", "", "views"),
        ("dataset_resource.download", "", "downloads"),
        ("hatinh_rows.rows", "csv", "downloads"),
        ("hatinh_rows.rows", "json", "calls"),
        ("home.index", "", ""),
        ("home.index", "json", ""),
    ],
)
def test_pages_count_as_what_they_give(page: str, form: str, kind: str):
    """A page of a dataset is a view, a file a download, JSON of rows a call."""
    assert COUNTING.kind_of_page(page, form) == kind


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/131.0", False),
        ("python-requests/2.32", False),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", True),
        ("SomeSpider/1", True),
        ("", True),
    ],
)
def test_robots_are_left_out(agent: str, robot: bool):
    """By the words of their names; whoever says none is one."""
    assert COUNTING.is_robot(agent) is robot


def test_counters_are_read_as_they_were_written():
    """What no counter of ours is, is passed over."""
    use = Use(date(2026, 11, 22), "views", "so-truong-hoc", 3)
    assert list(read_counters({use.key: "3", "other": "1", "2026-11-22|likes|x": "1"})) == [use]


def test_file_that_lacks_a_part_is_named(tmp_path: Path):
    """A broken file says so by its name."""
    (tmp_path / "use.yaml").write_text("views: {pages: [], actions: []}\n")
    with pytest.raises(SchemaError, match=r"use\.yaml"):
        load_counting(tmp_path)
