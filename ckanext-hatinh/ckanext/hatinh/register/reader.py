"""Who reads: what the public sees, what an office sees of its own, what the steward sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model as core
from ckan.types import Context

from ckanext.hatinh.register.records import steward
from ckanext.hatinh.shared.actors import actor_of
from ckanext.hatinh.shared.auditors import reads_everything
from hatinh.register import Row


@dataclass(frozen=True, slots=True)
class Named:
    """A record as a finding shows it."""

    id: str
    name: str
    title: str
    kind: str
    owner: str
    public: bool

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"id": self.id, "name": self.name, "title": self.title, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Reader:
    """``offices`` are those of which the reader sees private records, too."""

    offices: frozenset[str]
    everything: bool

    def sees(self, row: Row) -> bool:
        """Whether an active record may be shown."""
        return self.everything or not row.private or row.owner in self.offices

    def sees_sides(self, ids: Sequence[str], owner: str, sides: Mapping[str, Named]) -> bool:
        """Whether a finding may be shown: all records that it speaks of may be.

        One that speaks of none, or of one that is there no more, is for the office that owns it.
        """
        known = [sides[id_] for id_ in ids if id_ in sides]
        if self.everything:
            return True
        if not all(side.public or side.owner in self.offices for side in known):
            return False
        return 0 < len(ids) == len(known) or owner in self.offices


def reader_of(context: Context) -> Reader:
    """The user of a context; sysadmins, auditors and the register's steward see everything."""
    user = context.get("user") or ""
    if reads_everything(context):
        return Reader(frozenset(), everything=True)
    if core.User.get(user) is None:
        return Reader(frozenset(), everything=False)
    listed = tk.get_action("organization_list_for_user")
    offices = listed(Context(user=user), {"permission": "read"})
    names = frozenset(office["name"] for office in offices)
    return Reader(names, everything=steward() in actor_of(context).organizations)


def named(ids: Iterable[str]) -> dict[str, Named]:
    """Records by id, deleted ones too: those are not public."""
    package, group = core.Package, core.Group
    public = sa.and_(package.state == "active", package.private.is_(False))
    query = (
        sa.select(
            package.id, package.name, package.title, package.type, sa.func.coalesce(group.name, ""),
            public.label("public"),
        )
        .outerjoin(group, group.id == package.owner_org)
        .where(package.id.in_(set(ids)))
    )  # fmt: skip
    found = core.Session.execute(query)
    return {row.id: Named(row.id, row.name, row.title or row.name, *row[3:]) for row in found}
