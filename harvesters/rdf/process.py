"""The parent's side of the process that reads RDF."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harvesters.json_text import parse_json
from hatinh.confined import Allowance, Confined
from hatinh.dataset import Draft
from hatinh.deadline import after

COMMAND = ("-m", "harvesters.rdf.child")
SECONDS = 120.0
"""Of the clock, for one page."""

ALLOWANCE = Allowance(memory=1 << 30, processor=60, file=1 << 20)
"""50 MB of Turtle take a third of the memory. The time of the processor is for one page."""


class RdfFaultError(Exception):
    """The document is no RDF, or no catalogue; the text says why."""


class RdfTooLargeError(Exception):
    """The reader came to the end of its memory or time."""


@dataclass(frozen=True, slots=True)
class RdfPage:
    """What a page lists; see :class:`harvesters.rdf.catalogue.Listing`.

    ``drafts`` come one by one, and before the next page is asked for.
    """

    ids: tuple[str, ...]
    nodes: tuple[str, ...]
    services: int
    missing: tuple[str, ...]
    next_url: str
    total: str
    drafts: Iterator[Draft]


class RdfReader:
    """Reads the pages of one source in a process of its own, which starts with the first page."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: Confined | None = None

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.close()

    def read(self, body: bytes, syntax: str, base: str) -> RdfPage:
        """The drafts of a document in one of the syntaxes of ``harvesters.rdf.graph``.

        Raises :class:`RdfFaultError` and :class:`RdfTooLargeError`.
        """
        child = self._child = self._child or Confined(COMMAND, ALLOWANCE)
        asked = {"syntax": syntax, "base": base, "size": len(body)}
        with after(self._seconds, child.kill):
            child.send(json.dumps(asked).encode() + b"\n" + body)
            told = _line(child)
        if fault := told.get("fault"):
            raise RdfFaultError(fault)
        return RdfPage(
            ids=tuple(told["ids"]),
            nodes=tuple(told["nodes"]),
            services=told["services"],
            missing=tuple(told["missing"]),
            next_url=told["next"],
            total=told["total"],
            drafts=_drafts(child, len(told["ids"])),
        )


def _drafts(child: Confined, count: int) -> Iterator[Draft]:
    for _ in range(count):
        yield Draft(**_line(child))


def _line(child: Confined) -> dict[str, Any]:
    line = child.line()
    if not line.endswith(b"\n"):
        raise RdfTooLargeError("what the reader may use of memory and time")
    return parse_json(line)
