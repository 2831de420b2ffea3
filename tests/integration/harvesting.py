"""A clean portal for each test of a harvest, sources at hand, and a worker here and now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model, plugins
from ckan.lib import files
from ckan.tests.helpers import CKANTestApp
from snapshot import Snapshot

from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.harvest import queue
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.model.run import HarvestRun, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.watch import Shutdown
from ckanext.hatinh.shared.workers import this_worker
from harvesters.conditional import Visited
from harvesters.errors import UnreachableSourceError
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource

WITH_TABLES = (
    "activity", "hatinh_audit", "hatinh_campaign", "hatinh_catalog", "hatinh_datastore",
    "hatinh_dictionary", "hatinh_editions", "hatinh_harvest", "hatinh_permanent",
    "hatinh_quality", "hatinh_register",
)  # fmt: skip


@pytest.fixture
def with_plugins(ckan_config: Any) -> None:
    """All plugins, as the start of the session loaded them: no test of ours has others.

    CKAN's own fixture loads them anew for each test, which took half of a test's time.
    """
    if not plugins.plugin_loaded("hatinh_portal"):
        plugins.load_all()
    files.reset()


@pytest.fixture(scope="session")
def served() -> list[CKANTestApp]:
    """The application of the session, once a test has asked for it."""
    return []


@pytest.fixture
def app(served: list[CKANTestApp], make_app: Callable[[], CKANTestApp]) -> CKANTestApp:
    """A browser without cookies; the application behind it is made once."""
    if not served:
        served.append(make_app())
    return CKANTestApp(served[0].app)


@pytest.fixture
def clean_db(
    with_plugins: None, reset_db: Callable[[], None], migrate_db_for: Callable[[str], None]
) -> None:
    """An empty database with the tables of every plugin that has some."""
    _empty_editions()
    pooled = model.ensure_engine()
    reset_db()
    for plugin in filter(plugins.plugin_loaded, WITH_TABLES):
        migrate_db_for(plugin)
    model.init_model(pooled)  # CKAN's migrations leave one that keeps no connection open


def _empty_editions() -> None:
    """Take away what no statement may delete: approved and issued editions, past scores, logs."""
    there = set(sa.inspect(model.Session.get_bind()).get_table_names())
    frozen = {
        editions.TABLE, "hatinh_audit_reading", "hatinh_campaign_campaign",
        "hatinh_editions_edition", "hatinh_quality_history",
    }  # fmt: skip
    for table in frozen & there:
        model.Session.execute(sa.text(f"TRUNCATE {table} CASCADE"))
    model.Session.commit()


@pytest.fixture
def portal(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    with_plugins: None,
    clean_index: None,
    loaded: Snapshot,
) -> None:
    """A portal with its organisations and themes, and no dataset.

    The dictionary is read anew now and by no clock, for tests count statements.
    """
    monkeypatch.setattr(editions, "LOOK_AGAIN_SECONDS", 86_400)
    editions.look_again()
    if loaded.kept:
        loaded.put_back()
        return
    request.getfixturevalue("clean_db")
    load_all(_site_user())
    loaded.keep()


@pytest.fixture(scope="session")
def loaded() -> Snapshot:
    """The portal as it was when the first test of the session had loaded it."""
    return Snapshot()


@pytest.fixture
def site_user(portal: None) -> str:
    """Name of the account that loads and harvests."""
    return _site_user()


def _site_user() -> str:
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


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
        claimed = queue.claim(this_worker(), [run_id])
        assert claimed is not None
        self.engine(config, source).execute(claimed)
        model.Session.remove()
        found = run_by_id(run_id)
        assert found is not None
        return found


def is_loaded() -> bool:
    """Whether the offices, the themes and the dictionary are there, not just some of a test's."""
    kinds = sa.select(model.Group.type, sa.func.count()).where(model.Group.state == "active")
    found = dict(model.Session.execute(kinds.group_by(model.Group.type)).tuples().all())
    whole = found.get("organization", 0) > 20 and found.get("group", 0) > 10
    return whole and editions.is_ready()


@pytest.fixture
def shelf() -> type[Shelf]:
    """Makes sources that are at hand."""
    return Shelf


@pytest.fixture
def harvest(portal: None) -> Harvest:
    """Harvests sources into a portal without datasets."""
    return Harvest()
