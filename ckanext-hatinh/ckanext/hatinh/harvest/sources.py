"""The sources as the harvest uses them: rows of the file and of the pages in one table.

Rows of the file are copied in by :func:`synchronise`; their secrets stay in the environment.
Those that people make keep theirs sealed in the table.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import config, queue, secrets
from ckanext.hatinh.harvest.model.source import HarvestSource, claim_due, every_source
from harvesters import schedule
from harvesters.source import SourceConfig
from hatinh.errors import SchemaError
from hatinh.text import Text

SYNCHRONISING = 0x4854_5343
"""Key of the lock that is held while the file is copied in."""


def config_of(source: HarvestSource) -> SourceConfig:
    """A source as its adapter takes it, secrets opened.

    Raises :class:`hatinh.errors.SchemaError` when the file or the key is wrong.
    """
    if source.origin == "file":
        return _of_file(source.name)
    return _of_row(source, secrets.open_(source.secrets))


def without_secrets(source: HarvestSource) -> SourceConfig:
    """A source as its adapter takes it, for checking what does not need the secrets."""
    return _of_row(source, {})


def synchronise(configs: Iterable[SourceConfig]) -> None:
    """Copy the file's sources into the table, and retire those that left the file. Commits.

    Raises :class:`hatinh.errors.SchemaError` when a person has made a source of the same name.
    """
    # Two processes that start together must not both add a row.
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(SYNCHRONISING)))
    stored = {source.name: source for source in every_source()}
    named = set()
    for given in configs:
        named.add(given.name)
        _take(given, stored.get(given.name))
    for source in stored.values():
        if source.origin == "file" and source.name not in named and source.state == "live":
            retire(source)
    model.Session.commit()


def plan_next(source: HarvestSource, after: datetime) -> None:
    """Set when the source is due next, in the open transaction."""
    source.next_run = schedule.next_time(source.schedule, after) if source.active else None


def enqueue_due(now: datetime) -> list[str]:
    """Ask for a run of each source whose time has come; gives their names. Commits after each."""
    names = []
    while source := claim_due(now):
        names.append(source.name)
        plan_next(source, now)
        queue.enqueue(source.name, "schedule", "")
    return names


def retire(source: HarvestSource) -> None:
    """Take a source out of use in the open transaction; its datasets and account stay.

    Its runs are cancelled.
    """
    queue.cancel_runs_of(source.name)
    source.state, source.active, source.next_run = "deleted", False, None


def _take(given: SourceConfig, source: HarvestSource | None) -> None:
    if source is not None and source.origin != "file":
        fault = "is also the name of a source made on the pages; rename the one in the file"
        raise SchemaError(f"source {given.name}", fault)
    try:
        schedule.check(given.schedule)
    except schedule.ScheduleError as err:
        raise SchemaError(f"source {given.name}", f"schedule: {err}") from err
    if source is None:
        source = HarvestSource(name=given.name, origin="file", active=True)
        model.Session.add(source)
    fresh = _values(given)
    if all(getattr(source, name) == value for name, value in fresh.items()):
        return
    for name, value in fresh.items():
        setattr(source, name, value)
    source.modified = datetime.now(UTC)
    source.active = True
    plan_next(source, datetime.now(UTC))


def _values(given: SourceConfig) -> dict[str, Any]:
    return {
        "kind": given.kind,
        "title": given.title.as_dict(),
        "url": given.url,
        "owner": given.owner,
        "allow_private": given.allow_private,
        "defaults": dict(given.defaults),
        "options": dict(given.options),
        "schedule": given.schedule,
        "state": "live",
    }


def _of_file(name: str) -> SourceConfig:
    found = config.sources().get(name)
    if found is None:
        raise SchemaError(f"source {name}", "is no longer in the file of sources; put it back")
    return found


def _of_row(source: HarvestSource, opened: dict[str, str]) -> SourceConfig:
    return SourceConfig(
        name=source.name,
        kind=source.kind,
        title=Text(source.title.get("vi", ""), source.title.get("en", "")),
        url=source.url,
        owner=source.owner,
        allow_private=source.allow_private,
        defaults=source.defaults,
        options=source.options,
        secrets=opened,
        schedule=source.schedule,
    )
