"""The boards of quality: tables with their charts, for the province and for one office.

Each table is read when it is asked for: a file needs the statements of its own table only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from markupsafe import Markup

from ckanext.hatinh.quality import boards_charts, boards_query, mends
from ckanext.hatinh.quality.boards_query import Record, Scope
from ckanext.hatinh.quality.boards_words import Row, dimension_names, made, word
from ckanext.hatinh.shared.seeing import sees_private
from ckanext.hatinh.shared.vocabulary import dictionary, organizations, problem_texts
from hatinh.messages import describe
from hatinh.problem import Problem
from hatinh.quality.mends import Mender, worth
from hatinh.quality.standing import Marks, Place, places
from hatinh.report import Report
from hatinh.text import Text

MONTHS = 12
"""Months of a trend, the present one among them."""
SHOWN = 10
"""Rows of a table on the page; its files have all."""
BEST = 3
"""Mends that are told first."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a board: its report, the addresses of its first rows, and its chart."""

    report: Report
    links: Sequence[str] = ()
    pictures: Mapping[str, Markup] = field(default_factory=dict)


class Province:
    """The board of the province, as one reader sees it."""

    def __init__(self, context: Context, now: datetime) -> None:
        self.now = now
        self.scope = Scope(None, sees_private(context, None))

    @property
    def tables(self) -> Mapping[str, Callable[[], Table]]:
        """The makers of its tables, by name."""
        return {"ranking": self.ranking, "heat": self.heat, "trend": self.trend}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """The places of the offices that have a mean."""
        return places({name: marks.total.mean for name, (_, marks) in self._offices.items()})

    def ranking(self) -> Table:
        """Offices by the mean of their records' totals, with ties; unmeasured ones last."""
        rows = [self._ranked(name) for name in self._ordered]
        shown = [(tk.h.hatinh_say(self._title(name)), self._mean(name)) for name in self._ordered]
        report = self._made("ranking", rows)
        return Table(report, self._links, boards_charts.bars(_said(report.title), shown))

    def heat(self) -> Table:
        """The mean of each dimension in each office."""
        rows = [
            {"office": self._title(name)} | _means(self._offices[name][1]) for name in self._ordered
        ]
        return Table(self._made("heat", rows), self._links)

    def trend(self) -> Table:
        """The mean of the province's records at the end of each month."""
        return _trend(self.scope, self.now)

    @cached_property
    def _offices(self) -> Mapping[str, tuple[str, Marks]]:
        return boards_query.of_offices(self.scope, mends.formula().dimensions)

    @cached_property
    def _ordered(self) -> list[str]:
        last = len(self._offices) + 1

        def rank(name: str) -> tuple[int, str]:
            return (self.places[name].rank if name in self.places else last), name

        return sorted(self._offices, key=rank)

    @property
    def _links(self) -> list[str]:
        return [tk.url_for("hatinh_boards.office", office=name) for name in self._ordered]

    def _mean(self, name: str) -> float | None:
        return self._offices[name][1].total.mean

    def _title(self, name: str) -> Text:
        known = next((office for office in organizations() if office.code == name), None)
        return known.name if known else Text(self._offices[name][0])

    def _ranked(self, name: str) -> Row:
        place, marks = self.places.get(name), self._offices[name][1]
        return {
            "office": self._title(name),
            "rank": place.rank if place else None,
            "tie": word("tie") if place and place.tied else "",
            "score": marks.total.mean,
            "measured": marks.total.count,
            "records": marks.records,
        }

    def _made(self, table: str, rows: Sequence[Row]) -> Report:
        return made(table, rows, self.now, with_private=self.scope.with_private)


