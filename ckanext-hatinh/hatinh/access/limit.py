"""How much one caller may ask in a time: who a caller is, what a request costs, what is told.

The counting is a generic cell rate algorithm (GCRA): one number a caller, the moment at which
everything spent so far will have come back. It is kept elsewhere; here are the rules around it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError

OPEN, TOKEN, GOVERNMENT = CLASSES = "open", "token", "government"
MICROSECONDS = 1_000_000
HOUSEHOLD = 64
"""Bits of an IPv6 address that name a connection; its holder chooses the others."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Allowance:
    """What callers of one class may spend: units that come back each minute, and at once."""

    name: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        """Microseconds in which one unit comes back."""
        return 60 * MICROSECONDS // self.per_minute

    def scaled(self, per_minute: int, least: int) -> "Allowance":
        """With another rate, and a burst that grows as the rate does, but pays for ``least``."""
        burst = self.burst * per_minute // self.per_minute
        return Allowance(self.name, per_minute, max(burst, least))


@dataclass(frozen=True, slots=True)
class Cost:
    """What requests cost that go to these routes or actions (patterns with ``*``)."""

    units: int
    routes: tuple[str, ...]
    actions: tuple[str, ...]

    def fits(self, route: str, action: str) -> bool:
        """Whether a request is meant; ``action`` is blank where none is called."""
        if action:
            return any(fnmatchcase(action, one) for one in self.actions)
        return any(fnmatchcase(route, one) for one in self.routes)


@dataclass(frozen=True, slots=True)
class Limits:
    """The classes of callers, and the costs of requests."""

    classes: Mapping[str, Allowance]
    costs: tuple[Cost, ...]

    def cost(self, route: str, action: str = "") -> int:
        """The units of a request, one where nothing is said."""
        return next((cost.units for cost in self.costs if cost.fits(route, action)), 1)

    def with_numbers(self, per_minute: Mapping[str, int]) -> "Limits":
        """With other numbers for some classes; 0 leaves a class as it is. Bursts go with them."""
        return replace(
            self,
            classes={
                name: one.scaled(per_minute[name], self.dearest) if per_minute[name] > 0 else one
                for name, one in self.classes.items()
            },
        )

    @property
    def dearest(self) -> int:
        """The units of the dearest request, which every burst must pay for."""
        return max((cost.units for cost in self.costs), default=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose units are counted: the key, and what its class may spend."""

    key: str
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request, in units and microseconds: ``reset`` until all is back, ``wait``
    until a refused one may come again."""

    allowance: Allowance
    allowed: bool
    remaining: int
    reset: int
    wait: int

    def headers(self) -> dict[str, str]:
        """What the caller is told; both spellings that programs look for (REQ-56)."""
        figures = (self.allowance.burst, self.remaining, _seconds(self.reset))
        found = dict(zip(EXPOSED, map(str, figures * len(SPELLINGS)), strict=True))
        return found if self.allowed else found | {"Retry-After": str(max(1, _seconds(self.wait)))}


SPELLINGS = ("RateLimit", "X-RateLimit")
FIGURES = ("Limit", "Remaining", "Reset")
EXPOSED = tuple(f"{start}-{name}" for start in SPELLINGS for name in FIGURES)


def caller(
    limits: Limits, address: Address | None, token: str, government: Sequence[Network]
) -> Caller:
    """Who asks: a token wherever it is used, else an address; of which class the address decides
    first. A caller without an address (a socket of this machine) is one caller with all such."""
    official = address is not None and any(
        address.version == network.version and address in network for network in government
    )
    name = GOVERNMENT if official else TOKEN if token else OPEN
    who = f"token:{token}" if token else f"address:{_connection(address)}"
    return Caller(f"{name}:{who}", limits.classes[name])


def address_of(remote: str, forwarded: str, hops: int) -> Address | None:
    """The address of a client behind so many trusted proxies.

    Each proxy adds the address that it was called from at the end of ``X-Forwarded-For``. Whatever
    stands before the entries of the trusted ones was written by the client and counts for nothing.
    """
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    if 0 < hops <= len(entries):
        found = _address(entries[-hops])
        if found is not None:
            return found
    return _address(remote)


def networks(words: str) -> tuple[Network, ...]:
    """Networks with spaces between. Raises ``ValueError`` for one that is none."""
    return tuple(ip_network(word) for word in words.split())


def load_limits(root: Path) -> Limits:
    """The rules of ``rate_limits.yaml``. Raises :class:`SchemaError`."""
    path = root / "rate_limits.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        classes = {name: Allowance(name, **said) for name, said in data["classes"].items()}
        costs = tuple(map(_cost, data["costs"]))
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    if classes.keys() != set(CLASSES):
        raise SchemaError(path.name, f"the classes are {', '.join(CLASSES)}")
    found = Limits(classes, costs)
    if any(one.per_minute < 1 or one.burst < found.dearest for one in classes.values()):
        raise SchemaError(path.name, "a burst must pay for the dearest request")
    return found


def _cost(said: Mapping[str, Any]) -> Cost:
    return Cost(said["cost"], tuple(said.get("routes", ())), tuple(said.get("actions", ())))


def _address(words: str) -> Address | None:
    """An address as proxies write it: plain, with a port, or in brackets."""
    plain = words.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _connection(address: Address | None) -> str:
    """What of an address is one caller: all of IPv4, the first half of IPv6."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, HOUSEHOLD), strict=False))
    return str(address or "local")


def _seconds(microseconds: int) -> int:
    return ceil(microseconds / MICROSECONDS)
