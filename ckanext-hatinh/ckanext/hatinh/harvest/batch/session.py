"""The session of a batch: CKAN's own, which sends to the database only what must be sent.

* A flush is due, not done: it is done before the next statement that really goes out.
* What the batch read beforehand is answered from memory.
* A commit in the middle becomes a flush; a rollback of one record ends that record only.

A batch is first written this way in one go. When anything goes wrong after validation, it is
undone whole and written again carefully: each record behind a savepoint of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import common, model
from ckan.lib import datapreview
from ckan.lib.navl import dictization_functions
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Query, Session, SessionTransaction

from ckanext.hatinh.harvest.batch.asking import Question
from ckanext.hatinh.harvest.batch.memory import Memory
from ckanext.hatinh.harvest.batch.navl import unflatten, validate_flat
from ckanext.hatinh.harvest.batch.replacing import replaced
from ckanext.hatinh.harvest.batch.rows import Rows
from ckanext.hatinh.harvest.batch.shortcuts import shortcuts


class SpoiledError(Exception):
    """A record failed after it had begun to write: what is pending cannot be told apart."""


class _NoSavepoint:
    """Stands for a savepoint inside a record: nothing has been sent that could be undone."""

    def commit(self) -> None:
        """Nothing to keep."""

    def rollback(self) -> None:
        """Undo nothing, and say so."""
        raise SpoiledError


class BatchSession(Session):
    """See the module. ``in_record`` is true while an action of one record runs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.memory = Memory()
        self.rows = Rows()
        self.in_record = False
        self.careful = False
        self.due = False
        self.savepoint: SessionTransaction | None = None
        self.flushes = 0
        self._before: tuple[int, int, int] = (0, 0, 0)

    @contextmanager
    def record(self) -> Iterator[None]:
        """Everything that one record's action does: all of it stays, or none."""
        self.in_record, self._before = True, self._state()
        self.savepoint = super().begin_nested() if self.careful else None
        try:
            yield
            if self.savepoint is not None:
                self.savepoint.commit()
        except tk.ValidationError:
            self.rollback()
            raise
        finally:
            self.in_record = False

    def forget(self) -> None:
        """Answer nothing from memory any more."""
        self.memory = Memory()
        self.rows.forget()

    # -- what CKAN's code calls ---------------------------------------------------------------

    def query(self, *entities: Any, **options: Any) -> Any:
        """A question, which may be answered from memory."""
        return Question(entities, self._real_query, self.memory.answer)

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """The row of an id, without asking when it is known."""
        known = self.memory.of(entity)
        if ident in known and not options.get("with_for_update"):
            return known[ident]
        return super().get(entity, ident, **options)

    def add(self, instance: object, _warn: bool = True) -> None:
        """Add an object, and let the batch know of it at once."""
        super().add(instance, _warn)
        self.memory.note(instance)

    def flush(self, objects: Any = None) -> None:
        """Flush later, unless every step is to be sure."""
        if self.in_record and not self.careful:
            self.due = True
        else:
            self.due = False
            self.flushes += 1
            super().flush(objects)

    def settle(self) -> None:
        """Do the flush that is due, unless no pending change can matter to the question."""
        if self.due and not self.memory.is_meeting:
            self.due = False
            self.flushes += 1
            super().flush()

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        """Send a statement after what is due, unless its rows are at hand."""
        known = self.rows.answer(statement)
        if known is not None:
            return known
        self.settle()
        return super().execute(statement, *args, **options)

    def scalars(self, *args: Any, **options: Any) -> Any:
        """Send a statement after what is due."""
        self.settle()
        return super().scalars(*args, **options)

    def scalar(self, *args: Any, **options: Any) -> Any:
        """Send a statement after what is due."""
        self.settle()
        return super().scalar(*args, **options)

    def begin_nested(self) -> Any:
        """A savepoint; none within a record that is written in one go."""
        if self.in_record and not self.careful:
            return _NoSavepoint()
        return super().begin_nested()

    def commit(self) -> None:
        """Commit the batch; within a record only flush."""
        if self.in_record:
            self.flush()
        else:
            super().commit()

    def rollback(self) -> None:
        """Undo the open record alone, or everything outside of records."""
        if not self.in_record:
            self.due = False
            super().rollback()
        elif self.savepoint is None:
            if self._state() != self._before:
                raise SpoiledError
        elif self.savepoint.is_active:
            self.savepoint.rollback()

    def account(self, reference: str | None) -> model.User | None:
        """Stands for ``model.User.get``: each account is asked for once in a batch."""
        key = ("User.get", str(reference))
        if key not in self.memory.met:
            named = sa.or_(model.User.name == reference, model.User.id == reference)
            with self.memory.meeting():
                self.memory.met[key] = self._real_query(model.User).filter(named).first()
        return self.memory.met[key]

    def _real_query(self, *entities: Any) -> Query[Any]:
        return super().query(*entities)

    def _state(self) -> tuple[int, int, int]:
        """Equal before and after something that changed nothing."""
        return self.flushes, len(self.new), sum(1 for _ in self.dirty)


@contextmanager
def batch_session() -> Iterator[BatchSession]:
    """Let CKAN work with a batch session in this thread; the former one comes back after it.

    Some functions of CKAN are replaced meanwhile: no other thread should write datasets.
    """
    registry: Any = cast(Any, model.Session).registry
    former, factory = registry(), cast(Any, model.Session).session_factory
    kind = type("BatchSession", (BatchSession, factory.class_), {})
    session = kind(**{**factory.kw, "bind": former.get_bind()})
    registry.set(session)
    views = lru_cache(datapreview.get_default_view_plugins)
    try:
        with (
            replaced(dictization_functions, "_validate", validate_flat),
            replaced(dictization_functions, "unflatten", unflatten),
            replaced(common, "flask_ugettext", lru_cache(common.flask_ugettext)),
            replaced(datapreview, "get_default_view_plugins", views),
            shortcuts(),
            replaced(model.User, "get", session.account),
        ):
            yield session
    finally:
        registry.set(former)
        _close(session)


def _close(session: Session) -> None:
    """A line that broke at a savepoint cannot be closed in good order; what broke it is told."""
    try:
        session.close()
    except PendingRollbackError:
        session.invalidate()


def current() -> BatchSession:
    """The batch session of this thread."""
    session = cast(Any, model.Session).registry()
    if not isinstance(session, BatchSession):
        raise TypeError("batches are written within batch_session()")
    return session
