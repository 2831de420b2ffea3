"""Servers that misbehave, as fixtures; see ``scripted.py``."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from scripted import ChaosProxy, RawServer, Script


@pytest.fixture
def raw() -> Iterator[Callable[..., RawServer]]:
    """Starts raw servers that end with the test: ``raw(script)``."""
    with ExitStack() as stack:

        def start(script: Script, **options: Any) -> RawServer:
            return stack.enter_context(RawServer(script, **options))

        yield start


@pytest.fixture
def chaos() -> Iterator[Callable[..., ChaosProxy]]:
    """Puts proxies before servers until the test ends: ``chaos(port, cut_after=100)``."""
    with ExitStack() as stack:

        def before(port: int, **faults: Any) -> ChaosProxy:
            return stack.enter_context(ChaosProxy(port, **faults))

        yield before
