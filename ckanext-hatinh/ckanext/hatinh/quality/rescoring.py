"""Scores records again: those that changed, and on a new day those whose age has cost points.

    change of a record, evidence of a file ─┐
    new day, new formula ───────────────────┴▶ list ─▶ evidence ─▶ score, history ─▶ index

The list is worked off by the data worker. Nothing is read but the database, and the record itself
with the moment of its last change stays as it is.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa
from ckan import model as core
from ckan.lib.search import SearchError, SearchIndexError
from ckan.logic import index_update_package
from ckan.types import Context

from ckanext.hatinh.quality import model
from ckanext.hatinh.quality.model_due import Task, claim, note_all, note_stale, settle
from ckanext.hatinh.quality.rescoring_records import Record, records
from ckanext.hatinh.shared.formulas import formulas
from ckanext.hatinh.shared.vocabulary import today
from hatinh.quality import Formula, measure, measure_columns, measure_files, next_move

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks at the list."""

SWEPT = 600.0
"""Seconds between two looks for scores of another day or formula."""

BATCH = 500
"""Records that are scored in one transaction."""

TURN = 8
"""Batches after which the data worker sees to other work."""

INDEXED = 50
"""Documents that are brought up to date in one turn."""


def turn() -> int:
    """Do some of what is due, and come back; gives how many scores were made."""
    done = work_off(TURN)
    tell_index(INDEXED)
    return done


def work_off(batches: int | None = None, day: date | None = None) -> int:
    """Score what is on the list, all of it or so many batches; gives how many were scored."""
    done = 0
    for _ in count() if batches is None else range(batches):
        due = claim(Task.SCORE, BATCH)
        if not due:
            break
        done += _score(due, day or today())
    return done


def sweep(day: date | None = None, *, every: bool = False) -> int:
    """Put on the list what is not scored as of a day, or everything; gives how many."""
    on = day or today()
    found = note_stale(on, formulas().on(on).version, every=every)
    core.Session.commit()
    return found


def tell_index(limit: int) -> int:
    """Bring documents up to date whose band has changed; gives how many.

    What Solr does not take stays on the list, as does all that a killed worker had begun.
    """
    due = claim(Task.INDEX, limit)
    done = _indexed({*due.values()})
    settle([id_ for id_, package in due.items() if package in done])
    core.Session.commit()
    return len(done)


def files(score: model.QualityScore) -> list[dict[str, Any]]:
    """The dimensions of each file of a record by itself, and of each column of its table, by the
    formula of the record's score."""
    known = formulas()
    formula = known.versions.get(score.formula) or known.on(today())
    day = score.day or today()
    return [file for record in records([score.package_id]) for file in _files(record, formula, day)]


def _files(record: Record, formula: Formula, day: date) -> Iterator[dict[str, Any]]:
    evidence = record.evidence(day)
    values = measure_files(evidence, formula)
    each = zip(record.files, values, evidence.resources, strict=True)
    for (id_, _), dimensions, found in each:
        columns = measure_columns(found.facts, formula) if found.facts else []
        told = msgspec.to_builtins(columns)
        yield {"resource_id": id_, "dimensions": dimensions, "columns": told}


def _score(due: Mapping[int, str], day: date) -> int:
    """Score what was taken up, alone: an older state must not overwrite a newer one."""
    key = {"key": "hatinh_quality"}
    core.Session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:key))"), key)
    formula = formulas().on(day)
    rows = [_row(record, formula, day) for record in records(sorted({*due.values()}))]
    if rows:
        note_all(model.save(rows), Task.INDEX)
    settle(due)
    core.Session.commit()
    return len(rows)


def _row(record: Record, formula: Formula, day: date) -> dict[str, Any]:
    evidence = record.evidence(day)
    moves_on = next_move(record.dataset.frequency, record.updated, day, formula)
    return {
        "package_id": record.id,
        **measure(evidence, formula).as_dict(),
        "day": day,
        "moves_on": moves_on,
        "problems": [problem.as_dict() for problem in evidence.problems],
    }


def _indexed(packages: Collection[str]) -> set[str]:
    """Those whose documents are up to date now, up to the first that Solr does not take."""
    done: set[str] = set()
    for package in _active(packages):
        try:
            index_update_package(Context(user="", ignore_auth=True), package)
        except (SearchError, SearchIndexError) as err:
            log.warning("Dataset %s is not indexed yet: %s", package, err)
            return done
        done.add(package)
    return {*packages}


def _active(packages: Collection[str]) -> Iterable[str]:
    package = core.Package
    query = sa.select(package.id).where(package.id.in_(packages), package.state == "active")
    return list(core.Session.scalars(query.order_by(package.id)))
