"""The end of an issued edition by a later decision (bãi bỏ), which two persons note.

    ask        an issued edition                any steward, with decision and reason
    confirm    asked for → annulled             a steward who did not ask for it
    refuse     asked for → refused              any steward, with a reason

The edition stays to be read as it was issued. The one that it took the place of does not come into
force again: until the next is issued, none is.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hatinh.editions.model import Action, Edition, State, Step
from hatinh.problem import Problem, error


class AnnulmentState(StrEnum):
    """Where an annulment stands."""

    ASKED = "de_nghi"
    CONFIRMED = "bai_bo"
    REFUSED = "tu_choi"


@dataclass(frozen=True, slots=True)
class Annulment:
    """A later decision that ends an edition, and why."""

    kind: str
    number: int
    decision: str
    decided: date | None
    reason: str
    state: AnnulmentState
    steps: tuple[Step, ...]


class Standing(StrEnum):
    """What an edition is worth today; their words are in ``schemas/catalogue_forms.yaml``."""

    DRAFT = "du_thao"
    WITHDRAWN = "rut_lai"
    IN_FORCE = "hieu_luc"
    REPLACED = "thay_the"
    ANNULLED = "bai_bo"


def standing(state: State, *, annulled: bool, newest: bool) -> Standing:
    """What an edition is worth; ``newest`` is the one of its kind that was issued last."""
    if state is not State.ISSUED:
        return Standing(state.value)
    if annulled:
        return Standing.ANNULLED
    return Standing.IN_FORCE if newest else Standing.REPLACED


def asking_refusals(
    edition: Edition, asked: Annulment, before: Annulment | None, today: date
) -> list[Problem]:
    """Why an annulment cannot be asked for; ``before`` is one that stands already."""
    if not edition.issued or edition.decided is None:
        return [error("catalogue-not-issued", "$.state", edition.number)]
    if before is not None:
        return [error("catalogue-annulled", "$.annulled", edition.number, decision=before.decision)]
    found: list[Problem] = []
    if not asked.decision or asked.decided is None:
        found.append(error("catalogue-decision-missing", "$.decision"))
    elif not edition.decided <= asked.decided <= today:
        found.append(error("catalogue-day-wrong", "$.decided", asked.decided.isoformat()))
    if not asked.reason:
        found.append(error("catalogue-reason-missing", "$.note", ""))
    return found


def confirming_refusals(asked: Annulment, actor: str) -> list[Problem]:
    """Why this person cannot confirm what was asked for: nobody confirms his own asking."""
    own = any(step.by == actor for step in asked.steps if step.action is Action.ANNUL)
    return [error("catalogue-own-annulment", "$.steps", actor)] if own else []
