"""What the boards read from the database: each question is one SQL statement at any size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.hatinh.quality.model import QualityHistory, QualityScore
from ckanext.hatinh.quality.model_due import KINDS
from hatinh.quality import Formula
from hatinh.quality.freshness import days_late
from hatinh.quality.standing import Marks, Sum
from hatinh.text import parse_date


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records count: those of one organisation, by its id, or of all; private ones or not."""

    organization: str | None
    with_private: bool

    def holds(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """A query over packages, held to the active records of this scope."""
        package = model.Package
        query = query.where(package.state == "active", package.type.in_(KINDS))
        if self.organization is not None:
            query = query.where(package.owner_org == self.organization)
        return query if self.with_private else query.where(package.private.is_(False))


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a board lists it."""

    name: str
    title: str
    kind: str
    private: bool
    total: float | None


@dataclass(frozen=True, slots=True)
class Late:
    """A dataset that is not updated as often as it promises."""

    record: Record
    frequency: str
    modified: date
    days: int


@dataclass(frozen=True, slots=True)
class KindOfProblem:
    """How often a problem was found, and in how many records."""

    code: str
    places: int
    records: int


@dataclass(frozen=True, slots=True)
class Losing:
    """A record with the points that one rule takes from a dimension, and what is measured in it."""

    record: Record
    dimension: str
    points: float
    places: int
    measured: tuple[str, ...]


def of_offices(scope: Scope, dimensions: Iterable[str]) -> dict[str, tuple[str, Marks]]:
    """Title and marks of every organisation with records, by its name."""
    names, group = list(dimensions), model.Group
    query = (
        sa.select(group.name, group.title, *_sums(QualityScore, names))
        .select_from(model.Package)
        .join(group, sa.and_(group.id == model.Package.owner_org, group.state == "active"))
        .outerjoin(QualityScore, QualityScore.package_id == model.Package.id)
        .group_by(group.name, group.title)
        .order_by(group.name)
    )
    found = model.Session.execute(scope.holds(query)).mappings()
    return {row["name"]: (row["title"] or row["name"], _marks(row, names)) for row in found}


def by_month(
    scope: Scope, dimensions: Iterable[str], months: Sequence[tuple[date, date]]
) -> list[tuple[date, Marks]]:
    """Marks at the end of each month, given by its first day and the last one that counts.

    They are the marks that today's records had then; months in which none was measured are
    left out.
    """
    names, row = list(dimensions), QualityHistory
    until = sa.func.lead(row.day).over(partition_by=row.package_id, order_by=row.id)
    noted = (
        sa.select(row.day, row.total, row.dimensions, until.label("until"))
        .select_from(model.Package)
        .join(row, row.package_id == model.Package.id)
    )
    kept = scope.holds(noted).subquery("kept")
    month = sa.values(
        sa.column("first", sa.Date), sa.column("last", sa.Date), name="month"
    ).data([*months])  # fmt: skip
    then = sa.or_(kept.c.until.is_(None), kept.c.until > month.c.last)
    query = (
        sa.select(month.c.first, *_sums(kept.c, names))
        .join(kept, sa.and_(kept.c.day <= month.c.last, then))
        .group_by(month.c.first)
        .order_by(month.c.first)
    )
    found = model.Session.execute(query).mappings()
    return [(row["first"], _marks(row, names)) for row in found]


def _sums(noted: Any, dimensions: Iterable[str]) -> list[Any]:
    """Columns that add up totals and dimensions, in whole hundredths."""
    columns = [sa.func.count().label("records"), *_sum("total", noted.total)]
    for name in dimensions:
        columns += _sum(name, noted.dimensions[name].astext)
    return columns


def _sum(name: str, value: Any) -> list[Any]:
    whole = sa.func.round(sa.cast(value, sa.Numeric) * 100)
    return [
        sa.func.coalesce(sa.func.sum(whole), 0).label(f"{name}_sum"),
        sa.func.count(value).label(f"{name}_count"),
    ]


def _marks(row: sa.RowMapping, dimensions: Iterable[str]) -> Marks:
    def added(name: str) -> Sum:
        return Sum(int(row[f"{name}_sum"]), row[f"{name}_count"])

    return Marks(row["records"], added("total"), {name: added(name) for name in dimensions})


def worst(scope: Scope) -> list[Record]:
    """Measured records, those with the least total first."""
    query = (
        sa.select(*_RECORD, QualityScore.total)
        .join(QualityScore, QualityScore.package_id == model.Package.id)
        .where(QualityScore.total.is_not(None))
        .order_by(QualityScore.total, model.Package.name)
    )
    return [_record(row) for row in model.Session.execute(scope.holds(query))]


_RECORD = (model.Package.name, model.Package.title, model.Package.type, model.Package.private)


def _record(row: Any) -> Record:
    return Record(row.name, row.title or row.name, row.type, row.private, row.total)


def overdue(scope: Scope, today: date, formula: Formula) -> list[Late]:
    """Datasets that are later than their period and grace, those that are latest first."""
    extras = model.Package.extras
    day = sa.func.coalesce(
        sa.func.nullif(extras["modified"].astext, ""), extras["issued"].astext
    )  # fmt: skip
    passed = [
        sa.and_(extras["frequency"].astext == name, day < _before(today, cycle.days + cycle.grace))
        for name, cycle in formula.cycles.items()
    ]
    query = (
        sa.select(
            *_RECORD, QualityScore.total, extras["frequency"].astext.label("frequency"),
            day.label("day"),
        )
        .outerjoin(QualityScore, QualityScore.package_id == model.Package.id)
        .where(model.Package.type == "dataset", sa.or_(*passed))
    )  # fmt: skip
    found = (_late(row, today, formula) for row in model.Session.execute(scope.holds(query)))
    return sorted(
        (late for late in found if late), key=lambda late: (-late.days, late.record.name)
    )  # fmt: skip


def _before(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _late(row: Any, today: date, formula: Formula) -> Late | None:
    day = parse_date(row.day)
    late = days_late(row.frequency, day, today, formula)
    return Late(_record(row), row.frequency, day, late) if day and late else None


def problems(scope: Scope) -> list[KindOfProblem]:
    """Problems by their code, the commonest first."""
    found = sa.func.jsonb_array_elements(QualityScore.problems).table_valued(
        sa.column("value", JSONB), name="problem"
    )
    code, count = found.c.value["code"].astext, found.c.value["count"].as_integer()
    places = sa.func.sum(count)
    query = (
        sa.select(
            code.label("code"), places.label("places"),
            sa.func.count(sa.distinct(model.Package.id)).label("records"),
        )
        .select_from(model.Package)
        .join(QualityScore, QualityScore.package_id == model.Package.id)
        .join(found, sa.true())
        .group_by(code)
        .order_by(places.desc(), code)
    )  # fmt: skip
    return [
        KindOfProblem(row.code, int(row.places), row.records)
        for row in model.Session.execute(scope.holds(query))
    ]


def with_loss(scope: Scope, rule: str) -> list[Losing]:
    """The records that lost points by a rule."""
    found = sa.func.jsonb_array_elements(QualityScore.losses).table_valued(
        sa.column("value", JSONB), name="loss"
    )
    dimension = found.c.value["dimension"].astext
    query = (
        sa.select(
            *_RECORD, QualityScore.total, QualityScore.dimensions, dimension.label("dimension"),
            sa.func.sum(found.c.value["points"].as_float()).label("points"),
            sa.func.sum(found.c.value["count"].as_integer()).label("places"),
        )
        .select_from(model.Package)
        .join(QualityScore, QualityScore.package_id == model.Package.id)
        .join(found, found.c.value["rule"].astext == rule)
        .where(QualityScore.total.is_not(None))
        .group_by(model.Package.id, QualityScore.package_id, dimension)
    )  # fmt: skip
    return [
        Losing(
            _record(row), row.dimension, row.points, int(row.places),
            tuple(name for name, value in row.dimensions.items() if value is not None),
        )
        for row in model.Session.execute(scope.holds(query))
    ]  # fmt: skip


_MENDS = """
WITH seen AS (
    SELECT p.id, coalesce(p.extras ->> 'harvest_source', '') AS source, s.losses,
           (SELECT array_agg(d.key ORDER BY d.key) FROM jsonb_each_text(s.dimensions) d
            WHERE d.value IS NOT NULL) AS measured
    FROM package p JOIN hatinh_quality_score s ON s.package_id = p.id
    WHERE p.state = 'active' AND p.type = ANY(:kinds) AND s.total IS NOT NULL
      AND p.owner_org = :organization AND (:with_private OR NOT p.private)
), lost AS (
    SELECT id, measured, loss ->> 'rule' AS rule, loss ->> 'dimension' AS dimension,
           (loss ->> 'points')::float AS points, (loss ->> 'count')::int AS places,
           source = '' OR loss ->> 'rule' = ANY(:in_portal)
               OR coalesce({local} -> source
                           ? substring(loss ->> 'path' FROM '^\\$\\.(\\w+)'), false) AS you
    FROM seen, jsonb_array_elements(losses) AS loss
)
SELECT rule, you, dimension, measured, sum(points) AS points, sum(places) AS places,
       count(DISTINCT id) AS records
FROM lost GROUP BY rule, you, dimension, measured ORDER BY rule, you, dimension, measured
"""


def losses(scope: Scope, in_portal: Sequence[str], local: str) -> Sequence[sa.Row[Any]]:
    """Points lost in an organisation by rule, by who can mend them, and by what is measured.

    ``in_portal`` are the rules that are mended in the portal; ``local`` is the SQL of the fields
    that sources leave to it, a JSON object of lists by source.
    """
    given = {
        "kinds": list(KINDS), "organization": scope.organization,
        "with_private": scope.with_private, "in_portal": list(in_portal),
    }  # fmt: skip
    return model.Session.execute(sa.text(_MENDS.format(local=local)), given).all()
