"""What reports read from the database: each question is one SQL statement, whatever the number
of datasets."""

from collections.abc import Iterator

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB

from hatinh.report import DatasetRow
from hatinh.text import parse_date

KINDS = ("dataset", "system", "dataservice")

STATED = ("publication_class", "frequency", "modified")
"""Fields of the dataset types that the reports need."""

_SCORES = sa.table(
    "hatinh_quality_score",
    sa.column("package_id"),
    sa.column("total"),
    sa.column("dimensions", JSONB),
    sa.column("problems", JSONB),
)
"""The quality plugin's table, read only."""


def dataset_rows(organization: str | None, *, with_private: bool) -> Iterator[DatasetRow]:
    """Every active record that counts, of one organisation or of all."""
    for row in model.Session.execute(_rows_query(organization, with_private)):
        yield DatasetRow(
            organization=row.organization or "",
            kind=row.type,
            publication_class=row.publication_class or "",
            licence=row.license_id or "",
            frequency=row.frequency or "",
            modified=parse_date(row.modified or ""),
            formats=tuple(row.formats.split(",")) if row.formats else (),
            dimensions=row.dimensions or {},
            total=row.total,
            problems=row.problems or 0,
        )


def organization_titles() -> dict[str, str]:
    """Titles of all active organisations, by name."""
    query = sa.select(model.Group.name, model.Group.title).where(
        model.Group.is_organization.is_(True), model.Group.state == "active"
    )
    return {row.name: row.title or row.name for row in model.Session.execute(query)}


def _rows_query(organization: str | None, with_private: bool) -> sa.Select[tuple]:
    package, group = model.Package, model.Group
    formats = _formats()
    query = (
        sa.select(
            package.type,
            package.license_id,  # pyright: ignore[reportAttributeAccessIssue]
            *(package.extras[name].astext.label(name) for name in STATED),
            group.name.label("organization"),
            formats.c.formats,
            _SCORES.c.total,
            _SCORES.c.dimensions,
            _places_of_problems().label("problems"),
        )
        .outerjoin(group, group.id == package.owner_org)
        .outerjoin(formats, formats.c.package_id == package.id)
        .outerjoin(_SCORES, _SCORES.c.package_id == package.id)
        .where(package.state == "active", package.type.in_(KINDS))
        .order_by(package.id)
    )
    if organization is not None:
        query = query.where(group.name == organization)
    return query if with_private else query.where(package.private.is_(False))


def _formats() -> sa.Subquery:
    """Formats of each package's files, joined by commas."""
    resource = model.Resource
    named = sa.func.string_agg(sa.distinct(sa.func.upper(resource.format)), ",")
    return (
        sa.select(resource.package_id, named.label("formats"))
        .where(resource.state == "active", resource.format != "")
        .group_by(resource.package_id)
        .subquery()
    )


def _places_of_problems() -> sa.ScalarSelect[int]:
    """The sum of the ``count`` of a score's problems."""
    problem = sa.func.jsonb_array_elements(_SCORES.c.problems).table_valued(
        sa.column("value", JSONB), name="problem"
    )
    count = problem.c.value["count"].as_integer()
    return sa.select(sa.func.sum(count)).select_from(problem).correlate(_SCORES).scalar_subquery()
