"""Whether the holder of a lease that has ended is really silent, or the clock was only set ahead.

Leases end by the database's clock. When that is set ahead by hours, every lease seems to have
ended, and its holder is alive. So whoever would take a run up watches its lease for a while by a
clock that nobody sets, the time since the machine started: a holder that lives renews it.
"""

import time
from collections.abc import Callable, Collection
from datetime import datetime

LONGEST_BEAT = 5.0
"""Seconds between two renewals at most: so long a cancelled gathering goes on, too."""

BEATS = 2
"""Renewals that a holder must have missed."""

Lease = tuple[str, int, datetime]
"""A run's id, the token of its holder, and until when it holds the run."""


def beat(lease: float) -> float:
    """Seconds between two renewals of a lease of so many seconds."""
    return min(lease / 4, LONGEST_BEAT)


class Silence:
    """Leases that have ended, and since when each of them has been seen like that."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[Lease, float] = {}

    @property
    def is_watched(self) -> bool:
        """Whether there are leases of which more may be known soon."""
        return bool(self._since)

    def broken(self, ended: Collection[Lease], lease: float) -> list[Lease]:
        """Those of the ended leases of so many seconds that their holders should have renewed."""
        now = self._clock()
        self._since = {found: self._since.get(found, now) for found in ended}
        patience = BEATS * beat(lease)
        return [found for found, since in self._since.items() if now - since >= patience]
