"""Puts another value in the place of a module's, for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Another value of an attribute, for a while."""
    former = vars(owner)[name]  # a class method as it stands in its class, unbound
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, former)
