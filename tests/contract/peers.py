"""A scripted HTTP server, and what a small source behind it has: two records, one file each."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.text import Text

TITLES = {"b1": "Danh sách trường học", "b2": "Đơn vị hành chính"}
ROWS = [{"ma": "18073", "ten": "Phường Thành Sen"}, {"ma": "18118", "ten": "Xã Hương Khê"}]


def table() -> bytes:
    """The file of every record, as a service that makes CSV of rows would write it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROWS[0]))
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


# -- the server -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut`` sends only so many bytes of the body, though its length is declared."""

    body: bytes
    media_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


Route = Callable[[Asked], Reply]


class Scripted(ThreadingHTTPServer):
    """Answers by its routes; ``fault`` spoils every answer but that of ``/token``.

    ``tokens_too`` spoils that as well.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes: dict[str, Route] = {}
        self.fault: Callable[[Reply], Reply] = lambda reply: reply
        self.tokens_too = False
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        route = self.routes.get(asked.path)
        if route is None:
            return Reply(b"not here", "text/plain", 404)
        spared = asked.path == "/token" and not self.tokens_too
        return route(asked) if spared else self.fault(route(asked))


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        query, form = ({k: v[-1] for k, v in parse_qs(t).items()} for t in (parts.query, body))
        asked = Asked(self.command, self.path, parts.path, query, dict(self.headers.items()), form)
        self._send(self.server.reply(asked))

    def do_POST(self) -> None:
        self.do_GET()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PROPFIND(self) -> None:
        self.do_GET()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        sent = {"Content-Type": reply.media_type, "Content-Length": str(len(reply.body))}
        for name, value in (sent | dict(reply.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.cut])

    def log_message(self, *args: Any) -> None:
        del args


@dataclass
class Script:
    """A source of one kind with the two records of ``TITLES``, each with the file ``table()``.

    ``declares`` says whether the kind can declare how many records there are, ``pages``
    whether it can give them in pages. ``form`` is applied to every text; ``surplus`` is added
    to the declared number; ``stuck`` gives the first page for every page. ``files`` says whether
    records have files, ``html`` whether the source itself is a web page, ``guids`` how the kind
    names the records.
    """

    server: Scripted
    kind: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    declares: bool = False
    pages: bool = False
    files: bool = True
    html: bool = False
    guids: Mapping[str, str] = field(default_factory=lambda: {guid: guid for guid in TITLES})
    form: Callable[[str], str] = str
    surplus: int = 0
    stuck: bool = False
    name: str = ""

    @property
    def config(self) -> SourceConfig:
        """The row of ``config/sources.yaml`` for it."""
        return SourceConfig(
            name=f"nguon-{self.kind}",
            kind=self.kind,
            title=Text("Nguồn thử"),
            url=self.server.url + self.path,
            owner="so-thu",
            allow_private=True,
            options=self.options,
            secrets=self.secrets,
        )

    def open(self, client: Client, **changes: Any) -> Source:
        """The adapter on this source."""
        return open_source(replace(self.config, **changes), client)

    @property
    def titles(self) -> dict[str, str]:
        """The titles in the form asked for."""
        return {guid: self.form(title) for guid, title in TITLES.items()}

    def file_url(self, guid: str) -> str:
        """Where the file of a record is."""
        return f"{self.server.url}/tep/{guid}.csv"

    def serve(self, path: str, route: Route) -> None:
        """Answer a path."""
        self.server.routes[path] = route
