"""The whole line against real PostgreSQL, Solr, files and HTTP: from a source to a dataset."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchIndexError
from ckan.types import Context
from sqlalchemy import event

import schemas
from ckanext.hatinh.harvest import indexing
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState
from ckanext.hatinh.shared.mapping import from_package, package_id, resource_id
from ckanext.hatinh.shared.vocabulary import dictionary, vocabulary
from harvesters.config import load
from harvesters.http import Client
from harvesters.pipeline import Candidate, Judge, candidates
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from harvesters.spool import Spool
from hatinh.dataset import Dataset
from hatinh.quality import load_formula

SOURCES = Path(__file__).parents[2] / "config" / "sources.yaml"
FAULTY = "so-cong-thuong-thu-nghiem"
INVENTORY = "so-gddt-kiem-ke"
Runner = Callable[..., HarvestRun]


@pytest.fixture
def sources(demo_url: str) -> dict[str, SourceConfig]:
    """The configured sources, served by the demonstration."""
    return {source.name: source for source in load(SOURCES, os.environ)}


def judge() -> Judge:
    """The judge of the harvest."""
    return Judge(vocabulary(), load_formula(schemas.ROOT / "quality.yaml"))


def judged(config: SourceConfig, folder: Path) -> list[Candidate]:
    """What the source gives, judged but not written."""
    source, spool = open_source(config, Client()), Spool(folder / "spool")
    spool.begin()
    spool.drain(source.drafts(), {}, "1")
    return list(candidates(source, judge(), config.defaults, spool))


def counts(run: HarvestRun) -> dict[str, int]:
    """What became of the records, without what did not happen."""
    return {name: number for name, number in run.counts.items() if number}


def packages() -> list[dict[str, Any]]:
    """Every package of the database, as the API shows it."""
    names = model.Session.scalars(sa.select(model.Package.id).order_by(model.Package.id))
    return [tk.get_action("package_show")({"ignore_auth": True}, {"id": id_}) for id_ in names]


def indexed() -> set[str]:
    """Ids of the packages in Solr."""
    answer = requests.get(
        f"{tk.config['solr_url']}/select",
        {"q": "*:*", "fl": "id", "rows": 1000, "fq": "entity_type:package"},
        timeout=10,
    )
    return {document["id"] for document in answer.json()["response"]["docs"]}


def solr_adds() -> int:
    """Documents that were ever added to this core, by Solr's own count."""
    root, core = tk.config["solr_url"].rsplit("/", 1)
    answer = requests.get(
        f"{root}/admin/metrics",
        {"group": "core", "prefix": "UPDATE.updateHandler.cumulativeAdds"},
        timeout=10,
    )
    metrics = answer.json()["metrics"][f"solr.core.{core}"]
    return metrics["UPDATE.updateHandler.cumulativeAdds"]["count"]


@contextmanager
def counted_writes() -> Iterator[list[str]]:
    """Collects every statement that changes packages, resources or activities."""
    seen: list[str] = []
    tables = ("package", "resource", "activity", "tag", "member", "hatinh_quality_score")

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.lower().replace('"', "").split()
        if words[0] in ("insert", "update", "delete") and any(w in tables for w in words[1:4]):
            seen.append(statement)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)


