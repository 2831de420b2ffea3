"""From a source to judged candidates: read, fetch, check, score. Writes nothing, knows no CKAN.

source.drafts() ──▶ read ──▶ fetch files ──▶ check tables ──▶ measure ──▶ Candidate
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from harvesters.errors import SourceError
from harvesters.source import Source
from hatinh.dataset import Dataset, Draft, Resource, fingerprint
from hatinh.dictionary.check import Standard, TableFacts, check_file
from hatinh.errors import UnreadableTableError
from hatinh.problem import Problem, error, refuses, warning
from hatinh.quality import Evidence, Formula, ResourceEvidence, Score, measure
from hatinh.reading import PUBLIC, Reading, Vocabulary, as_text, read
from hatinh.tabular import is_tabular
from hatinh.text import clean


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record of the source, judged and ready to be written or refused.

    ``dataset`` is ``None`` when the record is refused; ``problems`` say why.
    ``files`` holds the bytes of the public files by resource guid; ``hash`` covers record and
    files, so an equal hash means there is nothing to write.
    """

    guid: str
    title: str
    dataset: Dataset | None
    problems: tuple[Problem, ...]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    hash: str = ""
    score: Score | None = None


@dataclass(frozen=True)
class Judge:
    """What candidates are judged by: the vocabulary and the formula of the score."""

    vocabulary: Vocabulary
    formula: Formula

    def measure(
        self, dataset: Dataset, problems: Sequence[Problem], facts: Sequence[ResourceEvidence]
    ) -> Score:
        """The six-dimension score of a record and its files."""
        evidence = Evidence(
            dataset=dataset,
            problems=tuple(problems),
            resources=tuple(facts),
            today=self.vocabulary.today,
        )
        return measure(evidence, self.formula)


def candidates(source: Source, judge: Judge, defaults: Mapping[str, Any]) -> Iterator[Candidate]:
    """Every record of the source, in its order.

    The list is complete before the first candidate is given: a source that breaks off raises
    :class:`harvesters.errors.SourceError` and nothing of it is written.
    """
    drafts = list(source.drafts())
    seen: set[str] = set()
    for draft in drafts:
        guid = clean(draft.guid)
        if guid and guid in seen:
            yield _refused(draft, (error("guid-duplicate", "$.guid", guid),))
            continue
        seen.add(guid)
        yield _candidate(source, judge, draft, read(draft, judge.vocabulary, defaults))


def _candidate(source: Source, judge: Judge, draft: Draft, reading: Reading) -> Candidate:
    if reading.dataset is None:
        return _refused(draft, reading.problems)
    files, fetch_problems = fetch(source, reading.dataset)
    facts, table_problems = inspect(reading.dataset, files, judge.vocabulary)
    problems = (*reading.problems, *fetch_problems, *table_problems)
    if refuses(problems):
        return _refused(draft, problems)
    digests = {guid: hashlib.sha256(body).hexdigest() for guid, body in files.items()}
    return Candidate(
        guid=reading.dataset.guid,
        title=reading.dataset.title.vi,
        dataset=reading.dataset,
        problems=problems,
        files=files,
        hash=fingerprint(reading.dataset, digests),
        score=judge.measure(reading.dataset, problems, facts),
    )


def _refused(draft: Draft, problems: tuple[Problem, ...]) -> Candidate:
    title = as_text(draft.fields.get("title")).vi or draft.origin
    return Candidate(clean(draft.guid), title, None, problems)


def fetch(source: Source, dataset: Dataset) -> tuple[dict[str, bytes], list[Problem]]:
    """The files of a dataset that the portal may hand on: those of public datasets."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    if dataset.kind != "dataset" or dataset.publication_class != PUBLIC:
        return files, problems
    for number, resource in enumerate(dataset.resources):
        try:
            files[resource.guid] = source.content(resource)
        except SourceError as err:
            path = f"$.resources[{number}].url"
            problems.append(warning("file-unreachable", path, resource.url, why=err.code))
    return files, problems


def inspect(
    dataset: Dataset, files: Mapping[str, bytes], vocabulary: Vocabulary
) -> tuple[list[ResourceEvidence], list[Problem]]:
    """What the tables among the files hold, and where they break the dictionary."""
    evidence: list[ResourceEvidence] = []
    problems: list[Problem] = []
    at = dataset.period_end or dataset.modified or vocabulary.today
    for number, resource in enumerate(dataset.resources):
        body = files.get(resource.guid)
        facts, found = _inspect(resource, body, number, vocabulary, at)
        problems.extend(found)
        evidence.append(
            ResourceEvidence(format=resource.format, readable=body is not None, facts=facts)
        )
    return evidence, problems


def _inspect(
    resource: Resource, body: bytes | None, number: int, vocabulary: Vocabulary, at: date
) -> tuple[TableFacts | None, Sequence[Problem]]:
    path = f"$.resources[{number}]"
    if body is None or not is_tabular(resource.format):
        return None, ()
    name = resource.url.rsplit("/", 1)[-1]
    standard = Standard(resource.schema, vocabulary.dictionary, at, path)
    try:
        check = check_file(name, resource.format, BytesIO(body), standard)
    except UnreadableTableError as err:
        return None, (warning("table-unreadable", path, resource.url, why=err.reason),)
    return check.facts, check.problems
