"""A CKAN with ckanext-harvest and ckanext-dcat, unmodified, takes our whole catalogue over."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harvest.stock_site import StockSite, make_stock_site
from services.settings import ROOT, Settings
from services.testing import own_portal

pytestmark = pytest.mark.slow

TAKEN = """
SELECT json_object_agg(p.extras->>'uri', json_build_object('title', p.title, 'files', (
    SELECT count(*) FROM resource r WHERE r.package_id = p.id AND r.state = 'active')))
FROM package p WHERE p.state = 'active' AND p.type = 'dataset'
"""
SECONDS = 600
AT_LEAST = 40
"""So many datasets has the demonstration: two empty portals would be equal, too."""

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def var() -> Path:
    """The data directory of our portal."""
    return Settings.from_environment(os.environ).tools / "test-stock"


@pytest.fixture(scope="module")
def site(var: Path) -> Iterator[str]:
    """Our portal with the demonstration province."""
    with own_portal(Settings.from_environment(os.environ), var) as address:
        yield address


def published(site: str) -> dict[str, dict[str, Any]]:
    """Our public datasets by their permanent identifier."""
    with _direct.open(f"{site}/api/3/action/package_search?fq=type:dataset&rows=1000") as answer:
        found = json.load(answer)["result"]["results"]
    return {package["uri"]: package for package in found}


def harvest(stock: StockSite, url: str) -> None:
    """One run of the stock DCAT harvester."""
    command = [str(stock.python), "-m", "benchmarks.harvest.stock", str(stock.ini)]
    loopback = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        command,
        input=f"ha-tinh rdf {url}\n",
        text=True,
        cwd=ROOT,
        env={**os.environ, **loopback},
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0


def title_for_english(package: dict[str, Any]) -> str:
    """The one title that a portal keeps whose own language is English."""
    return package["title_translated"].get("en") or package["title_translated"]["vi"]


def test_stock_portal_harvests_every_dataset(site: str, var: Path):
    """As many datasets as we publish, each under its title and with all its files."""
    ours = published(site)
    assert len(ours) >= AT_LEAST
    stock = make_stock_site(var / "ckan.ini", "true")
    harvest(stock, f"{site}/catalog.ttl")
    taken = json.loads(stock.postgres.psql(stock.postgres.core, TAKEN))
    expected = {
        uri: {"title": title_for_english(package), "files": len(package["resources"])}
        for uri, package in ours.items()
    }
    assert taken == expected
