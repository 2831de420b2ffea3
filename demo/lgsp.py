"""A simulator of the province's integration platform (LGSP), in the manner of WSO2.

It knows one client, whose id and secret come from outside; without them it refuses everybody.
Tokens live in memory and expire.
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.department import Department
from demo.page import Page, Request, json_page


@dataclass(frozen=True)
class Client:
    """The one consumer that may ask for tokens; empty values admit nobody."""

    client_id: str
    secret: str = field(repr=False)

    def admits(self, client_id: str, secret: str) -> bool:
        """Whether these are the client's credentials."""
        known = bool(self.client_id and self.secret)
        same_id = secrets.compare_digest(client_id.encode(), self.client_id.encode())
        same_secret = secrets.compare_digest(secret.encode(), self.secret.encode())
        return known and same_id and same_secret


class Lgsp:
    """The token endpoint and the data services.

    ``clock`` gives seconds; a token is good for ``token_seconds``.
    """

    def __init__(self, client: Client, token_seconds: int, clock: Callable[[], float]) -> None:
        self._client = client
        self._seconds = token_seconds
        self._clock = clock
        self._tokens: dict[str, float] = {}

    def token(self, request: Request) -> Page:
        """``POST /token`` with ``grant_type=client_credentials``."""
        if request.method != "POST":
            return _fault(405, 900905, "Method Not Allowed")
        if not self._client.admits(*_credentials(request)):
            error = "Client Authentication failed."
            return json_page({"error": "invalid_client", "error_description": error}, 401)
        if request.form.get("grant_type") != "client_credentials":
            return json_page({"error": "unsupported_grant_type"}, 400)
        return json_page(
            {
                "access_token": self._issue(),
                "scope": "am_application_scope default",
                "token_type": "Bearer",
                "expires_in": self._seconds,
            }
        )

    def guarded(self, page: Page) -> Callable[[Request], Page]:
        """A service that gives the page to whoever holds a live token."""

        def answer(request: Request) -> Page:
            kind, _, token = request.authorization.partition(" ")
            if kind != "Bearer":
                return _fault(401, 900902, "Missing Credentials")
            if self._tokens.get(token, 0) <= self._clock():
                return _fault(401, 900901, "Invalid Credentials")
            return page

        return answer

    def _issue(self) -> str:
        now = self._clock()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        token = secrets.token_hex(16)
        self._tokens[token] = now + self._seconds
        return token


def service_pages(department: Department) -> dict[str, Page]:
    """What each service of ``datasets.yaml`` answers, by path."""
    return {
        service["path"]: json_page(rows_answer(department.rows(service["rows"])))
        for service in department.description["services"]
    }


def rows_answer(rows: list[dict[str, str]]) -> Mapping[str, Any]:
    """Rows as WSO2 data services write them: one row is an object, none is no ``object``."""
    if not rows:
        return {"objects": {}}
    return {"objects": {"object": rows if len(rows) > 1 else rows[0]}}


def _credentials(request: Request) -> tuple[str, str]:
    """The client's id and secret from Basic authorization or, failing that, from the form."""
    kind, _, encoded = request.authorization.partition(" ")
    if kind != "Basic":
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _fault(status: int, code: int, message: str) -> Page:
    fault = {"code": code, "message": message, "description": "Access failure for LGSP service"}
    return json_page({"fault": fault}, status)
