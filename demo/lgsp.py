"""A simulator of the province's integration platform (LGSP), in the manner of WSO2.

It knows one client, whose id and secret come from outside; without them it refuses everybody.
Tokens live in memory and expire. The two other families of platforms stand in ``gateways.py``.
"""

import base64
import binascii
import json
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from demo.department import Department
from demo.page import MEDIA_TYPES, Page, Request, Service, json_page

NAMESPACE = "http://ws.wso2.org/dataservice/DanhMuc"


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


class Moods:
    """Faults that come by a seed: a live token refused once, a token that is short-lived.

    Never twice running: whoever asks again with a new token is served.
    """

    def __init__(self, seed: int | None) -> None:
        self._chance = random.Random(seed) if seed is not None else None
        self._served = True

    def refuses(self) -> bool:
        """Whether to refuse a call that should be answered."""
        self._served = not (self._chance and self._served and self._chance.random() < 0.3)
        return not self._served

    def life(self, seconds: int) -> int:
        """How long a token lives; now and then hardly longer than it takes to use it."""
        short = self._chance is not None and self._chance.random() < 0.3
        return min(seconds, 3) if short else seconds


class Lgsp:
    """The token endpoint and the data services.

    ``clock`` gives seconds; a token is good for ``token_seconds``.
    """

    def __init__(
        self,
        client: Client,
        token_seconds: int,
        clock: Callable[[], float],
        moods: Moods | None = None,
    ) -> None:
        self._client = client
        self._seconds = token_seconds
        self._clock = clock
        self._moods = moods or Moods(None)
        self._tokens: dict[str, float] = {}

    def token(self, request: Request) -> Page:
        """``POST /token`` with ``grant_type=client_credentials``."""
        return self.granted(request, *_credentials(request))

    def granted(self, request: Request, client_id: str, secret: str) -> Page:
        """A token for these credentials."""
        if request.method != "POST":
            return _fault(405, 900905, "Method Not Allowed")
        if not self._client.admits(client_id, secret):
            error = "Client Authentication failed."
            return json_page({"error": "invalid_client", "error_description": error}, 401)
        if request.form.get("grant_type") != "client_credentials":
            return json_page({"error": "unsupported_grant_type"}, 400)
        seconds = self._moods.life(self._seconds)
        return json_page(
            {
                "access_token": self._issue(seconds),
                "scope": "am_application_scope default",
                "token_type": "Bearer",
                "expires_in": seconds,
            }
        )

    def guarded(self, service: Service) -> Service:
        """The service for whoever holds a live token."""

        def answer(request: Request) -> Page:
            kind, _, token = request.authorization.partition(" ")
            if kind != "Bearer":
                return _fault(401, 900902, "Missing Credentials")
            if self._tokens.get(token, 0) <= self._clock() or self._moods.refuses():
                return _fault(401, 900901, "Invalid Credentials")
            return service(request)

        return answer

    def _issue(self, seconds: int) -> str:
        now = self._clock()
        self._tokens = {token: end for token, end in self._tokens.items() if end > now}
        token = secrets.token_hex(16)
        self._tokens[token] = now + seconds
        return token


def data_services(department: Department) -> dict[str, Service]:
    """Each service of ``datasets.yaml``, by path: JSON for those who ask for it, else XML."""
    return {
        service["path"]: rows_service(department.rows(service["rows"]))
        for service in department.description["services"]
    }


def rows_service(rows: list[dict[str, str]]) -> Service:
    """Rows as WSO2 data services write them."""
    as_json = json_page(rows_answer(rows))
    as_xml = Page(rows_xml(rows).encode(), MEDIA_TYPES[".xml"])
    return lambda request: as_json if request.wants_json else as_xml


def rows_answer(rows: list[dict[str, str]]) -> Mapping[str, Any]:
    """One row is an object, none is no ``object``."""
    if not rows:
        return {"objects": {}}
    return {"objects": {"object": rows if len(rows) > 1 else rows[0]}}


def rows_xml(rows: list[dict[str, str]]) -> str:
    """The same in XML, in a namespace of the service."""
    objects = (
        "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items()) for row in rows
    )
    body = "".join(f"<object>{row}</object>" for row in objects)
    return f'<objects xmlns="{NAMESPACE}">{body}</objects>'


def decoded(text: str) -> str:
    """Base64 as text; empty when it is none."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def decoded_keys(text: str) -> Mapping[str, Any]:
    """A JSON object in Base64; empty when it is none."""
    try:
        value = json.loads(decoded(text))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _credentials(request: Request) -> tuple[str, str]:
    """The client's id and secret from Basic authorization or, failing that, from the form."""
    kind, _, encoded = request.authorization.partition(" ")
    if kind != "Basic":
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    client_id, _, secret = decoded(encoded).partition(":")
    return client_id, secret


def _fault(status: int, code: int, message: str) -> Page:
    fault = {"code": code, "message": message, "description": "Access failure for LGSP service"}
    return json_page({"fault": fault}, status)
