"""What the values of a column are like, as the loader of the table found them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.hatinh.rows.resources import Shown
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import said
from hatinh.chart.chart import Chart, ChartKind, Datum
from hatinh.chart.drawing import WIDTHS, draw
from hatinh.rows.column import Column, Kind


@dataclass(frozen=True, slots=True)
class Profile:
    """A column with what was counted in it; nothing was where the loader did not load it."""

    column: Column
    facts: Sequence[tuple[str, str]]
    bars: Sequence[Datum]
    pictures: Mapping[str, Markup]
    top: Sequence[tuple[str, str]]
    personal: bool


def profile_of(found: Shown, table: Table, name: str) -> Profile | None:
    """The profile of a column; nothing where there is no such column."""
    column = table.get(name)
    if column is None or column not in table.shown:
        return None
    listed = tk.get_action("hatinh_column_list")({}, {"resource_id": found.resource["id"]})
    told = next((one for one in listed if one["id"] == name), {})
    bars = _bars(column, told.get("histogram") or [])
    return Profile(
        column,
        _facts(column, told),
        bars,
        _pictures(column, bars),
        [(_said(column, one["value"]), said(one["count"])) for one in told.get("top") or []],
        bool(told.get("personal")),
    )


def _facts(column: Column, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "missing" not in told:
        return []
    distinct = said(told["distinct"])
    more = tk._("more than {number}").format(number=distinct)
    facts = [
        (tk._("Rows without a value"), said(told["missing"])),
        (tk._("Different values"), more if told["more"] else distinct),
    ]
    if told.get("min") is not None:
        facts += [
            (tk._("Least"), _said(column, told["min"])),
            (tk._("Greatest"), _said(column, told["max"])),
        ]
    return facts + ([(tk._("Mean"), said(told["mean"]))] if told.get("mean") is not None else [])


def _bars(column: Column, histogram: Sequence[Mapping[str, Any]]) -> list[Datum]:
    names = [_said(column, str(one["from"])) for one in histogram]
    ends = [*names[1:], ""][: len(names)]
    return [
        Datum(f"{start} – {end}" if end else f"≥ {start}", one["count"], at)
        for at, (start, end, one) in enumerate(zip(names, ends, histogram, strict=True))
    ]


def _pictures(column: Column, bars: Sequence[Datum]) -> dict[str, Markup]:
    title = tk._("Number of rows by {column}").format(column=column.label)
    language = "en" if tk.h.lang() == "en" else "vi"
    chart = Chart(title, title, bars, language)
    if chart.unfit(ChartKind.BAR):
        return {}
    return {name: Markup(draw(chart, ChartKind.BAR, width)) for name, width in WIDTHS.items()}


def _said(column: Column, value: str) -> str:
    """A value that the profile keeps as text."""
    if column.kind is Kind.NUMBER and not column.is_code:
        return said(float(value))
    if column.kind is Kind.DATE:
        return said(date.fromisoformat(value))
    return value
