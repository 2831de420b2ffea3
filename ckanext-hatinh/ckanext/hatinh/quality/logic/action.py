"""API of the scores."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
import msgspec
import sqlalchemy as sa
from ckan import model
from ckan.logic import index_update_package
from ckan.types import Context, DataDict

from ckanext.hatinh.quality import drill, model_evidence, rescoring
from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.quality.logic import schema
from ckanext.hatinh.quality.logic.mend import hatinh_mend_list
from ckanext.hatinh.shared.parameters import checked
from ckanext.hatinh.shared.seeing import sees_private
from ckanext.hatinh.shared.vocabulary import today
from hatinh.problem import Problem
from hatinh.quality import KeptEvidence, ResourceEvidence, Score, set_apart

__all__ = [
    "hatinh_mend_list",
    "hatinh_score_history",
    "hatinh_score_list",
    "hatinh_score_places",
    "hatinh_score_save",
    "hatinh_score_show",
]


@tk.side_effect_free
def hatinh_score_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The newest score of a dataset: total, band, dimensions, losses, problems; and its files.

    Parameter: ``id``, the id or name of the dataset. Not found while it has no score. ``files``
    has the dimensions of each file by itself, and of the columns of its table, the worst first.
    """
    package = tk.get_or_bust(data_dict, "id")
    tk.check_access("hatinh_score_show", context, data_dict)
    found = scores.find(package)
    if found is None:
        raise tk.ObjectNotFound(tk._("This dataset has not been measured yet"))
    return found.as_dict() | {"files": rescoring.files(found)}


@tk.side_effect_free
def hatinh_score_places(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Every place that cost a dataset points by one rule: rows of its tables, columns, fields.

    Parameters: ``id``, the id or name of the dataset; ``rule``; ``resource_id`` and ``column``,
    to have only the places in that file or column; ``limit`` (100, at most 1000); ``offset``.
    ``whole`` is false where a table has more such rows than are kept; ``points`` are those of all
    files and columns.
    """
    tk.check_access("hatinh_score_places", context, data_dict)
    asked = checked(data_dict, schema.places())
    found = scores.find(asked["id"])
    losses = [one for one in found.losses if one["rule"] == asked["rule"]] if found else []
    if found is None or not losses:
        raise tk.ObjectNotFound(tk._("The dataset has lost no points by this rule"))
    every = drill.places(losses, _files(found.package_id), found.problems)
    places = every.within(asked["resource_id"], asked["column"])
    shown = places.some(asked["limit"], asked["offset"])
    return {
        "rule": asked["rule"],
        "dimension": losses[0]["dimension"],
        "points": round(sum(one["points"] for one in losses), 2),
        "count": places.count,
        "whole": places.whole,
        "places": shown,
    }


@tk.side_effect_free
def hatinh_score_history(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What a dataset scored, the earliest day first: a new entry wherever the score changed.

    Parameter: ``id``, the id or name of the dataset.
    """
    tk.check_access("hatinh_score_history", context, data_dict)
    package = model.Package.get(tk.get_or_bust(data_dict, "id"))
    return [entry.as_dict() for entry in scores.history(package.id)] if package else []


@tk.side_effect_free
def hatinh_score_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Scores of an organisation's datasets, the worst first; private ones only for its members.

    Parameter: ``organization``, its id or name.
    """
    tk.check_access("hatinh_score_list", context, data_dict)
    organization = model.Group.get(tk.get_or_bust(data_dict, "organization"))
    if organization is None or not organization.is_organization:
        raise tk.ObjectNotFound(tk._("No such organisation"))
    member = sees_private(context, organization)
    return [
        score.as_dict() for score in scores.of_organization(organization.id, with_private=member)
    ]


def hatinh_score_save(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Keep a dataset's score in place of its earlier one. Sysadmins only.

    Parameters: ``package_id``; ``score``, the JSON form of :class:`hatinh.quality.Score`;
    ``problems``, a list of problems in their JSON form; ``day`` that it is the score of (today);
    ``resources``, what was found in each file: ``id``, ``format``, ``readable``, ``facts`` and
    ``digest``. Or ``scores``, a list of such objects. With ``resources`` the evidence is kept, and
    the dataset can be scored again without its files.

    The datasets themselves, and the times they were last changed, stay as they are. With
    ``defer_commit`` in the context the caller commits and indexes.
    """
    tk.check_access("hatinh_score_save", context, data_dict)
    given = data_dict.get("scores") or [data_dict]
    rows = [_row(tk.get_or_bust(one, ["package_id", "score"]), one) for one in given]
    evidence = {one["package_id"]: _evidence(one) for one in given if "resources" in one}
    scores.save(rows)
    model_evidence.save(evidence)
    packages = [row["package_id"] for row in rows]
    if not context.get("defer_commit"):
        model.Session.commit()
        for package in packages:
            index_update_package(tk.fresh_context(context), package)
    return {"package_ids": packages} if "scores" in data_dict else {"package_id": packages[0]}


def _row(named: Sequence[Any], given: DataDict) -> dict[str, Any]:
    """The table's row of one score that somebody gave; it is looked at again before long."""
    package_id, score = named
    if model.Package.get(package_id) is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    try:
        values = Score.from_dict(score).as_dict()
        day = date.fromisoformat(given["day"]) if given.get("day") else today()
    except (KeyError, TypeError, ValueError) as err:
        raise tk.ValidationError({"score": [repr(err)]}) from err
    noted = {"day": day, "moves_on": day, "problems": given.get("problems") or []}
    return {"package_id": package_id} | values | noted


def _evidence(given: DataDict) -> KeptEvidence:
    try:
        problems = [Problem.from_dict(stored) for stored in given.get("problems") or ()]
        digests = {file["id"]: file.get("digest") or "" for file in given["resources"]}
        found = {file["id"]: msgspec.convert(file, ResourceEvidence) for file in given["resources"]}
    except (KeyError, TypeError, ValueError, msgspec.ValidationError) as err:
        raise tk.ValidationError({"resources": [repr(err)]}) from err
    return set_apart(problems, found, digests)


def _files(package_id: str) -> list[drill.File]:
    """The files of a record in their order, with what was found in them."""
    kept = model_evidence.of_packages([package_id]).get(package_id, KeptEvidence())
    resource = model.Resource
    ids = model.Session.scalars(
        sa.select(resource.id)
        .where(resource.package_id == package_id, resource.state == "active")
        .order_by(resource.position)
    )
    return [drill.File(id_, found.facts if (found := kept.files.get(id_)) else None) for id_ in ids]
