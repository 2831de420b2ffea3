"""A fault in somebody's data, as a value (vấn đề dữ liệu).

A problem names its kind by a stable code; the words that people read are made at the edge
from ``schemas/problems.yaml``, so wording can change without touching a rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

MAX_VALUE = 120
"""Characters of an offending value that are kept: enough to find it, too few to leak a file."""


class Severity(StrEnum):
    """What a problem means for its record."""

    ERROR = "error"
    """The record is refused."""
    WARNING = "warning"
    """The record is taken; its score falls and its owner is told."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: which rule, where, and which value broke it.

    ``path`` points into the record (``$.theme``, ``$.resources[1].url``) or into a table
    (``$.resources[0].rows[12].so_cau_hoi``, rows counted from 1 below the header).
    ``count`` is the number of places when one problem stands for many.
    ``params`` feeds the text (for example ``{"expected": "97556"}``).
    """

    code: str
    path: str
    value: str = ""
    severity: Severity = Severity.WARNING
    count: int = 1
    params: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The JSON form that is stored, served and reported."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "value": self.value,
            "count": self.count,
            "params": dict(self.params),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Problem":
        """Read the form of :meth:`as_dict`."""
        return cls(**{**stored, "severity": Severity(stored["severity"])})


def error(code: str, path: str, value: object = "", **params: object) -> Problem:
    """A problem that refuses its record."""
    return Problem(code, path, shorten(value), Severity.ERROR, 1, _texts(params))


def warning(code: str, path: str, value: object = "", **params: object) -> Problem:
    """A problem that its record survives."""
    return Problem(code, path, shorten(value), Severity.WARNING, 1, _texts(params))


def hidden(problem: Problem) -> Problem:
    """The problem without any word of the data."""
    return replace(problem, value="", params={})


def shorten(value: object) -> str:
    """Text of a value, cut to :data:`MAX_VALUE` characters and kept on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def refuses(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    return {name: shorten(value) for name, value in params.items()}
