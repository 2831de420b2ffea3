"""Bearer tokens for a service that grants them to client credentials (RFC 6749 §4.4)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from harvesters.documents import read_object
from harvesters.errors import GarbledSourceError, UnauthorisedSourceError
from harvesters.http import Client, Response

EARLY = 30.0
"""Seconds before its end at which a token is not used any more."""


@dataclass(slots=True)
class TokenClient:
    """Calls with a bearer token: taken when first needed, kept while valid, renewed once on 401.

    The token lives in this object only; it is in no message, log or representation.
    """

    client: Client
    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    _token: str = field(default="", init=False, repr=False)
    _until: float = field(default=0.0, init=False, repr=False)

    def get(self, url: str, headers: Mapping[str, str]) -> Response:
        """The content behind a URL. Raises :class:`harvesters.errors.SourceError`."""
        fresh = self._renew_if_due()
        try:
            return self._call(url, headers)
        except UnauthorisedSourceError:
            if fresh:
                raise
        self._renew()
        return self._call(url, headers)

    def _call(self, url: str, headers: Mapping[str, str]) -> Response:
        return self.client.get(url, {**headers, "Authorization": f"Bearer {self._token}"})

    def _renew_if_due(self) -> bool:
        if self._token and self.client.monotonic() < self._until:
            return False
        self._renew()
        return True

    def _renew(self) -> None:
        pair = f"{self.client_id}:{self.client_secret}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        asked = self.client.monotonic()
        response = self.client.post(self.token_url, {"grant_type": "client_credentials"}, headers)
        answer = read_object(self.client.source, response)
        token, seconds = answer.get("access_token"), answer.get("expires_in", 0)
        # Control characters in a token would end the header that carries it.
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and token):
            raise GarbledSourceError(self.client.source, response.url, "no access_token")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise GarbledSourceError(self.client.source, response.url, "expires_in is no number")
        self._token, self._until = token, asked + seconds - EARLY
