"""Who somebody is to a campaign: its steward, a reader of everything, or of one of its units."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import ckan.plugins.toolkit as tk
from ckan import model as core
from ckan.types import Context

import schemas
from ckanext.hatinh.shared.actors import actor_of
from ckanext.hatinh.shared.auditors import reads_everything
from hatinh.campaign import Unit
from hatinh.dictionary.workflow import load_stewards

ADMIN = "admin"
"""The permission that administrators of an office have, and editors have not: they sign."""


@lru_cache(maxsize=1)
def steward() -> str:
    """Slug of the office that runs the campaigns: the one that gathers the province's report."""
    return load_stewards(schemas.ROOT).catalogue


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: user id, the offices in which he or she edits, and those that he or she heads."""

    id: str
    edits: frozenset[str]
    heads: frozenset[str]
    reads_all: bool

    @property
    def stewards(self) -> bool:
        """Whether this person drafts, opens, freezes and closes campaigns."""
        return steward() in self.edits

    @property
    def takes_part(self) -> bool:
        """Whether campaigns are shown to this person at all."""
        return self.reads_all or bool(self.edits)

    def fills(self, office: str) -> bool:
        """Whether this person writes for an office."""
        return office in self.edits

    def signs(self, office: str) -> bool:
        """Whether this person signs off for an office."""
        return office in self.heads

    def reads(self, office: str) -> bool:
        """Whether the part and the figures of an office are shown to this person."""
        return self.sees_province or office in self.edits

    @property
    def sees_province(self) -> bool:
        """Whether all parts, figures and packs are."""
        return self.reads_all or self.stewards


def person_of(context: Context) -> Person:
    """The user of a context."""
    actor = actor_of(context)
    headed = tk.get_action("organization_list_for_user")(
        Context(user=context.get("user") or ""), {"permission": ADMIN}
    )
    heads = frozenset(office["name"] for office in headed) if actor.id else frozenset()
    return Person(actor.id, actor.organizations, heads, reads_everything(context))


def offices(units: Mapping[str, Unit]) -> dict[str, str]:
    """The office that answers for each unit: its own, or the shared one while it has none."""
    group = core.Group
    query = core.Session.query(group.name).filter(
        group.is_organization.is_(True), group.state == "active", group.name.in_(list(units))
    )
    there = {name for (name,) in query}
    return {
        name: name if name in there or not unit.shared else unit.shared
        for name, unit in units.items()
    }
