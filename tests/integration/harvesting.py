"""A clean portal for each test of a harvest, sources at hand, and a worker here and now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import ProgrammingError

from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.harvest import queue
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.model.run import HarvestRun, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.watch import Shutdown
from harvesters.conditional import Visited
from harvesters.errors import UnreachableSourceError
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource

LEFT_BEHIND = (
    "package", "tag", "activity", "hatinh_quality_score", "hatinh_harvest_source",
    "hatinh_harvest_run", "hatinh_harvest_record", "hatinh_harvest_outbox",
    "hatinh_harvest_notice",
)  # fmt: skip
"""Tables that a harvest fills; those that refer to them are emptied along."""

WITH_TABLES = ("activity", "hatinh_dictionary", "hatinh_harvest", "hatinh_quality")


@pytest.fixture
def clean_db(
    with_plugins: None, reset_db: Callable[[], None], migrate_db_for: Callable[[str], None]
) -> None:
    """An empty database with the tables of every plugin that has some."""
    _empty_editions()
    reset_db()
    for plugin in WITH_TABLES:
        migrate_db_for(plugin)


def _empty_editions() -> None:
    """Take away what no statement may delete: approved editions."""
    if editions.is_ready():
        model.Session.execute(sa.text(f"TRUNCATE {editions.TABLE}"))
        model.Session.commit()


@pytest.fixture
def site_user(clean_db: None) -> str:
    """Name of the account that loads and harvests."""
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


@pytest.fixture
def portal(clean_db: None, clean_index: None, site_user: str) -> None:
    """A portal with its organisations and themes, and no dataset."""
    load_all(site_user)


@dataclass
class Shelf:
    """A source that is at hand: its records, its files by address, and what goes wrong."""

    records: list[Draft] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    fails_after: int | None = None
    at_end: Callable[[], None] = field(default=lambda: None)
    read: int = 0

    def drafts(self) -> Iterator[Draft]:
        """All records, or some and then the end of the line."""
        self.read += 1
        yield from self.records[: self.fails_after]
        if self.fails_after is not None:
            raise UnreachableSourceError("shelf", "http://127.0.0.1:1/", "reset")
        self.at_end()

    def content(self, resource: Resource) -> bytes:
        """A file, or the error of one that is away."""
        if resource.url not in self.files:
            raise UnreachableSourceError("shelf", resource.url, "gone")
        return self.files[resource.url]


@dataclass
class Harvest:
    """Harvests sources as a worker does, here and now."""

    shutdown: Shutdown = field(default_factory=Shutdown)

    def __call__(
        self, config: SourceConfig, source: Source | None = None, *, full: bool = False, **row: Any
    ) -> HarvestRun:
        """Run a source to its next resting place; ``row`` holds settings of its row."""
        run_id = self.queued(config, full=full, **row)
        return self.go_on(run_id, config, source)

    def queued(self, config: SourceConfig, *, full: bool = False, **row: Any) -> str:
        """Ask for a run of a source."""
        found = model.Session.get(HarvestSource, config.name)
        if found is None:
            found = HarvestSource(name=config.name, origin="page")
            model.Session.add(found)
        values = {
            "kind": config.kind, "title": config.title.as_dict(), "url": config.url,
            "owner": config.owner, "allow_private": config.allow_private,
            "defaults": dict(config.defaults), "options": dict(config.options),
        } | row  # fmt: skip
        for name, value in values.items():
            setattr(found, name, value)
        model.Session.commit()
        return queue.enqueue(config.name, "command", "test", full=full)

    def engine(self, config: SourceConfig, source: Source | None = None) -> Engine:
        """What executes runs of a source: over the network, or from a shelf."""

        def opener(_given: SourceConfig, visited: Visited) -> Source:
            return source or open_source(config, Client(), visited)

        return Engine(self.shutdown, opener)

    def go_on(self, run_id: str, config: SourceConfig, source: Source | None = None) -> HarvestRun:
        """Take one run up and work on it."""
        claimed = queue.claim(queue.this_worker(), [run_id])
        assert claimed is not None
        self.engine(config, source).execute(claimed)
        model.Session.remove()
        found = run_by_id(run_id)
        assert found is not None
        return found


@pytest.fixture
def emptied_portal(request: pytest.FixtureRequest, with_plugins: None) -> None:
    """A portal with its organisations and themes and no dataset; quick when there is one."""
    try:
        ready = model.Group.get("so-gddt") is not None and editions.is_ready()
        model.Session.execute(sa.text(f"TRUNCATE {', '.join(LEFT_BEHIND)} CASCADE"))
        model.Session.execute(sa.text("DELETE FROM member WHERE table_name = 'package'"))
        model.Session.commit()
    except ProgrammingError:
        model.Session.rollback()
        ready = False
    model.Session.remove()
    request.getfixturevalue("clean_index" if ready else "portal")


@pytest.fixture
def shelf() -> type[Shelf]:
    """Makes sources that are at hand."""
    return Shelf


@pytest.fixture
def harvest(emptied_portal: None) -> Harvest:
    """Harvests sources into a portal without datasets."""
    return Harvest()
