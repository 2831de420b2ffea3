"""The process that reads a file for a load: ``python -m hatinh.loading.child <number of a pipe>``.

It waits for its :class:`hatinh.loading.process.Job` on standard input, writes the columns as a line
of JSON, the rows into the pipe, and at its end what became of the file as JSON.
"""

import os
import pickle
import sys
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from hatinh.dictionary.check import Source
from hatinh.errors import UnreadableTableError
from hatinh.loading.load import Terms, load
from hatinh.loading.process import Job, Start, Told


class _Pipe:
    """Gives rows to the parent."""

    def __init__(self, rows: BinaryIO) -> None:
        self._rows = rows

    def begin(self, ids: Sequence[str], delimiter: str) -> None:
        _say(Start(tuple(ids), delimiter))

    def write(self, csv: bytes) -> None:
        self._rows.write(csv)


def main() -> None:
    """Load what is asked for."""
    job: Job = pickle.load(sys.stdin.buffer)
    with os.fdopen(int(sys.argv[1]), "wb") as rows:
        told = _loaded(job, _Pipe(rows))
    _say(told)


def _loaded(job: Job, pipe: _Pipe) -> Told:
    terms = Terms(job.standard, job.policy, job.wishes)
    try:
        with job.path.open("rb") as file:
            source = Source(job.name, job.format, file, sheet=job.sheet)
            return Told(load(source, terms, pipe))
    except UnreadableTableError as err:
        return Told(reason=err.reason, why=err.why)


def _say(said: Start | Told) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # all is said and written; to take an interpreter apart lasts as long as 5,000 rows
