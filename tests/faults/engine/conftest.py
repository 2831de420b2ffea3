"""The harvest engine with real services, workers that can be killed, and the invariants."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import pytest
from bench import Bench, logging_to
from forked import Workers
from harvesting import clean_db, harvest, loaded, portal, site_user, with_plugins
from invariants import Invariants

from services.postgres import Postgres
from services.settings import Settings

__all__ = ["clean_db", "harvest", "loaded", "portal", "site_user", "with_plugins"]


@pytest.fixture
def bench(harvest: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A portal with small batches. No secret may be in any log, whatever the test does."""
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.batch", 4)
    none, log = tmp_path / "sources.yaml", tmp_path / "portal.log"
    none.write_text("sources: []\n", encoding="utf-8")
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.sources", str(none))
    found = Bench(harvest, Workers(), Invariants(log))
    with logging_to(log):
        yield found
        found.workers.end()
    found.invariants.no_secret_is_told()


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Postgres:
    """The database server of the tests, as its superuser."""
    var = Path(str(request.config.getoption("--ckan-ini"))).parent
    # Its port is in the configuration that it was started with.
    port = urlsplit(tk.config["sqlalchemy.url"]).port
    assert port is not None
    own = Settings.from_environment({**os.environ, "PORTAL_VAR": str(var)})
    return Postgres(replace(own, ports=replace(own.ports, postgres=port)), "ckan_test")
