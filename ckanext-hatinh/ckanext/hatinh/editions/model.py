"""The tables of the catalogues: editions, annulments, register of sending, a subject's datasets."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, defer, mapped_column

from hatinh.editions import (
    Annulment,
    AnnulmentState,
    Edition,
    Entry,
    State,
    Step,
    fingerprint,
)


class CatalogueEdition(tk.BaseModel):
    """One edition (lần ban hành); a trigger refuses to change an issued one.

    ``dcat`` is what the portal said of its datasets in Turtle when it was issued.
    """

    __tablename__ = "hatinh_editions_edition"

    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    decision: Mapped[str]
    decided: Mapped[date | None]
    based_on: Mapped[int]
    hash: Mapped[str]
    size: Mapped[int]
    entries: Mapped[Any] = mapped_column(JSONB)
    dropped: Mapped[Any] = mapped_column(JSONB)
    steps: Mapped[Any] = mapped_column(JSONB)
    dcat: Mapped[str]

    @property
    def edition(self) -> Edition:
        """The row as the domain knows it."""
        return Edition(
            kind=self.kind,
            number=self.number,
            entries=tuple(map(Entry.from_dict, self.entries)),
            based_on=self.based_on,
            state=State(self.state),
            decision=self.decision,
            decided=self.decided,
            dropped=self.dropped,
            steps=tuple(map(Step.from_dict, self.steps)),
        )


class CatalogueSending(tk.BaseModel):
    """A line of the register of sending; a trigger lets only its receipt be noted later."""

    __tablename__ = "hatinh_editions_sending"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    sent: Mapped[date]
    letter: Mapped[str]
    receipt: Mapped[str]
    package_hash: Mapped[str]
    sender: Mapped[str]


class SentPackage(tk.BaseModel):
    """A package as it was sent, by its SHA-256; a trigger refuses to change it."""

    __tablename__ = "hatinh_editions_package"

    hash: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]


class CatalogueAnnulment(tk.BaseModel):
    """A decision that ends an issued edition; a trigger refuses to change a settled one."""

    __tablename__ = "hatinh_editions_annulment"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[int]
    decision: Mapped[str]
    decided: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str]
    steps: Mapped[Any] = mapped_column(JSONB)

    @property
    def annulment(self) -> Annulment:
        """The row as the domain knows it."""
        return Annulment(
            kind=self.kind,
            number=self.number,
            decision=self.decision,
            decided=self.decided,
            reason=self.reason,
            state=AnnulmentState(self.state),
            steps=tuple(map(Step.from_dict, self.steps)),
        )


class SubjectDataset(tk.BaseModel):
    """A dataset that answers a subject which has to be published."""

    __tablename__ = "hatinh_editions_subject"

    code: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )


def heads(kind: str = "") -> list[CatalogueEdition]:
    """Editions without their content, of one kind or of all, the newest first."""
    row = CatalogueEdition
    query = sa.select(row).options(*_light()).order_by(row.kind, row.number.desc())
    return list(model.Session.scalars(query.where(row.kind == kind) if kind else query))


def in_force(kind: str) -> CatalogueEdition | None:
    """The edition of a kind that was issued last, unless it is annulled; without its content."""
    found = last_issued(kind)
    return None if found is None or is_annulled(kind, found.number) else found


def is_annulled(kind: str, number: int) -> bool:
    """Whether a later decision has ended an edition."""
    found = annulment(kind, number)
    return found is not None and found.state is AnnulmentState.CONFIRMED


def last_issued(kind: str) -> CatalogueEdition | None:
    """The edition of a kind that was issued last, without its content."""
    row = CatalogueEdition
    query = (
        sa.select(row)
        .options(*_light())
        .where(row.kind == kind, row.state == State.ISSUED)
        .order_by(row.number.desc())
        .limit(1)
    )
    return model.Session.scalar(query)


def issued_numbers(kind: str) -> list[int]:
    """Numbers of the issued editions of a kind, those that are annulled too, in their order."""
    row = CatalogueEdition
    query = sa.select(row.number).where(row.kind == kind, row.state == State.ISSUED)
    return list(model.Session.scalars(query.order_by(row.number)))


def find(kind: str, number: int) -> CatalogueEdition | None:
    """One edition as it is now."""
    return model.Session.get(CatalogueEdition, (kind, number), populate_existing=True)


def lock(kind: str, number: int) -> CatalogueEdition | None:
    """One edition that nobody else can move until this transaction ends."""
    row = CatalogueEdition
    query = sa.select(row).where(row.kind == kind, row.number == number)
    return model.Session.scalar(query.with_for_update().execution_options(populate_existing=True))


def add(edition: Edition) -> bool:
    """Store a new draft; ``False`` when its kind has one already, or its number is taken."""
    row = insert(CatalogueEdition).values(**_values(edition), dcat="").on_conflict_do_nothing()
    return model.Session.execute(row.returning(CatalogueEdition.number)).first() is not None


def save(edition: Edition, dcat: str = "") -> None:
    """Store what became of a draft."""
    row = CatalogueEdition
    query = sa.update(row).where(row.kind == edition.kind, row.number == edition.number)
    model.Session.execute(query.values(**_values(edition), dcat=dcat))


def ids(kind: str, number: int) -> frozenset[str]:
    """Ids of the datasets that an edition names."""
    row = CatalogueEdition
    entry = sa.func.jsonb_array_elements(row.entries).table_valued("value").lateral()
    column = sa.cast(entry.c.value, JSONB)["id"].astext
    query = (
        sa.select(column)
        .select_from(row)
        .join(entry, sa.true())
        .where(row.kind == kind, row.number == number)
    )
    return frozenset(model.Session.scalars(query))


def sendings() -> list[CatalogueSending]:
    """The whole register of sending, the latest first."""
    row = CatalogueSending
    return list(model.Session.scalars(sa.select(row).order_by(row.sent.desc(), row.id.desc())))


def sending(kind: str, number: int, letter: str) -> CatalogueSending | None:
    """The line of a letter with which an edition was sent; nobody else can change it now."""
    row = CatalogueSending
    query = sa.select(row).where(row.kind == kind, row.number == number, row.letter == letter)
    return model.Session.scalar(query.with_for_update().execution_options(populate_existing=True))


def sent_package(kind: str, number: int) -> bytes | None:
    """The package with which an edition was sent last."""
    row, line = SentPackage, CatalogueSending
    query = (
        sa.select(row.body)
        .join(line, line.package_hash == row.hash)
        .where(line.kind == kind, line.number == number)
        .order_by(line.id.desc())
    )
    return model.Session.scalar(query.limit(1))


def keep_package(body: bytes) -> str:
    """Keep a package that goes out now; gives its SHA-256."""
    digest = hashlib.sha256(body).hexdigest()
    query = insert(SentPackage).values(hash=digest, body=body).on_conflict_do_nothing()
    model.Session.execute(query)
    return digest


def annulment(kind: str, number: int) -> Annulment | None:
    """The annulment of an edition that is asked for or confirmed."""
    row = CatalogueAnnulment
    query = sa.select(row).where(row.kind == kind, row.number == number)
    open_ = query.where(row.state != AnnulmentState.REFUSED)
    found = model.Session.scalar(open_.execution_options(populate_existing=True))
    return found.annulment if found else None


def annulments() -> list[Annulment]:
    """All annulments, those that were refused too, in the order in which they were asked for."""
    row = CatalogueAnnulment
    query = sa.select(row).order_by(row.id).execution_options(populate_existing=True)
    return [found.annulment for found in model.Session.scalars(query)]


def add_annulment(asked: Annulment) -> None:
    """Store an annulment that was asked for."""
    model.Session.execute(
        insert(CatalogueAnnulment).values(
            kind=asked.kind,
            number=asked.number,
            decision=asked.decision,
            decided=asked.decided,
            reason=asked.reason,
            state=asked.state.value,
            steps=[step.as_dict() for step in asked.steps],
        )
    )


def settle(annulment: Annulment) -> None:
    """Store what became of an annulment that was asked for."""
    row = CatalogueAnnulment
    query = sa.update(row).where(
        row.kind == annulment.kind,
        row.number == annulment.number,
        row.state == AnnulmentState.ASKED,
    )
    steps = [step.as_dict() for step in annulment.steps]
    model.Session.execute(query.values(state=annulment.state.value, steps=steps))


def subject_datasets() -> dict[str, list[str]]:
    """Ids of the datasets of each subject, by its code."""
    found: dict[str, list[str]] = {}
    for row in model.Session.scalars(sa.select(SubjectDataset)):
        found.setdefault(row.code, []).append(row.package_id)
    return found


def assign(code: str, packages: Iterable[str]) -> None:
    """Give a subject its datasets in place of those that it had."""
    model.Session.execute(sa.delete(SubjectDataset).where(SubjectDataset.code == code))
    model.Session.add_all(SubjectDataset(code=code, package_id=id_) for id_ in packages)


def _light() -> Iterable[Any]:
    row = CatalogueEdition
    return [defer(column) for column in (row.entries, row.dropped, row.dcat)]


def _values(edition: Edition) -> Mapping[str, Any]:
    return {
        "kind": edition.kind,
        "number": edition.number,
        "state": edition.state.value,
        "decision": edition.decision,
        "decided": edition.decided,
        "based_on": edition.based_on,
        "hash": fingerprint(edition),
        "size": len(edition.entries),
        "entries": [entry.as_dict() for entry in edition.entries],
        "dropped": dict(edition.dropped),
        "steps": [step.as_dict() for step in edition.steps],
    }
