"""The units of the province that report: departments by their kind, and each commune."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hatinh.campaign.form import Form
from hatinh.dictionary.load import IN_FORCE
from hatinh.dictionary.model import CodeList
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class Unit:
    """Who fills in one part of a campaign. ``id`` is the name of its office on the portal.

    ``shared`` is the office that answers while there is no such office.
    """

    id: str
    name: Text
    shared: str = ""


def units(root: Path, form: Form, places: CodeList, day: date) -> list[Unit]:
    """The departments in their official order, then the communes that there are on a day."""
    return [*_offices(root, form), *_communes(form, places, day)]


def _offices(root: Path, form: Form) -> Iterator[Unit]:
    with (root / "organizations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            in_force = row["status"] == IN_FORCE and row["publishes"] == "yes"
            if in_force and row["kind"] in form.kinds:
                yield Unit(row["slug"], Text(row["name_vi"], row["name_en"]))


def _communes(form: Form, places: CodeList, day: date) -> Iterator[Unit]:
    made = form.communes
    for place in places.at(max(day, made.since)):
        since = place.valid_from
        if place.parent != made.parent or since is None or since < made.since:
            continue
        name = place.name.vi[:1].lower() + place.name.vi[1:]
        title = Text(made.title.vi.format(name=name), made.title.en.format(name=place.name.en))
        yield Unit(made.office.format(code=place.code), title, made.shared)
