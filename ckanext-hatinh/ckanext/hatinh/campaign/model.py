"""The tables of campaigns: campaigns, parts, evidence, files of snapshots, reminders sent."""

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, defer, mapped_column

from hatinh.campaign import (
    Campaign,
    Evidence,
    Part,
    PartState,
    Question,
    State,
    Step,
    Subject,
    Unit,
    unit_dict,
    unit_from,
)
from hatinh.text import Text


class InventoryCampaign(tk.BaseModel):
    """One campaign; once it is frozen, a trigger lets it only be closed.

    ``hash`` is the fingerprint of its snapshot, ``frozen`` the snapshot's day.
    """

    __tablename__ = "hatinh_campaign_campaign"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[Any] = mapped_column(JSONB)
    day: Mapped[date]
    units_before: Mapped[date]
    province_before: Mapped[date]
    units: Mapped[Any] = mapped_column(JSONB)
    questions: Mapped[Any] = mapped_column(JSONB)
    state: Mapped[str]
    letter: Mapped[str]
    sent: Mapped[date | None]
    frozen: Mapped[date | None]
    hash: Mapped[str]
    steps: Mapped[Any] = mapped_column(JSONB)

    @property
    def campaign(self) -> Campaign:
        """The row as the domain knows it."""
        return Campaign(
            number=self.number,
            title=Text(**self.title),
            day=self.day,
            units_before=self.units_before,
            province_before=self.province_before,
            units=tuple(map(unit_from, self.units)),
            questions=tuple(map(Question.from_dict, self.questions)),
            state=State(self.state),
            letter=self.letter,
            sent=self.sent,
            steps=tuple(map(Step.from_dict, self.steps)),
        )


class InventoryPart(tk.BaseModel):
    """What one unit answers; a trigger refuses changes once its campaign is frozen."""

    __tablename__ = "hatinh_campaign_part"

    campaign: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    state: Mapped[str]
    answers: Mapped[Any] = mapped_column(JSONB)
    subjects: Mapped[Any] = mapped_column(JSONB)
    letter: Mapped[str]
    steps: Mapped[Any] = mapped_column(JSONB)

    def part(self, unit: Unit) -> Part:
        """The row as the domain knows it."""
        return Part(
            campaign=self.campaign,
            unit=unit,
            position=self.position,
            state=PartState(self.state),
            answers=self.answers,
            subjects=tuple(Subject(**subject) for subject in self.subjects),
            letter=self.letter,
            steps=tuple(map(Step.from_dict, self.steps)),
        )


class InventoryEvidence(tk.BaseModel):
    """A file or an address behind an answer; only files have ``body``, ``size`` and ``sha256``."""

    __tablename__ = "hatinh_campaign_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[int]
    unit: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    size: Mapped[int | None]
    sha256: Mapped[str]
    body: Mapped[bytes | None]


class SnapshotFile(tk.BaseModel):
    """A piece of a file of a snapshot; a trigger refuses changes once its campaign is frozen.

    ``sha256`` is that of the whole file.
    """

    __tablename__ = "hatinh_campaign_file"

    campaign: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    body: Mapped[bytes]
    piece: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class InventoryReminder(tk.BaseModel):
    """A reminder that was sent to a unit, so many days before its deadline."""

    __tablename__ = "hatinh_campaign_reminder"

    campaign: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent: Mapped[datetime]


# -- campaigns ----------------------------------------------------------------------------------


def campaigns(*states: State) -> list[InventoryCampaign]:
    """All campaigns, or those in some states, the newest first."""
    row = InventoryCampaign
    query = sa.select(row).order_by(row.number.desc())
    return list(model.Session.scalars(query.where(row.state.in_(states)) if states else query))


def find(number: int) -> InventoryCampaign | None:
    """One campaign as it is now."""
    return model.Session.get(InventoryCampaign, number, populate_existing=True)


