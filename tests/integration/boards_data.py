"""Records with scores in bulk, as a portal has them that was measured for months."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.shared.vocabulary import today
from hatinh.quality import Loss, Score

DIMENSIONS = ("dung", "du", "sach", "song", "thong_nhat", "dung_chung")


@dataclass(frozen=True)
class Made:
    """One record: whose, its losses, whether it is private, and more fields of it."""

    name: str
    office: str
    losses: Sequence[Loss] = ()
    private: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)
    unmeasured: tuple[str, ...] = ()
    problems: Sequence[Mapping[str, Any]] = ()
    days: Sequence[tuple[date, float]] = ()
    """Earlier days with the mark of every dimension."""


def fill(records: Iterable[Made]) -> dict[str, str]:
    """Make records with their scores and histories; gives their ids by name."""
    made = list(records)
    offices = dict(
        model.Session.execute(
            sa.select(model.Group.name, model.Group.id).where(model.Group.is_organization)
        )
        .tuples()
        .all()
    )
    rows = [
        {
            "id": f"id-{one.name}", "name": one.name, "title": f"Bảng {one.name}",
            "type": "dataset", "owner_org": offices[one.office], "private": one.private,
            "extras": dict(one.extras),
        }
        for one in made
    ]  # fmt: skip
    model.Session.execute(sa.insert(model.package_table), rows)
    earlier = [(one, day, mark) for one in made for day, mark in one.days]
    for day in sorted({day for _, day, _ in earlier}):
        scores.save([_flat(one, day, mark) for one, on, mark in earlier if on == day])
    scores.save([_row(one, score_of(one), today()) for one in made])
    model.Session.commit()
    return {one.name: f"id-{one.name}" for one in made}


def score_of(one: Made) -> Score:
    """The score of a record: 100 less its losses, in every dimension that is measured."""
    values: dict[str, float | None] = {}
    for name in DIMENSIONS:
        lost = sum(loss.points for loss in one.losses if loss.dimension == name)
        values[name] = None if name in one.unmeasured else round(100 - lost, 2)
    known = [value for value in values.values() if value is not None]
    total = round(sum(known) / len(known), 2) if known else None
    return Score(values, total, "", tuple(one.losses), "test-1")


def _flat(one: Made, day: date, mark: float) -> dict[str, Any]:
    return _row(one, Score(dict.fromkeys(DIMENSIONS, mark), mark, "", (), "test-1"), day)


def _row(one: Made, score: Score, day: date) -> dict[str, Any]:
    noted = {"day": day, "moves_on": None, "problems": list(one.problems)}
    return {"package_id": f"id-{one.name}"} | score.as_dict() | noted
