"""``docs/reports.md`` has a line for each figure, indicator and question."""

import re
from pathlib import Path

import pytest
import yaml

from hatinh.figures import Figure, Files, load_figures
from schemas import ROOT

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
LINES = {
    cells[0]: cells[1:]
    for cells in (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.splitlines()
        if line.startswith("| `")
    )
}
FIGURES = load_figures(Files(ROOT / "figures"))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_every_figure_is_documented(figure: Figure) -> None:
    """Formula in words, source and grade, the same as the report itself says."""
    formula, source, grade = LINES[f"`{figure.name}`"]
    assert len(formula) > 20
    assert (source, grade) == (figure.source, figure.grade)
    assert figure.formula.vi
    assert figure.formula.en


def test_every_indicator_is_documented() -> None:
    """Each with its formula, source and grade."""
    data = yaml.safe_load((ROOT / "figures" / "indicators.yaml").read_text(encoding="utf-8"))
    for entry in data["indicators"]:
        formula, source, grade = LINES[f"`{entry['id']}`"]
        assert formula
        assert (source, grade) == (entry["source"], entry["grade"])


def test_every_question_is_documented() -> None:
    """Each with what is measured and its steps."""
    data = yaml.safe_load((ROOT / "figures" / "maturity.yaml").read_text(encoding="utf-8"))
    for entry in data["questions"]:
        share, steps = LINES[f"`{entry['id']}`"]
        assert share
        assert [int(step) * 100 for step in steps.split()] == entry["steps"]
    assert f"All of grade {data['grade']}" in DOCUMENT


def test_description_of_the_api_names_every_report() -> None:
    """Programs choose from the same reports as people."""
    described = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    assert described["parameters"]["report"]["schema"]["enum"] == list(FIGURES)


def test_nothing_else_is_documented() -> None:
    """A line of a figure that is no more tells of nothing."""
    libraries = [figure.library for figure in FIGURES.values() if figure.library]
    entries = {entry for library in libraries for entry in library.entries}
    told = {name.strip("`") for name in LINES if re.fullmatch(r"`[\w.-]+`", name)}
    assert told == {*FIGURES, *entries}
