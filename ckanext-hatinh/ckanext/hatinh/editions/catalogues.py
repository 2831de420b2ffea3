"""Editions of the catalogues: read, drafted from the portal's records, issued, sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import ckan.plugins.toolkit as tk
from ckan import model as core

import schemas
from ckanext.hatinh.editions import model
from ckanext.hatinh.editions.records import public_ids, records
from ckanext.hatinh.shared.refusals import refuse
from ckanext.hatinh.shared.vocabulary import dictionary, organizations, today
from hatinh.dictionary.workflow import Actor, load_stewards
from hatinh.editions import (
    Action,
    AnnulmentState,
    Edition,
    Entry,
    Form,
    Names,
    State,
    Step,
    entry_of,
    load_form,
    printed,
    rules,
)
from hatinh.local_time import LOCAL_TIME
from hatinh.problem import error
from hatinh.report import Report


@lru_cache(maxsize=1)
def form() -> Form:
    """The form of the catalogues."""
    return load_form(schemas.ROOT, dictionary().code_lists["open_catalogue_entry_fields"])


@lru_cache(maxsize=1)
def steward() -> str:
    """Slug of the office that looks after the catalogues."""
    return load_stewards(schemas.ROOT).catalogue


# -- reading ------------------------------------------------------------------------------------


def known_kind(kind: str) -> str:
    """The kind, if there is such a catalogue. Raises ``ObjectNotFound``."""
    if kind not in form().kinds:
        raise tk.ObjectNotFound(tk._("There is no catalogue {kind}").format(kind=kind))
    return kind


def get(kind: str, number: int, *, drafts: bool) -> model.CatalogueEdition:
    """One edition, or for 0 the one in force. Raises ``ObjectNotFound``.

    Without ``drafts`` only issued ones are there.
    """
    found = model.find(known_kind(kind), number) if number else model.in_force(kind)
    if found is None or not (drafts or found.state == State.ISSUED):
        words = tk._("There is no edition {number} of this catalogue")
        raise tk.ObjectNotFound(words.format(number=number or ""))
    return found


def former(edition: Edition) -> Edition | None:
    """The edition that one takes the place of."""
    found = model.find(edition.kind, edition.based_on) if edition.based_on else None
    return found.edition if found else None


def listed(kind: str) -> frozenset[str]:
    """Ids of the datasets in the edition in force; nothing before the first is issued."""
    head = model.in_force(kind)
    return _ids(kind, head.number, head.hash) if head else frozenset()


@lru_cache(maxsize=4)
def _ids(kind: str, number: int, _hash: str) -> frozenset[str]:
    """Ids of an issued edition, which never change: read from the database only once."""
    return model.ids(kind, number)


def last_sent(kind: str, number: int) -> date | None:
    """The day on which an edition was sent last."""
    found = (s.sent for s in model.sendings() if (s.kind, s.number) == (kind, number))
    return next(found, None)


def report(row: model.CatalogueEdition, *, paper: bool) -> Report:
    """An edition as the table that its files are written from; an annulled one says so."""
    sent = last_sent(row.kind, row.number)
    ended = model.annulment(row.kind, row.number)
    annulled = ended if ended and ended.state is AnnulmentState.CONFIRMED else None
    return printed(row.edition, form(), sent, paper=paper, annulled=annulled)


# -- writing ------------------------------------------------------------------------------------


def draft(kind: str, actor: Actor, note: str) -> Edition:
    """Draft the next edition from the public datasets that belong into the catalogue."""
    base = model.in_force(known_kind(kind))
    numbers = [head.number for head in model.heads(kind)]
    edition = Edition(
        kind=kind,
        number=max(numbers, default=0) + 1,
        entries=_collected(kind, {}, {}),
        based_on=base.number if base else 0,
        steps=(step(Action.DRAFT, actor, note),),
    )
    if not model.add(edition):
        refuse([error("catalogue-draft-open", "$.kind", kind)])
    core.Session.commit()
    return edition


def amend(
    kind: str, number: int, actor: Actor, dropped: Mapping[str, str], notes: Mapping[str, str],
    note: str,
) -> Edition:  # fmt: skip
    """Collect a draft anew, without the datasets that are left out for a reason.

    ``dropped`` and ``notes`` are by id or name of the dataset, and stand for all earlier ones.
    """
    edition = locked(kind, number)
    refuse(rules.closed(edition))
    reasons = _by_id(edition, dropped)
    return _saved(
        replace(
            edition,
            entries=_collected(kind, reasons, _by_id(edition, notes)),
            dropped=reasons,
            steps=(*edition.steps, step(Action.AMEND, actor, note)),
        )
    )


@dataclass(frozen=True, slots=True)
class Act:
    """The decision that issues an edition, with notes of approval by dataset and one for all."""

    decision: str
    decided: date | None
    notes: Mapping[str, str]
    note: str


def issue(kind: str, number: int, actor: Actor, act: Act) -> Edition:
    """Note the decision that issues a draft: from now on nobody changes a word of it."""
    drafted = locked(kind, number)
    told = _by_id(drafted, act.notes)
    edition = replace(
        drafted,
        decision=act.decision,
        decided=act.decided,
        entries=tuple(_noted(e, "approval_note", told) for e in drafted.entries),
    )
    base = model.in_force(kind)
    in_force = model.find(kind, base.number) if base else None
    before = in_force.edition if in_force else None
    refuse(rules.issue_refusals(edition, before, actor.id, today(), form()))
    public = public_ids(form().kinds[kind].sharing_level)
    refuse(
        error("catalogue-entry-gone", "$.entries", entry.title)
        for entry in edition.entries
        if entry.id not in public
    )
    issued = replace(
        edition,
        state=State.ISSUED,
        steps=(*edition.steps, step(Action.ISSUE, actor, act.note)),
    )
    told = tk.h.hatinh_described_in_turtle([entry.id for entry in issued.entries])
    return _saved(issued, told)


def withdraw(kind: str, number: int, actor: Actor, note: str) -> Edition:
    """Give a draft up; it stays to be read by the stewards."""
    edition = locked(kind, number)
    refuse([*rules.closed(edition), *rules.reason_refusals(note)])
    steps = (*edition.steps, step(Action.WITHDRAW, actor, note))
    return _saved(replace(edition, state=State.WITHDRAWN, steps=steps))


def send(
    row: model.CatalogueEdition, actor: Actor, sent: date | None, letter: str, package: bytes
) -> None:
    """Register that an edition was sent with a letter; nothing is sent from here."""
    model.lock(row.kind, row.number)
    refuse(rules.sending_refusals(row.edition, letter, sent, today()))
    if ended := model.annulment(row.kind, row.number):
        refuse([error("catalogue-annulled", "$.annulled", row.number, decision=ended.decision)])
    if model.sending(row.kind, row.number, letter) is not None:
        refuse([error("catalogue-letter-known", "$.letter", letter)])
    core.Session.add(
        model.CatalogueSending(
            kind=row.kind,
            number=row.number,
            sent=sent,
            letter=letter,
            receipt="",
            package_hash=model.keep_package(package),
            sender=actor.id,
        )
    )
    core.Session.commit()


def receive(kind: str, number: int, letter: str, receipt: str) -> None:
    """Note the receipt of a letter, once."""
    found = model.sending(kind, number, letter)
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no letter {letter}").format(letter=letter))
    if not receipt or found.receipt:
        refuse([error("catalogue-receipt-wrong", "$.receipt", found.receipt)])
    found.receipt = receipt
    core.Session.commit()


def locked(kind: str, number: int) -> Edition:
    """An edition that nobody else can move until this transaction ends."""
    row = model.lock(known_kind(kind), number)
    if row is None:
        words = tk._("There is no edition {number} of this catalogue")
        raise tk.ObjectNotFound(words.format(number=number))
    return row.edition


def _saved(edition: Edition, dcat: str = "") -> Edition:
    model.save(edition, dcat)
    core.Session.commit()
    return edition


def step(action: Action, actor: Actor, note: str) -> Step:
    """Somebody does something now."""
    return Step(action, actor.id, datetime.now(LOCAL_TIME), note)


def _collected(
    kind: str, left_out: Mapping[str, str], notes: Mapping[str, str]
) -> tuple[Entry, ...]:
    wanted = form().kinds[kind]
    names = Names(dictionary().code_lists, organizations(), today())
    return tuple(
        _noted(entry_of(record, wanted, names), "submit_note", notes)
        for record in records(wanted.sharing_level)
        if record.id not in left_out
    )


def _noted(entry: Entry, name: str, notes: Mapping[str, str]) -> Entry:
    if entry.id not in notes:
        return entry
    return replace(entry, fields={**entry.fields, name: notes[entry.id]})


def _by_id(edition: Edition, words: Mapping[str, str]) -> dict[str, str]:
    """Words by id of the dataset, given by id or name; a dataset that nobody knows is refused."""
    base = former(edition)
    known = {entry.name: entry.id for e in (base, edition) if e for entry in e.entries}
    known |= {name: id_ for id_, name in public_ids().items()}
    ids = {*known.values()}
    strange = [name for name in words if name not in known and name not in ids]
    refuse(error("catalogue-dataset-unknown", "$.entries", name) for name in strange)
    return {known.get(name, name): text for name, text in words.items()}
