"""A clean portal for each test, and the demonstration province as a real server beside it."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.dictionary import editions

ROOT = Path(__file__).parents[2]
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


@pytest.fixture(scope="session")
def demo_url() -> Iterator[str]:
    """Address of the demonstration province, served on a free port of loopback."""
    os.environ["HATINH_LGSP_CLIENT_ID"] = "test"
    os.environ["HATINH_LGSP_CLIENT_SECRET"] = secrets.token_hex(16)
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "serve", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        os.environ["PORTAL_DEMO_PORT"] = url.rsplit(":", 1)[-1]
        yield url
    finally:
        process.terminate()
        process.wait(10)
