"""Figures as a snapshot keeps them: with their words, so that later words change no old report."""

from collections.abc import Mapping
from typing import Any

from hatinh.campaign.snapshot import Kept
from hatinh.figures import Figure
from hatinh.report import Column, ColumnType
from hatinh.text import Text


def kept(figure: Figure) -> Kept:
    """A figure as it is now. The library that it was made of becomes a note."""
    library = [figure.library.title] if figure.library else []
    words: dict[str, Any] = {
        "title": figure.title.as_dict(),
        "formula": figure.formula.as_dict(),
        "source": figure.source,
        "grade": figure.grade,
        "columns": [
            {"id": column.id, "label": column.label.as_dict(), "type": column.type.value}
            for column in figure.columns
        ],
        "compares": figure.compares,
        "notes": [note.as_dict() for note in (*figure.notes, *library)],
    }
    return Kept(figure.name, figure.sql, words)


def figure_of(stored: Kept) -> Figure:
    """The figure that was kept."""
    words: Mapping[str, Any] = stored.words
    return Figure(
        name=stored.name,
        sql=stored.sql,
        title=Text(**words["title"]),
        formula=Text(**words["formula"]),
        source=words["source"],
        grade=words["grade"],
        columns=tuple(
            Column(column["id"], Text(**column["label"]), ColumnType(column["type"]))
            for column in words["columns"]
        ),
        notes=tuple(Text(**note) for note in words["notes"]),
        compares=words["compares"],
    )
