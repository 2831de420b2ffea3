"""A clean portal for each test, and the demonstration province as a real server beside it."""

import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harvesting import (
    app,
    clean_db,
    harvest,
    loaded,
    portal,
    served,
    shelf,
    site_user,
    with_plugins,
)
from tables import desk

__all__ = [
    "app", "clean_db", "desk", "harvest", "loaded", "portal", "served", "shelf", "site_user",
    "with_plugins",
]  # fmt: skip

ROOT = Path(__file__).parents[2]
OUR_LOGGERS = {"ckan", "ckanext", "hatinh"}


@pytest.fixture
def heard(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> pytest.LogCaptureFixture:
    """What the portal logs; by its ini file its loggers tell the root nothing.

    Reading such a file, as every command does, also switches loggers off that were there before.
    """
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in OUR_LOGGERS:
            monkeypatch.setattr(logger, "disabled", False)
            monkeypatch.setattr(logger, "propagate", True)
    caplog.set_level(logging.DEBUG)
    return caplog


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
