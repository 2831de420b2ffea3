"""An edition of a catalogue (lần ban hành danh mục): entries that a decision froze."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where an edition stands."""

    DRAFT = "du_thao"
    ISSUED = "ban_hanh"
    WITHDRAWN = "rut_lai"
    """A draft that was given up; an issued edition ends by the next one, or is annulled."""


class Action(StrEnum):
    """What can be done with an edition."""

    DRAFT = "draft"
    AMEND = "amend"
    ISSUE = "issue"
    WITHDRAW = "withdraw"
    ANNUL = "annul"
    CONFIRM = "confirm"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what with an edition, when and why; ``by`` is a user id."""

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
class Entry:
    """One dataset as an edition names it: Vietnamese words by field, as they are printed."""

    id: str
    name: str
    uri: str
    fields: Mapping[str, str]

    @property
    def title(self) -> str:
        """The dataset's name in the catalogue."""
        return self.fields.get("dataset", "")

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that is stored and served."""
        return {"id": self.id, "name": self.name, "uri": self.uri, "fields": dict(self.fields)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Entry":
        """Read the form of :meth:`as_dict`."""
        return cls(**stored)


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. ``based_on`` is the number of the edition in force when it was drafted, or 0.

    ``dropped`` gives the reason for each entry of that edition which is here no more, by id.
    """

    kind: str
    number: int
    entries: tuple[Entry, ...]
    based_on: int = 0
    state: State = State.DRAFT
    decision: str = ""
    decided: date | None = None
    dropped: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def issued(self) -> bool:
        """Whether a decision has frozen it."""
        return self.state is State.ISSUED

    @property
    def authors(self) -> frozenset[str]:
        """Whoever drafted it or had a hand in its content."""
        written = {Action.DRAFT, Action.AMEND}
        return frozenset(step.by for step in self.steps if step.action in written)


def fingerprint(edition: Edition) -> str:
    """SHA-256 over all that a decision freezes, whoever took which step."""
    frozen = {
        "kind": edition.kind,
        "number": edition.number,
        "based_on": edition.based_on,
        "decision": edition.decision,
        "decided": edition.decided.isoformat() if edition.decided else "",
        "entries": [entry.as_dict() for entry in edition.entries],
        "dropped": dict(edition.dropped),
    }
    text = json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
