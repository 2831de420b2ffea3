"""The tables of what is permanent. Triggers of the migration write names and most tombstones."""

from collections.abc import Collection
from datetime import datetime

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.shared.withdrawal import Cause

RECORD, GROUP = "record", "group"
"""What names are unique among: records of all kinds; organisations together with themes."""


class Tombstone(tk.BaseModel):
    """A record that was public and is withdrawn now; it outlives the record's own row."""

    __tablename__ = "hatinh_permanent_tombstone"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str]
    organization: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    cause: Mapped[str]
    reason: Mapped[str]
    successor: Mapped[str]


class PermanentName(tk.BaseModel):
    """A name, or an id, under which something was public; it belongs to that for ever."""

    __tablename__ = "hatinh_permanent_name"

    scope: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str]


def bury(package_id: str, cause: Cause, reason: str = "", successor: str = "") -> None:
    """Write the tombstone of a record that is public, up to but without the commit."""
    query = sa.text("SELECT hatinh_permanent_bury(:id, :cause, :reason, :successor)")
    given = {"id": package_id, "cause": cause.value, "reason": reason, "successor": successor}
    model.Session.execute(query, given)


def tombstone(name: str) -> Tombstone | None:
    """The tombstone of a record, by its id or any name under which it was public."""
    return model.Session.get(Tombstone, owner(RECORD, name) or name)


def tombstones(limit: int, offset: int) -> list[Tombstone]:
    """What is withdrawn, the latest first."""
    query = sa.select(Tombstone).order_by(Tombstone.at.desc(), Tombstone.id)
    return list(model.Session.scalars(query.offset(offset).limit(limit)))


def count() -> int:
    """How many records are withdrawn."""
    return model.Session.scalar(sa.select(sa.func.count()).select_from(Tombstone)) or 0


def owner(scope: str, name: str) -> str | None:
    """Id of what a name belongs to."""
    found = model.Session.get(PermanentName, (scope, name))
    return found.id if found else None


def owners(names: Collection[str]) -> dict[str, str]:
    """Those of some names that belong to a record, with its id."""
    row = PermanentName
    query = sa.select(row.name, row.id).where(row.scope == RECORD, row.name.in_(names))
    return dict(model.Session.execute(query).tuples().all())


def was_public(package_id: str) -> bool:
    """Whether a record has been public before."""
    query = sa.select(PermanentName).where(
        PermanentName.scope == RECORD, PermanentName.id == package_id
    )
    return model.Session.scalar(sa.select(query.exists())) or False


def is_public(package: model.Package) -> bool:
    """Whether everybody may see a record."""
    return package.state == model.State.ACTIVE and not package.private
