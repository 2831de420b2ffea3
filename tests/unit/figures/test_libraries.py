"""Tables, figures and libraries are data; what is wrong with them is said where they are read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hatinh.errors import SchemaError
from hatinh.figures import Files, columns_of, load_figures, load_tables, run
from hatinh.figures.libraries import load_indicators, load_maturity
from schemas import ROOT

FOLDER = ROOT / "figures"
COLUMNS = columns_of(load_tables(FOLDER / "tables.yaml"))

LIBRARY = """
title: {vi: Bộ khác, en: Another}
version: "1"
source: "QĐ 1"
grade: B
proposed: false
indicators:
  - {id: "x'1", group: {vi: G, en: G}, title: {vi: "Số bản ghi", en: Records}, unit: percent,
     grade: B, source: "QĐ 1", sql: "SELECT count(*), 4 FROM records"}
"""


def test_another_library_takes_the_place_of_ours(tmp_path: Path) -> None:
    """Indicators are loaded, not written in code (REQ-87); quotes in them are only letters."""
    path = tmp_path / "indicators.yaml"
    path.write_text(LIBRARY, encoding="utf-8")
    figure = load_figures(Files(FOLDER, indicators=path))["dti"]
    assert figure.library is not None
    assert figure.library.entries == ("x'1",)
    rows = {name: [] for name in COLUMNS} | {"records": [("r", *[""] * 24)]}
    _, found = run(figure.sql, COLUMNS, rows)
    assert found == [("x'1", "G", "G", "Số bản ghi", "Records", 1, 4, 2500, None, "B")]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("title"),
        lambda data: data.update(grade="E"),
        lambda data: data["indicators"].append(data["indicators"][0]),
        lambda data: data["indicators"][0].update(unit="km"),
        lambda data: data["indicators"][0].pop("sql"),
    ],
)
def test_broken_library_is_refused(tmp_path: Path, change: Callable[[dict], object]) -> None:
    """A library that cannot be meant so does not become a report."""
    data = yaml.safe_load(LIBRARY)
    change(data)
    path = tmp_path / "indicators.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(SchemaError):
        load_indicators(path)


def test_steps_of_a_question_rise(tmp_path: Path) -> None:
    """Five steps, each not below the last."""
    data = yaml.safe_load((FOLDER / "maturity.yaml").read_text(encoding="utf-8"))
    data["questions"][0]["steps"] = [5, 4, 3, 2, 1]
    path = tmp_path / "maturity.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(SchemaError):
        load_maturity(path)


@pytest.mark.parametrize(
    "text",
    [
        "a: {title: {vi: A}, key: [x], scope: all, columns: {y: {type: TEXT, vi: Y, en: Y}}}",
        "a: {title: {vi: A}, key: [y], scope: all, columns: {y: {type: REAL, vi: Y, en: Y}}}",
        "a: {title: {vi: A}, key: [y], scope: some, columns: {y: {type: TEXT, vi: Y, en: Y}}}",
        "a: []",
    ],
)
def test_broken_table_is_refused(tmp_path: Path, text: str) -> None:
    """Keys are columns, types are TEXT or INTEGER."""
    path = tmp_path / "tables.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError):
        load_tables(path)


def test_figure_without_its_select_is_refused(tmp_path: Path) -> None:
    """Words without a SELECT are no figure."""
    shutil.copytree(FOLDER, tmp_path / "figures")
    (tmp_path / "figures" / "use.sql").unlink()
    with pytest.raises(SchemaError):
        load_figures(Files(tmp_path / "figures"))
