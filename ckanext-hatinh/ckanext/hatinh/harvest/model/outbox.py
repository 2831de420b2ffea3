"""The outbox of the index: packages whose search document is older than their row.

Its rows are written in the transaction that writes the package, so none is ever forgotten.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import Moment


class HarvestOutbox(tk.BaseModel):
    """One stale document. ``not_before`` holds back what failed, ``error`` says why.

    ``refused_since`` is set while the index takes no document at all, this one included.
    """

    __tablename__ = "hatinh_harvest_outbox"
    __table_args__ = (
        sa.Index(
            "hatinh_harvest_outbox_refused", "refused_since",
            postgresql_where=sa.text("refused_since IS NOT NULL"),
        ),
    )  # fmt: skip

    package_id: Mapped[str] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Moment | None]
    error: Mapped[str] = mapped_column(default="")
    refused_since: Mapped[Moment | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Since when the index takes nothing, what it said, and how many documents wait."""

    since: datetime
    reason: str
    waiting: int


def stage_stale(package_ids: Iterable[str]) -> None:
    """Note in the open transaction that packages await indexing, with no failure so far."""
    rows = [
        {"package_id": package_id, "attempts": 0, "not_before": None, "error": ""}
        for package_id in package_ids
    ]
    if rows:
        fresh = insert(HarvestOutbox).values(rows)
        values = {name: fresh.excluded[name] for name in ("attempts", "not_before", "error")}
        statement = fresh.on_conflict_do_update(index_elements=["package_id"], set_=values)
        model.Session.execute(statement)


def awaiting_index(limit: int) -> list[str]:
    """Packages whose search document is stale and may be tried now, locked until the commit.

    Whoever writes one of them again meanwhile waits, and finds its row gone or still there.
    """
    due = sa.or_(
        HarvestOutbox.not_before.is_(None), HarvestOutbox.not_before <= sa.func.clock_timestamp()
    )
    query = sa.select(HarvestOutbox.package_id).where(due).order_by(HarvestOutbox.package_id)
    return list(model.Session.scalars(query.limit(limit).with_for_update(skip_locked=True)))


def forget_stale(package_ids: Collection[str]) -> None:
    """Remove in the open transaction what has been indexed."""
    model.Session.execute(sa.delete(HarvestOutbox).where(HarvestOutbox.package_id.in_(package_ids)))


def forget_unless_changed(modified: Mapping[str, datetime]) -> None:
    """Remove what was indexed as of these moments, unless the package has changed since."""
    package = model.package_table.c
    same = sa.tuple_(package.id, package.metadata_modified).in_([*modified.items()])
    unchanged = sa.select(package.id).where(same)
    model.Session.execute(sa.delete(HarvestOutbox).where(HarvestOutbox.package_id.in_(unchanged)))


def postpone(package_id: str, error: str) -> None:
    """Try a document again later: after a minute, two, four … at most a day."""
    minutes = sa.func.least(sa.func.power(2, HarvestOutbox.attempts), 24 * 60)
    model.Session.execute(
        sa.update(HarvestOutbox)
        .where(HarvestOutbox.package_id == package_id)
        .values(
            attempts=HarvestOutbox.attempts + 1,
            not_before=sa.func.clock_timestamp() + minutes * sa.text("interval '1 minute'"),
            error=error,
            refused_since=None,
        )
        .execution_options(synchronize_session=False)
    )


def note_refusal(package_ids: Collection[str], reason: str) -> None:
    """Note in the open transaction that the index takes none of these; the first time stays."""
    model.Session.execute(
        sa.update(HarvestOutbox)
        .where(HarvestOutbox.package_id.in_(package_ids), HarvestOutbox.refused_since.is_(None))
        .values(refused_since=sa.func.clock_timestamp(), error=reason)
        .execution_options(synchronize_session=False)
    )


def refusal() -> Refusal | None:
    """Whether the index refuses documents now: those that it refused leave when it takes them."""
    refused = sa.select(HarvestOutbox.refused_since, HarvestOutbox.error)
    refused = refused.where(HarvestOutbox.refused_since.is_not(None))
    first = model.Session.execute(refused.order_by(HarvestOutbox.refused_since).limit(1)).first()
    if first is None:
        return None
    waiting = model.Session.scalar(sa.select(sa.func.count()).select_from(HarvestOutbox))
    return Refusal(first.refused_since, first.error, waiting or 0)