class Office:
    """The board of one office, as one reader sees it."""

    def __init__(self, context: Context, office: model.Group, now: datetime) -> None:
        self.now = now
        self.scope = Scope(office.id, sees_private(context, office))
        self._name = office.name

    @property
    def tables(self) -> Mapping[str, Callable[[], Table]]:
        """The makers of its tables, by name."""
        return {
            "mends": self.mends,
            "trend": self.trend,
            "worst": self.worst,
            "overdue": self.overdue,
            "problems": self.problems,
        }

    @cached_property
    def marks(self) -> Marks:
        """What its records have together."""
        found = boards_query.of_offices(self.scope, mends.formula().dimensions)
        return found[self._name][1] if self._name in found else Marks()

    @cached_property
    def listed_mends(self) -> list[dict[str, Any]]:
        """Its mends, the best first."""
        return mends.of_office(self.scope, self.marks.total.count)

    def best(self, mender: str) -> list[Mapping[str, Any]]:
        """The first mends that one of the two can make."""
        return mends.best(self.listed_mends, Mender(mender))[:BEST]

    def mends(self) -> Table:
        """What to do first, by how much the mean of the office rises."""
        rows = [
            {
                "mend": Text(**mend["do"]),
                "by": word(mend["by"]),
                "gain": mend["mean_gain"],
                "records": mend["records"],
                "count": mend["count"],
            }
            for mend in self.listed_mends
        ]
        links = [
            tk.url_for("hatinh_boards.mend", office=self._name, rule=mend["rule"])
            for mend in self.listed_mends
        ]
        return Table(self._made("mends", rows), links)

    def mend(self, rule: str) -> Table:
        """The records in which one mend is to be made, those that gain most first."""
        found = [
            (worth(one.dimension, one.measured, mends.formula()) * one.points, one)
            for one in boards_query.with_loss(self.scope, rule)
        ]
        found.sort(key=lambda pair: (-pair[0], pair[1].record.name))
        rows = [
            {
                "record": one.record.title,
                "gain": round(gain, 2),
                "count": one.places,
                "score": one.record.total,
            }
            for gain, one in found
        ]
        return Table(self._made("mend", rows), [_address(one.record) for _, one in found])

    def trend(self) -> Table:
        """The mean of its records at the end of each month."""
        return _trend(self.scope, self.now)

    def worst(self) -> Table:
        """Its measured records, the worst first."""
        found = boards_query.worst(self.scope)
        rows = [
            {"record": one.title, "kind": word(one.kind), "score": one.total} for one in found
        ]  # fmt: skip
        return Table(self._made("worst", rows), list(map(_address, found[:SHOWN])))

    def overdue(self) -> Table:
        """Its datasets that are overdue, the latest first."""
        names = {code.code: code.name for code in dictionary().code_lists["frequencies"]}
        found = boards_query.overdue(self.scope, self.now.date(), mends.formula())
        rows = [
            {
                "record": late.record.title,
                "frequency": names[late.frequency],
                "modified": late.modified.isoformat(),
                "days": late.days,
            }
            for late in found
        ]
        return Table(self._made("overdue", rows), [_address(late.record) for late in found[:SHOWN]])

    def problems(self) -> Table:
        """Its problems by their kind, the commonest first."""
        found = [(one, _kind_of(one.code)) for one in boards_query.problems(self.scope)]
        rows = [
            {"problem": title, "places": one.places, "records": one.records} for one, title in found
        ]
        report = self._made("problems", rows)
        shown = [(_said(title), float(one.places)) for one, title in found]
        return Table(report, pictures=boards_charts.bars(_said(report.title), shown[:SHOWN]))

    def _made(self, table: str, rows: Sequence[Row]) -> Report:
        return made(table, rows, self.now, with_private=self.scope.with_private)


def _trend(scope: Scope, now: datetime) -> Table:
    months = last_months(now.date(), MONTHS)
    found = boards_query.by_month(scope, mends.formula().dimensions, months)
    rows = [
        {"month": f"{first:%m/%Y}", "measured": marks.total.count} | _means(marks)
        for first, marks in found
    ]
    report = made("trend", rows, now, with_private=scope.with_private)
    shown = [(f"{first:%m/%Y}", marks.total.mean) for first, marks in found]
    return Table(report, pictures=boards_charts.line(_said(report.title), shown))


def last_months(today: date, count: int) -> list[tuple[date, date]]:
    """First and last day of the last so many months; the present one ends today."""
    found: list[tuple[date, date]] = []
    last = today
    for _ in range(count):
        found.append((last.replace(day=1), last))
        last = last.replace(day=1) - timedelta(1)
    return found[::-1]


def _means(marks: Marks) -> dict[str, float | None]:
    means = {name: marks.dimensions[name].mean for name in dimension_names()}
    return means | {"score": marks.total.mean}


def _address(record: Record) -> str:
    """Where a reader sees why a record has its score; the record itself while it has none."""
    if record.total is None:
        return tk.url_for(f"{record.kind}.read", id=record.name)
    return tk.url_for("hatinh_quality.read", kind=record.kind, name=record.name)


def _kind_of(code: str) -> Text:
    """A kind of problem in words, with what differs from place to place left open."""
    texts = problem_texts()
    return Text(*(describe(Problem(code, "$", "…"), lang, texts)[0] for lang in ("vi", "en")))


def _said(text: Text) -> str:
    return tk.h.hatinh_say(text)