def lock(number: int) -> InventoryCampaign | None:
    """One campaign that nobody else can move until this transaction ends."""
    query = sa.select(InventoryCampaign).where(InventoryCampaign.number == number)
    return model.Session.scalar(query.with_for_update().execution_options(populate_existing=True))


def stand_still() -> None:
    """Begin a transaction that sees the database as it is at one moment, and in which nobody else
    moves a campaign or a part.

    Whoever moves one at this moment is waited for, and seen: the lock comes before the view.
    """
    model.Session.rollback()
    model.Session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    table = InventoryCampaign.__tablename__
    model.Session.execute(sa.text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))


def share(number: int) -> InventoryCampaign | None:
    """One campaign that nobody can freeze until this transaction ends."""
    query = sa.select(InventoryCampaign).where(InventoryCampaign.number == number)
    locked = query.with_for_update(read=True)
    return model.Session.scalar(locked.execution_options(populate_existing=True))


def add(campaign: Campaign) -> bool:
    """Store a new campaign; ``False`` when its number is taken."""
    row = insert(InventoryCampaign).values(**_values(campaign), frozen=None, hash="")
    done = row.on_conflict_do_nothing().returning(InventoryCampaign.number)
    return model.Session.execute(done).first() is not None


def save(campaign: Campaign, **more: Any) -> None:
    """Store what became of a campaign; ``more`` is of its snapshot: ``frozen`` and ``hash``."""
    row = InventoryCampaign
    query = sa.update(row).where(row.number == campaign.number)
    model.Session.execute(query.values(**_values(campaign), **more))


def delete(number: int) -> None:
    """Take a campaign away with all that belongs to it; a frozen one refuses."""
    row = InventoryCampaign
    model.Session.execute(sa.delete(row).where(row.number == number))


# -- parts --------------------------------------------------------------------------------------


def parts(number: int) -> list[InventoryPart]:
    """All parts of a campaign in their order."""
    row = InventoryPart
    query = sa.select(row).where(row.campaign == number).order_by(row.position)
    return list(model.Session.scalars(query.execution_options(populate_existing=True)))


def part(number: int, unit: str) -> InventoryPart | None:
    """One part as it is now."""
    return model.Session.get(InventoryPart, (number, unit), populate_existing=True)


def lock_part(number: int, unit: str) -> InventoryPart | None:
    """One part that nobody else can move until this transaction ends."""
    row = InventoryPart
    query = sa.select(row).where(row.campaign == number, row.unit == unit)
    return model.Session.scalar(query.with_for_update().execution_options(populate_existing=True))


def add_parts(made: Iterable[Part]) -> None:
    """Store the parts of a campaign that is opened."""
    rows = [_part_values(part) for part in made]
    model.Session.execute(sa.insert(InventoryPart).values(rows))


def save_part(changed: Part) -> None:
    """Store what became of a part."""
    row = InventoryPart
    query = sa.update(row).where(row.campaign == changed.campaign, row.unit == changed.unit.id)
    model.Session.execute(query.values(**_part_values(changed)))


# -- evidence -----------------------------------------------------------------------------------


def evidence(number: int, unit: str = "") -> list[Evidence]:
    """What stands behind the answers of all units, or of one, without its bytes."""
    row = InventoryEvidence
    query = sa.select(row).options(defer(row.body)).where(row.campaign == number).order_by(row.id)
    found = model.Session.scalars(query.where(row.unit == unit) if unit else query)
    return [Evidence(e.id, e.unit, e.subject, e.name, e.size, e.sha256) for e in found]


def evidence_file(number: int, unit: str, id_: int) -> InventoryEvidence | None:
    """One piece of evidence with its bytes."""
    row = InventoryEvidence
    query = sa.select(row).where(row.campaign == number, row.unit == unit, row.id == id_)
    return model.Session.scalar(query)


def add_evidence(number: int, item: Evidence, body: bytes | None) -> None:
    """Store a piece of evidence; its id is given here."""
    model.Session.execute(
        insert(InventoryEvidence).values(
            campaign=number,
            unit=item.unit,
            subject=item.subject,
            name=item.name,
            size=item.size,
            sha256=item.sha256,
            body=body,
        )
    )


