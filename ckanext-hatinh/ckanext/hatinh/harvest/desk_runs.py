"""The desk's pages of runs and notices: the plan, what was wrong, and what a person decides."""

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ckanext.hatinh.harvest import problems
from ckanext.hatinh.harvest.model.run import ENDED, UNDOABLE, run_by_id
from ckanext.hatinh.harvest.model.source import any_source
from ckanext.hatinh.harvest.page import asked, context, enter, said
from ckanext.hatinh.shared.report_files import sent
from harvesters.plan import OUTCOMES, WRITES
from hatinh.report import Report
from hatinh.text import Text

hatinh_harvest_runs = Blueprint(
    "hatinh_harvest_runs", __name__, url_prefix="/thu-thap/ban-lam-viec"
)

SHOWN = 50
"""Records on one page."""


@hatinh_harvest_runs.before_request
def check() -> AnyResponse | None:
    """Officers only."""
    return enter()


@hatinh_harvest_runs.post("/nguon/<name>/chay")
def start(name: str) -> AnyResponse:
    """Run a source now."""
    try:
        run = tk.get_action("hatinh_run_start")(
            context(), {"source": name, "full": "full" in request.form}
        )
    except tk.ValidationError as err:
        tk.h.flash_error(said(err))
        return redirect(tk.url_for("hatinh_harvest_desk.source", name=name))
    except (tk.NotAuthorized, tk.ObjectNotFound) as err:
        tk.abort(403, str(err))
    return redirect(tk.url_for(".run", run_id=run["id"]))


@hatinh_harvest_runs.get("/luot/<run_id>")
def run(run_id: str) -> str:
    """One run: how far it is, its plan, its problems by cause, its records."""
    found = _own(run_id)
    action = request.args.get("ket-qua", "")
    page = max(tk.h.get_page_number(request.args), 1)
    records = asked(
        "hatinh_run_records", id=run_id, action=action, limit=SHOWN, offset=(page - 1) * SHOWN
    )
    return tk.render(
        "hatinh_harvest/run.html",
        {
            "run": found,
            "source": any_source(found["source"]),
            "problems": asked("hatinh_run_problems", id=run_id),
            "records": records,
            "outcomes": OUTCOMES,
            "action": action,
            "page": page,
            "more": len(records) == SHOWN,
            "ended": found["state"] in ENDED,
            "undoable": found["state"] in UNDOABLE and any(found["counts"][a] for a in WRITES),
        },
    )


@hatinh_harvest_runs.post("/luot/<run_id>/<any(duyet, huy, 'khoi-phuc'):step>")
def decide(run_id: str, step: str) -> AnyResponse:
    """Approve a run that waits, cancel one, or roll one back."""
    given: dict[str, Any] = {"id": run_id}
    if step == "duyet":
        given["without_removals"] = "without_removals" in request.form
    action = {"duyet": "approve", "huy": "cancel", "khoi-phuc": "rollback"}[step]
    try:
        tk.get_action(f"hatinh_run_{action}")(context(), given)
    except tk.ValidationError as err:
        tk.h.flash_error(said(err))
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    return redirect(tk.url_for(".run", run_id=run_id))


@hatinh_harvest_runs.get("/luot/<run_id>/van-de.<any(csv, xlsx):form>")
def download(run_id: str, form: str) -> Response:
    """Every problem of a run as a file."""
    found = _own(run_id)
    return sent(_report(run_id), f"van-de-{found['source']}", form)


@hatinh_harvest_runs.get("/thong-bao")
def news() -> str:
    """The notices of one's sources."""
    return tk.render(
        "hatinh_harvest/notices.html", {"notices": asked("hatinh_notice_list", limit=100)}
    )


@hatinh_harvest_runs.post("/thong-bao")
def seen() -> AnyResponse:
    """All notices have been seen."""
    asked("hatinh_notice_seen")
    return redirect(tk.url_for(".news"))


def _own(run_id: str) -> dict[str, Any]:
    found = asked("hatinh_run_show", id=run_id)
    if "trigger" not in found:
        tk.abort(403, tk._("Only editors of the office that owns the source may do this"))
    return found


def _report(run_id: str) -> Report:
    stored = run_by_id(run_id)
    source = any_source(stored.source) if stored else None
    if stored is None or source is None:
        tk.abort(404, tk._("No such harvest run"))
    title = Text(source.title["vi"], source.title.get("en", ""))
    return problems.report(stored, title, datetime.now(UTC))
