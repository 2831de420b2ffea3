"""What to do first: the mends of a record by the points that each would bring to its total.

    Score + Formula + Origin + Remedies ──mends()──▶ [Mend], the best first

A mend takes all losses of one rule away. The total is a mean of dimensions, so what a mend brings
is the same whichever others are made before it.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.quality.formula import Formula
from hatinh.quality.score import Loss, Score
from hatinh.text import Text

_FIELD = re.compile(r"\$\.(?!resources\b)(\w+)")


class Mender(StrEnum):
    """Who can mend a fault (ai khắc phục được)."""

    YOU = "you"
    """Whoever edits the record in the portal."""
    SOURCE = "source"
    """Only the source that the record is harvested from."""


class By(StrEnum):
    """Where a rule's faults are mended: always in the portal, or where the record comes from."""

    PORTAL = "portal"
    ORIGIN = "origin"


class Page(StrEnum):
    """The page of the portal on which a fault is mended."""

    FORM = "form"
    FILES = "files"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about the faults of one rule."""

    by: By
    at: Page
    do: Text


@dataclass(frozen=True, slots=True)
class Remedies:
    """``schemas/mends.yaml``: remedies by rule; ids of form inputs, and pages, by field."""

    rules: Mapping[str, Remedy]
    inputs: Mapping[str, str]
    pages: Mapping[str, str]

    def of(self, rule: str) -> Remedy:
        """The remedy of a rule; one of an older formula is its own text."""
        return self.rules.get(rule) or Remedy(By.ORIGIN, Page.FILES, Text(rule, rule))

    @property
    def in_portal(self) -> list[str]:
        """The rules whose faults are mended in the portal, wherever the record comes from."""
        return sorted(rule for rule, remedy in self.rules.items() if remedy.by is By.PORTAL)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from: its source, and the fields that the source leaves to the portal.

    The portal's own records have no source.
    """

    source: str = ""
    local_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mend:
    """All faults of a rule in a record that the same people mend.

    ``gain`` is in points of the total, not rounded; ``count`` the number of places.
    """

    rule: str
    mender: Mender
    remedy: Remedy
    gain: float
    count: int
    losses: tuple[Loss, ...]


def load_remedies(path: Path) -> Remedies:
    """Read ``schemas/mends.yaml``. Raises :class:`SchemaError` when it has another shape."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules = {str(rule): _remedy(item) for rule, item in data["rules"].items()}
        return Remedies(rules, dict(data["inputs"]), dict(data["pages"]))
    except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err


def _remedy(item: Mapping[str, Any]) -> Remedy:
    return Remedy(By(item["by"]), Page(item["at"]), Text(**item["do"]))


def mends(score: Score, origin: Origin, remedies: Remedies, formula: Formula) -> list[Mend]:
    """The mends of a record, those that bring most first; equal ones by their rule."""
    found: dict[tuple[str, Mender], list[Loss]] = {}
    for loss in score.losses:
        by = mender(loss.rule, loss.path, origin, remedies)
        found.setdefault((loss.rule, by), []).append(loss)
    listed = [
        Mend(
            rule,
            by,
            remedies.of(rule),
            gain(losses, score.dimensions, formula),
            sum(loss.count for loss in losses),
            tuple(losses),
        )
        for (rule, by), losses in found.items()
    ]
    return sorted(listed, key=lambda mend: (-mend.gain, mend.rule, mend.mender))


def mender(rule: str, path: str, origin: Origin, remedies: Remedies) -> Mender:
    """Who can mend what a rule found at a path of a record."""
    here = (
        not origin.source
        or remedies.of(rule).by is By.PORTAL
        or field_of(path) in origin.local_fields
    )
    return Mender.YOU if here else Mender.SOURCE


def field_of(path: str) -> str:
    """The field of the record that a path names; blank for its files and the record itself."""
    found = _FIELD.match(path)
    return found[1] if found else ""


def gain(losses: Iterable[Loss], dimensions: Mapping[str, float | None], formula: Formula) -> float:
    """How much the total rises when these losses are no more: measured again without them."""
    measured = [name for name, value in dimensions.items() if value is not None]
    return math.fsum(worth(loss.dimension, measured, formula) * loss.points for loss in losses)


def worth(dimension: str, measured: Iterable[str], formula: Formula) -> float:
    """Points of the total that one point of a dimension is, beside the others with a value."""
    weights = {name: found.weight for name, found in formula.dimensions.items()}
    whole = math.fsum(weights.get(name, 0) for name in measured)
    return weights.get(dimension, 0) / whole if whole else 0.0
