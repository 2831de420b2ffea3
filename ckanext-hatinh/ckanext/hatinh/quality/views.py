"""The page that says why a dataset's score is not higher."""

from functools import lru_cache

import ckan.plugins.toolkit as tk
from flask import Blueprint

import schemas
from ckanext.hatinh.quality.drill import by_dimension
from ckanext.hatinh.quality.helpers import hatinh_problem_texts
from ckanext.hatinh.shared.vocabulary import dictionary, problem_texts
from hatinh.messages import locate
from hatinh.quality import load_formula

__all__ = ["hatinh_quality"]

hatinh_quality = Blueprint("hatinh_quality", __name__)

_formula = lru_cache(maxsize=1)(load_formula)


@hatinh_quality.get("/<any(dataset, system, dataservice):kind>/<name>/chat-luong")
def read(kind: str, name: str) -> str:
    """A dataset's score: what every dimension lost, by which rule, in which rows."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
        score = tk.get_action("hatinh_score_show")({}, {"id": package["id"]})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("This dataset has not been measured yet"))
    problems = hatinh_problem_texts(score["problems"])
    dimensions = by_dimension(
        score,
        problems,
        _formula(schemas.ROOT / "quality.yaml"),
        dictionary().code_lists["quality_dimensions"],
        tk.h.lang(),
        lambda path: locate(path, tk.h.lang(), problem_texts()),
    )
    return tk.render(
        "hatinh_quality/read.html",
        {
            "pkg_dict": package,
            "dataset_type": kind,
            "score": score,
            "dimensions": dimensions,
            "problems": problems,
        },
    )
