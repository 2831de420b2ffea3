"""Sources (nguồn thu thập): what is harvested, how, when, and for whom."""

from datetime import datetime

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import Json, JsonList, Moment
from harvesters.plan import Approval, Policy


class HarvestSource(tk.BaseModel):
    """One source. Its ``name`` is part of every identifier made from it and never changes.

    ``origin`` is ``file`` for rows of the settings' YAML file, which only that file changes, and
    ``page`` for those that people made. ``secrets`` is sealed; ``schedule`` has the form of cron,
    empty for runs by hand; ``visited`` is what conditional requests remember; it
    may be large, and is read only when it is asked for.
    """

    __tablename__ = "hatinh_harvest_source"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[Json]
    url: Mapped[str]
    owner: Mapped[str] = mapped_column(index=True)
    allow_private: Mapped[bool] = mapped_column(default=False)
    defaults: Mapped[Json]
    options: Mapped[Json]
    secrets: Mapped[str] = mapped_column(default="")
    schedule: Mapped[str] = mapped_column(default="")
    policy: Mapped[str] = mapped_column(default=Policy.SOURCE_WINS.value)
    local_fields: Mapped[JsonList]
    approval: Mapped[str] = mapped_column(default=Approval.GUARD.value)
    active: Mapped[bool] = mapped_column(default=True)
    origin: Mapped[str] = mapped_column(default="page")
    created: Mapped[Moment] = mapped_column(server_default=sa.func.now())
    modified: Mapped[Moment] = mapped_column(server_default=sa.func.now())
    next_run: Mapped[Moment | None]
    last_full: Mapped[Moment | None]
    visited: Mapped[Json] = mapped_column(deferred=True)
    state: Mapped[str] = mapped_column(default="live")


def every_source() -> list[HarvestSource]:
    """All rows, those out of use too."""
    return list(model.Session.scalars(sa.select(HarvestSource).order_by(HarvestSource.name)))


def live_sources() -> list[HarvestSource]:
    """The sources in use, by name."""
    return [source for source in every_source() if source.state == "live"]


def any_source(name: str) -> HarvestSource | None:
    """A source, in use or not, or ``None`` if there never was one of this name."""
    return model.Session.get(HarvestSource, name, populate_existing=True)


def find_source(name: str) -> HarvestSource | None:
    """A source in use, or ``None``."""
    found = any_source(name)
    return found if found is not None and found.state == "live" else None


def owner_of(name: str) -> str:
    """The office that owns a source, in use or not; empty if there never was such a source."""
    found = any_source(name)
    return found.owner if found is not None else ""


def is_due(now: datetime | sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """Whether the time of an active source has come."""
    source = HarvestSource
    return sa.and_(source.active, source.state == "live", source.next_run <= now)


def claim_due(now: datetime) -> HarvestSource | None:
    """The active source that is due longest, locked until the commit; none that others have."""
    query = sa.select(HarvestSource).where(is_due(now)).order_by(HarvestSource.next_run).limit(1)
    return model.Session.scalar(
        query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )
