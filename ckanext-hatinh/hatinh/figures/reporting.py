"""A figure's rows as a report, for pages, files and mails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hatinh.errors import SchemaError
from hatinh.figures.figures import Figure
from hatinh.report.official import Official
from hatinh.report.report import Cell, Column, ColumnType, Report
from hatinh.text import Text

PART = "part"
"""The column that tells totals (1) from lines (0); it is not shown."""

_HUNDREDTHS = (ColumnType.PERCENT, ColumnType.SCORE)
_FORMULA = Text("Cách tính: {}", "How it is worked out: {}")
_SOURCE = Text(
    "Căn cứ yêu cầu: {} (mức tin cậy {})."
    " Công thức là đề xuất của cổng, chưa có quy định pháp luật.",
    "Asked for by: {} (grade {}). The formula is the portal's proposal; no law fixes one.",
)
_UNVERIFIED = Text("Chưa kiểm chứng: nguồn ở mức {}.", "Unverified: the source is of grade {}.")


def to_report(
    figure: Figure,
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    generated_at: datetime,
    official: Official | None = None,
) -> Report:
    """The rows that a figure's SELECT gave, with the figure's words.

    Raises :class:`SchemaError` when the columns are not those that the figure tells of.
    """
    places = {name: at for at, name in enumerate(header)}
    _check(figure, header)
    lines: dict[bool, list[tuple[Cell | Text, ...]]] = {False: [], True: []}
    for row in rows:
        total = PART in places and bool(row[places[PART]])
        lines[total].append(tuple(_cell(column, places, row) for column in figure.columns))
    return Report(
        id=figure.name,
        title=figure.title,
        columns=figure.columns,
        rows=lines[False],
        totals=lines[True][0] if lines[True] else (),
        generated_at=generated_at,
        notes=_notes(figure),
        official=official,
    )


def shown_columns(header: Sequence[str]) -> list[str]:
    """The columns that a header stands for: ``x_vi`` and ``x_en`` are one."""
    return [
        name.removesuffix("_vi") if _is_text(name, header) else name
        for name in header
        if name != PART and not (name.endswith("_en") and _is_text(f"{name[:-3]}_vi", header))
    ]


def _is_text(name: str, header: Sequence[str]) -> bool:
    return name.endswith("_vi") and f"{name[:-3]}_en" in header


def _check(figure: Figure, header: Sequence[str]) -> None:
    told = [column.id for column in figure.columns]
    if shown_columns(header) != told:
        raise SchemaError("figures.yaml", f"{figure.name}: {shown_columns(header)} is not {told}")


def _cell(column: Column, places: Mapping[str, int], row: Sequence[Any]) -> Cell | Text:
    if column.id in places:
        value = row[places[column.id]]
        if value is None or value == "":
            return None
        return value / 100 if column.type in _HUNDREDTHS else value
    vietnamese, english = row[places[f"{column.id}_vi"]], row[places[f"{column.id}_en"]]
    return Text(vietnamese, english or "") if vietnamese else None


def _notes(figure: Figure) -> tuple[Text, ...]:
    formula = Text(*(_FORMULA[at].format(figure.formula[at]) for at in (0, 1)))
    source = Text(*(_SOURCE[at].format(figure.source, figure.grade) for at in (0, 1)))
    doubt = Text(*(_UNVERIFIED[at].format(figure.grade) for at in (0, 1)))
    library = (figure.library.title,) if figure.library else ()
    return (*figure.notes, formula, source, *((doubt,) if figure.unverified else ()), *library)
