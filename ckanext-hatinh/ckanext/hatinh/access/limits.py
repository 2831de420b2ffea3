"""Counts in Valkey what each caller asks of the portal, and refuses what is too much.

The numbers are in ``schemas/rate_limits.yaml`` and the settings. Nobody waits for the counting:
while Valkey is away or slow everybody is let through.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import g, jsonify, request
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry
from werkzeug.exceptions import TooManyRequests

import schemas
from ckanext.hatinh.access.tokens import presented
from hatinh.access import limit
from hatinh.access.limit import Address, Answer, Caller, Limits, Network
from hatinh.errors import SchemaError

log = logging.getLogger(__name__)

PATIENCE = 0.1
"""Seconds that a request waits for Valkey at most."""
PAUSE = 5.0
"""Seconds in which Valkey is not asked again once it did not answer."""

CODE = "rate-limit"
"""By which programs know the refusal."""

_SETTING = "ckanext.hatinh.access"
_SCRIPT = (Path(__file__).parent / "gcra.lua").read_text(encoding="utf-8")


@dataclass
class Counter:
    """Spends units of callers in one Valkey."""

    spend_there: Script
    prefix: str
    clock: Callable[[], float] = time.monotonic
    away_until: float | None = field(default=None)

    @classmethod
    def at(cls, url: str, site: str, clock: Callable[[], float] = time.monotonic) -> "Counter":
        """The counter of a site in the Valkey at an address."""
        client = Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(client.register_script(_SCRIPT), f"ckan:{site}:limit:", clock)

    def spend(self, caller: Caller, cost: int) -> Answer | None:
        """What becomes of a request; nothing while Valkey does not answer, which is told once."""
        if self.away_until is not None and self.clock() < self.away_until:
            return None
        allowance = caller.allowance
        given = [allowance.interval, allowance.burst, cost]
        try:
            allowed, *told = self.spend_there(keys=[self.prefix + caller.key], args=given)
        except RedisError as err:
            if self.away_until is None:
                log.warning("Valkey is away (%s): calls are not limited meanwhile", err)
            self.away_until = self.clock() + PAUSE
            return None
        if self.away_until is not None:
            log.warning("Valkey is back: calls are limited again")
            self.away_until = None
        return Answer(allowance, bool(allowed), *told)


def spend() -> Response | None:
    """Count the request at hand; an answer to a program that has asked too much.

    Raises ``TooManyRequests`` to somebody who wants a page: CKAN shows it as every other error.
    """
    if not tk.config[f"{_SETTING}.limits"] or request.method == "OPTIONS":
        return None
    known = limits()
    action = (request.view_args or {}).get("logic_function", "")
    cost = known.cost(request.endpoint or "", action)
    if not cost:
        return None
    found = presented()
    token = found.id if found and not found.is_over else ""
    caller = limit.caller(known, _address(), token, _government())
    answer = _counter(tk.config["ckan.redis.url"], tk.config["ckan.site_id"]).spend(caller, cost)
    g.hatinh_limit = answer
    return None if answer is None or answer.allowed else _refuse(answer)


def tell(response: Response) -> Response:
    """Tell programs how much is left, and whoever was refused when to come again.

    Pages are not marked, nor what caches keep for many.
    """
    answer: Answer | None = g.pop("hatinh_limit", None)
    if answer is None:
        return response
    for_many = response.mimetype == "text/html" or response.cache_control.public
    if answer.allowed and for_many:
        return response
    response.headers.update(answer.headers())
    if request.headers.get("Origin"):
        response.headers["Access-Control-Expose-Headers"] = ", ".join(
            (*limit.EXPOSED, "Retry-After")
        )
    return response


@lru_cache(maxsize=1)
def limits() -> Limits:
    """The rules, with the numbers that the settings have for this portal."""
    own = {name: tk.config[f"{_SETTING}.{name}_per_minute"] for name in limit.CLASSES}
    return limit.load_limits(schemas.ROOT).with_numbers(own)


def check_settings() -> None:
    """Raises :class:`SchemaError` for settings that nobody can count by."""
    limits.cache_clear()
    limits()
    _government()


def _refuse(answer: Answer) -> Response:
    request.environ["__no_cache__"] = True
    seconds = answer.headers()["Retry-After"]
    words = tk._(
        "Too many requests came from here. Please come again in {seconds} seconds."
    ).format(seconds=seconds)
    if _wants_page():
        raise TooManyRequests(words)
    error = {
        "__type": "Too Many Requests",
        "code": CODE,
        "message": words,
        "mend": tk._(
            "Wait as long as Retry-After says. Whole tables and the whole catalogue are one file"
            " each; with a token there is more."
        ),
    }
    refusal = jsonify({"success": False, "error": error})
    refusal.status_code = 429
    refusal.headers["Cache-Control"] = "no-store"
    return refusal


def _wants_page() -> bool:
    if request.blueprint == "api":
        return False
    forms = ("application/json", "text/html")
    return request.accept_mimetypes.best_match(forms, "application/json") == "text/html"


def _address() -> Address | None:
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return limit.address_of(
        request.remote_addr or "", forwarded, tk.config[f"{_SETTING}.trusted_hops"]
    )


def _government() -> tuple[Network, ...]:
    return _networks(tk.config[f"{_SETTING}.government_networks"])


@lru_cache(maxsize=1)
def _networks(words: str) -> tuple[Network, ...]:
    try:
        return limit.networks(words)
    except ValueError as err:
        raise SchemaError(f"{_SETTING}.government_networks", str(err)) from err


@lru_cache(maxsize=1)
def _counter(url: str, site: str) -> Counter:
    return Counter.at(url, site)
