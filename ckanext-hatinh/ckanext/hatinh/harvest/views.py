"""Pages of the harvest for everybody: how the sources are (REQ-54), and figures for monitors."""

from secrets import compare_digest
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.harvest import config, metrics
from ckanext.hatinh.harvest.desk import hatinh_harvest_desk
from ckanext.hatinh.harvest.desk_runs import hatinh_harvest_runs
from ckanext.hatinh.harvest.page import asked

__all__ = ["hatinh_harvest", "hatinh_harvest_desk", "hatinh_harvest_metrics", "hatinh_harvest_runs"]

hatinh_harvest = Blueprint("hatinh_harvest", __name__, url_prefix="/thu-thap")
hatinh_harvest_metrics = Blueprint("hatinh_harvest_metrics", __name__)

LOOPBACK = ("127.0.0.1", "::1")


@hatinh_harvest.get("/")
def sources() -> str:
    """Whose sources there are, and how each is; those still being made are left out."""
    found = [s for s in asked("hatinh_source_list") if s["active"] or s["last_run"]]
    return tk.render("hatinh_harvest/status.html", {"sources": found, "tally": _tally(found)})


@hatinh_harvest.get("/nguon/<name>")
def history(name: str) -> str:
    """The past runs of one source: when, how, and how many records."""
    source = asked("hatinh_source_show", id=name)
    return tk.render(
        "hatinh_harvest/history.html",
        {"source": source, "runs": asked("hatinh_run_list", source=name, limit=50)},
    )


@hatinh_harvest_metrics.get("/metrics")
def figures() -> Response:
    """Figures in the format of Prometheus, for this machine or for the bearer of the token."""
    if not _may_measure():
        tk.abort(403, tk._("Figures are for monitors only"))
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _may_measure() -> bool:
    """Loopback without a proxy's mark, or the token: a proxy makes everybody loopback."""
    token = config.metrics_token()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and compare_digest(token.encode(), given.encode()):
        return True
    forwarded = {"X-Forwarded-For", "X-Real-IP", "Forwarded"} & set(request.headers.keys())
    return request.remote_addr in LOOPBACK and not forwarded


def _tally(found: list[dict[str, Any]]) -> dict[str, int]:
    """How many sources there are, work, and fail."""
    states = [source["health"]["state"] for source in found]
    failing = states.count("failing")
    never = states.count("never")
    return {"all": len(states), "good": len(states) - failing - never, "failing": failing}
