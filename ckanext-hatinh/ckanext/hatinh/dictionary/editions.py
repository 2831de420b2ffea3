"""Editions in the database: which one is read by, how one is proposed and how it moves on."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from threading import Event
from time import monotonic
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model as core

import schemas
from ckanext.hatinh.dictionary import model
from ckanext.hatinh.dictionary.uses import uses
from ckanext.hatinh.shared.refusals import refuse
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.dictionary.attributes import Attributes, load_attributes
from hatinh.dictionary.edition import Action, Edition, State, Step, version
from hatinh.dictionary.edition_json import fingerprint, from_dict, to_dict
from hatinh.dictionary.edition_rules import check_change, check_edition
from hatinh.dictionary.load import load_edition
from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.workflow import (
    Actor,
    Stewards,
    Words,
    advance,
    approval_refusals,
    content_refusals,
    load_stewards,
    new_edition_refusals,
    refusals,
    unchanged_refusals,
)
from hatinh.local_time import LOCAL_TIME
from hatinh.problem import Problem

LOOK_AGAIN_SECONDS = 5
"""How long a process may work on with an edition that has just been replaced."""

TABLE = model.DictionaryEdition.__tablename__

_ready = Event()


@lru_cache(maxsize=1)
def shipped() -> Edition:
    """The first edition, which is the files in ``schemas/``."""
    return load_edition(schemas.ROOT)


@lru_cache(maxsize=1)
def stewards() -> Stewards:
    """The two offices that look after the dictionary and the catalogue."""
    return load_stewards(schemas.ROOT)


@lru_cache(maxsize=1)
def attributes() -> Attributes:
    """What is written of an element, a list and a code."""
    return load_attributes(schemas.ROOT)


# -- reading ------------------------------------------------------------------------------------


def heads() -> list[model.DictionaryEdition]:
    """All editions without their content, the newest number first."""
    return sorted(model.editions(), key=lambda head: version(head.number), reverse=True)


def current() -> Edition:
    """The edition that columns are read by: the last one approved, else the first one.

    Before anything is loaded into the database it is the one that is shipped.
    """
    key = current_key()
    return _content(*key) if key else shipped()


def current_key() -> tuple[str, ...]:
    """Number, content and state of the current edition; empty for the shipped one."""
    head = current_head()
    return (head.number, head.hash, head.state) if head else ()


def current_head() -> model.DictionaryEdition | None:
    """The stored row of :func:`current`."""
    found = heads()
    approved = [head for head in found if head.state == State.APPROVED]
    return approved[0] if approved else next(iter(reversed(found)), None)


def in_use() -> Dictionary:
    """The dictionary of the current edition; what another process approves comes in seconds."""
    return _in_use(int(monotonic() // LOOK_AGAIN_SECONDS))


def get(number: str) -> Edition:
    """One edition, or the current one for a blank number. Raises ``ObjectNotFound``."""
    if not number:
        return current()
    row = model.find(number) if is_number(number) else None
    if row is None:
        if number == shipped().number:
            return shipped()
        raise _not_found(number)
    return from_dict(row.document)


def is_number(words: str) -> bool:
    """Whether an edition can have this number; others are never looked for."""
    try:
        return bool(version(words))
    except ValueError:
        return False


def look_again() -> None:
    """Forget the edition that is read by: this process approved one, or the database is another."""
    _in_use.cache_clear()


def is_ready() -> bool:
    """Whether the tables of this plugin have been made; once they are, nobody asks again."""
    if not _ready.is_set() and sa.inspect(core.Session.get_bind()).has_table(TABLE):
        _ready.set()
    return _ready.is_set()


@lru_cache(maxsize=1)
def _in_use(_moment: int) -> Dictionary:
    return (current() if is_ready() else shipped()).dictionary


@lru_cache(maxsize=4)
def _content(number: str, _hash: str, _state: str) -> Edition:
    """An edition as it was with this content and state: read from the database only once."""
    return get(number)


def _untouched(row: model.DictionaryEdition) -> bool:
    alone = len(model.editions()) == 1
    return alone and row.state == State.PROPOSED and not row.document["history"]


# -- writing ------------------------------------------------------------------------------------


def load_first() -> str:
    """Store the shipped edition: ``stored``, ``renewed`` or ``unchanged``.

    As long as nobody has taken a step with it, or proposed another on top, it follows the files.
    """
    wanted, row = values(shipped()), model.find(shipped().number)
    if row is not None and (row.hash == wanted["hash"] or not _untouched(row)):
        return "unchanged"
    model.save(wanted)
    core.Session.commit()
    look_again()
    return "renewed" if row is not None else "stored"


def propose(proposed: Edition, base: Edition, actor: Actor, note: str) -> Edition:
    """Store the content of ``proposed`` as a new edition after ``base``."""
    now = datetime.now(LOCAL_TIME)
    numbers = frozenset(head.number for head in heads())
    edition = replace(
        proposed,
        number=next_number({*numbers, base.number}),
        date=now.date(),
        state=State.PROPOSED,
        owner=stewards().dictionary,
        decision="",
        based_on=base.number,
        proposer=actor.id,
        note=note,
        history=(Step(Action.PROPOSE, actor.id, now, note),),
    )
    refuse(new_edition_refusals(edition, current(), numbers, actor, stewards()))
    refuse(unchanged_refusals(edition, base))
    refuse(faults(edition, base))
    if not model.add(values(edition)):
        raise tk.ValidationError({"number": [tk._("Somebody else proposed just now; try again")]})
    core.Session.commit()
    return edition


def amend(number: str, proposed: Edition, actor: Actor, note: str) -> Edition:
    """Give one's own open proposal other content."""
    before = locked(number)
    refuse(refusals(before, Action.AMEND, actor, stewards()))
    after = advance(before, Action.AMEND, actor, datetime.now(LOCAL_TIME), Words(note))
    after = replace(
        after,
        elements=proposed.elements,
        code_lists=proposed.code_lists,
        note=note or before.note,
    )
    refuse(content_refusals(before, after))
    refuse(faults(after, get(after.based_on)))
    return _saved(after)


