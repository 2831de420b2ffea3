"""The one place that takes any exception: what foreign code raises costs no more than its share.

A source that fails must not stop the others, nor a record that brings a plugin down its batch.
Only a database that is away is no fault of the piece of work: whoever asked for it waits.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

log = logging.getLogger(__name__)

Given = TypeVar("Given")

DISK_FULL = "53100"
"""PostgreSQL's error for a disk without room."""

TOO_LARGE = "54"
"""Class of PostgreSQL's errors for what exceeds its limits, such as those of an index row."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What a piece of work raised."""

    error: Exception


def contained(name: str, work: Callable[[], Given], *passing: type[Exception]) -> Given | Broken:
    """What a piece of work gives, or what broke it; faults that are not its own go on."""
    try:
        return work()
    except passing:
        raise
    except Exception as err:
        if is_away(err):
            raise
        log.exception("%s broke", name)
        return Broken(err)


def is_full(err: DBAPIError) -> bool:
    """Whether the database's disk has no room."""
    return getattr(err.orig, "pgcode", None) == DISK_FULL


def is_away(err: Exception) -> bool:
    """Whether the database or the line to it failed, and not what was asked of it.

    It also fails when it sacrifices a transaction; the same again may succeed.
    """
    if not isinstance(err, DBAPIError):
        return False
    if str(getattr(err.orig, "pgcode", "")).startswith(TOO_LARGE):
        return False
    return err.connection_invalidated or isinstance(err, (OperationalError, InterfaceError))
