"""The words of the boards, and their tables as reports, from ``schemas/boards.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import yaml

import schemas
from ckanext.hatinh.quality.mends import formula
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.report import Cell, Column, ColumnType, Report
from hatinh.text import Text

DIMENSIONS = "dimensions"
"""Stands for one column of each dimension."""

Row = Mapping[str, Cell | Text]


def tables() -> list[str]:
    """Names of all tables."""
    return list(_data()["tables"])


def word(key: str) -> Text:
    """One of the words."""
    return Text(**_data()["words"][key])


def made(name: str, rows: Iterable[Row], now: datetime, *, with_private: bool) -> Report:
    """A table of a board; rows name their cells by column."""
    columns = tuple(_columns(_data()["tables"][name]["columns"]))
    told = (_data()["notes"][note] for note in ("private" if with_private else "public", "formula"))
    return Report(
        id=name,
        title=Text(**_data()["tables"][name]["title"]),
        columns=columns,
        rows=[tuple(row[column.id] for column in columns) for row in rows],
        generated_at=now,
        notes=tuple(Text(**note) for note in told),
    )


def _columns(described: Mapping[str, Mapping[str, str]]) -> Iterator[Column]:
    for key, words in described.items():
        type_ = ColumnType(words["type"])
        if key == DIMENSIONS:
            yield from (Column(name, text, type_) for name, text in dimension_names().items())
        else:
            yield Column(key, Text(words["vi"], words["en"]), type_)


def dimension_names() -> dict[str, Text]:
    """Names of the dimensions of the formula, in their order."""
    names = {code.code: code.name for code in dictionary().code_lists["quality_dimensions"]}
    return {name: names[name] for name in formula().dimensions}


@cache
def _data() -> dict[str, Any]:
    return yaml.safe_load((schemas.ROOT / "boards.yaml").read_text(encoding="utf-8"))
