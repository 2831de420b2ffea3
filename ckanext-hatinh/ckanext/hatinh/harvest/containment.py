"""The one place that takes any exception: what foreign code raises costs no more than its share.

A source that fails must not stop the others, nor a record that brings a plugin down its batch.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

log = logging.getLogger(__name__)

Given = TypeVar("Given")


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
        log.exception("%s broke", name)
        return Broken(err)
