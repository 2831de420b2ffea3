"""Scopes of tokens: what each lets a program do, and what one token was given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.text import Text

READ = "read"
"""What a token may do that nobody said more about."""

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods by which a page is looked at."""


@dataclass(frozen=True, slots=True)
class Scope:
    """``actions`` and ``pages`` (names of endpoints that take something) come on top of reading;
    ``whole`` is everything that the account may do."""

    id: str
    title: Text
    text: Text
    actions: frozenset[str]
    pages: frozenset[str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """What one token was given: scopes, ids of organisations, and the moment it ends."""

    scopes: frozenset[str]
    organizations: frozenset[str]
    expires: datetime

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Grant":
        """The grant that :meth:`as_dict` wrote."""
        ends = datetime.fromisoformat(kept["expires"])
        return cls(frozenset(kept["scopes"]), frozenset(kept["organizations"]), ends)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "scopes": sorted(self.scopes),
            "organizations": sorted(self.organizations),
            "expires": self.expires.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True)
class Scopes:
    """All scopes there are, by id."""

    by_id: Mapping[str, Scope]

    def is_whole(self, grant: Grant) -> bool:
        """Whether the token may do everything that its account may."""
        return any(scope.whole for scope in self._of(grant.scopes))

    def allow_action(self, grant: Grant, action: str, *, reads: bool) -> bool:
        """Whether a token may call an action; ``reads``: the action says it changes nothing."""
        return reads or any(s.whole or action in s.actions for s in self._of(grant.scopes))

    def allow_page(self, grant: Grant, method: str, page: str) -> bool:
        """Whether a token may look at a page that is no action, or send something to it."""
        return method in HARMLESS or any(s.whole or page in s.pages for s in self._of(grant.scopes))

    def for_action(self, action: str) -> tuple[str, ...]:
        """The scopes that name an action."""
        return tuple(scope.id for scope in self.by_id.values() if action in scope.actions)

    def for_page(self, page: str) -> tuple[str, ...]:
        """The scopes that may send something to a page."""
        return tuple(scope.id for scope in self.by_id.values() if page in scope.pages)

    def _of(self, ids: Iterable[str]) -> list[Scope]:
        return [self.by_id[id_] for id_ in ids if id_ in self.by_id]


def load_scopes(root: Path) -> Scopes:
    """The scopes of ``token_scopes.yaml``. Raises :class:`SchemaError`."""
    path = root / "token_scopes.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = {id_: _scope(id_, entry) for id_, entry in data.items()}
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    if READ not in found:
        raise SchemaError(path.name, f"no scope {READ}")
    return Scopes(found)


def _scope(id_: str, entry: Mapping[str, Any]) -> Scope:
    return Scope(
        id_,
        Text(**entry["title"]),
        Text(**entry["text"]),
        frozenset(entry["actions"]),
        frozenset(entry.get("pages", ())),
        entry.get("whole", False),
    )
