"""API of the scores."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic import index_update_package
from ckan.types import Context, DataDict

from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.shared.seeing import sees_private
from hatinh.quality import Score

__all__ = ["hatinh_score_list", "hatinh_score_save", "hatinh_score_show"]


@tk.side_effect_free
def hatinh_score_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The newest score of a dataset: total, band, dimensions, losses, problems.

    Parameter: ``id``, the id or name of the dataset. Not found while it has no score.
    """
    package = tk.get_or_bust(data_dict, "id")
    tk.check_access("hatinh_score_show", context, data_dict)
    found = scores.find(package)
    if found is None:
        raise tk.ObjectNotFound(tk._("This dataset has not been measured yet"))
    return found.as_dict()


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
    ``problems``, a list of problems in their JSON form. Or ``scores``, a list of such objects.
    The datasets themselves, and the times they were last changed, stay as they are. With
    ``defer_commit`` in the context the caller commits and indexes.
    """
    tk.check_access("hatinh_score_save", context, data_dict)
    given = data_dict.get("scores") or [data_dict]
    rows = [_row(tk.get_or_bust(one, ["package_id", "score"]), one) for one in given]
    scores.save(rows)
    packages = [row["package_id"] for row in rows]
    if not context.get("defer_commit"):
        model.Session.commit()
        for package in packages:
            index_update_package(tk.fresh_context(context), package)
    return {"package_ids": packages} if "scores" in data_dict else {"package_id": packages[0]}


def _row(named: Sequence[Any], given: DataDict) -> dict[str, Any]:
    """The table's row of one score that somebody gave."""
    package_id, score = named
    if model.Package.get(package_id) is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    try:
        values = Score.from_dict(score).as_dict()
    except (KeyError, TypeError) as err:
        raise tk.ValidationError({"score": [repr(err)]}) from err
    noted = {"measured_at": datetime.now(UTC), "problems": given.get("problems") or []}
    return {"package_id": package_id} | values | noted
