"""The source on loopback: a CKAN portal's search and a DCAT catalogue in pages of 100 records.

Pages are made before the measurement starts, so that serving costs next to nothing. Every page
has an ETag and answers a conditional request, as a real portal behind a cache does.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.harvest.province import Province, as_json, as_turtle, table

ROWS = 100
JSON, TURTLE = "application/json; charset=utf-8", "text/turtle; charset=utf-8"
HYDRA = "http://www.w3.org/ns/hydra/core#"
PLACE = re.compile(r"^/nguon-[^/]+/")  # stock refuses two sources at one address
SINCE = re.compile(r"metadata_modified:\[(\S+?)Z? TO \*\]")


@dataclass
class Pages:
    """What the server answers: records with their JSON, and the catalogue's pages."""

    base: str
    records: list[tuple[str, bytes]] = field(default_factory=list)
    turtle: list[bytes] = field(default_factory=list)
    etags: bool = True

    def fill(self, province: Province, *, rdf: bool) -> None:
        """Serve these records from now on."""
        records = list(province.records())
        self.records = [(record["metadata_modified"], as_json(record)) for record in records]
        cuts = range(0, len(records), ROWS) if rdf else ()
        self.turtle = [
            as_turtle(records[cut : cut + ROWS], self.base) + self._links(cut, len(records))
            for cut in cuts
        ]

    def answer(self, target: str) -> tuple[str, bytes] | None:
        """Type and body of an address, or nothing."""
        url = urlsplit(PLACE.sub("/", target, count=1))
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/api/3/action/package_search":
            return JSON, self._search(asked)
        if url.path.startswith("/catalog.ttl"):
            page = int(asked.get("page") or 1)
            return (TURTLE, self.turtle[page - 1]) if page <= len(self.turtle) else None
        return ("text/csv", table(url.path)) if url.path.startswith("/tep/") else None

    def _search(self, asked: dict[str, str]) -> bytes:
        since = SINCE.search(asked.get("fq") or "")
        found = [body for day, body in self.records if not since or day >= since[1]]
        start, rows = int(asked.get("start") or 0), int(asked.get("rows") or 10)
        listed = b",".join(found[start : start + rows])
        head = f'{{"success":true,"result":{{"count":{len(found)},"results":['.encode()
        return head + listed + b"]}}"

    def _links(self, cut: int, total: int) -> bytes:
        """How the catalogue goes on: its size and the next page."""
        catalogue = f"<{self.base}/catalog>"
        lines = [f"{catalogue} <{HYDRA}totalItems> {total} ."]
        page = f"<{self.base}/catalog.ttl?page={cut // ROWS + 1}>"
        lines.append(f"{page} a <{HYDRA}PagedCollection> .")
        if cut + ROWS < total:
            following = f"<{self.base}/catalog.ttl?page={cut // ROWS + 2}>"
            lines.append(f"{page} <{HYDRA}nextPage> {following} ; <{HYDRA}next> {following} .")
        return ("\n" + "\n".join(lines) + "\n").encode()


@contextmanager
def serving() -> Iterator[Pages]:
    """A server on a free port of loopback, in a thread of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    pages = Pages(f"http://127.0.0.1:{server.server_address[1]}")
    _Handler.pages = pages
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: Pages

    def __getattr__(self, name: str) -> Any:
        """``do_GET`` and ``do_HEAD`` are one."""
        if name in {"do_GET", "do_HEAD"}:
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        found = self.pages.answer(self.path)
        media_type, body = found or ("text/plain", b"")
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        asked = self.headers.get("If-None-Match") if self.pages.etags else None
        same = found is not None and asked == etag
        self.send_response(304 if same else 200 if found else 404)
        self.send_header("Content-Type", media_type)
        if self.pages.etags:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", "0" if same else str(len(body)))
        self.end_headers()
        if self.command == "GET" and not same:
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: only the figures are printed."""
