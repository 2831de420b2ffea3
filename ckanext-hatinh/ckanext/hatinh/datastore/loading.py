"""One load, from the file to the table that everybody reads.

    reading ─▶ typing ─▶ filling ─▶ swapping ─▶ indexing ─▶ done
       └──────────┴──────────┴───────────┴▶ refused, failed, or queued again

Up to the swap everything is one transaction on the DataStore: whoever is killed leaves nothing.
The table notes which load it is from, so who comes after a kill knows whether it was published.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import msgspec
import psycopg2
import psycopg2.extensions as pg
from psycopg2 import errors

from ckanext.hatinh.datastore import files, filling, indexing, queue, swapping
from ckanext.hatinh.datastore.database import connected
from ckanext.hatinh.datastore.known import Index, Known, look
from ckanext.hatinh.datastore.model import DatastoreLoad, State
from ckanext.hatinh.datastore.queue import LostLeaseError
from ckanext.hatinh.datastore.swapping import BusyError, Publication
from ckanext.hatinh.shared import findings
from hatinh.dictionary.check import REFUSING
from hatinh.errors import HatinhError, SchemaError, UnreadableTableError
from hatinh.loading import ColumnProfile, Job, LoadColumn, Loaded, Loading, Reader
from hatinh.problem import Problem, error, hidden, warning

log = logging.getLogger(__name__)

BUSY_SECONDS = 30.0
"""How long a load waits for another try when its table is being read, or loaded, all the time."""

AWAY_SECONDS = 10.0
"""How long it waits when the database went away."""

REMARKS = 200
"""What is kept of the other problems of a file."""

_KEY = re.compile(r"\((.+?)\)=")
"""Where the database names the columns of a key, before it tells a value."""

Asked = Callable[[], bool]
"""Whether this process has been asked to end."""

Started = Callable[[], Reader]
"""Gives a process that will read the file."""


class StopWorkError(HatinhError):
    """This process has been asked to end."""


def run(load: DatastoreLoad, asked: Asked, started: Started) -> None:
    """Work on a load that this worker holds until it ends, or has to wait."""
    if load.attempts > queue.ATTEMPTS:
        _end(load, State.FAILED, error("load-given-up", "$", attempts=queue.ATTEMPTS))
        return
    try:
        with queue.Heartbeat(load):
            _work(load, asked, started)
    except LostLeaseError as err:
        log.warning("%s", err)
    except StopWorkError:
        queue.hand_back(load, 0)
    except (BusyError, errors.LockNotAvailable):
        queue.hand_back(load, BUSY_SECONDS)
    except UnreadableTableError as err:
        reason = warning("table-unreadable", "$", err.name, why=err.reason)
        found = files.evidence(load.resource_id, None, [reason], "$")
        findings.keep(load.resource_id, found)
        _end(load, State.REFUSED, reason)
    except SchemaError as err:
        _end(load, State.FAILED, error("load-schema-wrong", "$", detail=err))
    except errors.UniqueViolation as err:
        columns = _KEY.search(err.diag.message_detail or "")
        detail = columns[1] if columns else ""
        _end(load, State.REFUSED, error("load-key-doubled", "$", detail=detail))
    except psycopg2.Error as err:
        _failed(load, err)


def _failed(load: DatastoreLoad, err: psycopg2.Error) -> None:
    """The database went away, or cannot hold the table."""
    log.warning("Load %s of resource %s: %s", load.id, load.resource_id, err)
    if not err.pgcode or err.pgcode.startswith(("08", "57P")):
        queue.hand_back(load, AWAY_SECONDS)
        return
    detail = err.diag.message_primary or type(err).__name__
    _end(load, State.FAILED, error("load-database", "$", detail=detail))


def _work(load: DatastoreLoad, asked: Asked, started: Started) -> None:
    with connected() as connection:
        with connection.cursor() as cursor:
            known = look(cursor, load.resource_id)
            if not (known and known.mark.get("load") == load.id):
                known = _table(cursor, load, known, asked, started)
        if known is None:
            return
        connection.rollback()
        files.activate(load.resource_id)
        queue.move(load, State.INDEXING)
        later = msgspec.convert(known.mark["indexes"], dict[str, Index])
        profile = indexing.finish(connection, load.resource_id, later, _counted(load))
    queue.move(load, State.DONE, profile=profile)


def _table(
    cursor: pg.cursor, load: DatastoreLoad, known: Known | None, asked: Asked, started: Started
) -> Known | None:
    """Make the table and publish it; nothing where the load has ended otherwise."""
    _step(load, State.READING, asked)
    job = files.job(load.resource_id)
    if job is None:
        _end(load, State.FAILED, error("load-file-missing", "$"))
        return None
    filling.begin(cursor, cursor.connection.info.server_version)
    filling.be_alone(cursor, load.resource_id)
    job = replace(job, wishes=known.wishes if known else {})
    with Loading(job, reader=started()) as loading:
        source = filling.copy(cursor, loading.start(), loading.rows)
        loaded = loading.ended()
    _keep_findings(load, job, loaded)
    _note(load, loaded, asked)
    if loaded.refused:
        if loaded.refused.code in REFUSING:
            _withdraw(cursor, load)
        _end(load, State.REFUSED, loaded.refused)
        return None
    return _published(cursor, load, _Made(job, loaded, source, known), asked)


@dataclass(frozen=True, slots=True)
class _Made:
    """What a file has given, on its way into the table."""

    job: Job
    loaded: Loaded
    source: str
    known: Known | None


def _published(cursor: pg.cursor, load: DatastoreLoad, made: _Made, asked: Asked) -> Known | None:
    _step(load, State.FILLING, asked)
    name, loaded = load.resource_id, made.loaded
    first, later = indexing.plan(name, loaded, made.job.standard, made.known)
    fresh = filling.fill(cursor, made.source, loaded.columns, loaded.kept)
    indexes = filling.build(cursor, fresh, first)
    _step(load, State.SWAPPING, asked)
    mark = {"load": load.id, "indexes": {name: asdict(index) for name, index in later.items()}}
    publication = Publication(name, fresh, loaded.columns, loaded.kept, mark, indexes)
    swapping.publish(cursor, publication, lambda: queue.fence(load))
    cursor.connection.commit()
    return look(cursor, name)


def _withdraw(cursor: pg.cursor, load: DatastoreLoad) -> None:
    """Take the former table away: it may hold the very column that nobody may be shown."""
    cursor.connection.rollback()
    files.withdraw(load.resource_id)
    swapping.withdraw(cursor, load.resource_id, lambda: queue.fence(load))
    cursor.connection.commit()


def _step(load: DatastoreLoad, state: State, asked: Asked) -> None:
    if asked():
        raise StopWorkError
    queue.move(load, state)


def _keep_findings(load: DatastoreLoad, job: Job, loaded: Loaded) -> None:
    """Have kept what the file is scored by, with the note of what was found in it."""
    check, refused = loaded.check, loaded.refused
    closed = refused is not None and refused.code in REFUSING
    problems = [hidden(problem) for problem in check.problems] if closed else check.problems
    found = files.evidence(load.resource_id, check.facts, problems, job.standard.path)
    findings.keep(load.resource_id, found)


def _note(load: DatastoreLoad, loaded: Loaded, asked: Asked) -> None:
    """Keep what was found in the file, before anything of it is published."""
    faults = {problem.code for problem in loaded.faults}
    remarks = [p.as_dict() for p in loaded.check.problems if p.code not in faults][:REMARKS]
    load.columns = [asdict(column) for column in loaded.columns]
    load.profile = [asdict(column) for column in loaded.profile]
    if asked():
        raise StopWorkError
    queue.move(
        load,
        State.TYPING,
        rows=loaded.rows,
        kept=loaded.kept,
        bad=loaded.bad,
        causes=[problem.as_dict() for problem in loaded.faults],
        remarks=remarks,
        columns=load.columns,
        profile=load.profile,
    )


def _counted(load: DatastoreLoad) -> list[indexing.Counted]:
    """The columns with what was counted in them, as they were noted."""
    columns = msgspec.convert(load.columns, list[LoadColumn])
    return list(zip(columns, msgspec.convert(load.profile, list[ColumnProfile]), strict=True))


def _end(load: DatastoreLoad, state: State, reason: Problem) -> None:
    queue.move(load, state, reason=reason.as_dict())
