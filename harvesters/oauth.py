"""Bearer tokens for a service that grants them to client credentials (RFC 6749 §4.4).

How a token is asked for is a :class:`Grant`; how long it is kept, and what happens when it is
refused, is the same for all of them.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from harvesters.documents import read_object
from harvesters.errors import GarbledSourceError, UnauthorisedSourceError
from harvesters.http import Client, Response

EARLY = 30.0
"""Seconds before its end at which a token is not used any more."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Grant:
    """A request for a token, and what every call carries beside it.

    ``form`` is posted to ``token_url`` with ``headers``, ``as_json`` where the gateway wants that;
    ``shown`` are the headers of each call.
    """

    token_url: str
    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    as_json: bool = False


def basic_grant(token_url: str, client_id: str, client_secret: str, scope: str = "") -> Grant:
    """Credentials in the header: ``Authorization: Basic …``."""
    pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    return Grant(token_url, _form(scope), {"Authorization": f"Basic {pair}"})


def body_grant(token_url: str, client_id: str, client_secret: str, scope: str = "") -> Grant:
    """Credentials in the form, for gateways that read no header."""
    pair = {"client_id": client_id, "client_secret": client_secret}
    return Grant(token_url, _form(scope) | pair)


def header_grant(token_url: str, header: Mapping[str, str], *, as_json: bool = False) -> Grant:
    """Credentials in a header of the gateway's own, which every call carries too."""
    return Grant(token_url, _form(""), header, header, as_json)


def _form(scope: str) -> dict[str, str]:
    return {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})


@dataclass(slots=True)
class TokenClient:
    """Calls with a bearer token: taken when first needed, kept while valid, renewed once on 401.

    The token lives in this object only; it is in no message, log or representation.
    """

    client: Client
    grant: Grant
    _token: str = field(default="", init=False, repr=False)
    _until: float = field(default=0.0, init=False, repr=False)

    @property
    def source(self) -> str:
        """The name of the source."""
        return self.client.source

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """The content behind a URL. Raises :class:`harvesters.errors.SourceError`."""
        return self._with_token(lambda shown: self.client.get(url, {**headers, **shown}))

    def revisit(
        self, url: str, conditions: Mapping[str, str], headers: Mapping[str, str]
    ) -> Response | None:
        """The content, or ``None`` when it is as the conditions say."""
        return self._with_token(
            lambda shown: self.client.revisit(url, conditions, {**headers, **shown})
        )

    def _with_token(self, call: Callable[[Mapping[str, str]], Answer]) -> Answer:
        if not self._token or self.client.monotonic() >= self._until:
            self._renew()
        try:
            return call(self._shown())
        except UnauthorisedSourceError:
            self._renew()
        return call(self._shown())

    def _shown(self) -> dict[str, str]:
        return {**self.grant.shown, "Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        asked = self.client.monotonic()
        grant = self.grant
        response = self.client.post(
            grant.token_url, grant.form, grant.headers, as_json=grant.as_json
        )
        answer = read_object(self.client.source, response)
        token, seconds = answer.get("access_token"), _seconds(answer.get("expires_in", 0))
        # Control characters in a token would end the header that carries it.
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
            raise GarbledSourceError(self.client.source, response.url, "no access_token")
        if seconds is None:
            raise GarbledSourceError(self.client.source, response.url, "expires_in is no number")
        self._token, self._until = token, asked + seconds - EARLY


def _seconds(value: object) -> float | None:
    """The life of a token. Some gateways write the number as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value[:9])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(min(value, 1e9))
