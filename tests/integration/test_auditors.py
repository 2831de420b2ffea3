"""A department's score computed by hand equals the machine's, number by number."""

import math
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from harvesting import Harvest

from ckanext.hatinh.quality import rescoring
from ckanext.hatinh.quality.rescoring_records import records
from ckanext.hatinh.shared.formulas import formulas
from ckanext.hatinh.shared.vocabulary import today
from harvesters.config import load
from hatinh.quality.rules import measures

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "auditors" / "tinh-diem-bang-tay.md"
SOURCE = "so-gddt-kiem-ke"
VERSION = "2026.11-2"
FORMULA = formulas().versions[VERSION]


@dataclass
class Computed:
    """What somebody computed for one dataset: ``rules`` are weight, judged, broken and points."""

    rules: dict[tuple[str, str], tuple[float, float, float, float]] = field(default_factory=dict)
    values: list[float | None] = field(default_factory=list)


def by_hand() -> dict[str, Computed]:
    """The numbers of the page, by the id of the dataset at its source."""
    found: dict[str, Computed] = {}
    page = Computed()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## Bộ \d+: `(.+)`", line):
            found[heading[1]] = page = Computed()
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or not found or not re.fullmatch(r"[\d,]+|–", cells[-1]):
            continue
        if len(cells) == 6:
            weight, judged, broken, points = (float(c.replace(",", ".")) for c in cells[2:])
            page.rules[cells[0], cells[1]] = (weight, judged, broken, points)
        else:
            page.values = [None if c == "–" else float(c.replace(",", ".")) for c in cells]
    return found


@pytest.fixture
def by_machine(harvest: Harvest, demo_url: str) -> dict[str, Computed]:
    """The scores of the demonstration's department, harvested and scored on the portal."""
    config = next(s for s in load(ROOT / "config" / "sources.yaml", os.environ) if s.name == SOURCE)
    harvest(config)
    rescoring.work_off()
    return {guid: computed(id_) for guid, id_ in _packages()}


def _packages() -> Iterator[tuple[str, str]]:
    package = model.Package
    query = sa.select(package.extras["harvest_guid"].astext, package.id)
    yield from model.Session.execute(query.where(package.state == "active")).tuples()


def computed(package: str) -> Computed:
    """What the portal computes for one dataset, and its score as it is served."""
    score = tk.get_action("hatinh_score_show")({}, {"id": package})
    (record,) = records([package])
    judged: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for measure in measures(record.evidence(today()), FORMULA):
        judged[measure.rule][0] += measure.checked
        judged[measure.rule][1] += measure.failed
    rules = {}
    for name, dimension in FORMULA.dimensions.items():
        weights = {rule: w for rule, w in dimension.rules.items() if judged[rule][0]}
        whole = sum(weights.values())
        for rule, weight in weights.items():
            checked, failed = judged[rule]
            points = 100 * weight / whole * failed / checked
            rules[name, rule] = (weight, checked, failed, round(points, 2))
            _is_stored(score, name, rule, points)
    values = [*(score["dimensions"][name] for name in FORMULA.dimensions), score["total"]]
    assert score["formula"] == VERSION
    return Computed(rules, values)


def _is_stored(score: Mapping[str, Any], name: str, rule: str, points: float) -> None:
    """The losses that are served add up to these points."""
    lost = [x["points"] for x in score["losses"] if (x["dimension"], x["rule"]) == (name, rule)]
    assert math.fsum(lost) == pytest.approx(points, abs=0.01 * max(1, len(lost)))


def test_every_number_computed_by_hand_is_the_machines(by_machine: dict[str, Computed]) -> None:
    """Weight, places judged and broken, points, dimensions, totals, and the department's mean."""
    page = by_hand()
    assert page.keys() == by_machine.keys()
    for guid, found in page.items():
        assert found.rules == by_machine[guid].rules, guid
        assert found.values == by_machine[guid].values, guid
    stated = re.search(r"= \*\*([\d,]+)\*\*", PAGE.read_text(encoding="utf-8"))
    assert stated is not None
    mean = tk.h.hatinh_organization_scores()["so-gddt"]
    assert f"{mean:.2f}".replace(".", ",") == stated[1]


def test_places_of_the_wrong_total_are_those_of_the_page(by_machine: dict[str, Computed]) -> None:
    """The total that does not add up is in row 25 of both files."""
    package = dict(_packages())["gddt-intest-2022"]
    found = tk.get_action("hatinh_score_places")({}, {"id": package, "rule": "sum-differs"})
    assert [(p["row"], p["column"], p["value"]) for p in found["places"]] == [
        (25, "so_cau_hoi", "97556")
    ] * 2
