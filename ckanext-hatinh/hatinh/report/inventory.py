"""The data inventory: one line for each organisation (kiểm kê dữ liệu; REQ-80, 81)."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hatinh.quality.formula import Formula
from hatinh.quality.freshness import UpdateState, update_state
from hatinh.quality.openness import open_level
from hatinh.report.report import Cell, Column, ColumnType, Report
from hatinh.report.texts import ReportTexts
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """What the inventory must know of one record; the database fills it in one query.

    ``organization`` is a slug, ``kind`` one of dataset, system, dataservice. ``formats`` are those
    of its files. ``dimensions`` and ``total`` are the stored score, empty while there is none.
    ``problems`` counts the places of its stored problems.
    """

    organization: str
    kind: str
    publication_class: str = ""
    licence: str = ""
    frequency: str = ""
    modified: date | None = None
    formats: tuple[str, ...] = ()
    dimensions: Mapping[str, float | None] = field(default_factory=dict)
    total: float | None = None
    problems: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    """The records that one line of the report counts."""

    rows: Sequence[DatasetRow]
    rejected: int
    today: date
    formula: Formula

    @property
    def datasets(self) -> list[DatasetRow]:
        return [row for row in self.rows if row.kind == "dataset"]


def inventory(
    rows: Iterable[DatasetRow],
    organizations: Mapping[str, Text],
    generated_at: datetime,
    formula: Formula,
    texts: ReportTexts,
    rejected: Mapping[str, int] | None = None,
) -> Report:
    """Count the records of each organisation.

    ``organizations`` maps slugs to names, in the order of the report; each gets a line, even an
    empty one. Records of nobody among them share a last line. ``rejected`` counts the records
    that the harvest refused, by the organisation that owns their source.
    """
    refused = rejected or {}
    groups: dict[str, list[DatasetRow]] = {slug: [] for slug in organizations}
    orphans: list[DatasetRow] = []
    for row in rows:
        groups.get(row.organization, orphans).append(row)
    today = generated_at.date()
    lines = [
        (organizations[slug], _Line(group, refused.get(slug, 0), today, formula))
        for slug, group in groups.items()
    ]
    strays = sum(count for slug, count in refused.items() if slug not in groups)
    if orphans or strays:
        lines.append((texts.orphans, _Line(orphans, strays, today, formula)))
    everything = [row for _, line in lines for row in line.rows]
    whole = _Line(everything, sum(refused.values()), today, formula)
    return Report(
        id="inventory",
        title=texts.title,
        columns=tuple(Column(at, texts.columns[at], COLUMNS[at][0]) for at in COLUMNS),
        rows=[_cells(name, line) for name, line in lines],
        totals=_cells(texts.total, whole),
        generated_at=generated_at,
        notes=texts.notes,
    )


def _cells(name: Text, line: _Line) -> tuple[Cell | Text, ...]:
    return (name, *(count(line) for _, count in list(COLUMNS.values())[1:]))


# -- columns ----------------------------------------------------------------------------------


def _kind(kind: str) -> Callable[[_Line], Cell]:
    return lambda line: sum(row.kind == kind for row in line.rows)


def _class(name: str) -> Callable[[_Line], Cell]:
    return lambda line: sum(row.publication_class == name for row in line.datasets)


def _state(state: UpdateState) -> Callable[[_Line], Cell]:
    return lambda line: sum(
        update_state(row.frequency, row.modified, line.today, line.formula) is state
        for row in line.datasets
    )


def _mean_of(dimension: str) -> Callable[[_Line], Cell]:
    return lambda line: _mean(row.dimensions.get(dimension) for row in line.rows)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(math.fsum(known) / len(known), 2) if known else None


def _formats(line: _Line) -> str:
    """``CSV 12, XLSX 3``: datasets that have a file of the format, the commonest first."""
    counts = Counter(name for row in line.datasets for name in set(row.formats) if name)
    return ", ".join(
        f"{name} {n}" for name, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _open_enough(line: _Line) -> int:
    target = line.formula.open_levels.target
    levels = (open_level(row.licence, row.formats, line.formula) for row in line.datasets)
    return sum(level >= target for level in levels)


def _open_share(line: _Line) -> float | None:
    datasets = len(line.datasets)
    return round(100 * _open_enough(line) / datasets, 1) if datasets else None


COLUMNS: Mapping[str, tuple[ColumnType, Callable[[_Line], Cell]]] = {
    "organization": (ColumnType.TEXT, lambda line: None),
    "datasets": (ColumnType.INTEGER, _kind("dataset")),
    "systems": (ColumnType.INTEGER, _kind("system")),
    "dataservices": (ColumnType.INTEGER, _kind("dataservice")),
    "public": (ColumnType.INTEGER, _class("cong_khai")),
    "conditional": (ColumnType.INTEGER, _class("co_dieu_kien")),
    "not_public": (ColumnType.INTEGER, _class("khong")),
    "unclassified": (ColumnType.INTEGER, _class("")),
    "formats": (ColumnType.TEXT, _formats),
    "open_level_3": (ColumnType.INTEGER, _open_enough),
    "open_level_3_share": (ColumnType.PERCENT, _open_share),
    "on_time": (ColumnType.INTEGER, _state(UpdateState.ON_TIME)),
    "overdue": (ColumnType.INTEGER, _state(UpdateState.OVERDUE)),
    "update_unknown": (ColumnType.INTEGER, _state(UpdateState.UNKNOWN)),
    "dung": (ColumnType.SCORE, _mean_of("dung")),
    "du": (ColumnType.SCORE, _mean_of("du")),
    "sach": (ColumnType.SCORE, _mean_of("sach")),
    "song": (ColumnType.SCORE, _mean_of("song")),
    "thong_nhat": (ColumnType.SCORE, _mean_of("thong_nhat")),
    "dung_chung": (ColumnType.SCORE, _mean_of("dung_chung")),
    "score": (ColumnType.SCORE, lambda line: _mean(row.total for row in line.rows)),
    "problems": (ColumnType.INTEGER, lambda line: sum(row.problems for row in line.rows)),
    "rejected": (ColumnType.INTEGER, lambda line: line.rejected),
}
"""Every column of the report: its type, and how a line counts it."""
