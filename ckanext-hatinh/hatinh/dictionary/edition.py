"""An edition of the dictionary (phiên bản từ điển): what it holds and how far it has come.

    đề xuất ──▶ rà soát ──▶ tham vấn ──▶ phê duyệt (closed for ever)
       ▲           │            │
       └─ trả lại ◀┴────────────┘

An open edition can end without approval: rút lại by its proposer, từ chối by a steward. It stays
with its history.

The steps and who may take them are in :mod:`hatinh.dictionary.workflow`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from hatinh.dictionary.model import CodeList, Dictionary, Element


class State(StrEnum):
    """How far an edition has come; the names for people are the code list ``edition_states``."""

    PROPOSED = "de_xuat"
    REVIEW = "ra_soat"
    CONSULTATION = "tham_van"
    APPROVED = "phe_duyet"
    RETURNED = "tra_lai"
    WITHDRAWN = "rut_lai"
    REJECTED = "tu_choi"


class Action(StrEnum):
    """What somebody does with an edition."""

    PROPOSE = "propose"
    AMEND = "amend"
    REVIEW = "review"
    CONSULT = "consult"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was taken, by whom (user id), when and with which words."""

    action: Action
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Edition:
    """One edition. ``owner`` is a slug, ``proposer`` a user id, ``based_on`` a number.

    ``decision`` names the act that approved it. The content of an approved edition never changes.
    """

    number: str
    date: date
    state: State
    owner: str
    elements: Mapping[str, Element] = field(default_factory=dict)
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    decision: str = ""
    based_on: str = ""
    proposer: str = ""
    note: str = ""
    history: tuple[Step, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether the edition is in force or was, and closed."""
        return self.state is State.APPROVED

    @property
    def dictionary(self) -> Dictionary:
        """What columns and records are read by."""
        return Dictionary(self.number, self.elements, self.code_lists)


def version(number: str) -> tuple[int, ...]:
    """An edition's number as it is ordered: ``1.10`` after ``1.9``. Raises :class:`ValueError`."""
    return tuple(int(part) for part in number.split("."))


def current(editions: Mapping[str, Edition]) -> Edition | None:
    """The edition to read by: the last one approved, else the first one there is."""
    ordered = sorted(editions.values(), key=lambda edition: version(edition.number))
    approved = [edition for edition in ordered if edition.approved]
    return approved[-1] if approved else next(iter(ordered), None)
