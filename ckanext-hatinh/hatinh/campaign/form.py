"""What a campaign asks, of whom and by when, read from ``schemas/campaign.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.text import Text

SYSTEM, UNIT = "system", "unit"
CHOICE, WORDS = "choice", "text"
LAW = "AB"
"""Grades of what may be shown as law."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, of each system of a unit or of the unit as a whole."""

    id: str
    about: str
    answer: str
    required: bool
    grade: str
    text: Text

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that a campaign keeps."""
        return {
            "id": self.id,
            "about": self.about,
            "answer": self.answer,
            "required": self.required,
            "grade": self.grade,
            "text": self.text.as_dict(),
            "proposed": self.grade not in LAW,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Question":
        """Read the form of :meth:`as_dict`."""
        kept = {name: stored[name] for name in ("id", "about", "answer", "required", "grade")}
        return cls(**kept, text=Text(**stored["text"]))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day of a year before which somebody reports, to whom, and where that is written."""

    month: int
    day: int
    source: Text
    grade: str
    addressees: tuple[Text, ...]

    def of_year(self, year: int) -> date:
        """The day in one year; what comes on it is late."""
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Communes:
    """How communes of a code list become units. ``shared`` answers while they have no office."""

    list: str
    parent: str
    since: date
    office: str
    shared: str
    title: Text


@dataclass(frozen=True, slots=True)
class Form:
    """The whole file."""

    basis: Text
    basis_grade: str
    kinds: tuple[str, ...]
    communes: Communes
    units: Deadline
    province: Deadline
    remind_days: tuple[int, ...]
    questions: Mapping[str, Question]
    choices: Mapping[str, Text]
    states: Mapping[str, Text]
    part_states: Mapping[str, Text]
    steps: Mapping[str, Text]
    standings: Mapping[str, Text]
    largest: int
    endings: tuple[str, ...]
    ranking: str
    common: frozenset[str]


def load_form(root: Path) -> Form:
    """The form. Raises :class:`SchemaError`."""
    path = root / "campaign.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _form(data)
    except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err


def _form(data: Mapping[str, Any]) -> Form:
    communes = data["units"]["communes"]
    return Form(
        basis=Text(**data["basis"]["text"]),
        basis_grade=data["basis"]["grade"],
        kinds=tuple(data["units"]["kinds"]),
        communes=Communes(**{**communes, "title": Text(**communes["title"])}),
        units=_deadline(data["deadlines"]["units"]),
        province=_deadline(data["deadlines"]["province"]),
        remind_days=tuple(sorted(data["remind_days"], reverse=True)),
        questions={name: _question(name, said) for name, said in data["questions"].items()},
        choices=_texts(data["choices"]),
        states=_texts(data["states"]),
        part_states=_texts(data["part_states"]),
        steps=_texts(data["steps"]),
        standings=_texts(data["standings"]),
        largest=data["evidence"]["largest"],
        endings=tuple(data["evidence"]["endings"]),
        ranking=data["figures"]["ranking"],
        common=frozenset(data["figures"]["common"]),
    )


def _deadline(data: Mapping[str, Any]) -> Deadline:
    month, day = map(int, data["before"].split("-"))
    to = tuple(Text(**name) for name in data["addressees"])
    return Deadline(month, day, Text(**data["source"]), data["grade"], to)


def _question(name: str, said: Mapping[str, Any]) -> Question:
    if said["about"] not in (SYSTEM, UNIT) or said["answer"] not in (CHOICE, WORDS):
        raise ValueError(f"question {name}")
    return Question(
        name, said["about"], said["answer"], said["required"], said["grade"], Text(**said["text"])
    )


def _texts(words: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {code: Text(**text) for code, text in words.items()}
