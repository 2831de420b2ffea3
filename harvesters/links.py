"""Whether an address still answers: asked rarely, in short, and never more than a host bears."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from harvesters.errors import ForbiddenAddressError, RefusedBySourceError, SourceError
from harvesters.http import BUSY, Client, Limits

LIMITS = Limits(connect=5, read=10, total=15, body=64 * 1024, redirects=3, retries=0)

RISING = (1, 3, 7, 14, 30)
"""Days until an address is asked again: the longer, the more often it was there."""

AGAIN = (6, 24, 72, 168)
"""Hours until an address that was away is asked again."""

PATIENCE = 3
"""Times in a row that an address must have been away to be called dead."""

LONGEST_REST = 48
"""Hours that a host in trouble is left alone at most."""


class Standing(StrEnum):
    """What a visit found."""

    THERE = "there"
    AWAY = "away"
    UNKNOWN = "unknown"
    """An address that the portal must not call says nothing of itself."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit found; ``why`` it is away, and whether its whole host is in trouble."""

    standing: Standing
    why: str = ""
    trouble: bool = False


def visit(client: Client, url: str) -> Visit:
    """Ask whether there is something behind a URL."""
    try:
        client.touch(url)
    except ForbiddenAddressError as err:
        return Visit(Standing.UNKNOWN, err.code)
    except RefusedBySourceError as err:
        return Visit(Standing.AWAY, err.code, trouble=err.status in BUSY)
    except SourceError as err:
        return Visit(Standing.AWAY, err.code, trouble=True)
    return Visit(Standing.THERE)


def until_next(found: Visit, there: int, away: int) -> timedelta:
    """How long an address is left alone after a visit; so often in a row it was there or away."""
    if found.standing is Standing.AWAY:
        return timedelta(hours=AGAIN[min(away, len(AGAIN)) - 1])
    return timedelta(days=RISING[min(max(there, 1), len(RISING)) - 1])


def rest(troubles: int) -> timedelta:
    """How long a host is left alone that was in trouble so often in a row."""
    return timedelta(hours=min(2 ** (troubles - 1), LONGEST_REST))
