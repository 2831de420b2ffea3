"""What a piece of work costs: seconds, SQL statements, commits, Solr requests, peak memory.

Loaded by both sides, so it knows CKAN and nothing of ours.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pysolr
from ckan import model
from sqlalchemy import event

Cost = dict[str, float]
Run = Callable[[str], int]
"""Harvests a source and gives how many records it wrote."""


@contextmanager
def measured() -> Iterator[Cost]:
    """Seconds and counts of what runs inside, filled in at its end."""
    engine, send = model.meta.engine, pysolr.Solr._send_request
    cost: Cost = {"seconds": 0.0, "sql": 0, "commits": 0, "solr": 0}

    def statement(*_arguments: Any) -> None:
        cost["sql"] += 1

    def commit(*_arguments: Any) -> None:
        cost["commits"] += 1

    def request(self: pysolr.Solr, method: str, *args: Any, **kwargs: Any) -> Any:
        cost["solr"] += 1
        return send(self, method, *args, **kwargs)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    pysolr.Solr._send_request = request
    began = time.perf_counter()
    used = time.process_time()
    try:
        yield cost
    finally:
        cost["seconds"] = time.perf_counter() - began
        cost["cpu"] = time.process_time() - used
        pysolr.Solr._send_request = send
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def obey(run: Run) -> None:
    """Run each source named on standard input; answer each with its cost as a line of JSON."""
    say({"ready": True})
    for line in sys.stdin:
        with measured() as cost:
            written = run(line.strip())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(cost | {"written": written, "peak_mb": peak})


def say(answer: dict[str, Any]) -> None:
    """One line to the process that asked."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
