"""A campaign (đợt kiểm kê) and its parts, one for each unit of the province."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from hatinh.campaign.form import Question
from hatinh.campaign.units import Unit
from hatinh.text import Text

WHOLE = ""
"""What answers about the unit itself are kept under, where others have the id of a system."""

Answers = Mapping[str, Mapping[str, str]]
"""The answer by question, by the id of a system or :data:`WHOLE`."""


class State(StrEnum):
    """Where a campaign stands."""

    DRAFT = "nhap"
    OPEN = "mo"
    FROZEN = "chot"
    CLOSED = "dong"


class PartState(StrEnum):
    """Where a part stands."""

    FILLING = "dang_nhap"
    WAITING = "cho_ky"
    SIGNED = "da_ky"


class Action(StrEnum):
    """What can be done with a campaign or a part."""

    CREATE = "create"
    OPEN = "open"
    FREEZE = "freeze"
    CLOSE = "close"
    FILL = "fill"
    ATTACH = "attach"
    DETACH = "detach"
    SUBMIT = "submit"
    RETURN = "return"
    SIGN = "sign"


CONTENT = frozenset({Action.FILL, Action.ATTACH, Action.DETACH, Action.SUBMIT})
"""Whoever took such a step had a hand in a part and never signs it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what, when and why; ``by`` is a user id."""

    action: Action
    by: str
    at: datetime
    note: str = ""

    def as_dict(self) -> dict[str, str]:
        """The JSON form that is stored and served."""
        return {"action": self.action, "by": self.by, "at": self.at.isoformat(), "note": self.note}

    @classmethod
    def from_dict(cls, stored: Mapping[str, str]) -> "Step":
        """Read the form of :meth:`as_dict`."""
        at = datetime.fromisoformat(stored["at"])
        return cls(Action(stored["action"]), stored["by"], at, stored["note"])


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. Units and questions are those of the day on which it was opened.

    ``letter`` and ``sent`` are of the province's report, with which it is closed.
    """

    number: int
    title: Text
    day: date
    units_before: date
    province_before: date
    units: tuple[Unit, ...] = ()
    questions: tuple[Question, ...] = ()
    state: State = State.DRAFT
    letter: str = ""
    sent: date | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A system that a unit is asked about."""

    id: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one unit says. ``subjects`` are its systems on the day of the last answer."""

    campaign: int
    unit: Unit
    position: int
    state: PartState = PartState.FILLING
    answers: Answers = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()
    letter: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def authors(self) -> frozenset[str]:
        """Whoever had a hand in its content."""
        return frozenset(step.by for step in self.steps if step.action in CONTENT)

    def last(self, action: Action) -> date | None:
        """The day on which a step was taken last; only of a step that still holds."""
        holds = {
            Action.SUBMIT: self.state is not PartState.FILLING,
            Action.SIGN: self.state is PartState.SIGNED,
        }
        days = (step.at.date() for step in reversed(self.steps) if step.action is action)
        return next(days, None) if holds.get(action, True) else None


def unit_dict(unit: Unit) -> dict[str, Any]:
    """The JSON form of a unit."""
    return {"id": unit.id, "name": unit.name.as_dict(), "shared": unit.shared}


def unit_from(stored: Mapping[str, Any]) -> Unit:
    """Read the form of :func:`unit_dict`."""
    return Unit(stored["id"], Text(**stored["name"]), stored["shared"])
