"""The tables of scores: the newest of each record, and what each was before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
import msgspec
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class QualityScore(tk.BaseModel):
    """How good one record was when it was last measured (điểm chất lượng).

    ``moves_on`` is the first day on which it changes by the passing of time alone.
    """

    __tablename__ = "hatinh_quality_score"

    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )
    formula: Mapped[str]
    day: Mapped[date | None]
    moves_on: Mapped[date | None]
    measured_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    total: Mapped[float | None]
    band: Mapped[str]
    dimensions: Mapped[Any] = mapped_column(JSONB)
    losses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "package_id": self.package_id,
            "formula": self.formula,
            "day": (self.day or self.measured_at.date()).isoformat(),
            "measured_at": self.measured_at.isoformat(),
            "total": self.total,
            "band": self.band,
            "dimensions": self.dimensions,
            "losses": self.losses,
            "problems": self.problems,
        }


class QualityHistory(tk.BaseModel):
    """What a record scored from a day on; a trigger refuses to change it.

    It has a row only where something differs from the row before, and outlives its record.
    """

    __tablename__ = "hatinh_quality_history"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    package_id: Mapped[str]
    formula: Mapped[str]
    day: Mapped[date]
    total: Mapped[float | None]
    dimensions: Mapped[Any] = mapped_column(JSONB)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "day": self.day.isoformat(),
            "formula": self.formula,
            "total": self.total,
            "dimensions": self.dimensions,
        }


_SAVE = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(
        package_id text, formula text, day date, moves_on date, total float8, band text,
        dimensions jsonb, losses jsonb, problems jsonb)
    ORDER BY package_id
), saved AS (
    INSERT INTO hatinh_quality_score (package_id, formula, day, moves_on, measured_at, total, band,
        dimensions, losses, problems)
    SELECT package_id, formula, day, moves_on, :now, total, band, dimensions, losses, problems
    FROM given
    ON CONFLICT (package_id) DO UPDATE SET formula = excluded.formula, day = excluded.day,
        moves_on = excluded.moves_on, measured_at = excluded.measured_at, total = excluded.total,
        band = excluded.band, dimensions = excluded.dimensions, losses = excluded.losses,
        problems = excluded.problems
), noted AS (
    INSERT INTO hatinh_quality_history (package_id, formula, day, total, dimensions)
    SELECT given.package_id, given.formula, given.day, given.total, given.dimensions
    FROM given LEFT JOIN LATERAL (
        SELECT h.formula, h.total, h.dimensions FROM hatinh_quality_history h
        WHERE h.package_id = given.package_id ORDER BY h.id DESC LIMIT 1
    ) last ON true
    WHERE (given.formula, given.total, given.dimensions)
        IS DISTINCT FROM (last.formula, last.total, last.dimensions)
)
SELECT given.package_id FROM given LEFT JOIN hatinh_quality_score former USING (package_id)
WHERE former.band IS DISTINCT FROM given.band
"""


def find(package: str) -> QualityScore | None:
    """The score of a package, by its id or name."""
    found = model.Package.get(package)
    if found is None:
        return None
    return model.Session.get(QualityScore, found.id, populate_existing=True)


def save(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Note packages' scores in the open transaction, in place of earlier ones; one statement.

    A row is ``package_id`` and the other columns of the table in JSON. What differs from before
    is added to the history. Gives the packages whose band is another one now.
    """
    given = {"rows": msgspec.json.encode(rows).decode(), "now": datetime.now(UTC)}
    return list(model.Session.scalars(sa.text(_SAVE), given))


def newest_day() -> date | None:
    """The latest day of which there are scores."""
    return model.Session.scalar(sa.select(sa.func.max(QualityScore.day)))


def history(package_id: str) -> list[QualityHistory]:
    """What a record scored, from the first day on."""
    row = QualityHistory
    query = sa.select(row).where(row.package_id == package_id).order_by(row.id)
    return list(model.Session.scalars(query))


def of_organization(organization_id: str, *, with_private: bool) -> list[QualityScore]:
    """Scores of an organisation's active datasets, the worst first."""
    query = (
        sa.select(QualityScore)
        .join(model.Package, model.Package.id == QualityScore.package_id)
        .where(model.Package.owner_org == organization_id, model.Package.state == "active")
        .order_by(QualityScore.total, QualityScore.package_id)
    )
    if not with_private:
        query = query.where(model.Package.private.is_(False))
    return list(model.Session.scalars(query))


def totals(package_ids: Collection[str]) -> dict[str, float]:
    """Total scores of some packages, by id, in one query."""
    query = sa.select(QualityScore.package_id, QualityScore.total).where(
        QualityScore.package_id.in_(package_ids), QualityScore.total.is_not(None)
    )
    return {row.package_id: row.total for row in model.Session.execute(query)}


def means_of_organizations() -> dict[str, float]:
    """Mean total of each organisation's public datasets, by the organisation's name."""
    query = (
        sa.select(model.Group.name, sa.func.avg(QualityScore.total))
        .join(model.Package, model.Package.owner_org == model.Group.id)
        .join(QualityScore, QualityScore.package_id == model.Package.id)
        .where(model.Package.state == "active", model.Package.private.is_(False))
        .group_by(model.Group.name)
    )
    return {name: mean for name, mean in model.Session.execute(query) if mean is not None}
