"""API of the register. The public sees what is public, an office its own, the steward all."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.register import model, shown
from ckanext.hatinh.register.logic import schema
from ckanext.hatinh.register.reader import reader_of
from ckanext.hatinh.shared.parameters import checked

__all__ = ["hatinh_register_coverage", "hatinh_register_findings", "hatinh_register_show"]


@tk.side_effect_free
def hatinh_register_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Systems with their databases, datasets and services, and what the gateway counted.

    Parameters: ``id`` of one system (or its name), or ``organization``, to see those of an office;
    all without either. ``calls`` is nothing while the gateway has told no counts.
    """
    tk.check_access("hatinh_register_show", context, data_dict)
    asked = checked(data_dict, schema.show())
    reader, joined = reader_of(context), shown.register()
    if asked["id"]:
        found = shown.tree(joined, reader, asked["id"])
        if found is None:
            raise tk.ObjectNotFound(tk._("No such system"))
        systems = [found]
    else:
        systems = shown.trees(joined, reader, asked["organization"])
    counted = joined.facts.counted
    return {
        "systems": systems,
        "counted_from": counted.first.isoformat() if counted.first else None,
        "counted_to": counted.last.isoformat() if counted.last else None,
    }


@tk.side_effect_free
def hatinh_register_findings(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What does not fit together: ``count``, ``kinds`` and ``offices`` with counts, ``findings``.

    ``checked`` is when it was last looked for.

    Parameters: ``kind``; ``organization`` that answers for it; ``state`` (``mo`` open, ``dong``
    closed; both unless said); ``limit`` (1000), ``offset`` (0). A finding is told only to those who
    may see all records that it speaks of.
    """
    tk.check_access("hatinh_register_findings", context, data_dict)
    asked = checked(data_dict, schema.findings())
    found = shown.findings(
        reader_of(context), asked["kind"], asked["organization"], asked["state"]
    )  # fmt: skip
    first, at = asked["offset"], model.last_run()
    return {
        "count": len(found),
        "kinds": shown.kinds_of(found),
        "offices": shown.offices_of(found),
        "checked": at.isoformat(timespec="seconds") if at else None,
        "findings": found[first : first + asked["limit"]],
    }


@tk.side_effect_free
def hatinh_register_coverage(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How far systems are connected to LGSP: connected ÷ (all − approved exceptions).

    Parameter: ``organization``, to see only that office in ``offices``. ``exceptions`` are those
    that count, ``claimed`` those that lack who approved them or when.
    """
    tk.check_access("hatinh_register_coverage", context, data_dict)
    name = checked(data_dict, schema.coverage())["organization"]
    found = shown.coverages(reader_of(context))
    offices = [share for share in found["offices"] if name in ("", share["organization"])]
    return {"whole": found["whole"], "offices": offices}
