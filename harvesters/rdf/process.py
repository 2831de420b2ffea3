"""The parent's side of the process that reads RDF."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import hatinh
from harvesters.deadline import after
from harvesters.json_text import parse_json
from hatinh.dataset import Draft

COMMAND = ("-m", "harvesters.rdf.child")
SECONDS = 120.0
"""Of the clock, for one page. The child's own limit is of the processor."""

_ROOTS = [str(Path(__file__).parents[2]), str(Path(str(hatinh.__path__[0])).parent)]


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
        self._child: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def read(self, body: bytes, syntax: str, base: str) -> RdfPage:
        """The drafts of a document in one of the syntaxes of ``harvesters.rdf.graph``.

        Raises :class:`RdfFaultError` and :class:`RdfTooLargeError`.
        """
        child = self._child = self._child or _start()
        asked = {"syntax": syntax, "base": base, "size": len(body)}
        with after(self._seconds, child.kill):
            _send(child.stdin, json.dumps(asked).encode() + b"\n" + body)
            told = _line(child.stdout)
        if fault := told.get("fault"):
            raise RdfFaultError(fault)
        return RdfPage(
            ids=tuple(told["ids"]),
            nodes=tuple(told["nodes"]),
            services=told["services"],
            missing=tuple(told["missing"]),
            next_url=told["next"],
            total=told["total"],
            drafts=self._drafts(len(told["ids"])),
        )

    def _drafts(self, count: int) -> Iterator[Draft]:
        child = self._child
        for _ in range(count):
            yield Draft(**_line(child.stdout if child else None))


def _start() -> subprocess.Popen[bytes]:
    # Nothing else of ours: the environment may hold secrets of sources.
    needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    environment = {**needed, "PYTHONPATH": os.pathsep.join(_ROOTS), "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        [sys.executable, *COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def _send(stream: IO[bytes] | None, message: bytes) -> None:
    try:
        if stream:
            stream.write(message)
            stream.flush()
    except BrokenPipeError as err:
        raise RdfTooLargeError("what the reader may use of memory and time") from err


def _line(stream: IO[bytes] | None) -> dict[str, Any]:
    line = stream.readline() if stream else b""
    if not line.endswith(b"\n"):
        raise RdfTooLargeError("what the reader may use of memory and time")
    return parse_json(line)
