"""The formula of the score: all of it is data.

``schemas/quality.yaml`` is the newest version. Each earlier one is kept as it was, as
``schemas/quality/<version>.yaml``, so that every score can be made again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hatinh.dataset import Dataset
from hatinh.errors import SchemaError
from hatinh.reading import DETAILS
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension: its weight in the total, the kinds it is for, the weights of its rules."""

    weight: float
    kinds: frozenset[str]
    rules: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Days between two updates, and days of grace after them."""

    days: int
    grace: int


@dataclass(frozen=True, slots=True)
class OpenLevels:
    """The level that each format reaches, the level aimed at, and the licences that are open."""

    target: int
    licences: frozenset[str]
    formats: Mapping[str, int]
    other_formats: int


@dataclass(frozen=True, slots=True)
class RuleText:
    """What people read about a rule: what is wrong, and how to mend it."""

    title: Text
    mend: Text


@dataclass(frozen=True)
class Formula:
    """One version of the formula, in force from the day ``since``.

    ``bands`` maps names to the least total, the best first.
    """

    version: str
    since: date
    bands: Mapping[str, float]
    dimensions: Mapping[str, Dimension]
    expected_fields: Mapping[str, tuple[str, ...]]
    word_problems: frozenset[str]
    cycles: Mapping[str, Cycle]
    open_levels: OpenLevels
    lgsp_status: Mapping[str, float]
    texts: Mapping[str, RuleText]

    def band(self, total: float | None) -> str:
        """Name of the band that a total falls into; empty when there is no total."""
        if total is None:
            return ""
        return next((name for name, least in self.bands.items() if total >= least), "")


@dataclass(frozen=True)
class Formulas:
    """Every version of the formula, by its name, the earlier ones first."""

    versions: Mapping[str, Formula]

    def on(self, day: date) -> Formula:
        """The version in force on a day; before the first one, the first."""
        ordered = sorted(self.versions.values(), key=lambda formula: formula.since)
        return next((found for found in reversed(ordered) if found.since <= day), ordered[0])


def load_formulas(root: Path) -> Formulas:
    """Read all versions below ``root``. Raises :class:`SchemaError`."""
    files = [*sorted((root / "quality").glob("*.yaml")), root / "quality.yaml"]
    versions: dict[str, Formula] = {}
    for file in files:
        formula = load_formula(file)
        if formula.version in versions:
            raise SchemaError(file.name, f"version {formula.version} is there already")
        versions[formula.version] = formula
    return Formulas(versions)


def load_formula(path: Path) -> Formula:
    """Read a formula. Raises :class:`SchemaError` when the file does not describe one."""
    try:
        formula = _formula(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    for complaint in _complaints(formula):
        raise SchemaError(path.name, complaint)
    return formula


def _formula(data: Mapping[str, Any]) -> Formula:
    bands = sorted(data["thresholds"]["bands"].items(), key=lambda band: -band[1])
    return Formula(
        version=str(data["version"]),
        since=date.fromisoformat(str(data["date"])),
        bands=dict(bands),
        dimensions=_each(data["dimensions"], _dimension),
        expected_fields=_each(data["expected_fields"], tuple),
        word_problems=frozenset(data["word_problems"]),
        cycles=_each(data["frequencies"], lambda item: Cycle(**item)),
        open_levels=_open_levels(data["open_levels"]),
        lgsp_status=_each(data["lgsp_status"], float),
        texts=_each(
            data["rules"], lambda item: RuleText(Text(**item["title"]), Text(**item["mend"]))
        ),
    )


def _each(items: Mapping[str, Any], make: Callable[[Any], Any]) -> dict[str, Any]:
    return {str(name): make(item) for name, item in items.items()}


def _dimension(item: Mapping[str, Any]) -> Dimension:
    return Dimension(float(item["weight"]), frozenset(item["kinds"]), _each(item["rules"], float))


def _open_levels(item: Mapping[str, Any]) -> OpenLevels:
    return OpenLevels(
        target=int(item["target"]),
        licences=frozenset(item["licences"]),
        formats=_each(item["formats"], int),
        other_formats=int(item["other_formats"]),
    )


def _complaints(formula: Formula) -> Iterable[str]:
    """What a formula of the right shape may still get wrong."""
    for name, dimension in formula.dimensions.items():
        if dimension.weight < 0 or any(weight <= 0 for weight in dimension.rules.values()):
            yield f"dimension {name}: a weight is below zero, or a rule has none"
    if not any(dimension.weight for dimension in formula.dimensions.values()):
        yield "no dimension has a weight"
    known = {field.name for field in fields(Dataset)}
    for kind, names in formula.expected_fields.items():
        if unknown := set(names) - known - set(DETAILS.get(kind, ())):
            yield f"expected_fields of {kind}: no such field: {', '.join(sorted(unknown))}"
