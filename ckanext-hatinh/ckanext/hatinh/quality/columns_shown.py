"""The columns of a file in the reader's language, each fault with the address of its places."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.quality import mends
from ckanext.hatinh.shared.vocabulary import dictionary

Told = Mapping[str, Any]
"""A part of what ``hatinh_score_show`` gives."""


def shown(file: Told, package: Told, score: Told) -> dict[str, Any]:
    """The columns of a file: those ``with_losses`` and those ``without``, the worst first.

    ``dimensions`` are the codes of those that any column has a value in.
    """
    rules = {loss["rule"] for loss in score["losses"]}
    columns = [_column(column, file, package, rules) for column in file["columns"]]
    return {
        "with_losses": [column for column in columns if column["losses"]],
        "without": [column for column in columns if not column["losses"]],
        "dimensions": [
            code
            for code in score["dimensions"]
            if any(column["values"].get(code) is not None for column in columns)
        ],
    }


def _column(column: Told, file: Told, package: Told, rules: set[str]) -> dict[str, Any]:
    element = dictionary().elements.get(column["element"])
    return {
        "name": column["name"],
        "element": column["element"],
        "term": tk.h.hatinh_say(element.name) if element else "",
        "values": column["dimensions"],
        "losses": [
            _loss(loss, column, file, package, linked=loss["rule"] in rules)
            for loss in column["losses"]
        ],
    }


def _loss(loss: Told, column: Told, file: Told, package: Told, *, linked: bool) -> dict[str, Any]:
    """A loss in words. A record just loaded has no places by a rule until it is scored again."""
    where = {"rule": loss["rule"], "tep": file["resource_id"], "cot": column["name"]}
    kind, name = package["type"], package["name"]
    address = tk.url_for("hatinh_quality.places", kind=kind, name=name, **where)
    return {
        "do": tk.h.hatinh_say(mends.remedies().of(loss["rule"]).do),
        "broken": loss["broken"],
        "judged": loss["judged"],
        "address": address if linked else "",
    }
