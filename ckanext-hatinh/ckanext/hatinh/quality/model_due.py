"""What is still to be done for some records: to score them, or to tell the index their band.

A row is added in the transaction that makes it due, and never waits for another: the list has no
key. Whoever does the work notes the attempt first, so a worker that is killed leaves the row to be
done again, and a record over which one breaks holds up no other.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, mapped_column

KINDS = ("dataset", "system", "dataservice")
"""Types of packages that have a score."""


class Task(StrEnum):
    """What there is to do."""

    SCORE = "score"
    INDEX = "index"


class QualityDue(tk.BaseModel):
    """One thing that is due. ``not_before`` holds back what was tried already."""

    __tablename__ = "hatinh_quality_due"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    package_id: Mapped[str]
    task: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


_CLAIM = """
UPDATE hatinh_quality_due SET attempts = attempts + 1, not_before = clock_timestamp()
    + least(power(2, attempts), 24 * 60) * interval '1 minute'
WHERE id IN (
    SELECT id FROM hatinh_quality_due
    WHERE task = :task AND (not_before IS NULL OR not_before <= clock_timestamp())
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id, package_id
"""
_STALE = """
INSERT INTO hatinh_quality_due (package_id, task)
SELECT p.id, :task FROM package p LEFT JOIN hatinh_quality_score s ON s.package_id = p.id
WHERE p.state = 'active' AND p.type = ANY(:kinds)
    AND (:every OR s.day IS NULL OR s.moves_on <= :day OR s.formula <> :formula)
    AND NOT EXISTS (SELECT FROM hatinh_quality_due d WHERE d.package_id = p.id AND d.task = :task)
ORDER BY p.id
"""


def note(package_id: str, task: Task = Task.SCORE) -> None:
    """Put a record on the list with the transaction that changes it."""
    model.Session.add(QualityDue(package_id=package_id, task=task.value))


def note_all(package_ids: Iterable[str], task: Task) -> None:
    """Put records on the list in the open transaction."""
    rows = [{"package_id": package_id, "task": task.value} for package_id in package_ids]
    if rows:
        model.Session.execute(sa.insert(QualityDue), rows)


def note_stale(day: date, formula: str, *, every: bool = False) -> int:
    """Put those on the list whose score is not that of a day and a formula; gives how many."""
    given = {
        "task": Task.SCORE.value, "kinds": [*KINDS], "day": day, "formula": formula, "every": every,
    }  # fmt: skip
    return model.Session.connection().execute(sa.text(_STALE), given).rowcount


def claim(task: Task, limit: int) -> dict[int, str]:
    """Take up what waits longest, and commit: package ids by the ids of their rows."""
    given = {"task": task.value, "limit": limit}
    found = model.Session.execute(sa.text(_CLAIM), given).tuples().all()
    model.Session.commit()
    return dict(found)


def settle(ids: Collection[int]) -> None:
    """Take off the list what is done, in the open transaction."""
    row = QualityDue
    query = sa.delete(row).where(row.id.in_(ids)).execution_options(synchronize_session=False)
    model.Session.execute(query)


def waiting(task: Task) -> int:
    """How many rows of a task are on the list."""
    query = sa.select(sa.func.count()).where(QualityDue.task == task.value)
    return model.Session.execute(query).scalar_one()
