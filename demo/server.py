"""The web server of the demonstration: loopback only, one process."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from demo.page import Page, Request, Service, json_page

LOOPBACK = "127.0.0.1"
FORM_LIMIT = 64 * 1024


def read_form(body: str) -> dict[str, str]:
    """A form that came as JSON; anything else is an empty one."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    pairs = value.items() if isinstance(value, dict) else ()
    return {str(name): str(word) for name, word in pairs}


class DemoServer(ThreadingHTTPServer):
    """Serves the services of a site by their exact path.

    It holds its port from the start but takes no connection before :meth:`open`: whoever can
    connect finds the whole site.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((LOOPBACK, port), Handler, bind_and_activate=False)
        self.services: Mapping[str, Service] = {}
        self.server_bind()

    def open(self, services: Mapping[str, Service]) -> None:
        """Begin to listen."""
        self.services = services
        self.server_activate()

    @property
    def base(self) -> str:
        """The address of the server, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into :class:`Request` and :class:`Page`, with conditional answers."""

    server: DemoServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    server_version = "hatinh-demo"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer GET."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer HEAD."""
        self._answer()

    def do_POST(self) -> None:
        """Answer POST."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: what is harvested is in the portal's own record of the run."""

    def _answer(self) -> None:
        form = self._form()
        address = urlsplit(self.path)
        request = Request(
            method="GET" if self.command == "HEAD" else self.command,
            path=address.path,
            query=dict(parse_qsl(address.query)),
            form=form,
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        service = self.server.services.get(address.path)
        self._send(service(request) if service else json_page({"error": "not found"}, 404))

    def _form(self) -> dict[str, str]:
        length = self.headers.get("Content-Length", "0")
        size = min(int(length), FORM_LIMIT) if length.isdigit() else 0
        body = self.rfile.read(size).decode("utf-8", "replace")
        if "json" in self.headers.get("Content-Type", ""):
            return read_form(body)
        return dict(parse_qsl(body))

    def _send(self, page: Page) -> None:
        fresh = page.status == 200 and self.headers.get("If-None-Match") == page.etag
        self.send_response(304 if fresh else page.status)
        self.send_header("ETag", page.etag)
        if not fresh:
            self.send_header("Content-Type", page.media_type)
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if not fresh and self.command != "HEAD":
            self.wfile.write(page.body)
