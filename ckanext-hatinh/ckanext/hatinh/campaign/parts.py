"""Parts of a campaign: filled in and submitted by a unit's editors, signed by its leader."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model as core

from ckanext.hatinh.campaign import model
from ckanext.hatinh.campaign.campaigns import get, step
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.roles import Person, offices
from ckanext.hatinh.shared.refusals import refusal, refuse
from hatinh.campaign import (
    WHOLE,
    Action,
    Answers,
    Campaign,
    Evidence,
    Part,
    PartState,
    Subject,
    Unit,
    rules,
)
from hatinh.problem import error


@dataclass(frozen=True, slots=True)
class Place:
    """A part with its campaign and the office that answers for it."""

    campaign: Campaign
    part: Part
    office: str


def find(number: int, unit: str) -> Place:
    """One part. Raises ``ObjectNotFound``."""
    return _place(get(number).campaign, model.part(number, unit), unit)


def office_of(number: int, unit: str) -> str:
    """The office that answers for a unit of a campaign. Raises ``ObjectNotFound``."""
    return find(number, unit).office


def subjects(place: Place) -> tuple[Subject, ...]:
    """The systems that a unit is asked about: its own today, while the part can be filled in.

    Communes that share an office are not asked about the systems of that office.
    """
    if place.part.state is not PartState.FILLING or place.office != place.part.unit.id:
        return place.part.subjects
    package, group = core.Package, core.Group
    query = (
        sa.select(package.id, package.name, package.title)
        .join(group, group.id == package.owner_org)
        .where(package.type == "system", package.state == "active", group.name == place.office)
        .order_by(package.title, package.id)
    )
    found = core.Session.execute(query)
    return tuple(Subject(row.id, row.name, row.title or row.name) for row in found)


# -- writing ------------------------------------------------------------------------------------


def fill(number: int, unit: str, person: Person, answers: Answers) -> Part:
    """Write answers down; those of a subject stand for all that were given of it before."""
    place = _held(number, unit, PartState.FILLING)
    asked = subjects(place)
    told = {id_: {k: v for k, v in given.items() if v} for id_, given in answers.items()}
    refuse(rules.answer_refusals(place.campaign.questions, told, asked, form()))
    known = {WHOLE, *(subject.id for subject in asked)}
    kept = {id_: given for id_, given in place.part.answers.items() if id_ in known}
    filled = replace(place.part, answers={**kept, **told}, subjects=asked)
    return _moved(filled, PartState.FILLING, Action.FILL, person)


def submit(number: int, unit: str, person: Person, note: str) -> Part:
    """Give a part to the unit's leader."""
    place = _held(number, unit, PartState.FILLING)
    whole = replace(place.part, subjects=subjects(place))
    refuse(rules.submit_refusals(place.campaign.questions, whole))
    return _moved(whole, PartState.WAITING, Action.SUBMIT, person, note)


def sign(number: int, unit: str, person: Person, letter: str) -> Part:
    """Sign a part that others filled in; ``letter`` is the number of the unit's report."""
    place = _held(number, unit, PartState.WAITING)
    refuse(rules.sign_refusals(place.part, person.id))
    signed = replace(place.part, letter=letter)
    return _moved(signed, PartState.SIGNED, Action.SIGN, person, letter)


def send_back(number: int, unit: str, person: Person, note: str) -> Part:
    """Give a part back to be filled in again, for a reason; a signed one the steward alone."""
    states = [PartState.WAITING] + ([PartState.SIGNED] if person.stewards else [])
    place = _held(number, unit, *states)
    refuse(rules.reason_refusals(note))
    return _moved(replace(place.part, letter=""), PartState.FILLING, Action.RETURN, person, note)


def attach(number: int, unit: str, person: Person, given: dict[str, Any]) -> Part:
    """Add a file or an address as evidence."""
    place = _held(number, unit, PartState.FILLING)
    subject = given["subject"]
    if subject and subject not in {found.id for found in subjects(place)}:
        refuse([error("campaign-subject-unknown", "$.subject", subject)])
    item, body = _read(unit, subject, given)
    model.add_evidence(number, item, body)
    return _moved(place.part, PartState.FILLING, Action.ATTACH, person, item.name)


def detach(number: int, unit: str, person: Person, id_: int) -> Part:
    """Take evidence away."""
    place = _held(number, unit, PartState.FILLING)
    if not model.remove_evidence(number, unit, id_):
        core.Session.rollback()
        raise tk.ObjectNotFound(tk._("There is no such evidence"))
    return _moved(place.part, PartState.FILLING, Action.DETACH, person, str(id_))


def _read(unit: str, subject: str, given: dict[str, Any]) -> tuple[Evidence, bytes | None]:
    """The evidence that a form or a call gives: an address, or a file."""
    if url := given["url"]:
        if not url.startswith(("https://", "http://")):
            refuse([error("campaign-link-wrong", "$.url", url)])
        return Evidence(0, unit, subject, url, None, ""), None
    upload = given["upload"]
    if upload is None:
        raise refusal([error("campaign-evidence-missing", "$.upload")])
    name = PurePath(str(upload.filename or "").replace("\\", "/")).name
    body = upload.stream.read(form().largest + 1)
    refuse(rules.evidence_refusals(name, len(body), form()))
    return Evidence(0, unit, subject, name, len(body), hashlib.sha256(body).hexdigest()), body


def _held(number: int, unit: str, *states: PartState) -> Place:
    """A part that nobody else moves, of a campaign that nobody freezes meanwhile."""
    campaign = model.share(number)
    place = _place((campaign or get(number)).campaign, model.lock_part(number, unit), unit)
    refuse(rules.part_refusals(place.campaign, place.part, *states))
    return place


def _place(campaign: Campaign, row: model.InventoryPart | None, unit: str) -> Place:
    known: dict[str, Unit] = {found.id: found for found in campaign.units}
    if row is None or unit not in known:
        words = tk._("There is no part of {unit} in this campaign")
        raise tk.ObjectNotFound(words.format(unit=unit))
    office = offices({unit: known[unit]})[unit]
    return Place(campaign, row.part(known[unit]), office)


def _moved(part: Part, to: PartState, action: Action, person: Person, note: str = "") -> Part:
    steps = (*part.steps, step(action, person.id, note))
    moved = replace(part, state=to, steps=steps)
    model.save_part(moved)
    core.Session.commit()
    return moved
