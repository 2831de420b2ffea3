"""What plugins want done again and again in the background, by the data worker.

A plugin says so once, in ``configure``; the worker calls :func:`do_due` between two jobs.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ckan import model
from sqlalchemy.exc import SQLAlchemyError

from hatinh.errors import UNFORESEEN, HatinhError

log = logging.getLogger(__name__)


@dataclass
class _Duty:
    do: Callable[[], object]
    seconds: float
    due: float = field(default=0.0)


_duties: dict[str, _Duty] = {}


def register(name: str, do: Callable[[], object], *, every: float) -> None:
    """Have something done every so many seconds; the same name again replaces it."""
    _duties[name] = _Duty(do, every)


def do_due(clock: Callable[[], float] = time.monotonic) -> None:
    """Do what is due. One duty that fails keeps the others from nothing, and is tried again."""
    for name, duty in _duties.items():
        if clock() < duty.due:
            continue
        try:
            duty.do()
        except (HatinhError, OSError, SQLAlchemyError, *UNFORESEEN):
            log.exception("In the background: %s", name)
            model.Session.rollback()
        duty.due = clock() + duty.seconds
