"""Planned outcomes: what is to become of judged records, kept in the database a batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest.looking import Place, look, shown
from ckanext.hatinh.harvest.model.outcome import DONE, PLANNED, HarvestOutcome
from ckanext.hatinh.harvest.model.record import RecordState, keep_records
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.shared.mapping import package_id
from ckanext.hatinh.shared.vocabulary import organizations
from harvesters.differences import differences
from harvesters.pipeline import Candidate
from harvesters.plan import (
    NOTHING,
    WRITTEN,
    Action,
    Found,
    KnownRecord,
    Offer,
    Policy,
    decide,
)
from hatinh.dataset import Dataset
from hatinh.problem import Problem


@dataclass(frozen=True, slots=True)
class Decision:
    """A candidate and what becomes of it; the remark is among the problems."""

    candidate: Candidate
    action: Action
    problems: tuple[Problem, ...]


def stage(
    run_id: str,
    source: HarvestSource,
    known: Mapping[str, KnownRecord],
    batch: Sequence[Candidate],
) -> list[Action]:
    """Decide what becomes of some records, and keep it in the open transaction."""
    decisions = _decided(source, known, batch)
    rows = [
        _row(run_id, source.name, decision)
        for decision in decisions
        if decision.action != "unchanged" or decision.problems
    ]
    _add_differences(rows, source)
    if rows:
        model.Session.execute(sa.insert(HarvestOutcome), rows)
    same = [d for d in decisions if d.action == "unchanged"]
    keep_records([_record(source.name, d) for d in same], "raw_hash", "problems", "state")
    return [decision.action for decision in decisions]


def successors() -> dict[str, str]:
    """The office that took the place of each abolished one."""
    return {entry.code: entry.mapping for entry in organizations() if entry.mapping}


def storable(value: Any) -> Any:
    """The value without the signs that PostgreSQL's JSON refuses; most have none."""
    try:
        if b"\\u0000" not in msgspec.json.encode(value):
            return value
    except UnicodeEncodeError:  # half of a surrogate pair
        pass
    return _stripped(value)


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {_stripped(name): _stripped(item) for name, item in value.items()}
    return [_stripped(item) for item in value] if isinstance(value, (list, tuple)) else value


def _decided(
    source: HarvestSource, known: Mapping[str, KnownRecord], batch: Sequence[Candidate]
) -> list[Decision]:
    places = [
        Place(c.guid, package_id(source.name, c.guid), c.dataset.landing_page)
        for c in batch
        if c.dataset is not None
    ]
    found, heirs = look(source.name, places), successors()
    return [
        _decision(c, known.get(c.guid), found.get(c.guid, NOTHING), source.policy, heirs)
        for c in batch
    ]


def _decision(
    candidate: Candidate,
    known: KnownRecord | None,
    found: Found,
    policy: str,
    heirs: Mapping[str, str],
) -> Decision:
    dataset = candidate.dataset
    offer = Offer(candidate.guid, candidate.hash, dataset.publisher if dataset else "")
    action, remark = decide(offer, known, found, policy, heirs)
    return Decision(candidate, action, (*candidate.problems, *((remark,) if remark else ())))


def _row(run_id: str, source: str, decision: Decision) -> dict[str, Any]:
    candidate, action = decision.candidate, decision.action
    whole = action in WRITTEN
    return {
        "run_id": run_id,
        "position": candidate.position,
        "guid": storable(candidate.guid),
        "title": storable(candidate.title),
        "action": action,
        "state": DONE if action == "unchanged" else PLANNED,
        "hash": candidate.hash,
        "raw_hash": candidate.raw_hash,
        "dataset": storable(msgspec.to_builtins(candidate.dataset)) if whole else None,
        "score": _score(candidate) if whole else None,
        "files": {guid: file.sha256 for guid, file in candidate.files.items()} if whole else {},
        "problems": storable([problem.as_dict() for problem in decision.problems]),
        "diff": [],
        "package_id": package_id(source, candidate.guid) if candidate.dataset else None,
    }


def _score(candidate: Candidate) -> dict[str, Any] | None:
    """The score, with what was found in the files that it was made from."""
    dataset, score = candidate.dataset, candidate.score
    if dataset is None or score is None:
        return None
    digests = {guid: file.sha256 for guid, file in candidate.files.items()}
    files = [
        {"guid": resource.guid, "digest": digests.get(resource.guid, ""), **found}
        for resource, found in zip(
            dataset.resources, msgspec.to_builtins(candidate.evidence), strict=True
        )
    ]
    return {**score.as_dict(), "files": storable(files)}


def _record(source: str, decision: Decision) -> dict[str, Any]:
    candidate = decision.candidate
    return {
        "source": source,
        "guid": storable(candidate.guid),
        "raw_hash": candidate.raw_hash,
        "problems": storable([problem.as_dict() for problem in decision.problems]),
        "state": RecordState.LIVE.value,
    }


def _add_differences(rows: Sequence[dict[str, Any]], source: HarvestSource) -> None:
    """Say of each row that would change a dataset what it would change."""
    changing = [row for row in rows if row["action"] in ("updated", "restored")]
    before = shown([row["package_id"] for row in changing]) if changing else {}
    kept = source.local_fields if source.policy == Policy.KEEP_LOCAL else ()
    for row in changing:
        if old := before.get(row["package_id"]):
            row["diff"] = differences(old, msgspec.convert(row["dataset"], Dataset), kept)
