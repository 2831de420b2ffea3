"""Weighs what the rules found into six dimensions, a total and a list of losses."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from hatinh.dictionary.check import TableFacts
from hatinh.dictionary.column_facts import ColumnFacts
from hatinh.quality.evidence import Evidence
from hatinh.quality.formula import Dimension, Formula
from hatinh.quality.rules import Measure, measures, measures_of_files


@dataclass(frozen=True, slots=True)
class Loss:
    """Points (0-100) that one rule takes from one dimension, and where.

    ``count`` is the number of places; ``path`` the first of them. ``problem_code`` names the
    problem in the same record that tells more, or is empty.
    """

    dimension: str
    rule: str
    points: float
    count: int
    problem_code: str
    path: str


@dataclass(frozen=True, slots=True)
class Score:
    """How good a record is.

    A dimension is 0 to 100, or ``None`` when nothing in the record could be judged by it: missing
    is not zero. ``total`` weighs the dimensions that have a value; ``band`` is its name in the
    formula. In each dimension the losses and the value add up to 100.
    """

    dimensions: Mapping[str, float | None]
    total: float | None
    band: str
    losses: tuple[Loss, ...]
    formula: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that is stored and served."""
        return {
            "formula": self.formula,
            "total": self.total,
            "band": self.band,
            "dimensions": dict(self.dimensions),
            "losses": msgspec.to_builtins(self.losses),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Score":
        """Read the JSON form back."""
        return cls(
            dimensions=dict(data["dimensions"]),
            total=data["total"],
            band=data["band"],
            losses=tuple(Loss(**loss) for loss in data["losses"]),
            formula=data["formula"],
        )


@dataclass(frozen=True, slots=True)
class ColumnLoss:
    """Points (0-100) that one rule takes from a dimension of a column, with ``broken`` of
    ``judged`` places."""

    dimension: str
    rule: str
    points: float
    broken: int
    judged: int


@dataclass(frozen=True, slots=True)
class ColumnScore:
    """How good one column of a table is; ``element`` is what it was judged by, or empty.

    As in a :class:`Score` a dimension is ``None`` when no rule judged the column by it; song and
    dung_chung are of files and records, so they always are.
    """

    name: str
    element: str
    dimensions: Mapping[str, float | None]
    losses: tuple[ColumnLoss, ...]

    @property
    def least(self) -> float:
        """Its worst dimension; above all values where it has none."""
        return min((value for value in self.dimensions.values() if value is not None), default=101)

    @property
    def broken(self) -> int:
        """Faulty places, of all rules."""
        return sum(loss.broken for loss in self.losses)


def measure(evidence: Evidence, formula: Formula) -> Score:
    """The score of a record by a formula: the same evidence always gives the same score."""
    found = _by_rule(measures(evidence, formula))
    values: dict[str, float | None] = {}
    losses: list[Loss] = []
    for name, dimension in formula.dimensions.items():
        applies = evidence.dataset.kind in dimension.kinds
        lost = _losses(name, dimension, found) if applies else None
        values[name] = None if lost is None else _rest(lost)
        losses.extend(replace(loss, points=round(loss.points, 2)) for loss in lost or ())
    total = _total(values, formula)
    return Score(values, total, formula.band(total), tuple(losses), formula.version)


def measure_files(evidence: Evidence, formula: Formula) -> list[dict[str, float | None]]:
    """The dimensions of each file by itself, in their order; ``None`` where it says nothing."""
    return [_of_file(replace(evidence, resources=(one,)), formula) for one in evidence.resources]


def measure_columns(facts: TableFacts, formula: Formula) -> list[ColumnScore]:
    """The columns of a table by themselves: least dimension first, then most faulty places.

    Nothing where the facts are older than the counts by column: that is not measured, not zero.
    """
    found = [_of_column(column, formula) for column in facts.by_column]
    return sorted(found, key=lambda column: (column.least, -column.broken))


def _of_file(alone: Evidence, formula: Formula) -> dict[str, float | None]:
    return _values(_lost(measures_of_files(alone, formula), formula))


def _of_column(column: ColumnFacts, formula: Formula) -> ColumnScore:
    given = (Measure(rule, n, column.broken.get(rule, 0)) for rule, n in column.judged.items())
    lost = _lost(given, formula)
    losses = tuple(
        ColumnLoss(name, loss.rule, round(loss.points, 2), loss.count, column.judged[loss.rule])
        for name, each in lost.items()
        for loss in each or ()
    )
    return ColumnScore(column.name, column.element, _values(lost), losses)


def _lost(given: Iterable[Measure], formula: Formula) -> dict[str, list[Loss] | None]:
    """What each dimension loses, of a record of any kind."""
    found = _by_rule(given)
    return {name: _losses(name, each, found) for name, each in formula.dimensions.items()}


def _values(lost: Mapping[str, list[Loss] | None]) -> dict[str, float | None]:
    return {name: None if losses is None else _rest(losses) for name, losses in lost.items()}


def _by_rule(given: Iterable[Measure]) -> dict[str, list[Measure]]:
    """What each rule had to judge; those that had nothing are left out."""
    found: dict[str, list[Measure]] = {}
    for item in given:
        if item.checked:
            found.setdefault(item.rule, []).append(item)
    return found


def _losses(
    name: str, dimension: Dimension, found: Mapping[str, list[Measure]]
) -> list[Loss] | None:
    """What each rule takes from the dimension; ``None`` when no rule had anything to judge."""
    weights = {rule: weight for rule, weight in dimension.rules.items() if rule in found}
    if not weights:
        return None
    whole = math.fsum(weights.values())
    losses: list[Loss] = []
    for rule, weight in weights.items():
        checked = math.fsum(item.checked for item in found[rule])
        worth = 100 * weight / whole / checked
        losses.extend(
            Loss(name, rule, worth * m.failed, math.ceil(m.failed), m.problem_code, m.path)
            for m in found[rule]
            if m.failed
        )
    return losses


def _rest(losses: Iterable[Loss]) -> float:
    return round(max(0.0, 100 - math.fsum(loss.points for loss in losses)), 2)


def _total(values: Mapping[str, float | None], formula: Formula) -> float | None:
    weighed = [
        (value, formula.dimensions[name].weight)
        for name, value in values.items()
        if value is not None
    ]
    whole = math.fsum(weight for _, weight in weighed)
    return round(math.fsum(v * w for v, w in weighed) / whole, 2) if whole else None
