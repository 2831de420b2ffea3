"""Tries a source without writing anything: does it answer, and what would its records become?

Only the hardened client of the harvest is used, with tighter limits: somebody waits for the page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ckanext.hatinh.harvest import forms
from ckanext.hatinh.shared.vocabulary import vocabulary
from harvesters.errors import SourceError
from harvesters.http import Client, Limits
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.errors import SchemaError
from hatinh.problem import Problem, error
from hatinh.reading import as_text, read
from hatinh.text import clean

FIRST = 20
"""Records that a preview shows."""

PATIENCE = Limits(connect=5.0, read=15.0, total=45.0, retries=0)

FAILS_AT = {
    "source-misconfigured": "address",
    "source-address-forbidden": "address",
    "source-unreachable": "answer",
    "source-slow": "answer",
    "source-refused": "answer",
    "source-unauthorised": "login",
}
"""The step of a test at which a fault shows; all others are in the content."""


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcome of a test: each step with ``True``, ``False``, or ``None`` when not reached."""

    steps: tuple[tuple[forms.Step, bool | None], ...]
    fault: Problem | None

    @property
    def ok(self) -> bool:
        """Whether the source can be harvested."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Previewed:
    """One record as a run would judge it; its files were not fetched."""

    guid: str
    title: str
    taken: bool
    problems: tuple[Problem, ...]


def patient_client() -> Client:
    """The client of a trial."""
    return replace(Client(), limits=PATIENCE)


def test(config: SourceConfig, read: Callable[[], int]) -> Tested:
    """Call the source; ``read`` gives how many records or columns it found there."""
    try:
        found = read()
    except (SourceError, SchemaError) as err:
        return _failed(as_fault(config, err))
    if not found:
        return _failed(error("source-empty", "$", config.url.split("?")[0]), at="records")
    return Tested(tuple((step, True) for step in forms.steps()), None)


def preview(config: SourceConfig, client: Client) -> list[Previewed]:
    """The first records, judged. Raises :class:`SourceError` and :class:`SchemaError`."""
    words, seen = vocabulary(), set[str]()
    judged = []
    for draft in drafts(config, client, FIRST):
        reading = read(draft, words, config.defaults)
        twice = _twice(draft, seen)
        judged.append(
            Previewed(
                guid=clean(draft.guid),
                title=as_text(draft.fields.get("title")).vi or draft.origin,
                taken=reading.dataset is not None and not twice,
                problems=(*twice, *reading.problems),
            )
        )
    return judged


def drafts(config: SourceConfig, client: Client, most: int) -> list[Draft]:
    """The first drafts of a source. Raises :class:`SourceError` and :class:`SchemaError`."""
    return list(islice(open_source(config, client).drafts(), most))


def as_fault(config: SourceConfig, err: SourceError | SchemaError) -> Problem:
    """Why the source cannot be read, as a problem that has words."""
    if isinstance(err, SourceError):
        return err.as_problem()
    return error("source-misconfigured", "$", config.name, detail=str(err))


def tally(records: Sequence[Previewed]) -> Mapping[str, int]:
    """How many records would be taken, taken with remarks, and refused."""
    return {
        "taken": sum(r.taken for r in records),
        "remarks": sum(r.taken and bool(r.problems) for r in records),
        "refused": sum(not r.taken for r in records),
    }


def _twice(draft: Draft, seen: set[str]) -> tuple[Problem, ...]:
    guid = clean(draft.guid)
    if guid and guid in seen:
        return (error("guid-duplicate", "$.guid", guid),)
    seen.add(guid)
    return ()


def _failed(fault: Problem, at: str = "") -> Tested:
    names = [step.name for step in forms.steps()]
    place = names.index(at or FAILS_AT.get(fault.code, "content"))
    marks: list[Any] = [True] * place + [False] + [None] * (len(names) - place - 1)
    return Tested(tuple(zip(forms.steps(), marks, strict=True)), fault)
