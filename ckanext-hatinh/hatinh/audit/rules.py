"""What an auditor may do, as ``auditor.yaml`` says it."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import yaml

from hatinh.errors import SchemaError


class Verdict(Enum):
    """What becomes of a right that is asked for."""

    OPEN = auto()
    """The auditor has it."""
    ASKED = auto()
    """It is decided as for everybody."""
    REFUSED = auto()
    """It changes something."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Names of rights: those to read that every auditor has, those that only read without being
    an action of their own, and the few changes that everybody makes to his or her own account."""

    opened: frozenset[str]
    asked: frozenset[str]
    allowed: frozenset[str]

    def judge(self, right: str, *, reads: bool, opens: bool) -> Verdict:
        """``reads``: the action of that name says that it changes nothing; ``opens``: whoever asks
        has signed in as an auditor. What nobody named and is no reading action is refused."""
        if opens and right in self.opened:
            return Verdict.OPEN
        known = self.opened | self.asked | self.allowed
        return Verdict.ASKED if reads or right in known else Verdict.REFUSED


def load_rules(root: Path) -> Rules:
    """The rules of ``auditor.yaml``. Raises :class:`SchemaError`."""
    path = root / "auditor.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [frozenset(data[name]) for name in ("opened", "asked", "allowed")]
    except (KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    return Rules(*found)
