"""The parent's side of the process that reads and checks a file that anybody sent.

The portal's own processes neither wait longer than the limit nor grow or fall with the file.
Nothing is kept but what the caller is given: the first rows, or the report and a marked copy
where he named a place for it.
"""

import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatinh.confined import Allowance, Confined
from hatinh.dictionary.check import Standard
from hatinh.dictionary.file_report import Words
from hatinh.errors import UnreadableTableError

SECONDS = 60
"""How long one reading or check may take, and how much of a processor's time it may use."""

LETTERS = 200
"""Letters of a cell that are told of the first rows."""

_ALLOWANCE = Allowance(memory=3 << 30, processor=SECONDS, file=2 << 30)
_CHILD = ("-m", "hatinh.dictionary.check_child")


@dataclass(frozen=True, slots=True)
class Glance:
    """Read the header and the first rows of a file, cells cut after :data:`LETTERS`."""

    path: Path
    name: str
    format: str
    rows: int


@dataclass(frozen=True, slots=True)
class Job:
    """What to check, by what, and in whose words; ``marked`` is where a marked copy goes."""

    path: Path
    name: str
    format: str
    standard: Standard
    words: Words
    listed: int
    marked: Path | None = None


def seen(glance: Glance) -> tuple[tuple[str, ...], list[list[str | None]]]:
    """The header and the first rows. Raises :class:`UnreadableTableError`."""
    told = _told(glance, SECONDS)
    return tuple(told["header"]), told["rows"]


def checked(job: Job, seconds: float = SECONDS) -> dict[str, Any]:
    """The report of a job as JSON. Raises :class:`UnreadableTableError`."""
    return _told(job, seconds)


def _told(asked: Glance | Job, seconds: float) -> dict[str, Any]:
    with Confined(_CHILD, _ALLOWANCE) as child:
        child.send(pickle.dumps(asked))
        code, answer = child.ended(seconds)
    if code:
        raise UnreadableTableError(asked.name, f"its reader ended: {code}", "too-heavy")
    told = json.loads(answer)
    if "reason" in told:
        raise UnreadableTableError(asked.name, told["why"], told["reason"])
    return told
