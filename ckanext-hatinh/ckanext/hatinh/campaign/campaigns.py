"""Campaigns: drafted, opened with a part for each unit, frozen with a snapshot, closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

import schemas
from ckanext.hatinh.campaign import model, snapshots
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.shared.refusals import refuse
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.campaign import (
    Action,
    Campaign,
    Line,
    Part,
    State,
    Step,
    Unit,
    register,
    rules,
    units,
)
from hatinh.local_time import LOCAL_TIME
from hatinh.problem import error
from hatinh.text import Text


def all_units() -> list[Unit]:
    """Every unit of the province today."""
    places = dictionary().code_lists[form().communes.list]
    return units(schemas.ROOT, form(), places, today())


def get(number: int) -> model.InventoryCampaign:
    """One campaign. Raises ``ObjectNotFound``."""
    return _there(model.find(number), number)


def parts(campaign: Campaign) -> list[Part]:
    """The parts of a campaign in their order."""
    known = {unit.id: unit for unit in campaign.units}
    return [row.part(known[row.unit]) for row in model.parts(campaign.number)]


def lines(row: model.InventoryCampaign) -> list[Line]:
    """The register of a campaign: on the day of its snapshot, or today."""
    campaign = row.campaign
    return register(parts(campaign), campaign.units_before, row.frozen or today())


# -- writing ------------------------------------------------------------------------------------


def create(actor: str, title: Text, day: date | None) -> Campaign:
    """Draft a campaign with the days and units of the form; ``day`` is that of the figures."""
    on = day or today()
    numbers = [row.number for row in model.campaigns()]
    made = Campaign(
        number=max(numbers, default=0) + 1,
        title=title,
        day=on,
        units_before=form().units.of_year(on.year),
        province_before=form().province.of_year(on.year),
        units=tuple(all_units()),
        questions=tuple(form().questions.values()),
        steps=(step(Action.CREATE, actor),),
    )
    refuse(rules.date_refusals(made))
    if not model.add(made):
        refuse([error("campaign-step-wrong", "$.number", made.number)])
    core.Session.commit()
    return made


def update(number: int, given: dict[str, Any]) -> Campaign:
    """Change title, days or units of a draft; of an open campaign, title and days."""
    campaign = _locked(number).campaign
    if campaign.state not in (State.DRAFT, State.OPEN):
        refuse([error("campaign-closed", "$.state", number)])
    scope: Sequence[str] | None = given.pop("units", None)
    if scope is not None:
        given["units"] = _chosen(campaign, scope)
    changed = replace(campaign, **given)
    refuse(rules.date_refusals(changed))
    model.save(changed)
    core.Session.commit()
    return changed


def open_(number: int, actor: str, note: str) -> Campaign:
    """Open a draft: from now on its units answer, and are reminded."""
    campaign = _locked(number).campaign
    refuse(rules.step_refusals(campaign, State.OPEN))
    model.add_parts(Part(number, unit, position) for position, unit in enumerate(campaign.units, 1))
    return _moved(campaign, State.OPEN, step(Action.OPEN, actor, note))


def freeze(number: int, actor: str, note: str) -> Campaign:
    """Freeze an open campaign: its snapshot is taken, and nothing of it changes any more."""
    model.stand_still()
    row = _locked(number)
    campaign = row.campaign
    refuse(rules.step_refusals(campaign, State.FROZEN))
    held = register(parts(campaign), campaign.units_before, today())
    day, hash_ = snapshots.take(campaign, held, model.evidence(number))
    taken = step(Action.FREEZE, actor, note)
    return _moved(campaign, State.FROZEN, taken, frozen=day, hash=hash_)


def close(number: int, actor: str, letter: str, sent: date | None) -> Campaign:
    """Close a frozen campaign with the letter by which the province reported."""
    row = _locked(number)
    campaign = row.campaign
    refuse(rules.step_refusals(campaign, State.CLOSED))
    refuse(rules.close_refusals(letter, sent, row.frozen or today(), today()))
    reported = replace(campaign, letter=letter, sent=sent)
    return _moved(reported, State.CLOSED, step(Action.CLOSE, actor, letter))


def delete(number: int) -> None:
    """Take a draft away."""
    campaign = _locked(number).campaign
    if campaign.state is not State.DRAFT:
        refuse([error("campaign-step-wrong", "$.state", number)])
    model.delete(number)
    core.Session.commit()


def step(action: Action, actor: str, note: str = "") -> Step:
    """Somebody does something now."""
    return Step(action, actor, datetime.now(LOCAL_TIME), note)


def _moved(campaign: Campaign, to: State, taken: Step, **more: Any) -> Campaign:
    moved = replace(campaign, state=to, steps=(*campaign.steps, taken))
    model.save(moved, **more)
    core.Session.commit()
    return moved


def _chosen(campaign: Campaign, scope: Sequence[str]) -> tuple[Unit, ...]:
    """The units of these ids in their order; while a campaign is open they stay as they are."""
    if campaign.state is not State.DRAFT:
        refuse([error("campaign-closed", "$.units", campaign.number)])
    there = all_units()
    strange = set(scope) - {unit.id for unit in there}
    refuse(error("campaign-unit-unknown", "$.units", name) for name in sorted(strange))
    return tuple(unit for unit in there if unit.id in scope)


def _locked(number: int) -> model.InventoryCampaign:
    return _there(model.lock(number), number)


def _there(row: model.InventoryCampaign | None, number: int) -> model.InventoryCampaign:
    if row is None:
        words = tk._("There is no inventory campaign {number}")
        raise tk.ObjectNotFound(words.format(number=number))
    return row
