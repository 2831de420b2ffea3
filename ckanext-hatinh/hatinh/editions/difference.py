"""What an edition changes: entries added, changed field by field, and dropped with reasons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hatinh.editions.model import Edition, Entry


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entry that reads differently now."""

    entry: Entry
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """``dropped`` pairs entries of the former edition with the reason, blank while it is missing.

    ``kept`` counts entries that are equal in both.
    """

    added: tuple[Entry, ...]
    changed: tuple[Change, ...]
    dropped: tuple[tuple[Entry, str], ...]
    kept: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.dropped)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "added": [_named(entry) for entry in self.added],
            "changed": [
                {**_named(c.entry), "field": c.field, "before": c.before, "after": c.after}
                for c in self.changed
            ],
            "dropped": [{**_named(entry), "reason": reason} for entry, reason in self.dropped],
            "kept": self.kept,
        }


def difference(former: Edition | None, edition: Edition) -> Difference:
    """Compare an edition with a former one; without one everything is new.

    Datasets are matched by id, so that a renamed one is changed, not dropped and added.
    """
    before = {entry.id: entry for entry in former.entries} if former else {}
    after = {entry.id: entry for entry in edition.entries}
    both = [(before[id_], entry) for id_, entry in after.items() if id_ in before]
    changed = tuple(change for old, new in both for change in _changes(old, new))
    return Difference(
        added=tuple(entry for id_, entry in after.items() if id_ not in before),
        changed=changed,
        dropped=tuple(
            (entry, edition.dropped.get(id_, ""))
            for id_, entry in before.items()
            if id_ not in after
        ),
        kept=len(both) - len({change.entry.id for change in changed}),
    )


def _changes(old: Entry, new: Entry) -> Iterator[Change]:
    for name in dict.fromkeys((*old.fields, *new.fields)):
        before, after = old.fields.get(name, ""), new.fields.get(name, "")
        if before != after:
            yield Change(new, name, before, after)


def _named(entry: Entry) -> dict[str, str]:
    return {"id": entry.id, "name": entry.name, "title": entry.title}
