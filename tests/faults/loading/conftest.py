"""The loader with real services, and workers that can be killed."""

from collections.abc import Iterator

import pytest
from forked import Workers
from harvesting import clean_db, loaded, portal, with_plugins
from tables import desk

__all__ = ["clean_db", "desk", "loaded", "portal", "with_plugins"]


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Starts workers, which end with the test."""
    found = Workers()
    yield found
    found.end()
