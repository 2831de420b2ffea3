"""Editions as the API gives them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.editions import catalogues, model
from ckanext.hatinh.editions.records import public_titles
from ckanext.hatinh.shared.vocabulary import today
from hatinh.editions import rules


@dataclass
class Register:
    """Tells editions with their lines of the register; with who took a step, or without."""

    sendings: Sequence[model.CatalogueSending]
    with_people: bool
    in_force: dict[str, int] = field(default_factory=dict)

    def head(self, row: model.CatalogueEdition) -> dict[str, Any]:
        """An edition in short."""
        if row.kind not in self.in_force:
            found = model.in_force(row.kind)
            self.in_force[row.kind] = found.number if found else 0
        in_force = row.number == self.in_force[row.kind]
        form = catalogues.form()
        sent = [s.sent.isoformat() for s in self._of(row)]
        return {
            "kind": row.kind,
            "number": row.number,
            "title": form.kinds[row.kind].title.as_dict(),
            "state": row.state,
            "decision": row.decision,
            "decided": row.decided.isoformat() if row.decided else None,
            "based_on": row.based_on,
            "datasets": row.size,
            "hash": row.hash,
            "in_force": in_force,
            "overdue": in_force and rules.overdue(row.decided, today(), form),
            "sent": sent[0] if sent else None,
        }

    def edition(self, row: model.CatalogueEdition) -> dict[str, Any]:
        """An edition with its steps, its register and what it leaves out, without its entries."""
        hidden = set() if self.with_people else {"by"}
        return {
            **self.head(row),
            "dropped": row.dropped,
            "steps": [
                {name: value for name, value in step.items() if name not in hidden}
                for step in row.steps
            ],
            "sendings": [
                {
                    "sent": sending.sent.isoformat(),
                    "letter": sending.letter,
                    "receipt": sending.receipt,
                    "package_hash": sending.package_hash,
                }
                for sending in self._of(row)
            ],
        }

    def _of(self, row: model.CatalogueEdition) -> list[model.CatalogueSending]:
        return [s for s in self.sendings if (s.kind, s.number) == (row.kind, row.number)]


def unlisted(kind: str) -> list[dict[str, Any]]:
    """Public datasets that belong into a catalogue but are not in its edition in force."""
    listed = catalogues.listed(kind)
    level = catalogues.form().kinds[kind].sharing_level
    return [found for found in public_titles(level) if found["id"] not in listed]


def standing(package: dict[str, Any]) -> dict[str, Any] | None:
    """Where a public dataset stands: its catalogue, and whether the edition in force names it.

    Nothing for a record that belongs into no catalogue, or while that has no edition in force.
    """
    kind = catalogues.form().of_level(package.get("sharing_level") or "")
    if kind is None or package.get("type") != "dataset" or package.get("private"):
        return None
    head = model.in_force(kind.id)
    if head is None:
        return None
    return {
        "kind": kind.id,
        "title": kind.title.en if tk.h.lang() == "en" else kind.title.vi,
        "number": head.number,
        "decision": head.decision,
        "listed": package["id"] in catalogues.listed(kind.id),
    }
