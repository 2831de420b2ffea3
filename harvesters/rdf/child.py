"""The process that reads RDF: ``python -m harvesters.rdf.child``.

It reads pages from standard input, each a line of JSON (``syntax``, ``base``, ``size``) and so
many bytes. For each it writes a line with what the page lists, then a line for each draft; or
one line with a ``fault``. What it may use of memory and time ends it, not its parent.
"""

import gc
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from harvesters.rdf.catalogue import drafts, identifiers, listing
from harvesters.rdf.graph import read_graph


def main() -> None:
    """Read pages until there are no more."""
    # Graphs are trees of tuples without circles: looking for some would only take time.
    gc.disable()
    allowed, _ = resource.getrlimit(resource.RLIMIT_CPU)
    while line := sys.stdin.buffer.readline():
        _allow_time(allowed)
        for told in _answer(json.loads(line), sys.stdin.buffer):
            sys.stdout.write(json.dumps(told, separators=(",", ":")) + "\n")
        sys.stdout.flush()


def _answer(asked: dict[str, Any], stream: BinaryIO) -> Iterator[dict[str, Any]]:
    body = stream.read(asked["size"])
    try:
        graph = read_graph(body, asked["syntax"], asked["base"])
        page = listing(graph)
    except (ValueError, RecursionError) as err:
        yield {"fault": str(err)}
        return
    yield {
        "ids": identifiers(graph, page.nodes),
        "nodes": page.nodes,
        "services": page.services,
        "missing": page.missing,
        "next": page.next_url,
        "total": page.total,
    }
    for draft in drafts(graph, page.nodes, asked["base"]):
        yield {
            "guid": draft.guid,
            "fields": draft.fields,
            "resources": draft.resources,
            "origin": draft.origin,
        }


def _allow_time(seconds: int) -> None:
    """A page more may take so much more; beyond it the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


if __name__ == "__main__":
    main()
