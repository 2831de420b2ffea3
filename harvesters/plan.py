"""What a run would do, decided before it does anything: the outcome of each record, what has
vanished, and whether a person must agree first. Pure: no database, no clock, no CKAN.

    judged record + what is known of it ──decide()──▶ created updated unchanged rejected
                                                      conflict restored
    known records − records given ──removals()──▶ gone, archived, forgotten
    all of it ──guard()──▶ reasons to wait for a person
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from hatinh.problem import Problem, warning

Action = Literal[
    "created", "updated", "unchanged", "rejected", "gone", "conflict", "restored", "archived"
]
OUTCOMES: tuple[Action, ...] = get_args(Action)
"""What can become of a record. Those of a run but :data:`REMOVALS` add up to the records that the
source gave."""

WRITTEN: tuple[Action, ...] = ("created", "updated", "restored")
"""Outcomes that need the whole dataset."""

WRITES: tuple[Action, ...] = (*WRITTEN, "archived")
"""Outcomes that change a dataset."""

SETTLED: tuple[Action, ...] = ("rejected", "conflict", "gone")
"""Outcomes that change no dataset, and what is remembered of a record at most."""

REMOVALS: tuple[Action, ...] = ("gone", "archived")
"""Outcomes of records that the source no longer has."""

Standing = Literal["live", "rejected", "gone", "archived"]

GRACE = timedelta(days=14)
FULL_EVERY = timedelta(days=7)
"""Servers that say «not modified» for ever are found out within this time."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Policy(StrEnum):
    """Who wins when a harvested dataset was edited in the portal."""

    SOURCE_WINS = "source-wins"
    KEEP_LOCAL = "keep-local"
    ASK = "ask"


class Approval(StrEnum):
    """When a run waits for a person: when the guard says so, or always."""

    GUARD = "guard"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What earlier runs left of a record. ``hash`` is what was last written, if anything was."""

    standing: Standing
    raw_hash: str
    hash: str
    has_package: bool
    gone_since: datetime | None = None

    @property
    def live(self) -> bool:
        """Whether the portal shows a dataset of it that the source still had last time."""
        return self.has_package and self.standing in ("live", "rejected")


@dataclass(frozen=True, slots=True)
class Found:
    """What the portal holds where a record would be written.

    ``edited``: somebody changed the dataset after the harvest wrote it. ``elsewhere``: the source
    that brought the same dataset, or empty. ``owner``: the office that owns the dataset now.
    """

    exists: bool = False
    deleted: bool = False
    edited: bool = False
    elsewhere: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A judged record as far as the decision needs it; ``hash`` is empty when it is refused."""

    guid: str
    hash: str
    owner: str = ""


NOTHING = Found()


def decide(
    offer: Offer,
    known: KnownRecord | None,
    found: Found = NOTHING,
    policy: str = Policy.SOURCE_WINS,
    successors: Mapping[str, str] | None = None,
) -> tuple[Action, Problem | None]:
    """What becomes of a record that the source gives, and what its owner must be told.

    ``successors`` maps an abolished office to the one that took its place.
    """
    if not offer.hash:
        return "rejected", None
    if found.exists and known is not None and offer.hash == known.hash and not found.deleted:
        return ("restored" if known.standing in ("gone", "archived") else "unchanged"), None
    if conflict := _conflict(offer, found, policy, successors or {}):
        return "conflict", conflict
    remark = None
    if found.edited and policy == Policy.SOURCE_WINS and not found.deleted:
        remark = warning("local-edit-replaced", "$")
    if known is not None and known.standing == "archived":
        return "restored", remark
    return ("updated" if found.exists and known is not None else "created"), remark


def _conflict(
    offer: Offer, found: Found, policy: str, successors: Mapping[str, str]
) -> Problem | None:
    if found.elsewhere:
        return warning("same-dataset-elsewhere", "$.guid", offer.guid, other=found.elsewhere)
    known_owner = found.owner and offer.owner and not found.deleted
    if known_owner and offer.owner not in (found.owner, successors.get(found.owner)):
        return warning("guid-changed-owner", "$.publisher", offer.owner, before=found.owner)
    if found.edited and policy == Policy.ASK and not found.deleted:
        return warning("edited-locally", "$")
    return None


def is_global(identifier: str) -> bool:
    """Whether two sources that use this identifier must mean the same thing.

    A web address or a UUID names one thing in the world; ``12`` or ``ds-01`` only in its source.
    """
    if _UUID.fullmatch(identifier.removeprefix("urn:uuid:")):
        return True
    try:
        parts = urlsplit(identifier)
    except ValueError:
        return False
    # The front page of a host is the page of many things.
    return parts.scheme in ("http", "https") and parts.path.strip("/") != ""


# -- what has vanished ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Removals:
    """Identifiers that the source no longer gives, and those whose grace period is over.

    ``forgotten``: no longer given either, and never more than refused.
    """

    gone: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()


def removals(
    known: Mapping[str, KnownRecord],
    seen: Set[str] | None,
    now: datetime,
    grace: timedelta = GRACE,
) -> Removals:
    """What the source has stopped to give. ``seen`` is ``None`` when it gave the same as before."""
    missing = () if seen is None else sorted(known.keys() - seen)
    gone = (guid for guid in missing if known[guid].live)
    refused = (g for g in missing if known[g].standing == "rejected" and not known[g].has_package)
    archived = sorted(
        guid
        for guid, record in known.items()
        if record.standing == "gone"
        and record.gone_since is not None
        and record.gone_since <= now - grace
        and not (seen and guid in seen)
    )
    return Removals(tuple(gone), tuple(archived), tuple(refused))


# -- the guard --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may vanish unasked: a share of the live records, and a number."""

    share: float = 0.1
    count: int = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A run in numbers: records that were live, that the source gave, and planned outcomes."""

    live: int
    given: int
    counts: Mapping[str, int]
    approval: str = Approval.GUARD
    after_rollback: bool = False

    @property
    def writes(self) -> int:
        """Outcomes that change the portal."""
        return sum(self.counts.get(action, 0) for action in (*WRITTEN, *REMOVALS))


def guard(plan: Plan, limits: Limits) -> list[dict[str, Any]]:
    """Why a person must agree before anything is written; empty when nobody need be asked."""
    gone, created = plan.counts.get("gone", 0), plan.counts.get("created", 0)
    reasons: list[dict[str, Any]] = []
    if plan.live and not plan.given:
        reasons.append({"code": "guard-empty", "known": plan.live})
    elif gone > limits.count or gone > limits.share * plan.live:
        reasons.append({"code": "guard-many-gone", "gone": gone, "known": plan.live})
        if created and 2 * min(created, gone) > plan.live:
            reasons.append({"code": "guard-ids-changed", "gone": gone, "created": created})
    if plan.after_rollback and plan.writes:
        reasons.append({"code": "guard-after-rollback"})
    if plan.approval == Approval.ALWAYS and plan.writes:
        reasons.append({"code": "guard-always"})
    return reasons
