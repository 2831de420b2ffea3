"""The figures: SELECTs with their words, read from ``schemas/figures``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.figures.libraries import Library, load_indicators, load_maturity
from hatinh.report.report import Column, ColumnType
from hatinh.text import Text

VERIFIED = "AB"
"""Grades of evidence that are good enough to be shown without a warning."""

_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``sql`` is whole: it needs the plain tables and nothing else.

    ``source`` and ``grade`` say what asks for it and how well that is known; ``library`` is the
    one that it was made of, if any. One that ``compares`` offices says nothing of one alone.
    """

    name: str
    sql: str
    title: Text
    formula: Text
    source: str
    grade: str
    columns: tuple[Column, ...]
    notes: tuple[Text, ...] = ()
    library: Library | None = None
    compares: bool = False

    @property
    def unverified(self) -> bool:
        """Whether its source has not been confirmed well enough."""
        return self.grade not in VERIFIED


@dataclass(frozen=True, slots=True)
class Files:
    """Where figures are read from: their folder, and libraries in place of those in it."""

    folder: Path
    indicators: Path | None = None
    maturity: Path | None = None


def load_figures(files: Files) -> dict[str, Figure]:
    """All figures, by name, in their order. Raises :class:`SchemaError`."""
    path = files.folder / "figures.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        libraries = _libraries(files)
        return {name: _figure(name, item, files.folder, libraries) for name, item in data.items()}
    except (AttributeError, KeyError, TypeError, ValueError, OSError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err


def with_parts(sql: str, folder: Path) -> str:
    """A SELECT with the parts that it names in braces put in."""

    def part(found: re.Match[str]) -> str:
        return (folder / "parts" / f"{found[1]}.sql").read_text(encoding="utf-8").strip()

    return _PART.sub(part, sql)


def _libraries(files: Files) -> dict[str, Library]:
    indicators = files.indicators or files.folder / "indicators.yaml"
    maturity = files.maturity or files.folder / "maturity.yaml"
    return {"indicators": load_indicators(indicators), "maturity": load_maturity(maturity)}


def _figure(
    name: str, item: Mapping[str, Any], folder: Path, libraries: Mapping[str, Library]
) -> Figure:
    library = libraries[item["library"]] if "library" in item else None
    sql = library.sql if library else (folder / f"{name}.sql").read_text(encoding="utf-8")
    return Figure(
        name=name,
        sql=with_parts(sql, folder),
        title=Text(**item["title"]),
        formula=Text(**item["formula"]),
        source=item["source"],
        grade=item["grade"],
        columns=tuple(
            Column(id_, Text(found["vi"], found["en"]), ColumnType(found["type"]))
            for id_, found in item["columns"].items()
        ),
        notes=tuple(Text(**note) for note in item.get("notes", ())),
        library=library,
        compares=bool(item.get("compares")),
    )
