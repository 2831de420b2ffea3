"""Evidence as it is kept, so that a record can be scored again without any of its files.

What was found in a file is kept apart from its record, by the id of the file, with paths that
begin at the file (``$.rows[3].ma``): files may come, go and change their order.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from hatinh.dataset import Dataset
from hatinh.dictionary.check import TableFacts
from hatinh.problem import Problem
from hatinh.quality.evidence import Evidence, ResourceEvidence
from hatinh.tabular import is_tabular

UNREACHABLE = "file-unreachable"
_IN_FILE = re.compile(r"\$\.resources\[(\d+)\](?=$|\.rows\[|\.columns\.)")
_ITS_FILE = re.compile(r"\$\.resources\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """What was found in one file.

    ``digest`` is that of the bytes that were read, empty where nobody knows it. ``bound`` says
    that columns were judged by the elements that people of the portal gave them.
    """

    format: str
    readable: bool | None
    facts: TableFacts | None = None
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    bound: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that is stored."""
        problems = [problem.as_dict() for problem in self.problems]
        return msgspec.to_builtins(self) | {"problems": problems}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "FileEvidence":
        """Read the form of :meth:`as_dict`."""
        problems = tuple(map(Problem.from_dict, stored["problems"]))
        facts = msgspec.convert(stored["facts"], TableFacts | None)
        return cls(**{**stored, "problems": problems, "facts": facts})

    def outlives(self, other: "FileEvidence") -> bool:
        """Whether it tells more of the same bytes than a newer finding."""
        return self.bound and not other.bound and self.digest == other.digest != ""


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """What was found in a record itself, and in its files by their ids."""

    problems: tuple[Problem, ...] = ()
    files: Mapping[str, FileEvidence] = field(default_factory=dict)

    def evidence(self, dataset: Dataset, files: Sequence[tuple[str, bool]], day: date) -> Evidence:
        """What a record is scored from on a day.

        ``files`` are those of the dataset in their order: the id of each, and whether its bytes
        lie on the portal.
        """
        problems = [*self.problems]
        resources: list[ResourceEvidence] = []
        for number, (resource, (id_, stored)) in enumerate(
            zip(dataset.resources, files, strict=True)
        ):
            found = self.files.get(id_)
            tabular = is_tabular(resource.format)
            if found is None or is_tabular(found.format) != tabular:
                readable = True if stored and not tabular else None
                resources.append(ResourceEvidence(resource.format, readable))
                continue
            place = f"$.resources[{number}]"
            problems += (moved(problem, "$", place) for problem in found.problems)
            facts = found.facts and _facts_moved(found.facts, "$", place)
            resources.append(ResourceEvidence(resource.format, found.readable, facts))
        return Evidence(dataset, day, tuple(problems), tuple(resources))


def set_apart(
    problems: Sequence[Problem],
    resources: Mapping[str, ResourceEvidence],
    digests: Mapping[str, str],
) -> KeptEvidence:
    """The evidence of a record that was judged whole; resources by id, in the record's order."""
    ids = list(resources)
    of_files: dict[str, list[Problem]] = {id_: [] for id_ in ids}
    of_record: list[Problem] = []
    for problem in problems:
        number = _file(problem)
        if number is None or number >= len(ids):
            of_record.append(problem)
        else:
            of_files[ids[number]].append(moved(problem, f"$.resources[{number}]", "$"))
    files = {
        id_: FileEvidence(
            format=found.format,
            readable=found.readable,
            facts=found.facts and _facts_moved(found.facts, f"$.resources[{number}]", "$"),
            problems=tuple(of_files[id_]),
            digest=digests.get(id_, ""),
        )
        for number, (id_, found) in enumerate(resources.items())
    }
    return KeptEvidence(tuple(of_record), files)


def of_table(
    format: str, facts: TableFacts | None, problems: Sequence[Problem], place: str, digest: str
) -> FileEvidence:
    """What was found on the portal in a file that was called by this place in its record.

    Without ``facts`` it is no table that can be read.
    """
    return FileEvidence(
        format=format.upper(),
        readable=True,
        facts=facts and _facts_moved(facts, place, "$"),
        problems=tuple(moved(problem, place, "$") for problem in problems),
        digest=digest,
        bound=True,
    )


def moved(problem: Problem, old: str, new: str) -> Problem:
    """The problem, with a path that begins elsewhere."""
    return replace(problem, path=_moved(problem.path, old, new))


def _facts_moved(facts: TableFacts, old: str, new: str) -> TableFacts:
    tallies = {
        rule: replace(tally, first=_moved(tally.first, old, new))
        for rule, tally in facts.tallies.items()
    }
    return replace(facts, tallies=tallies)


def _moved(path: str, old: str, new: str) -> str:
    return new + path.removeprefix(old) if path.startswith(old) else path


def _file(problem: Problem) -> int | None:
    """The file that a problem was found in. Others speak of it as the source lists it."""
    pattern = _ITS_FILE if problem.code == UNREACHABLE else _IN_FILE
    found = pattern.match(problem.path)
    return int(found[1]) if found else None
