"""What is done in the background: each duty by itself."""

import pytest

from ckanext.hatinh.shared import background


def test_duty_that_fails_keeps_no_other_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that stumbles over a value that nobody thought of; it is tried again when due."""
    monkeypatch.setattr(background, "_duties", {})
    done: list[str] = []

    def stumble() -> None:
        done.append("stumble")
        raise AttributeError("no such value")

    background.register("first", stumble, every=10)
    background.register("second", lambda: done.append("second"), every=10)
    for now in (1.0, 5.0, 12.0):
        background.do_due(lambda now=now: now)
    assert done == ["stumble", "second"] * 2
