"""A portal that is asked over real connections, for files that come in pieces."""

import base64
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context
from werkzeug.serving import make_server

PIECE = "application/offset+octet-stream"


@dataclass
class Client:
    """Somebody who uploads with a token."""

    port: int
    token: str
    sent: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, headers: dict[str, Any] | None = None, body: Any = None
    ) -> http.client.HTTPResponse:
        """One request on a connection of its own; the body of the answer is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, self.headers(headers))
        answer = connection.getresponse()
        self.body = answer.read().decode()
        connection.close()
        return answer

    def headers(self, more: dict[str, Any] | None) -> dict[str, str]:
        """What every request says, and more."""
        said = {"Tus-Resumable": "1.0.0", "Authorization": self.token, **(more or {})}
        return {name: str(value) for name, value in said.items() if value != ""}

    def begin(self, dataset: str, length: int, name: str = "bang.csv", **said: str) -> str:
        """The address of a new upload; nothing when it was refused."""
        words = {"dataset": dataset, "filename": name, **said}
        text = ",".join(
            f"{key} {base64.b64encode(v.encode()).decode()}" for key, v in words.items()
        )
        headers = {"Upload-Length": length, "Upload-Metadata": text}
        return self.ask("POST", "/tai-len/", headers).headers.get("Location") or ""

    def add(self, address: str, offset: int, piece: bytes, **more: str) -> int:
        """Send a piece; gives the status."""
        headers = {"Content-Type": PIECE, "Upload-Offset": offset, **more}
        return self.ask("PATCH", address, headers, piece).status

    def offset(self, address: str) -> int:
        """How much is there."""
        return int(self.ask("HEAD", address).headers["Upload-Offset"])

    @contextmanager
    def beginning(
        self, address: str, offset: int, length: int, piece: bytes, more: str = ""
    ) -> Iterator[socket.socket]:
        """Send the beginning of a piece of a length; the connection is cut at the end."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        said = {"Content-Type": PIECE, "Upload-Offset": offset, "Content-Length": length}
        head = [f"PATCH {address} HTTP/1.1", "Host: portal"]
        head += [f"{name}: {value}" for name, value in self.headers(said).items()]
        head += [more] if more else []
        with line:
            line.sendall("\r\n".join([*head, "", ""]).encode() + piece)
            yield line


@contextmanager
def serving(app: CKANTestApp) -> Iterator[int]:
    """The application on a port of its own, each request in a thread."""
    server = make_server("127.0.0.1", 0, app.flask_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()


def token(user: str) -> str:
    """A token with which somebody may publish."""
    given: dict[str, Any] = {"user": user, "name": "t"}
    if p.plugin_loaded("hatinh_access"):
        given |= {"scopes": ["publish"], "organizations": ["so-nnmt"]}
    return tk.get_action("api_token_create")(Context(user=user, ignore_auth=True), given)["token"]
