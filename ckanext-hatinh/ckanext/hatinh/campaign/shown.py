"""Campaigns, parts and registers as the API gives them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ckanext.hatinh.campaign import model
from ckanext.hatinh.campaign.campaigns import lines
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.parts import Place, subjects
from ckanext.hatinh.campaign.roles import Person, offices
from hatinh.campaign import Line, PartState, Standing, State, Step


def head(row: model.InventoryCampaign) -> dict[str, Any]:
    """A campaign in short."""
    return {
        "number": row.number,
        "title": row.title,
        "day": row.day.isoformat(),
        "state": row.state,
        "units_before": row.units_before.isoformat(),
        "province_before": row.province_before.isoformat(),
        "units": len(row.units),
        "frozen": _iso(row.frozen),
        "hash": row.hash,
        "letter": row.letter,
        "sent": _iso(row.sent),
        "sent_late": bool(row.sent and row.sent >= row.province_before),
    }


def campaign(row: model.InventoryCampaign, person: Person) -> dict[str, Any]:
    """A campaign with its parts in short, its questions and its steps.

    Who took a step is told to whoever sees the whole province. ``mine`` marks parts that the
    reader fills in or signs.
    """
    known = {unit.id: unit for unit in row.campaign.units}
    office = offices(known)
    return {
        **head(row),
        "unit_ids": [unit["id"] for unit in row.units],
        "basis": form().basis.as_dict(),
        "questions": row.questions,
        "counts": counts(lines(row)),
        "parts": [
            {**line(found), "mine": person.fills(office[found.part.unit.id])}
            for found in lines(row)
        ],
        "steps": steps(row.campaign.steps, with_people=person.sees_province),
    }


def line(found: Line) -> dict[str, Any]:
    """A unit in the register of a campaign."""
    return {
        "unit": found.part.unit.id,
        "title": found.part.unit.name.as_dict(),
        "state": found.part.state.value,
        "standing": found.standing.value,
        "signed": _iso(found.signed),
        "days_late": found.days_late,
        "letter": found.part.letter,
    }


def counts(found: Sequence[Line]) -> dict[str, int]:
    """How many units stand how to their deadline."""
    return {
        standing.value: sum(line.standing is standing for line in found) for standing in Standing
    }


def part(place: Place, person: Person) -> dict[str, Any]:
    """One part with its systems, answers, evidence, steps, and what the reader may do now."""
    found, row = place.part, place.campaign
    return {
        "number": row.number,
        "unit": found.unit.id,
        "title": found.unit.name.as_dict(),
        "office": place.office,
        "state": found.state.value,
        "campaign_state": row.state.value,
        "letter": found.letter,
        "subjects": [
            {"id": subject.id, "name": subject.name, "title": subject.title}
            for subject in subjects(place)
        ],
        "questions": [question.as_dict() for question in row.questions],
        "answers": found.answers,
        "evidence": [
            {
                "id": item.id,
                "subject": item.subject,
                "name": item.name,
                "bytes": item.size,
                "sha256": item.sha256,
            }
            for item in model.evidence(row.number, found.unit.id)
        ],
        "steps": steps(found.steps, with_people=True),
        "may": may(place, person),
    }


def may(place: Place, person: Person) -> list[str]:
    """The steps that a person can take with a part now."""
    if place.campaign.state is not State.OPEN:
        return []
    fills, signs = person.fills(place.office), person.signs(place.office)
    can = {
        "fill": place.part.state is PartState.FILLING and fills,
        "sign": place.part.state is PartState.WAITING
        and signs
        and person.id not in place.part.authors,
        "return": (place.part.state is PartState.WAITING and (signs or person.stewards))
        or (place.part.state is PartState.SIGNED and person.stewards),
    }
    return [name for name, able in can.items() if able]


def steps(taken: Sequence[Step], *, with_people: bool) -> list[Mapping[str, str]]:
    """Steps, with who took them or without."""
    hidden = set() if with_people else {"by"}
    return [
        {key: value for key, value in step.as_dict().items() if key not in hidden} for step in taken
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
