"""What counts as use of a dataset, and who does, as ``use.yaml`` says it.

Nothing here keeps an address, an account or an agent: the agent is looked at and forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError

KINDS = ("views", "downloads", "calls")
"""What is counted (lượt xem, lượt tải, lượt gọi)."""

_BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Counting:
    """The kind of each page and action that counts, and the words by which robots are known."""

    pages: Mapping[str, str]
    actions: Mapping[str, str]
    called_forms: frozenset[str]
    robots: tuple[str, ...]

    def kind_of_page(self, page: str, form: str = "") -> str:
        """What an answer of a page counts as; empty for nothing."""
        kind = self.pages.get(page, "")
        return "calls" if kind and form in self.called_forms else kind

    def is_robot(self, agent: str) -> bool:
        """Whether whoever calls itself so is left out."""
        small = agent.lower()
        return not small or any(word in small for word in self.robots)


@dataclass(frozen=True, slots=True)
class Use:
    """How often one thing was used in one way on one day; ``subject`` is a dataset's id or name, or
    a file's id: which dataset that is, is asked later."""

    day: date
    kind: str
    subject: str
    count: int = 1

    @property
    def key(self) -> str:
        """The name of its counter."""
        return _BETWEEN.join((self.day.isoformat(), self.kind, self.subject))


def read_counters(counters: Mapping[str, str]) -> Iterable[Use]:
    """The uses that counters hold; names that :attr:`Use.key` never wrote are passed over."""
    for key, number in counters.items():
        day, _, rest = key.partition(_BETWEEN)
        kind, _, subject = rest.partition(_BETWEEN)
        if kind in KINDS and subject:
            yield Use(date.fromisoformat(day), kind, subject, int(number))


def load_counting(root: Path) -> Counting:
    """The rules of ``use.yaml``. Raises :class:`SchemaError`."""
    path = root / "use.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Counting(
            _kinds(data, "pages"),
            _kinds(data, "actions"),
            frozenset(data["called_forms"]),
            tuple(data["robots"]),
        )
    except (KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err


def _kinds(data: Mapping[str, Any], of: str) -> dict[str, str]:
    return {name: kind for kind in KINDS for name in data[kind][of]}
