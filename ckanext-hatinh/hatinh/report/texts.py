"""Words of a report, read from ``schemas/reports.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from hatinh.errors import SchemaError
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """Title, labels of columns by id, name of the totals row and of records without an owner."""

    title: Text
    total: Text
    orphans: Text
    columns: Mapping[str, Text]
    notes: tuple[Text, ...]


def load_texts(path: Path, report: str) -> ReportTexts:
    """The words of one report. Raises :class:`SchemaError` when they are not there."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))[report]
        return ReportTexts(
            title=Text(**data["title"]),
            total=Text(**data["total"]),
            orphans=Text(**data["orphans"]),
            columns={name: Text(**words) for name, words in data["columns"].items()},
            notes=tuple(Text(**note) for note in data["notes"]),
        )
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{report}: {type(err).__name__}: {err}") from err