def test_run_every_source_takes_or_refuses_each_record(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """Every source ends; what it gave is in the portal and the index, or refused with reasons."""
    results = {name: harvest(config) for name, config in sources.items()}
    assert {r.state for r in results.values()} == {RunState.COMPLETE.value}, results
    created = sum(r.counts.get("created", 0) for r in results.values())
    ids = {package["id"] for package in packages()}
    assert len(ids) == created
    assert indexed() == ids
    assert all(not r.counts.get("rejected") for n, r in results.items() if n != FAULTY), results
    kinds = [package["type"] for package in packages()]
    assert kinds.count("dataset") >= 18
    assert kinds.count("system") >= 55
    assert kinds.count("dataservice") >= 1


def test_run_twice_writes_nothing_the_second_time(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """A second run of the same input: no package write and no Solr add, counted."""
    config = sources[INVENTORY]
    first = harvest(config)
    adds = solr_adds()
    with counted_writes() as writes:
        second = harvest(config)
    assert first.counts.get("created")
    assert second.error is None
    assert counts(second) == {"unchanged": first.counts["created"]}
    assert writes == []
    assert solr_adds() == adds


def test_run_faulty_source_refuses_bad_records_and_takes_the_others(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """Each bad record has a code, a path and a value; the good ones are in."""
    result = harvest(sources[FAULTY])
    assert result.state == RunState.COMPLETE
    assert result.counts["created"] >= 2
    found = outcomes(result.id)
    rejected = [outcome for outcome in found if outcome.action == "rejected"]
    assert rejected
    for outcome in rejected:
        errors = [p for p in outcome.problems if p["severity"] == "error"]
        assert errors
        assert all(p["code"] and p["path"].startswith("$") for p in errors)
    codes = {problem["code"] for outcome in found for problem in outcome.problems}
    assert {
        "publisher-missing",
        "theme-unknown",
        "date-unreadable",
        "guid-duplicate",
    } <= codes


def test_run_faulty_source_refuses_the_same_records_at_every_run(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """A record that repeats an identifier cannot be remembered, and is refused again (I6)."""
    first = harvest(sources[FAULTY])
    second = harvest(sources[FAULTY])
    assert second.total == first.total == sum(first.counts.values())
    assert counts(second) == {
        "unchanged": first.counts["created"],
        "rejected": first.counts["rejected"],
    }


def test_run_public_files_download_as_the_source_serves_them(
    sources: dict[str, SourceConfig], harvest: Runner, app: Any, tmp_path: Path
) -> None:
    """Anyone downloads every public file without login, byte for byte."""
    config = sources[INVENTORY]
    harvest(config)
    served = {
        resource_id(package_id(config.name, candidate.guid), guid): file.path.read_bytes()
        for candidate in judged(config, tmp_path)
        for guid, file in candidate.files.items()
    }
    stored = {r["id"]: r["url"] for package in packages() for r in package["resources"]}
    assert served.keys() == stored.keys()
    for id_, url in stored.items():
        answer = app.get(urlsplit(url).path)
        assert answer.status_code == 200
        assert answer.data == served[id_]


def test_run_package_reads_back_as_the_canonical_dataset(
    sources: dict[str, SourceConfig], harvest: Runner, tmp_path: Path
) -> None:
    """Nothing that the source said is lost on the way through CKAN's validators."""
    config = sources[INVENTORY]
    harvest(config)
    for candidate in judged(config, tmp_path):
        assert candidate.dataset is not None
        shown = tk.get_action("package_show")(
            {"ignore_auth": True}, {"id": package_id(config.name, candidate.guid)}
        )
        back = from_package(shown, dictionary().code_lists["themes"])
        # A stored file has the portal's address instead of the source's.
        resources = tuple(
            replace(ours, url=theirs.url, media_type=theirs.media_type)
            for ours, theirs in zip(back.resources, candidate.dataset.resources, strict=True)
        )
        assert unordered(replace(back, resources=resources)) == unordered(candidate.dataset)


def unordered(dataset: Dataset) -> Dataset:
    """A dataset whose themes and keywords are sorted, for CKAN does not keep their order."""
    return replace(
        dataset, themes=tuple(sorted(dataset.themes)), keywords=tuple(sorted(dataset.keywords))
    )


def test_run_index_away_keeps_the_dataset_and_catches_up(
    sources: dict[str, SourceConfig], harvest: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Solr is away the database goes on; the outbox drains when it is back."""

    def away(*_args: Any, **_kwargs: Any) -> None:
        raise SearchIndexError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "_send", away)
        result = harvest(sources[INVENTORY])
    assert result.counts["created"] == len(packages())
    assert indexed() == set()
    assert indexing.drain() == len(packages())
    assert indexed() == {package["id"] for package in packages()}


def test_run_unreachable_source_fails_and_removes_nothing(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """A source that is away is a failed run; what it gave before stays."""
    config = sources[INVENTORY]
    harvest(config)
    before = packages()
    gone = replace(config, url="http://127.0.0.1:9/kiem-ke.xlsx")
    result = harvest(gone)
    assert result.state == RunState.FAILED
    assert result.error is not None
    assert result.error["code"]
    assert packages() == before


def test_run_source_without_its_secrets_fails_and_says_which(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """A secret that is not set stops its own source, and no page that lists the sources."""
    result = harvest(replace(sources["lgsp"], secrets={}))
    assert result.state == RunState.FAILED
    assert result.error is not None
    assert result.error["code"] == "source-misconfigured"
    assert "client_secret" in result.error["text"]


def test_run_leaves_an_activity_for_each_record_it_writes(
    sources: dict[str, SourceConfig], harvest: Runner
) -> None:
    """The history of a harvested dataset tells when it came and when it changed."""
    config = sources[INVENTORY]
    harvest(config)
    id_ = packages()[0]["id"]
    second = harvest(replace(config, defaults={**config.defaults, "contact": "Phòng mới"}))
    assert (second.error, counts(second)) == (None, {"updated": 3})
    found = tk.get_action("package_activity_list")(Context(user=""), {"id": id_})
    assert [activity["activity_type"] for activity in found] == ["changed package", "new package"]