def move(number: str, action: Action, actor: Actor, words: Words) -> Edition:
    """Take one step of the workflow; the edition keeps who, when and why."""
    edition = locked(number)
    refuse(refusals(edition, action, actor, stewards(), words))
    if action is Action.APPROVE:
        base = current()
        refuse(approval_refusals(edition, base, faults(edition, base)))
    return _saved(advance(edition, action, actor, datetime.now(LOCAL_TIME), words))


def locked(number: str) -> Edition:
    """An edition that nobody else can move until this transaction ends."""
    row = model.lock(number)
    if row is None:
        raise _not_found(number)
    return from_dict(row.document)


def faults(edition: Edition, base: Edition) -> list[Problem]:
    """What is wrong with the content of an edition, alone and as a change of its base."""
    return [
        *check_edition(edition, organizations()),
        *check_change(base, edition, uses(), approved_before(base)),
    ]


def approved_before(base: Edition) -> list[Edition]:
    """The approved editions that came before one."""
    return [
        get(head.number)
        for head in heads()
        if head.state == State.APPROVED and version(head.number) < version(base.number)
    ]


def next_number(numbers: Iterable[str]) -> str:
    """The number after the highest: ``0.9`` → ``0.10``."""
    *start, last = max(map(version, numbers))
    return ".".join(map(str, (*start, last + 1)))


def values(edition: Edition) -> dict[str, Any]:
    """An edition as the values of its row."""
    approvers = [step.by for step in edition.history if step.action is Action.APPROVE]
    return {
        "number": edition.number,
        "state": edition.state.value,
        "date": edition.date,
        "owner": edition.owner,
        "based_on": edition.based_on,
        "decision": edition.decision,
        "note": edition.note,
        "proposer": edition.proposer,
        "approver": approvers[-1] if approvers else "",
        "hash": fingerprint(edition),
        "elements": len(edition.elements),
        "code_lists": len(edition.code_lists),
        "document": to_dict(edition),
    }


def _not_found(number: str) -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There is no edition {number}").format(number=number))


def _saved(edition: Edition) -> Edition:
    model.save(values(edition))
    core.Session.commit()
    look_again()
    return edition
