"""API of the mends."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.quality import boards_query, mends
from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.quality.boards_query import Scope
from ckanext.hatinh.quality.logic import schema
from ckanext.hatinh.shared.parameters import checked
from ckanext.hatinh.shared.seeing import sees_private
from hatinh.quality.standing import Marks


@tk.side_effect_free
def hatinh_mend_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What to do first: mends by the points that each brings to the total, the best first.

    Parameters: ``id``, the id or name of a record; or ``organization``, whose records are summed,
    private ones only for its members. One of them; a record counts more than its organisation.

    Each mend has its ``rule``; ``by``: ``you`` can make it on the portal, or only the ``source``;
    ``at``, the page: ``form``, ``files`` or ``columns``; ``do`` in words; ``gain`` and ``count``.
    """
    tk.check_access("hatinh_mend_list", context, data_dict)
    asked = checked(data_dict, schema.mends())
    if asked["id"]:
        return _of_record(asked["id"])
    if asked["organization"]:
        return _of_office(context, asked["organization"])
    raise tk.ValidationError({"id": [tk._("Name a record or an organisation")]})


def _of_record(name: str) -> dict[str, Any]:
    package, score = model.Package.get(name), scores.find(name)
    if package is None or score is None:
        raise tk.ObjectNotFound(tk._("This dataset has not been measured yet"))
    return {
        "total": score.total,
        "measured": 1,
        "mends": mends.of_record(package, score.as_dict()),
    }


def _of_office(context: Context, name: str) -> dict[str, Any]:
    office = model.Group.get(name)
    if office is None or not office.is_organization:
        raise tk.ObjectNotFound(tk._("No such organisation"))
    scope = Scope(office.id, sees_private(context, office))
    found = boards_query.of_offices(scope, mends.formula().dimensions)
    _, marks = found.get(office.name, ("", Marks()))
    return {
        "total": marks.total.mean,
        "measured": marks.total.count,
        "mends": mends.of_office(scope, marks.total.count),
    }
