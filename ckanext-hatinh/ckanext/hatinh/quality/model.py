"""The table of scores: the newest of each dataset."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column


class QualityScore(tk.BaseModel):
    """How good one dataset was when it was last measured (điểm chất lượng)."""

    __tablename__ = "hatinh_quality_score"

    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )
    formula: Mapped[str]
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
            "measured_at": self.measured_at.isoformat(),
            "total": self.total,
            "band": self.band,
            "dimensions": self.dimensions,
            "losses": self.losses,
            "problems": self.problems,
        }


def find(package: str) -> QualityScore | None:
    """The score of a package, by its id or name."""
    found = model.Package.get(package)
    return model.Session.get(QualityScore, found.id) if found is not None else None


def save(rows: Sequence[Mapping[str, Any]]) -> None:
    """Note packages' scores in the open transaction, in place of earlier ones.

    A row is ``package_id`` and the other columns of the table.
    """
    fresh = insert(QualityScore).values(rows)
    columns = (column.key for column in sa.inspect(QualityScore).columns)
    values = {name: fresh.excluded[name] for name in columns if name != "package_id"}
    model.Session.execute(fresh.on_conflict_do_update(index_elements=["package_id"], set_=values))


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
