"""Editions as the API gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.editions import catalogues, model
from ckanext.hatinh.editions.records import public_titles
from ckanext.hatinh.shared.vocabulary import today
from hatinh.editions import Annulment, AnnulmentState, Standing, State, rules
from hatinh.editions import standing as standing_of


@dataclass
class Register:
    """Tells editions with their lines of the register and what became of them.

    Who took a step, and what was asked for only, is told ``with_people``.
    """

    with_people: bool
    sendings: Sequence[model.CatalogueSending] = field(default_factory=model.sendings)
    annulments: Sequence[Annulment] = field(default_factory=model.annulments)
    issued: dict[str, list[int]] = field(default_factory=dict)

    def head(self, row: model.CatalogueEdition) -> dict[str, Any]:
        """An edition in short."""
        form, annulled, later = catalogues.form(), self._annulled(row), self._later(row)
        found = standing_of(State(row.state), annulled=annulled is not None, newest=not later)
        in_force = found is Standing.IN_FORCE
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
            "standing": found.value,
            "in_force": in_force,
            "replaced_by": later[0] if later and row.state == State.ISSUED else None,
            "annulled": _decided(annulled) if annulled else None,
            "overdue": in_force and rules.overdue(row.decided, today(), form),
            "sent": sent[0] if sent else None,
        }

    def edition(self, row: model.CatalogueEdition) -> dict[str, Any]:
        """An edition with its steps, its register and what it leaves out, without its entries."""
        return {
            **self.head(row),
            "dropped": row.dropped,
            "steps": self._steps(row.steps),
            "annulments": [
                {
                    **_decided(annulment),
                    "state": annulment.state.value,
                    "steps": self._steps([step.as_dict() for step in annulment.steps]),
                }
                for annulment in self._annulments(row)
                if self.with_people or annulment.state is AnnulmentState.CONFIRMED
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

    def _steps(self, steps: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        hidden = set() if self.with_people else {"by"}
        return [{k: value for k, value in step.items() if k not in hidden} for step in steps]

    def _annulments(self, row: model.CatalogueEdition) -> list[Annulment]:
        return [a for a in self.annulments if (a.kind, a.number) == (row.kind, row.number)]

    def _annulled(self, row: model.CatalogueEdition) -> Annulment | None:
        ended = (a for a in self._annulments(row) if a.state is AnnulmentState.CONFIRMED)
        return next(ended, None)

    def _later(self, row: model.CatalogueEdition) -> list[int]:
        """Numbers of the editions that were issued after one."""
        if row.kind not in self.issued:
            self.issued[row.kind] = model.issued_numbers(row.kind)
        return [number for number in self.issued[row.kind] if number > row.number]

    def _of(self, row: model.CatalogueEdition) -> list[model.CatalogueSending]:
        return [s for s in self.sendings if (s.kind, s.number) == (row.kind, row.number)]


def _decided(annulment: Annulment) -> dict[str, Any]:
    """The decision that ends an edition."""
    return {
        "decision": annulment.decision,
        "decided": annulment.decided.isoformat() if annulment.decided else None,
        "reason": annulment.reason,
    }


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
        "title": kind.title.said(tk.h.lang()),
        "number": head.number,
        "decision": head.decision,
        "listed": package["id"] in catalogues.listed(kind.id),
    }
