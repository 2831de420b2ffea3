"""Subjects that have to be published (REQ-21): each has an owner, and a state that follows."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hatinh.errors import SchemaError


class SubjectState(StrEnum):
    """How far a subject has come; their words are in ``schemas/catalogue_forms.yaml``."""

    NOTHING = "chua_co"
    PUBLISHED = "co_du_lieu"
    LISTED = "trong_danh_muc"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject. ``owner`` is a slug, blank when the plan names several offices together."""

    code: str
    name: str
    owner: str
    theme: str
    demand: str
    source: str
    note: str


def load_subjects(root: Path) -> tuple[Subject, ...]:
    """The subjects in their order. Raises :class:`SchemaError`."""
    path = root / "mandated_subjects.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = tuple(Subject(**row) for row in csv.DictReader(file))
    except TypeError as err:
        raise SchemaError(path.name, str(err)) from err
    if len({subject.code for subject in found}) < len(found):
        raise SchemaError(path.name, "a code stands twice")
    return found


def state_of(datasets: Collection[str], listed: Collection[str]) -> SubjectState:
    """The state of a subject with these published datasets, of which some may be listed."""
    if any(dataset in listed for dataset in datasets):
        return SubjectState.LISTED
    return SubjectState.PUBLISHED if datasets else SubjectState.NOTHING