def remove_evidence(number: int, unit: str, id_: int) -> bool:
    """Take a piece of evidence away; ``False`` when there is none."""
    row = InventoryEvidence
    query = sa.delete(row).where(row.campaign == number, row.unit == unit, row.id == id_)
    return model.Session.execute(query.returning(row.id)).first() is not None


# -- snapshots ----------------------------------------------------------------------------------


PIECE = 2**22
"""Bytes of a file that go to the database, and come from it, at a time."""


def add_file(number: int, path: str, sha256: str, body: bytes) -> None:
    """Store a file of a snapshot."""
    row = sa.insert(SnapshotFile)
    named = {"campaign": number, "path": path, "sha256": sha256}
    for piece, at in enumerate(range(0, max(len(body), 1), PIECE)):
        values = {**named, "piece": piece, "body": body[at : at + PIECE]}
        model.Session.execute(row.values(**values))


class Files(Mapping[str, bytes]):
    """The files of a snapshot by path, each read when it is asked for."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __getitem__(self, path: str) -> bytes:
        row = SnapshotFile
        query = sa.select(row.body).where(row.campaign == self._number, row.path == path)
        body, found = io.BytesIO(), b""
        for piece in count():
            found = model.Session.scalar(query.where(row.piece == piece))
            body.write(found or b"")
            if found is None or len(found) < PIECE:
                break
        if found is None and not body.tell():
            raise KeyError(path)
        return body.getvalue()

    def __iter__(self) -> Iterator[str]:
        return (line["path"] for line in file_sizes(self._number))

    def __len__(self) -> int:
        return len(file_sizes(self._number))


def file_sizes(number: int) -> list[dict[str, Any]]:
    """The files of a snapshot without their bytes."""
    row = SnapshotFile
    size = sa.cast(sa.func.sum(sa.func.length(row.body)), sa.BigInteger)
    query = sa.select(row.path, row.sha256, size.label("bytes")).where(row.campaign == number)
    found = model.Session.execute(query.group_by(row.path, row.sha256).order_by(row.path))
    return [dict(line) for line in found.mappings()]


# -- reminders ----------------------------------------------------------------------------------


def reminded(number: int) -> dict[str, set[int]]:
    """The reminders that were sent, by unit."""
    row = InventoryReminder
    found: dict[str, set[int]] = {}
    query = sa.select(row.unit, row.days).where(row.campaign == number)
    for unit, days in model.Session.execute(query):
        found.setdefault(unit, set()).add(days)
    return found


def remind(number: int, unit: str, days: int) -> bool:
    """Note that a reminder goes out; ``False`` when somebody else has noted it already."""
    row = InventoryReminder
    values = {"campaign": number, "unit": unit, "days": days, "sent": datetime.now(UTC)}
    done = insert(row).values(**values).on_conflict_do_nothing().returning(row.unit)
    return model.Session.execute(done).first() is not None


def _values(campaign: Campaign) -> dict[str, Any]:
    return {
        "number": campaign.number,
        "title": campaign.title.as_dict(),
        "day": campaign.day,
        "units_before": campaign.units_before,
        "province_before": campaign.province_before,
        "units": [unit_dict(unit) for unit in campaign.units],
        "questions": [question.as_dict() for question in campaign.questions],
        "state": campaign.state.value,
        "letter": campaign.letter,
        "sent": campaign.sent,
        "steps": [step.as_dict() for step in campaign.steps],
    }


def _part_values(part: Part) -> dict[str, Any]:
    return {
        "campaign": part.campaign,
        "unit": part.unit.id,
        "position": part.position,
        "state": part.state.value,
        "answers": {subject: dict(told) for subject, told in part.answers.items()},
        "subjects": [
            {"id": subject.id, "name": subject.name, "title": subject.title}
            for subject in part.subjects
        ],
        "letter": part.letter,
        "steps": [step.as_dict() for step in part.steps],
    }
