"""From a source to judged candidates: read, fetch, check, score. Writes nothing, knows no CKAN.

source.drafts() ──▶ spool ──▶ read ──▶ fetch files ──▶ check tables ──▶ measure ──▶ Candidate
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from harvesters.errors import SourceError
from harvesters.source import Source
from harvesters.spool import MAX_GUID, Spool, SpooledRecord, StoredFile, fits
from hatinh.dataset import Dataset, Resource, fingerprint
from hatinh.dictionary.check import Standard, TableFacts, check_file
from hatinh.errors import UNFORESEEN, UnreadableTableError
from hatinh.problem import Problem, error, refuses, warning
from hatinh.quality import Evidence, Formula, ResourceEvidence, Score, measure
from hatinh.reading import PUBLIC, Vocabulary, as_text, read
from hatinh.tabular import is_tabular
from hatinh.text import clean

log = logging.getLogger(__name__)

AWAY = "file-unreachable"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record of the source, judged and ready to be written or refused.

    ``dataset`` is ``None`` when the record is refused; ``problems`` say why.
    ``files`` holds the public files by resource guid; ``hash`` covers record and files, so an
    equal hash means there is nothing to write. ``evidence`` is what was found in each file of the
    dataset, in its order. ``raw_hash`` covers the source's own words; it is
    empty when the record must be judged again next time, whatever those words are.
    """

    guid: str
    title: str
    dataset: Dataset | None
    problems: tuple[Problem, ...]
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    hash: str = ""
    score: Score | None = None
    evidence: tuple[ResourceEvidence, ...] = ()
    position: int = 0
    raw_hash: str = ""


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


def candidates(
    source: Source, judge: Judge, defaults: Mapping[str, Any], spool: Spool
) -> Iterator[Candidate]:
    """Every record that the spool holds, judged, in the source's order.

    The spool was filled before: a source that breaks off has none of its records judged.
    """
    for record in spool.records():
        try:
            yield candidate(source, judge, defaults, spool, record)
        except UNFORESEEN as err:
            log.exception("Judging of %s broke", record.guid)
            crashed = _refused(record, (error("package-crashed", "$", repr(err)),))
            yield replace(crashed, raw_hash="")


def candidate(
    source: Source, judge: Judge, defaults: Mapping[str, Any], spool: Spool, record: SpooledRecord
) -> Candidate:
    """One record, judged; its public files are fetched into the spool."""
    if record.repeated:
        return _refused(record, (error("guid-duplicate", "$.guid", clean(record.guid)),))
    if not fits(clean(record.guid)):
        return _refused(record, (error("guid-too-long", "$.guid", record.guid, limit=MAX_GUID),))
    reading = read(record.draft, judge.vocabulary, defaults)
    if reading.dataset is None:
        return _refused(record, reading.problems)
    files, fetch_problems = fetch(source, reading.dataset, spool)
    facts, table_problems = inspect(reading.dataset, files, judge.vocabulary)
    problems = (*reading.problems, *fetch_problems, *table_problems)
    if refuses(problems):
        return _refused(record, problems)
    digests = {guid: file.sha256 for guid, file in files.items()}
    # A file that was away is asked for again, even if the record's own words stay the same.
    away = any(problem.code == AWAY for problem in fetch_problems)
    return Candidate(
        guid=reading.dataset.guid,
        title=reading.dataset.title.vi,
        dataset=reading.dataset,
        problems=problems,
        files=files,
        hash=fingerprint(reading.dataset, digests),
        score=judge.measure(reading.dataset, problems, facts),
        evidence=tuple(facts),
        position=record.position,
        raw_hash="" if away else record.raw_hash,
    )


def _refused(record: SpooledRecord, problems: tuple[Problem, ...]) -> Candidate:
    title = as_text(record.fields.get("title")).vi or record.origin
    return Candidate(
        clean(record.guid), title, None, problems,
        position=record.position, raw_hash=record.raw_hash,
    )  # fmt: skip


def fetch(
    source: Source, dataset: Dataset, spool: Spool
) -> tuple[dict[str, StoredFile], list[Problem]]:
    """The files of a dataset that the portal may hand on: those of public datasets."""
    files: dict[str, StoredFile] = {}
    problems: list[Problem] = []
    if not may_hand_on(dataset):
        return files, problems
    for number, resource in enumerate(dataset.resources):
        try:
            files[resource.guid] = spool.keep(source.content(resource))
        except SourceError as err:
            path = f"$.resources[{number}].url"
            problems.append(warning("file-unreachable", path, resource.url, why=err.code))
    return files, problems


def may_hand_on(dataset: Dataset) -> bool:
    """Whether the portal may keep the files of a dataset and give them to everybody."""
    return dataset.kind == "dataset" and dataset.publication_class == PUBLIC


def inspect(
    dataset: Dataset, files: Mapping[str, StoredFile], vocabulary: Vocabulary
) -> tuple[list[ResourceEvidence], list[Problem]]:
    """What the tables among the files hold, and where they break the dictionary."""
    evidence: list[ResourceEvidence] = []
    problems: list[Problem] = []
    at = dataset.period_end or dataset.modified or vocabulary.today
    for number, resource in enumerate(dataset.resources):
        file = files.get(resource.guid)
        facts, found = _inspect(resource, file, number, vocabulary, at)
        problems.extend(found)
        readable = file is not None if may_hand_on(dataset) else None
        evidence.append(ResourceEvidence(resource.format, readable, facts))
    return evidence, problems


def _inspect(
    resource: Resource, file: StoredFile | None, number: int, vocabulary: Vocabulary, at: date
) -> tuple[TableFacts | None, Sequence[Problem]]:
    path = f"$.resources[{number}]"
    if file is None or not is_tabular(resource.format):
        return None, ()
    name = resource.url.rsplit("/", 1)[-1]
    standard = Standard(resource.schema, vocabulary.dictionary, at, path)
    try:
        with file.path.open("rb") as stream:
            check = check_file(name, resource.format, stream, standard)
    except UnreadableTableError as err:
        return None, (warning("table-unreadable", path, resource.url, why=err.reason),)
    return check.facts, check.problems
