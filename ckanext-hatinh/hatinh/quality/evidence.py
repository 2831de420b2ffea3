"""What a score is made from."""

from dataclasses import dataclass
from datetime import date

from hatinh.dataset import Dataset
from hatinh.dictionary.check import TableFacts
from hatinh.problem import Problem


@dataclass(frozen=True, slots=True)
class ResourceEvidence:
    """One file: its format, whether its bytes could be had, and its facts if it is a table.

    ``readable`` is ``None`` while nobody has tried, or may try.
    """

    format: str
    readable: bool | None
    facts: TableFacts | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record, its problems, its files in their order, and the day it is judged on."""

    dataset: Dataset
    today: date
    problems: tuple[Problem, ...] = ()
    resources: tuple[ResourceEvidence, ...] = ()
