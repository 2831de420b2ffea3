"""When a worker looks for cycles of objects that nothing needs any more: seldom, and not in CKAN.

Half a million objects of CKAN and its plugins live as long as the worker. Each full search would
look at all of them, and the many short-lived objects of a run cause one every few records.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """No search but when it is asked for by :func:`collect`."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect() -> None:
    """Search among all that is not set aside."""
    gc.collect()


@contextmanager
def set_aside() -> Iterator[None]:
    """What is there now is not looked at until the end of the work."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
