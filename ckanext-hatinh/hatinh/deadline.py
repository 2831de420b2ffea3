"""Something that is done when other work takes too long."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def after(seconds: float, act: Callable[[], object]) -> Iterator[None]:
    """Call ``act`` in a thread of its own, unless the work inside ends in time."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
