"""Annulments of issued editions: asked for by one steward, confirmed by another, or refused."""

from dataclasses import replace
from datetime import date

import ckan.plugins.toolkit as tk
from ckan import model as core

from ckanext.hatinh.editions import model
from ckanext.hatinh.editions.catalogues import known_kind, locked, step
from ckanext.hatinh.shared.refusals import refuse
from ckanext.hatinh.shared.vocabulary import today
from hatinh.dictionary.workflow import Actor
from hatinh.editions import (
    Action,
    Annulment,
    AnnulmentState,
    Edition,
    asking_refusals,
    confirming_refusals,
    rules,
)


def ask(
    kind: str, number: int, actor: Actor, decision: str, decided: date | None, note: str
) -> Edition:
    """Ask that an issued edition is noted as annulled by a decision; ``note`` is the reason."""
    edition = locked(kind, number)
    first = step(Action.ANNUL, actor, note)
    asked = Annulment(kind, number, decision, decided, note, AnnulmentState.ASKED, (first,))
    refuse(asking_refusals(edition, asked, model.annulment(kind, number), today()))
    model.add_annulment(asked)
    core.Session.commit()
    return edition


def confirm(kind: str, number: int, actor: Actor, note: str) -> Edition:
    """Confirm what another person asked for: the edition is annulled from now on."""
    edition, asked = _asked(kind, number)
    refuse(confirming_refusals(asked, actor.id))
    steps = (*asked.steps, step(Action.CONFIRM, actor, note))
    model.settle(replace(asked, state=AnnulmentState.CONFIRMED, steps=steps))
    core.Session.commit()
    return edition


def reject(kind: str, number: int, actor: Actor, note: str) -> Edition:
    """Settle that an edition is not annulled, for a reason; it may be asked for again."""
    edition, asked = _asked(kind, number)
    refuse(rules.reason_refusals(note))
    steps = (*asked.steps, step(Action.REFUSE, actor, note))
    model.settle(replace(asked, state=AnnulmentState.REFUSED, steps=steps))
    core.Session.commit()
    return edition


def _asked(kind: str, number: int) -> tuple[Edition, Annulment]:
    edition = locked(known_kind(kind), number)
    found = model.annulment(kind, number)
    if found is None or found.state is not AnnulmentState.ASKED:
        raise tk.ObjectNotFound(tk._("There is no annulment of this edition to settle"))
    return edition, found
