"""The page that says why a dataset's score is not higher."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.hatinh.quality import columns_shown
from ckanext.hatinh.quality.boards_views import hatinh_boards
from ckanext.hatinh.quality.drill import by_dimension
from ckanext.hatinh.quality.helpers import hatinh_problem_texts
from ckanext.hatinh.shared.asking import asked
from ckanext.hatinh.shared.formulas import formulas
from ckanext.hatinh.shared.vocabulary import dictionary, problem_texts, today
from hatinh.messages import locate
from hatinh.quality import Formula

__all__ = ["hatinh_boards", "hatinh_quality"]

hatinh_quality = Blueprint("hatinh_quality", __name__)

AT_ONCE = 100
"""Places on one page."""


@hatinh_quality.get("/<any(dataset, system, dataservice):kind>/<name>/chat-luong")
def read(kind: str, name: str) -> str:
    """A dataset's score: what every dimension lost, by which rule, in which rows."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
        score = tk.get_action("hatinh_score_show")({}, {"id": package["id"]})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("This dataset has not been measured yet"))
    return tk.render(
        "hatinh_quality/read.html",
        {
            "pkg_dict": package,
            "dataset_type": kind,
            "score": score,
            "dimensions": _drilled(score),
            "problems": hatinh_problem_texts(score["problems"]),
            "files": _files(package, score),
        },
    )


@hatinh_quality.get("/<any(dataset, system, dataservice):kind>/<name>/chat-luong/<rule>")
def places(kind: str, name: str, rule: str) -> str:
    """Every place that cost points by one rule; of one file (``tep``) and column (``cot``)."""
    package = asked("package_show", id=name)
    page = max(tk.h.get_page_number(tk.request.args), 1)
    start = AT_ONCE * (page - 1)
    only = {name: value for name in ("tep", "cot") if (value := tk.request.args.get(name))}
    within = {"resource_id": only.get("tep", ""), "column": only.get("cot", "")}
    given = {"id": package["id"], "rule": rule, "limit": AT_ONCE, "offset": start}
    found = asked("hatinh_score_places", **given, **within)
    score = asked("hatinh_score_show", id=package["id"])
    dimensions = _drilled(score)
    losses = [loss for one in dimensions for loss in one["losses"] if loss["rule"] == rule]
    if not losses:
        tk.abort(404, tk._("The dataset has lost no points by this rule"))
    files = {file["id"]: file for file in package.get("resources", ())}
    for place in found["places"]:
        place |= {"words": _place(place["path"]), "file": files.get(place["resource_id"])}
    return tk.render(
        "hatinh_quality/places.html",
        {
            "pkg_dict": package,
            "dataset_type": kind,
            "found": found,
            "loss": losses[0],
            "only": only,
            "within": files.get(within["resource_id"]),
            "page": page,
            "pages": -(-found["count"] // AT_ONCE),
        },
    )


def _drilled(score: dict[str, Any]) -> list[dict[str, Any]]:
    """Dimensions, losses and problems of a score in the reader's language."""
    lists, lang = dictionary().code_lists, tk.h.lang()
    problems = hatinh_problem_texts(score["problems"])
    return by_dimension(score, problems, _formula(score), lists["quality_dimensions"], lang, _place)


def _files(package: dict[str, Any], score: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a record of which something could be measured: values, and their columns."""
    known = {file["id"]: file for file in package.get("resources", ())}
    return [
        {
            "file": known[one["resource_id"]],
            "values": one["dimensions"],
            "columns": columns_shown.shown(one, package, score),
        }
        for one in score["files"]
        if one["resource_id"] in known and any(v is not None for v in one["dimensions"].values())
    ]


def _formula(score: dict[str, Any]) -> Formula:
    """The formula by which a score was made; the newest where nobody kept it."""
    return formulas().versions.get(score["formula"]) or formulas().on(today())


def _place(path: str) -> str:
    return locate(path, tk.h.lang(), problem_texts())
