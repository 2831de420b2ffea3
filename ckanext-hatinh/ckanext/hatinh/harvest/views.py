"""Pages of the harvest: the public account of sources and runs (REQ-54)."""

import ckan.plugins.toolkit as tk
from flask import Blueprint

import schemas
from hatinh.messages import describe, load_texts
from hatinh.problem import Problem

__all__ = ["hatinh_harvest"]

hatinh_harvest = Blueprint("hatinh_harvest", __name__, url_prefix="/thu-thap")


@hatinh_harvest.get("/")
def sources() -> str:
    """All sources, each with its latest run."""
    return tk.render(
        "hatinh_harvest/sources.html", {"sources": tk.get_action("hatinh_source_list")({}, {})}
    )


@hatinh_harvest.get("/<run_id>")
def run(run_id: str) -> str:
    """One run, record by record, with the reason and the mend of every problem."""
    try:
        found = tk.get_action("hatinh_run_show")({}, {"id": run_id})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("No such harvest run"))
    records = tk.get_action("hatinh_run_records")({}, {"id": run_id})
    texts = load_texts(schemas.ROOT)
    lang = tk.h.lang()
    for record in records:
        for stored in record["problems"]:
            stored["title"], stored["mend"] = describe(Problem.from_dict(stored), lang, texts)
    return tk.render("hatinh_harvest/run.html", {"run": found, "records": records})
