"""The whole line against real PostgreSQL, Solr, files and HTTP: from a source to a dataset."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import PackageSearchIndex, SearchIndexError
from ckan.types import Context
from sqlalchemy import event

import schemas
from ckanext.hatinh.harvest import indexing
from ckanext.hatinh.harvest import runner as ledger
from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.run import RunState
from ckanext.hatinh.harvest.runner import RunResult, run_source
from ckanext.hatinh.shared.mapping import from_package, package_id, resource_id
from ckanext.hatinh.shared.vocabulary import dictionary, vocabulary
from harvesters.config import load
from harvesters.http import Client
from harvesters.pipeline import Candidate, Judge, candidates
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from hatinh.dataset import Dataset
from hatinh.quality import load_formula

pytestmark = pytest.mark.usefixtures("portal")

SOURCES = Path(__file__).parents[2] / "config" / "sources.yaml"
FAULTY = "so-cong-thuong-thu-nghiem"
INVENTORY = "so-gddt-kiem-ke"


@pytest.fixture
def sources(demo_url: str) -> dict[str, SourceConfig]:
    """The configured sources, served by the demonstration."""
    return {source.name: source for source in load(SOURCES, os.environ)}


def judge() -> Judge:
    """The judge of the harvest."""
    return Judge(vocabulary(), load_formula(schemas.ROOT / "quality.yaml"))


def run(config: SourceConfig, user: str) -> RunResult:
    """Run one source as the harvest does."""
    return run_source(config, partial(open_source, client=Client()), judge(), user)


def judged(config: SourceConfig) -> list[Candidate]:
    """What the source gives, judged but not written."""
    return list(candidates(open_source(config, Client()), judge(), config.defaults))


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
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """Every source ends; what it gave is in the portal and the index, or refused with reasons."""
    results = {name: run(config, site_user) for name, config in sources.items()}
    assert {r.state for r in results.values()} == {RunState.COMPLETE}, results
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
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """A second run of the same input: no package write and no Solr add, counted."""
    config = sources[INVENTORY]
    first = run(config, site_user)
    adds = solr_adds()
    with counted_writes() as writes:
        second = run(config, site_user)
    assert first.counts.get("created")
    assert dict(second.counts) == {"unchanged": first.counts["created"]}
    assert writes == []
    assert solr_adds() == adds


def test_run_faulty_source_refuses_bad_records_and_takes_the_others(
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """Each bad record has a code, a path and a value; the good ones are in."""
    result = run(sources[FAULTY], site_user)
    assert result.state is RunState.COMPLETE
    assert result.counts["created"] >= 2
    outcomes = outcomes(result.run_id)
    rejected = [outcome for outcome in outcomes if outcome.action == "rejected"]
    assert rejected
    for outcome in rejected:
        errors = [p for p in outcome.problems if p["severity"] == "error"]
        assert errors
        assert all(p["code"] and p["path"].startswith("$") for p in errors)
    codes = {problem["code"] for outcome in outcomes for problem in outcome.problems}
    assert {
        "publisher-missing",
        "theme-unknown",
        "date-unreadable",
        "guid-duplicate",
    } <= codes


def test_run_public_files_download_as_the_source_serves_them(
    sources: dict[str, SourceConfig], site_user: str, app: Any
) -> None:
    """Anyone downloads every public file without login, byte for byte."""
    config = sources[INVENTORY]
    run(config, site_user)
    served = {
        resource_id(package_id(config.name, candidate.guid), guid): body
        for candidate in judged(config)
        for guid, body in candidate.files.items()
    }
    stored = {r["id"]: r["url"] for package in packages() for r in package["resources"]}
    assert served.keys() == stored.keys()
    for id_, url in stored.items():
        answer = app.get(urlsplit(url).path)
        assert answer.status_code == 200
        assert answer.data == served[id_]


def test_run_package_reads_back_as_the_canonical_dataset(
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """Nothing that the source said is lost on the way through CKAN's validators."""
    config = sources[INVENTORY]
    run(config, site_user)
    for candidate in judged(config):
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
    sources: dict[str, SourceConfig], site_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Solr is away the database goes on; the outbox drains when it is back."""

    def away(*_args: Any, **_kwargs: Any) -> None:
        raise SearchIndexError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(PackageSearchIndex, "update_dict", away)
        result = run(sources[INVENTORY], site_user)
    assert result.counts["created"] == len(packages())
    assert indexed() == set()
    assert indexing.drain() == len(packages())
    assert indexed() == {package["id"] for package in packages()}


def test_run_source_held_by_another_process_says_so(
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """One run per source at a time."""
    with ledger.source_lock(INVENTORY) as held:
        assert held
        result = run(sources[INVENTORY], site_user)
    assert result.error == {"code": "source-busy"}
    assert packages() == []


def test_run_unreachable_source_fails_and_removes_nothing(
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """A source that is away is a failed run; what it gave before stays."""
    config = sources[INVENTORY]
    run(config, site_user)
    before = packages()
    gone = replace(config, url="http://127.0.0.1:9/kiem-ke.xlsx")
    result = run(gone, site_user)
    assert result.state is RunState.FAILED
    assert result.error is not None
    assert result.error["code"]
    assert packages() == before


def test_run_source_without_its_secrets_fails_and_says_which(
    sources: dict[str, SourceConfig], site_user: str
) -> None:
    """A secret that is not set stops its own source, and no page that lists the sources."""
    result = run(replace(sources["lgsp"], secrets={}), site_user)
    assert result.state is RunState.FAILED
    assert result.error is not None
    assert result.error["code"] == "source-misconfigured"
    assert "client_secret" in result.error["text"]


def test_run_leaves_an_activity_for_each_record_it_writes(
    sources: dict[str, SourceConfig]
) -> None:
    """The history of a harvested dataset tells when it came and when it changed."""
    config = sources[INVENTORY]
    run(config, harvester())
    id_ = packages()[0]["id"]
    run(replace(config, defaults={**config.defaults, "contact": "Phòng mới"}), harvester())
    found = tk.get_action("package_activity_list")(Context(user=""), {"id": id_})
    assert [activity["activity_type"] for activity in found] == ["changed package", "new package"]
