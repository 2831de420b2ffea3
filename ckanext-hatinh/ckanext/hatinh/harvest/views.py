"""Pages of the harvest: the public account of sources and runs (REQ-54)."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

__all__ = ["hatinh_harvest"]

hatinh_harvest = Blueprint("hatinh_harvest", __name__, url_prefix="/thu-thap")


@hatinh_harvest.get("/")
def sources() -> str:
    """All sources, each with its latest run."""
    found = tk.get_action("hatinh_source_list")({}, {})
    return tk.render("hatinh_harvest/sources.html", {"sources": found})


@hatinh_harvest.get("/<run_id>")
def run(run_id: str) -> str:
    """One run: what was refused, what was taken with remarks, and what was taken."""
    try:
        found = tk.get_action("hatinh_run_show")({}, {"id": run_id})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("No such harvest run"))
    records = tk.get_action("hatinh_run_records")({}, {"id": run_id})
    title = next(
        (
            s["title"]
            for s in tk.get_action("hatinh_source_list")({}, {})
            if s["name"] == found["source"]
        ),
        {"vi": found["source"]},
    )
    return tk.render(
        "hatinh_harvest/run.html",
        {"run": found, "title": title, "groups": by_outcome(records)},
    )


def by_outcome(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Records under ``refused``, ``remarks`` (taken with problems) and ``taken``."""
    groups: dict[str, list[dict[str, Any]]] = {"refused": [], "remarks": [], "taken": []}
    for record in records:
        if record["action"] == "rejected":
            groups["refused"].append(record)
        else:
            groups["remarks" if record["problems"] else "taken"].append(record)
    return groups
