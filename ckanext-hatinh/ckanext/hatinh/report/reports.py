"""The reports there are, and how each is made: a figure's SELECT over the plain tables."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk
from ckan import model

import schemas
from ckanext.hatinh.report import tables
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.figures import Columns, Figure, Files, columns_of, load_figures, reads, run, to_report
from hatinh.report import Report
from hatinh.report.official import Official, OfficialForm, load_official
from hatinh.text import Text

FOLDER = schemas.ROOT / "figures"
INDICATORS = "ckanext.hatinh.report.indicators"
MATURITY = "ckanext.hatinh.report.maturity"

_PUBLIC = Text(
    "(Số liệu đến ngày {day}, chỉ gồm bản ghi công khai)", "(As of {day}, public records only)"
)
_WHOLE = Text(
    "(Số liệu đến ngày {day}, gồm cả bản ghi không công khai)",
    "(As of {day}, with records that are not public)",
)


def figures() -> Mapping[str, Figure]:
    """Every figure, by name; the libraries are those of the configuration."""
    return _figures(tk.config.get(INDICATORS) or "", tk.config.get(MATURITY) or "")


@lru_cache(maxsize=1)
def _figures(indicators: str, maturity: str) -> Mapping[str, Figure]:
    files = Files(
        FOLDER,
        indicators=Path(indicators) if indicators else None,
        maturity=Path(maturity) if maturity else None,
    )
    return load_figures(files)


def make(figure: Figure, asked: tables.Asked, now: datetime) -> Report:
    """The report of a figure, counted from the database as it is."""
    wanted = _wanted(figure.sql)
    header, rows = run(figure.sql, wanted, tables.read(wanted, asked))
    made = to_report(figure, header, rows, now, _official(asked))
    said = _WHOLE if asked.everything else _PUBLIC
    day = f"{asked.on:%d/%m/%Y}"
    return replace(made, preamble=(Text(said.vi.format(day=day), said.en.format(day=day)),))


@lru_cache(maxsize=64)
def _wanted(sql: str) -> Columns:
    """The columns that a figure looks at."""
    return reads(sql, columns_of(tables.definitions()))


@lru_cache(maxsize=1)
def _form() -> OfficialForm:
    return load_official(FOLDER / "official.yaml")


def _official(asked: tables.Asked) -> Official:
    """Head and foot: of the office that is asked for, else of the one that reports for all."""
    form = _form()
    slug = asked.organization or form.consolidates
    office = organizations().get(slug, asked.on)
    name, short = (office.name.vi, office.other_names[0]) if office else (_title(slug), "")
    code = "".join(letter for letter in short or name if letter.isupper())
    return form.filled(name, code, asked.on, province=not asked.organization)


def _title(slug: str) -> str:
    group = model.Group.get(slug)
    return (group.title if group else "") or slug
