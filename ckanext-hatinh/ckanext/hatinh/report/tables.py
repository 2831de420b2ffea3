"""The plain tables that figures are made of, read as they are now (bảng số liệu gốc)."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from ckan import model

import schemas
from ckanext.hatinh.report.statements import KEPT, STATEMENTS
from ckanext.hatinh.shared.vocabulary import dictionary, organizations, partners, today
from hatinh.figures import Columns, Tables, columns_of, load_tables
from hatinh.local_time import LOCAL_TIME
from hatinh.quality import Formula, load_formula
from hatinh.register import is_approved
from hatinh.tabular.reader import DELIMITED, WORKBOOKS

Row = Sequence[Any]
Rows = Mapping[str, Iterable[Row]]

KINDS = ("dataset", "system", "dataservice")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: the records of one office, or of all; with private ones or without."""

    organization: str = ""
    everything: bool = False
    day: date | None = None

    @property
    def on(self) -> date:
        """The day of the figures."""
        return self.day or today()


@lru_cache(maxsize=1)
def definitions() -> Tables:
    """The tables that there are."""
    return load_tables(schemas.ROOT / "figures" / "tables.yaml")


@lru_cache(maxsize=1)
def formula() -> Formula:
    """The formula of the score."""
    return load_formula(schemas.ROOT / "quality.yaml")


def read(columns: Columns, asked: Asked) -> dict[str, list[Row]]:
    """Rows of some tables with only these columns; one statement for each table.

    The table of a plugin that is switched off is empty.
    """
    present = _present()
    found: dict[str, list[Row]] = {}
    for name, wanted in columns.items():
        if name in _MADE:
            found[name] = _picked(definitions()[name].columns, wanted, _MADE[name](asked))
        elif STATEMENTS[name].of in present:
            found[name] = _read(name, wanted, asked)
        else:
            found[name] = []
    return found


def office_titles(language: str) -> list[tuple[str, str]]:
    """Name and title of every office, in the official order."""
    columns = columns_of(definitions())["organizations"]
    rows = _read("organizations", columns, Asked())
    found = sorted(
        (dict(zip(columns, row, strict=True)) for row in rows),
        key=lambda office: (office["position"], office["organization"]),
    )
    english = language == "en"
    return [
        (office["organization"], (english and office["title_en"]) or office["title_vi"])
        for office in found
    ]


def _read(name: str, wanted: Mapping[str, str], asked: Asked) -> list[Row]:
    """The rows of a table; PostgreSQL does not work out columns that are not wanted."""
    mended = _MENDED.get(name)
    columns = list(definitions()[name].columns if mended else wanted)
    named = ", ".join(f't."{column}"' for column in columns)
    query = sa.text(f"{KEPT} SELECT {named} FROM ({STATEMENTS[name].sql}) t")
    with model.Session.connection().execute(query, _parameters(asked)) as found:
        # rows as the driver gives them: SQLAlchemy's take three times as long to make
        rows = found.cursor.fetchall() if found.cursor else []
    if mended is None:
        return list(rows)
    return _picked(columns, wanted, mended(rows, asked))


def _picked(columns: Iterable[str], wanted: Iterable[str], rows: Iterable[Row]) -> list[Row]:
    known = list(columns)
    places = [known.index(column) for column in wanted]
    return [tuple(row[place] for place in places) for row in rows]


def _present() -> set[str]:
    """Tables of sibling plugins that there are, and the empty name."""
    names = {statement.of for statement in STATEMENTS.values()}
    query = sa.text("SELECT name FROM unnest(:names) name WHERE to_regclass(name) IS NOT NULL")
    found = model.Session.scalars(query, {"names": sorted(names - {""})})
    return {"", *found}


def _parameters(asked: Asked) -> dict[str, Any]:
    levels = formula().open_levels
    steps = [{"format": name, "level": level} for name, level in levels.formats.items()]
    return {
        "kinds": list(KINDS),
        "organization": asked.organization,
        "everything": asked.everything,
        "day": asked.on,
        "licences": sorted(levels.licences),
        "levels": json.dumps(steps),
        "other_level": levels.other_formats,
        "tabular": sorted(DELIMITED | WORKBOOKS),
        "zone": LOCAL_TIME.key,
    }


# -- tables that are made of the portal's own data -------------------------------------------------


def _day(asked: Asked) -> Iterable[Row]:
    return [(asked.on.isoformat(),)]


def _settings(_asked: Asked) -> Iterable[Row]:
    yield "open_target", formula().open_levels.target
    for name, least in formula().bands.items():
        yield f"band_{name}", round(least * 100)
    for name, dimension in formula().dimensions.items():
        yield f"weight_{name}", round(dimension.weight * 100)


def _codes(asked: Asked) -> Iterable[Row]:
    """Codes in force; places are left out, whose codes are not the same on all days."""
    for name, listed in sorted(dictionary().code_lists.items()):
        if not listed.dated:
            for position, code in enumerate(listed.at(asked.on), 1):
                yield name, code.code, position, code.name.vi, code.name.en


def _cycles(_asked: Asked) -> Iterable[Row]:
    return [(name, cycle.days, cycle.grace) for name, cycle in formula().cycles.items()]


_NUMBER = re.compile(r"\d[\d:]*(?:-NQ)?(?:/[\w-]+)+")
"""What of an instrument's name a text that cites it holds: ``47/2020/NĐ-CP``, ``142/QĐ-TTg``."""


def _laws(_asked: Asked) -> Iterable[Row]:
    path = schemas.ROOT / "legal_instruments.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = _NUMBER.search(row["instrument"])
            yield (
                row["instrument"], number.group() if number else row["instrument"], row["title"],
                row["expired"], row["replaced_by"], row["confidence"],
            )  # fmt: skip


_MADE: Mapping[str, Callable[[Asked], Iterable[Row]]] = {
    "day": _day,
    "settings": _settings,
    "codes": _codes,
    "cycles": _cycles,
    "laws": _laws,
}


# -- what the database does not know ---------------------------------------------------------------


def _official(rows: Iterable[Row], asked: Asked) -> Iterable[Row]:
    """Offices with the names and the order of the official list, others last.

    Active is who publishes today: no partner, and no office that is planned.
    """
    offices = {office.code: (at, office) for at, office in enumerate(organizations(), 1)}
    others = len(offices) + 1
    for slug, title_vi, title_en, kind, active, successor, _ in rows:
        at, office = offices.get(slug, (others, None))
        if office is None:
            publishes = int(active and slug not in partners())
            yield slug, title_vi, title_en, kind, publishes, successor, at
        else:
            valid = int(office.valid(asked.on))
            yield slug, office.name.vi, office.name.en, kind, valid, office.mapping, at


def _judged(rows: Iterable[Row], asked: Asked) -> Iterable[Row]:
    """Exceptions from the gateway, and whether they count."""
    for record, reason, approval, _ in rows:
        yield record, reason, approval, int(is_approved(reason, approval or "", asked.on))


_MENDED: Mapping[str, Callable[[Iterable[Row], Asked], Iterable[Row]]] = {
    "organizations": _official,
    "exemptions": _judged,
}
