"""Where communes lie, for maps of tables that only name them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import schemas
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.rows.position import Point

_UNITS = "admin_units"


@dataclass(frozen=True, slots=True)
class Named:
    """A commune in force, to show the way on a map without tiles."""

    name: str
    lon: float
    lat: float


def centres() -> Mapping[str, Point]:
    """The centre of each commune by its code of today."""
    return _centres()


def communes() -> list[Named]:
    """The communes in force of which a centre is known."""
    units = dictionary().code_lists[_UNITS].at(today())
    found = ((unit.name.vi, _centres().get(unit.code)) for unit in units)
    return [Named(name, *point) for name, point in found if point]


def names_of_communes() -> Mapping[str, str]:
    """The names of the communes in force by their codes."""
    return {unit.code: unit.name.vi for unit in dictionary().code_lists[_UNITS].at(today())}


@lru_cache(maxsize=1)
def _centres() -> dict[str, Point]:
    """Of a code that was given twice, the later unit counts: tables are about today."""
    with (schemas.ROOT / "admin_unit_centres.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["valid_from"])
    return {row["code"]: (float(row["lon"]), float(row["lat"])) for row in rows}
