"""A lease that has ended is watched: whoever holds it may be alive under a clock set ahead."""

from datetime import UTC, datetime, timedelta

from ckanext.hatinh.harvest.leases import Silence, beat

ENDED = ("run", 7, datetime(2026, 1, 1, tzinfo=UTC))
LEASE = 60.0


class Clock:
    """The time since the start of a machine."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_lease_seen_for_the_first_time_is_not_yet_broken() -> None:
    """However long ago it ended by the clock on the wall."""
    assert Silence(Clock()).broken([ENDED], LEASE) == []


def test_lease_that_stays_as_it_is_for_two_beats_is_broken() -> None:
    """Its holder would have renewed it."""
    clock = Clock()
    silence = Silence(clock)
    silence.broken([ENDED], LEASE)
    clock.now += beat(LEASE)
    assert silence.broken([ENDED], LEASE) == []
    clock.now += beat(LEASE)
    assert silence.broken([ENDED], LEASE) == [ENDED]


def test_lease_that_was_renewed_is_watched_anew() -> None:
    """Renewed and ended again, or held by another worker: it is another lease."""
    clock = Clock()
    silence = Silence(clock)
    silence.broken([ENDED], LEASE)
    clock.now += 100
    renewed = ("run", 7, ENDED[2] + timedelta(hours=2))
    assert silence.broken([renewed], LEASE) == []
    clock.now += 100
    assert silence.broken([("run", 8, renewed[2])], LEASE) == []


def test_lease_that_no_longer_has_ended_is_forgotten() -> None:
    """The clock was put right; ended once more, it is watched from the beginning."""
    clock = Clock()
    silence = Silence(clock)
    silence.broken([ENDED], LEASE)
    silence.broken([], LEASE)
    assert not silence.is_watched
    clock.now += 100
    assert silence.broken([ENDED], LEASE) == []


def test_short_lease_is_renewed_often() -> None:
    """Four times while it lasts, and every five seconds at least."""
    assert (beat(1.0), beat(3600.0)) == (0.25, 5.0)
