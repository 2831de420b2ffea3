"""Actions on runs: how they are for everybody; what became of each record for the officers."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.harvest import problems, shown
from ckanext.hatinh.harvest.access import looks_after
from ckanext.hatinh.harvest.health import public_run
from ckanext.hatinh.harvest.logic import schema
from ckanext.hatinh.harvest.logic.schema import checked
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome, outcomes
from ckanext.hatinh.harvest.model.run import HarvestRun, run_by_id, runs
from ckanext.hatinh.harvest.model.source import every_source, find_source
from ckanext.hatinh.shared.mapping import package_id

RUN: Any = "ckanext.hatinh.harvest.logic.action.run_by_name"
WITHOUT_PACKAGE = ("rejected", "conflict")


def hatinh_run_start(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Queue a run; gives the queued run. A run of the source that is queued already is that run.

    Parameters: ``source``; ``full``, to read everything anew whatever is remembered.
    """
    tk.check_access("hatinh_run_start", context, data_dict)
    asked = checked(data_dict, schema.run_start())
    source = find_source(asked["source"])
    if source is None:
        raise tk.ObjectNotFound(tk._("No such source: {name}").format(name=asked["source"]))
    if faults := shown.faults(source):
        said = [fault.en if tk.h.lang() == "en" else fault.vi for fault in faults]
        raise tk.ValidationError({"source": said})
    job = tk.enqueue_job(RUN, [source.name], title=f"harvest {source.name}")
    return {"source": source.name, "job": job.id}


@tk.side_effect_free
def hatinh_run_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The newest runs, whole for those who look after their source.

    Parameters: ``source`` (optional), ``limit`` (20, at most 100).
    """
    tk.check_access("hatinh_run_list", context, data_dict)
    asked = checked(data_dict, schema.run_list())
    owners = {source.name: source.owner for source in every_source()}
    found = runs(asked.get("source"), asked["limit"])
    offices = {owners.get(run.source, "") for run in found}
    mine = {office for office in offices if looks_after(_user(context), office)}
    return [
        run.as_dict() if owners.get(run.source, "") in mine else public_run(run) for run in found
    ]


@tk.side_effect_free
def hatinh_run_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One run; only what is public of it to those who do not look after it. Parameter: ``id``."""
    tk.check_access("hatinh_run_show", context, data_dict)
    run = _run(checked(data_dict, schema.by_id())["id"])
    source = find_source(run.source)
    mine = looks_after(_user(context), source.owner if source else "")
    return run.as_dict() if mine else public_run(run)


@tk.side_effect_free
def hatinh_run_records(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What became, or would become, of each record of a run: guid, title, action, state,
    package_id, ``diff`` (field, before, after) and problems.

    A problem has code, severity, path, value and, in Vietnamese and English, ``reason``,
    ``mend`` and ``place``. Parameters: ``id`` of the run; ``action`` (optional: created, updated,
    unchanged, rejected, gone, conflict, restored, archived); ``limit`` (100, at most 1000);
    ``offset``.
    """
    tk.check_access("hatinh_run_records", context, data_dict)
    asked = checked(data_dict, schema.run_records())
    run = _run(asked["id"])
    found = outcomes(run.id, asked.get("action"), asked["limit"], asked["offset"])
    return [_record(run.source, outcome) for outcome in found]


@tk.side_effect_free
def hatinh_run_problems(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The problems of a run by cause: ``code``, ``severity``, ``records``, ``places`` and an
    ``example``. Parameter: ``id`` of the run."""
    tk.check_access("hatinh_run_problems", context, data_dict)
    return problems.grouped(_run(checked(data_dict, schema.by_id())["id"]).id)


def _record(source: str, outcome: HarvestOutcome) -> dict[str, Any]:
    record = outcome.as_dict()
    written = record["action"] not in WITHOUT_PACKAGE
    package = record["package_id"] or (package_id(source, record["guid"]) if written else None)
    told = [shown.problem(problem) for problem in record["problems"]]
    return record | {"package_id": package, "problems": told}


def _run(run_id: str) -> HarvestRun:
    run = run_by_id(run_id)
    if run is None:
        raise tk.ObjectNotFound(tk._("No such harvest run"))
    return run


def _user(context: Context) -> str:
    return context.get("user") or ""
