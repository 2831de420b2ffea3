"""The log of what auditors read, as a chain: each line's hash is made of the line before, too.

Whoever changes, adds or takes out a line in the middle breaks every hash after it. Lines that are
cut off at the end leave a whole chain: that is found by a hash noted earlier.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer that an auditor was given.

    ``number`` counts from 1 without gaps; ``at`` is ISO 8601; ``asked`` the parameters as JSON;
    ``previous`` the hash of the line before, empty for the first.
    """

    number: int
    at: str
    account: str
    method: str
    address: str
    asked: str
    status: int
    previous: str
    hash: str


COLUMNS = tuple(Reading.__slots__)
"""Names of the columns of the log, in the order of its file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a log.

    ``broken`` is the number of the first line that does not fit, nothing for a whole chain;
    ``head`` the hash of the last line; ``held`` whether the hash that was noted is in the chain.
    """

    lines: int
    head: str
    broken: int | None
    held: bool

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, and nothing cut off since the noted hash."""
        return self.broken is None and self.held


def digest(reading: Reading) -> str:
    """The SHA-256 that a line must bear, in hexadecimal."""
    parts = (
        reading.previous, str(reading.number), reading.at, reading.account, reading.method,
        reading.address, reading.asked, str(reading.status),
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def check(readings: Iterable[Reading], noted: str = "") -> Checked:
    """Check a log from its first line on; ``noted`` is a head that somebody wrote down before."""
    lines, head, held = 0, "", not noted
    for reading in readings:
        fits = reading.number == lines + 1 and reading.previous == head
        if not fits or reading.hash != digest(reading):
            return Checked(lines, head, lines + 1, held)
        lines, head = reading.number, reading.hash
        held = held or head == noted
    return Checked(lines, head, None, held)
