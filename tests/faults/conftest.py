"""Servers that misbehave, as fixtures; see ``scripted.py``."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from given import Chaos, Raw
from scripted import ChaosProxy, RawServer


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def raw(started: ExitStack) -> Raw:
    """Starts raw servers that end with the test: ``raw(script)``."""
    return lambda script, **options: started.enter_context(RawServer(script, **options))


@pytest.fixture
def chaos(started: ExitStack) -> Chaos:
    """Puts proxies before servers until the test ends: ``chaos(port, cut_after=100)``."""
    return lambda port, **faults: started.enter_context(ChaosProxy(port, **faults))
