"""The process that reads and checks a file: ``python -m hatinh.dictionary.check_child``.

It reads what is asked from standard input and writes the answer as JSON, or a ``reason``. What it
may use of memory and time ends it, not its parent.
"""

import json
import pickle
import sys
from dataclasses import replace
from itertools import islice
from typing import Any

from hatinh.dictionary.check_process import LETTERS, Glance, Job
from hatinh.dictionary.file_report import report_file
from hatinh.dictionary.markup import write_marked
from hatinh.errors import UnreadableTableError
from hatinh.tabular import LIMITS, open_table

_LIMITS = replace(LIMITS, seconds=20, columns=200)


def main() -> None:
    """Answer what is asked."""
    asked: Glance | Job = pickle.load(sys.stdin.buffer)
    try:
        told = _checked(asked) if isinstance(asked, Job) else _seen(asked)
    except UnreadableTableError as err:
        told = {"reason": err.reason, "why": err.why}
    json.dump(told, sys.stdout, ensure_ascii=False)


def _seen(glance: Glance) -> dict[str, Any]:
    with (
        glance.path.open("rb") as file,
        open_table(glance.name, glance.format, file, _LIMITS) as table,
    ):
        rows = islice(table.rows, glance.rows)
        cut = [[cell and cell[:LETTERS] for cell in row] for row in rows]
        return {"header": table.header, "rows": cut}


def _checked(job: Job) -> dict[str, Any]:
    report = report_file(job.path, job.format, job.standard, job.listed, _LIMITS, job.name)
    if job.marked:
        write_marked(job.marked, job.path, job.format, report, job.words, _LIMITS)
    return report.as_dict(job.words)


if __name__ == "__main__":
    main()
