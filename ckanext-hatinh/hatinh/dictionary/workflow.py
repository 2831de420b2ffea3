"""Who may do what with an edition, and what it becomes.

    propose   trả lại → đề xuất           its proposer
    amend     đề xuất, trả lại            its proposer
    review    đề xuất → rà soát           either steward
    consult   rà soát → tham vấn          dictionary steward (Công an tỉnh)
    approve   tham vấn → phê duyệt        dictionary steward, never the proposer
    return    any open one → trả lại      either steward, with a reason
    withdraw  any open one → rút lại      its proposer, with a reason
    reject    any open one → từ chối      dictionary steward, with a reason

The first edition has no proposer: the dictionary steward stands in, and nobody withdraws or
rejects it, for it is what columns are read by until another is approved.

Nobody is above these rules, an administrator of the portal neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import yaml

from hatinh.dictionary.edition import Action, Edition, State, Step, version
from hatinh.dictionary.edition_json import content
from hatinh.errors import SchemaError
from hatinh.problem import Problem, error, refuses


class Role(StrEnum):
    """What an office makes of its people."""

    PROPOSER = "proposer"
    DICTIONARY_STEWARD = "dictionary_steward"
    CATALOGUE_STEWARD = "catalogue_steward"


@dataclass(frozen=True, slots=True)
class Stewards:
    """Slugs of the two offices (``schemas/dictionary/edition.yaml``)."""

    dictionary: str
    catalogue: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody: user id, and slugs of the offices in which he may write."""

    id: str
    organizations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Rule:
    """From which states a step leads where, and in which role; ``own`` is for the proposer."""

    states: frozenset[State]
    to: State | None
    roles: frozenset[Role]
    own: bool = False


_STEWARDS = frozenset({Role.DICTIONARY_STEWARD, Role.CATALOGUE_STEWARD})
_OWNER = frozenset({Role.DICTIONARY_STEWARD})
_ANYBODY = frozenset({Role.PROPOSER})
_OPEN = frozenset({State.PROPOSED, State.REVIEW, State.CONSULTATION})
_UNDECIDED = _OPEN | {State.RETURNED}

_RULES: Mapping[Action, _Rule] = {
    Action.PROPOSE: _Rule(frozenset({State.RETURNED}), State.PROPOSED, _ANYBODY, own=True),
    Action.AMEND: _Rule(frozenset({State.PROPOSED, State.RETURNED}), None, _ANYBODY, own=True),
    Action.REVIEW: _Rule(frozenset({State.PROPOSED}), State.REVIEW, _STEWARDS),
    Action.CONSULT: _Rule(frozenset({State.REVIEW}), State.CONSULTATION, _OWNER),
    Action.APPROVE: _Rule(frozenset({State.CONSULTATION}), State.APPROVED, _OWNER),
    Action.RETURN: _Rule(_OPEN, State.RETURNED, _STEWARDS),
    Action.WITHDRAW: _Rule(_UNDECIDED, State.WITHDRAWN, _ANYBODY, own=True),
    Action.REJECT: _Rule(_UNDECIDED, State.REJECTED, _OWNER),
}
_REASONED = frozenset({Action.RETURN, Action.WITHDRAW, Action.REJECT})
_ENDING = frozenset({Action.WITHDRAW, Action.REJECT})


@dataclass(frozen=True, slots=True)
class Words:
    """What comes with a step: a note, and for an approval the decision and its day."""

    note: str = ""
    decision: str = ""
    day: date | None = None


NO_WORDS = Words()


