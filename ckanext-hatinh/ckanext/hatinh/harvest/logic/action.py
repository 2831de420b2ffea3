"""API of the harvest: sources, runs, and what became of each record. Reading needs no login."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic import validate
from ckan.types import Context, DataDict

import schemas
from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.logic import schema
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.run import HarvestRun, latest_runs, run_by_id, runs
from ckanext.hatinh.harvest.runner import RunResult, run_source
from ckanext.hatinh.shared.mapping import package_id
from ckanext.hatinh.shared.vocabulary import problem_texts, vocabulary
from harvesters.http import Client
from harvesters.pipeline import Judge
from harvesters.registry import open_source
from hatinh.messages import describe, locate
from hatinh.problem import Problem
from hatinh.quality import load_formula

__all__ = [
    "hatinh_run_list",
    "hatinh_run_records",
    "hatinh_run_show",
    "hatinh_run_start",
    "hatinh_source_list",
]


@tk.side_effect_free
def hatinh_source_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every source with its latest run: name, kind, title, owner, url, last_run."""
    tk.check_access("hatinh_source_list", context, data_dict)
    latest = latest_runs()
    return [
        {
            "name": source.name,
            "kind": source.kind,
            "title": source.title.as_dict(),
            "owner": source.owner,
            "last_run": latest[source.name].as_dict() if source.name in latest else None,
        }
        for source in config.sources().values()
    ]


@tk.side_effect_free
@validate(schema.run_list)
def hatinh_run_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The newest runs. Parameters: ``source`` (optional), ``limit`` (20, at most 100)."""
    tk.check_access("hatinh_run_list", context, data_dict)
    found = runs(data_dict.get("source"), data_dict["limit"])
    return [run.as_dict() for run in found]


@tk.side_effect_free
def hatinh_run_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One run. Parameter: ``id``."""
    tk.check_access("hatinh_run_show", context, data_dict)
    return _run(data_dict).as_dict()


@tk.side_effect_free
@validate(schema.run_records)
def hatinh_run_records(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What became of each record of a run: guid, title, action, package_id and problems.

    A problem has code, severity, path, value and, in Vietnamese and English, ``reason``,
    ``mend`` and ``place``. ``package_id`` is the dataset that the record became, if it was taken.

    Parameters: ``id`` of the run, ``action`` (optional: created, updated, unchanged, rejected,
    gone).
    """
    tk.check_access("hatinh_run_records", context, data_dict)
    run = _run(data_dict)
    return [
        _record(run.source, outcome.as_dict())
        for outcome in outcomes(run.id, data_dict.get("action"))
    ]


def _record(source: str, record: dict[str, Any]) -> dict[str, Any]:
    taken = record["action"] != "rejected"
    return record | {
        "package_id": package_id(source, record["guid"]) if taken else None,
        "problems": [problem | _words(problem) for problem in record["problems"]],
    }


def _words(stored: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    problem = Problem.from_dict(stored)
    said = {lang: describe(problem, lang, problem_texts()) for lang in ("vi", "en")}
    return {
        "reason": {lang: reason for lang, (reason, _) in said.items()},
        "mend": {lang: mend for lang, (_, mend) in said.items()},
        "place": {lang: locate(problem.path, lang, problem_texts()) for lang in said},
    }


def hatinh_run_start(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Queue a run of a source for the workers. Parameter: ``source``. Sysadmins only."""
    tk.check_access("hatinh_run_start", context, data_dict)
    source = tk.get_or_bust(data_dict, "source")
    if source not in config.sources():
        raise tk.ObjectNotFound(tk._("No such source: {name}").format(name=source))
    job = tk.enqueue_job(run_by_name, [source], title=f"harvest {source}")
    return {"source": source, "job": job.id}


def run_by_name(name: str) -> RunResult:
    """Run a configured source here and now (for the worker and the command line)."""
    source = config.sources()[name]
    judge = Judge(vocabulary(), load_formula(schemas.ROOT / "quality.yaml"))
    return run_source(source, partial(open_source, client=Client()), judge, harvester())


def _run(data_dict: DataDict) -> HarvestRun:
    run = run_by_id(tk.get_or_bust(data_dict, "id"))
    if run is None:
        raise tk.ObjectNotFound(tk._("No such harvest run"))
    return run
