"""Actions on runs: how they are for everybody; what became of each record for the officers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.harvest import problems, queue, shown
from ckanext.hatinh.harvest.access import among, looks_after
from ckanext.hatinh.harvest.forms import field_label
from ckanext.hatinh.harvest.health import public_run
from ckanext.hatinh.harvest.logic import schema
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome, outcomes
from ckanext.hatinh.harvest.model.run import HarvestRun, run_by_id, runs
from ckanext.hatinh.harvest.model.source import every_source, find_source, owner_of
from ckanext.hatinh.harvest.page import in_language
from ckanext.hatinh.shared.auditors import audits
from ckanext.hatinh.shared.mapping import package_id
from ckanext.hatinh.shared.parameters import checked
from hatinh.text import Text

A_FILE = Text("Tệp dữ liệu", "File")
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
        raise tk.ValidationError({"source": [in_language(fault) for fault in faults]})
    run_id = queue.enqueue(source.name, "hand", _user(context), full=asked.get("full", False))
    return shown.whole_run(_run(run_id))


def hatinh_run_approve(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Let a waiting run write what it planned. Parameters: ``id``; ``without_removals``, to keep
    the datasets that the source no longer has."""
    tk.check_access("hatinh_run_approve", context, data_dict)
    asked = checked(data_dict, schema.run_approve())
    without = asked.get("without_removals", False)
    with _refusals():
        queue.approve(asked["id"], _user(context), without_removals=without)
    return shown.whole_run(_run(asked["id"]))


def hatinh_run_cancel(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Stop a run that has not ended. Parameter: ``id``."""
    tk.check_access("hatinh_run_cancel", context, data_dict)
    run_id = checked(data_dict, schema.by_id())["id"]
    with _refusals():
        queue.cancel(run_id)
    return shown.whole_run(_run(run_id))


def hatinh_run_rollback(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Undo what a run wrote; a worker does it, and each dataset is as before. Parameter: ``id``."""
    tk.check_access("hatinh_run_rollback", context, data_dict)
    run_id = checked(data_dict, schema.by_id())["id"]
    with _refusals():
        queue.rollback(run_id, _user(context))
    return shown.whole_run(_run(run_id))


@tk.side_effect_free
def hatinh_run_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The newest runs, whole for those who look after their source and for auditors.

    Parameters: ``source`` (optional), ``limit`` (20, at most 100).
    """
    tk.check_access("hatinh_run_list", context, data_dict)
    asked = checked(data_dict, schema.run_list())
    owners = {source.name: source.owner for source in every_source()}
    found = runs(asked.get("source"), asked["limit"])
    everything = audits(_user(context))
    mine = owners.values() if everything else among(_user(context), owners.values())
    return [
        shown.whole_run(run) if owners.get(run.source) in mine else public_run(run) for run in found
    ]


@tk.side_effect_free
def hatinh_run_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One run; only what is public of it to those who do not look after it. Parameter: ``id``."""
    tk.check_access("hatinh_run_show", context, data_dict)
    run = _run(checked(data_dict, schema.by_id())["id"])
    user = _user(context)
    mine = audits(user) or looks_after(user, owner_of(run.source))
    return shown.whole_run(run) if mine else public_run(run)


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
    diff = [_change(change) for change in record["diff"]]
    return record | {"package_id": package, "problems": told, "diff": diff}


def _change(change: dict[str, Any]) -> dict[str, Any]:
    name, _, file = change["field"].partition(".")
    return {**change, "label": (A_FILE if file else field_label(name)).as_dict()}


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell in words why the queue refuses."""
    try:
        yield
    except queue.RefusedError as err:
        told = {
            "run-not-waiting": tk._("This run does not wait for approval"),
            "run-ended": tk._("This run has ended already"),
            "run-not-complete": tk._("Only a run that has ended can be rolled back"),
            "source-busy": tk._("Another run of this source is under way; wait for its end"),
            "rollback-nothing": tk._("This run changed no dataset; there is nothing to roll back"),
            "rollback-later-run": tk._(
                "Later runs changed the same datasets; roll those back first"
            ),
            "rollback-edited-since": tk._("Some datasets were edited since: {names}"),
            "rollback-too-old": tk._("What was there before this run is no longer kept"),
        }
        words = told.get(err.code, err.code)
        names = ", ".join(err.params.get("datasets", ()))
        raise tk.ValidationError({"id": [words.format(names=names)]}) from err


def _run(run_id: str) -> HarvestRun:
    run = run_by_id(run_id)
    if run is None:
        raise tk.ObjectNotFound(tk._("No such harvest run"))
    return run


def _user(context: Context) -> str:
    return context.get("user") or ""