def load_stewards(root: Path) -> Stewards:
    """The two offices. Raises :class:`SchemaError`."""
    path = root / "dictionary" / "edition.yaml"
    try:
        return Stewards(**yaml.safe_load(path.read_text(encoding="utf-8"))["stewards"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as err:
        raise SchemaError("dictionary/edition.yaml", f"stewards: {err}") from err


def roles(actor: Actor, stewards: Stewards) -> frozenset[Role]:
    """Everybody who may write for an office may propose; two offices have more to say."""
    found = {Role.PROPOSER} if actor.organizations else set()
    if stewards.dictionary in actor.organizations:
        found.add(Role.DICTIONARY_STEWARD)
    if stewards.catalogue in actor.organizations:
        found.add(Role.CATALOGUE_STEWARD)
    return frozenset(found)


def allowed(edition: Edition, actor: Actor, stewards: Stewards) -> frozenset[Action]:
    """The steps that this person could take now, what has to come with them left aside."""
    return frozenset(a for a in Action if not [*_barred(edition, a, actor, stewards)])


def refusals(
    edition: Edition, action: Action, actor: Actor, stewards: Stewards, words: Words = NO_WORDS
) -> list[Problem]:
    """Why this person cannot take this step; nothing when he can."""
    found = list(_barred(edition, action, actor, stewards))
    if action is Action.APPROVE:
        found += _undecided(words)
    if action in _REASONED and not words.note:
        found.append(error("edition-reason-missing", "$.note", action=action))
    return found


def advance(
    edition: Edition,
    action: Action,
    actor: Actor,
    at: datetime,
    words: Words = NO_WORDS,
) -> Edition:
    """The edition after a step that :func:`refusals` has nothing against."""
    to = _RULES[action].to or edition.state
    step = Step(action, actor.id, at, words.note)
    taken = replace(edition, state=to, history=(*edition.history, step))
    if action is not Action.APPROVE:
        return taken
    return replace(taken, decision=words.decision, date=words.day or edition.date)


def new_edition_refusals(
    edition: Edition, base: Edition, numbers: frozenset[str], actor: Actor, stewards: Stewards
) -> list[Problem]:
    """Why an edition cannot be proposed on top of ``base``, the current one.

    ``numbers`` are those of all editions there are.
    """
    found = []
    if Role.PROPOSER not in roles(actor, stewards):
        found.append(error("edition-role-missing", "$.state", action=Action.PROPOSE))
    if not _follows(edition.number, base.number) or edition.number in numbers:
        found.append(error("edition-number-wrong", "$.number", edition.number, base=base.number))
    if edition.based_on != base.number:
        found.append(
            error("edition-base-stale", "$.based_on", edition.based_on, current=base.number)
        )
    return found


def content_refusals(before: Edition, after: Edition) -> list[Problem]:
    """An approved edition is closed: not a letter of its content changes."""
    if before.approved and content(before) != content(after):
        return [error("edition-closed", "$", before.number)]
    return []


def approval_refusals(
    edition: Edition, base: Edition | None, problems: list[Problem]
) -> list[Problem]:
    """Why an edition cannot be approved as it is now: a stale base, faults, no change.

    ``base`` is the current edition, ``problems`` come from :mod:`hatinh.dictionary.edition_rules`.
    """
    found = [problem for problem in problems if refuses([problem])]
    if base is None or edition.number == base.number:
        return found
    if edition.based_on != base.number:
        found.append(
            error("edition-base-stale", "$.based_on", edition.based_on, current=base.number)
        )
    return found + unchanged_refusals(edition, base)


def unchanged_refusals(edition: Edition, base: Edition) -> list[Problem]:
    """An edition without any change is no edition: there would be nothing to decide."""
    if content(edition) == content(base):
        return [error("edition-unchanged", "$", edition.number, base=base.number)]
    return []


# -- rules of one step --------------------------------------------------------------------------


def _barred(
    edition: Edition, action: Action, actor: Actor, stewards: Stewards
) -> Iterator[Problem]:
    rule = _RULES[action]
    if edition.approved:
        yield error("edition-closed", "$.state", edition.number)
    elif edition.state not in rule.states:
        yield error("edition-step-wrong", "$.state", action=action, state=edition.state)
    held = roles(actor, stewards)
    if not rule.roles & held or (rule.own and not _owns(edition, actor, held)):
        yield error("edition-role-missing", "$.state", action=action)
    if action in _ENDING and not edition.based_on:
        yield error("edition-first-stays", "$.state", edition.number)
    if action is Action.APPROVE and actor.id in _authors(edition):
        yield error("edition-own-approval", "$.proposer", actor.id)


def _owns(edition: Edition, actor: Actor, held: frozenset[Role]) -> bool:
    if not edition.proposer:
        return Role.DICTIONARY_STEWARD in held
    return actor.id == edition.proposer


def _authors(edition: Edition) -> set[str]:
    """Whoever proposed the edition or had a hand in its content."""
    written = {Action.PROPOSE, Action.AMEND}
    return {edition.proposer, *(step.by for step in edition.history if step.action in written)}


def _undecided(words: Words) -> Iterator[Problem]:
    if not words.decision:
        yield error("edition-decision-missing", "$.decision")
    if words.day is None:
        yield error("edition-decision-missing", "$.date")


def _follows(number: str, base: str) -> bool:
    try:
        return version(number) > version(base)
    except ValueError:
        return False
