"""API of the dictionary: reading is for anybody, writing follows the workflow of editions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.dictionary import (
    binding,
    checking,
    editions,
    looking,
    model,
    places,
    proposals,
    shown,
    wishes,
)
from ckanext.hatinh.dictionary.checking import Sent
from ckanext.hatinh.dictionary.logic import schema
from ckanext.hatinh.shared.actors import actor_of
from ckanext.hatinh.shared.parameters import checked
from ckanext.hatinh.shared.refusals import refusal
from hatinh.dictionary.check import Standard
from hatinh.dictionary.edition import Action
from hatinh.dictionary.edition_diff import diff
from hatinh.dictionary.edition_json import content
from hatinh.dictionary.workflow import Words

__all__ = [
    "hatinh_codelist_list",
    "hatinh_codelist_show",
    "hatinh_edition_approve",
    "hatinh_edition_consult",
    "hatinh_edition_diff",
    "hatinh_edition_import",
    "hatinh_edition_list",
    "hatinh_edition_propose",
    "hatinh_edition_reject",
    "hatinh_edition_return",
    "hatinh_edition_review",
    "hatinh_edition_show",
    "hatinh_edition_submit",
    "hatinh_edition_update",
    "hatinh_edition_withdraw",
    "hatinh_element_columns",
    "hatinh_element_list",
    "hatinh_element_search",
    "hatinh_element_show",
    "hatinh_place_convert",
    "hatinh_place_show",
    "hatinh_suggest",
    "hatinh_table_check",
]

# -- elements -----------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_element_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The elements of an edition in short. Parameters: ``entity``, ``edition`` (the current)."""
    tk.check_access("hatinh_element_list", context, data_dict)
    asked = checked(data_dict, schema.element_list())
    found = editions.get(asked["edition"]).elements.values()
    return [
        shown.element_in_short(element)
        for element in looking.elements("", found)
        if asked["entity"] in ("", element.entity)
    ]


@tk.side_effect_free
def hatinh_element_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One element with all that is known of it, and the columns that are it.

    Parameters: ``id``; ``edition`` (the current).
    """
    tk.check_access("hatinh_element_show", context, data_dict)
    asked = checked(data_dict, schema.element_show())
    edition = editions.get(asked["edition"])
    element = edition.elements.get(asked["id"])
    if element is None:
        raise tk.ObjectNotFound(tk._("The dictionary has no element {id}").format(id=asked["id"]))
    used = [c for c in binding.published_columns() if c["element"] == element.id]
    return shown.element(element, edition) | {"columns": used}


@tk.side_effect_free
def hatinh_element_search(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Elements that words fit, with or without marks: ``count`` and the closest ``results``.

    Parameters: ``q``, ``limit`` (50), ``edition`` (the current).
    """
    tk.check_access("hatinh_element_search", context, data_dict)
    asked = checked(data_dict, schema.element_search())
    found = looking.elements(asked["q"], editions.get(asked["edition"]).elements.values())
    results = [shown.element_in_short(element) for element in found[: asked["limit"]]]
    return {"count": len(found), "results": results}


@tk.side_effect_free
def hatinh_element_columns(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every column of a public table that is bound to an element.

    Parameters: ``element`` and ``resource_id``, to see only theirs. ``chosen`` says that a person
    bound the column in the data dictionary; else its publisher's table schema did.
    """
    tk.check_access("hatinh_element_columns", context, data_dict)
    asked = checked(data_dict, schema.element_columns())
    return [
        column
        for column in binding.published_columns()
        if asked["element"] in ("", column["element"])
        and asked["resource_id"] in ("", column["resource_id"])
    ]


def hatinh_suggest(context: Context, data_dict: DataDict) -> list[list[dict[str, Any]]]:
    """Elements that columns may be, the likeliest first, each with confidence and reasons.

    Parameters: ``columns``, the headers; ``rows``, lists of cells (the first 200 are read).
    One list for each column; a person accepts. POST only, for its size.
    """
    tk.check_access("hatinh_suggest", context, data_dict)
    columns = schema.names(tk.get_or_bust(data_dict, "columns"))
    return proposals.suggestions(columns, data_dict.get("rows") or [], editions.current())


@tk.side_effect_free
def hatinh_table_check(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Check a table by the dictionary; nothing of it is stored.

    Parameters: ``upload``, a file of the form, or ``resource_id``; ``elements``, columns with
    their elements, or element ids to choose from; ``entity``, to choose from its elements;
    ``schema``, a table schema in place of both; ``at`` (today); ``format``; ``limit`` (100).
    """
    tk.check_access("hatinh_table_check", context, data_dict)
    asked = checked(data_dict, schema.table_check())
    edition = editions.current()
    wish = wishes.read(asked, edition)
    with checking.turn() as place:
        sent = _sent(context, data_dict, asked, place)
        head = checking.head_of(sent, edition)
        bound = checking.bound(head, wish, sent.promise)
        report = checking.check(sent, Standard(bound, edition.dictionary, wish.at), asked["limit"])
    return shown.table_check(report, bound, head, edition)


def _sent(context: Context, data_dict: DataDict, asked: Mapping[str, Any], place: Path) -> Sent:
    if asked["resource_id"]:
        return checking.of_resource(asked["resource_id"], context, place)
    return checking.uploaded(data_dict.get("upload"), asked["format"], place)


# -- code lists ---------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_codelist_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The code lists without their codes. Parameter: ``edition`` (the current)."""
    tk.check_access("hatinh_codelist_list", context, data_dict)
    asked = checked(data_dict, schema.codelist_list())
    found = editions.get(asked["edition"]).code_lists.values()
    return [shown.code_list_in_short(one) for one in looking.code_lists("", found)]


@tk.side_effect_free
def hatinh_codelist_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One code list. Parameters: ``id``; ``at``, a day, to see only codes in force on it.

    Without ``at`` all codes come, each with its validity. ``edition``: the current.
    """
    tk.check_access("hatinh_codelist_show", context, data_dict)
    asked = checked(data_dict, schema.codelist_show())
    found = editions.get(asked["edition"]).code_lists.get(asked["id"])
    if found is None:
        raise tk.ObjectNotFound(tk._("There is no code list {id}").format(id=asked["id"]))
    return shown.code_list(found, asked["at"])


# -- places -------------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_place_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The place that a code stands for on a day. Parameters: ``code``; ``at`` (today).

    A code that stands for none is an error that lists ``suggestions``.
    """
    tk.check_access("hatinh_place_show", context, data_dict)
    asked = checked(data_dict, schema.place_show())
    return places.show(asked["code"], asked["at"])


def hatinh_place_convert(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Bring a table from the communes of one day to those of another.

    Parameters: ``rows`` (objects), ``from``, ``to`` (today), ``code_column``, ``value_columns``,
    ``split`` (``refuse`` or ``estimate``), ``by``, ``area_columns``, ``averaged``, ``additive``.
    Gives ``rows`` with their status, ``problems``, ``notes`` and ``complete``. POST only.
    """
    tk.check_access("hatinh_place_convert", context, data_dict)
    asked = checked(data_dict, schema.place_convert())
    rows = tk.get_or_bust(data_dict, "rows")
    by = data_dict.get("by")
    return places.convert(rows, asked | {"by": None if by is None else schema.names(by)})


# -- editions -----------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_edition_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """All editions without their content, the newest first; ``current`` marks the one in use.

    ``last_step`` is what was done with each of them last, when and why.
    """
    tk.check_access("hatinh_edition_list", context, data_dict)
    told = shown.Told(editions.current().number, model.last_steps())
    with_people = bool(actor_of(context).organizations)
    return [told.head(head, with_people=with_people) for head in editions.heads()]


@tk.side_effect_free
def hatinh_edition_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One edition. Parameters: ``number`` (the current); ``content`` (true): with its elements.

    Who proposed it and took its steps is told to editors of an office only.
    """
    tk.check_access("hatinh_edition_show", context, data_dict)
    asked = checked(data_dict, schema.edition_show())
    edition = editions.get(asked["number"])
    told = shown.edition(edition, with_people=bool(actor_of(context).organizations))
    return told | (content(edition) if asked["content"] else {})


@tk.side_effect_free
def hatinh_edition_diff(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What an edition changes. Parameters: ``number``; ``to``, the edition it is compared with.

    Without ``to`` that is the edition it is based on.
    """
    tk.check_access("hatinh_edition_diff", context, data_dict)
    asked = checked(data_dict, schema.edition_diff())
    edition = editions.get(asked["number"])
    base = editions.get(asked["to"] or edition.based_on or edition.number)
    return diff(base, edition).as_dict()


def hatinh_edition_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose an edition that changes the current one.

    Parameters: ``elements`` and ``code_lists``, objects in the form that ``hatinh_edition_show``
    gives (one of a known ``id`` needs only the fields that change; ``codes`` replace those of the
    list); ``withdraw``, ids of elements; ``note``.
    """
    tk.check_access("hatinh_edition_propose", context, data_dict)
    asked = checked(data_dict, schema.edition_new())
    base = editions.current()
    changed = proposals.changed(base, data_dict)
    return _told(editions.propose(changed, base, actor_of(context), asked["note"]))


def hatinh_edition_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change one's own open proposal. Parameters: ``number``, and those of a proposal."""
    tk.check_access("hatinh_edition_update", context, data_dict)
    asked = checked(data_dict, schema.edition_update())
    changed = proposals.changed(editions.get(asked["number"]), data_dict)
    return _told(editions.amend(asked["number"], changed, actor_of(context), asked["note"]))


def hatinh_edition_import(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read a workbook. Unless ``dry_run`` is false nothing is stored: it shows what would be.

    Parameters: ``upload``, the workbook as a file of the form; ``dry_run`` (true); ``number``, an
    open proposal of one's own that it replaces, else a new one is made; ``note``. Gives ``diff``,
    ``faults`` with sheet and cell, ``refused``, and ``edition`` once stored.
    """
    tk.check_access("hatinh_edition_import", context, data_dict)
    asked = checked(data_dict, schema.edition_import())
    name, body = proposals.uploaded(tk.get_or_bust(data_dict, "upload"))
    base = _base(asked["number"])
    result = proposals.read(name, body, base)
    told = proposals.told(result)
    if asked["dry_run"]:
        return told
    if result.refused:
        raise refusal(fault.problem for fault in result.faults)
    actor = actor_of(context)
    if asked["number"]:
        stored = editions.amend(asked["number"], result.edition, actor, asked["note"])
    else:
        stored = editions.propose(result.edition, base, actor, asked["note"])
    return told | {"edition": _told(stored)}


def hatinh_edition_submit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand in again what was returned to oneself. Parameters: ``number``, ``note``."""
    return _step("submit", Action.PROPOSE, context, data_dict)


def hatinh_edition_review(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a proposal into review (rà soát). Parameters: ``number``, ``note``."""
    return _step("review", Action.REVIEW, context, data_dict)


def hatinh_edition_consult(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Open the consultation of the offices (tham vấn). Parameters: ``number``, ``note``."""
    return _step("consult", Action.CONSULT, context, data_dict)


def hatinh_edition_approve(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Approve an edition (phê duyệt), for ever; never one's own.

    Parameters: ``number``; ``decision``, the act that approves it; ``date``, its day; ``note``.
    """
    return _step("approve", Action.APPROVE, context, data_dict)


def hatinh_edition_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a proposal back to its proposer. Parameters: ``number``; ``note``, the reason."""
    return _step("return", Action.RETURN, context, data_dict)


def hatinh_edition_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take back one's own proposal; its history stays. Parameters: ``number``; ``note``, why."""
    return _step("withdraw", Action.WITHDRAW, context, data_dict)


def hatinh_edition_reject(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Turn a proposal down for good; its history stays. Parameters: ``number``; ``note``, why."""
    return _step("reject", Action.REJECT, context, data_dict)


def _base(number: str) -> Any:
    """What a workbook is compared with: the base of an open proposal, or the current edition."""
    return editions.get(editions.get(number).based_on) if number else editions.current()


def _step(name: str, action: Action, context: Context, data_dict: DataDict) -> dict[str, Any]:
    tk.check_access(f"hatinh_edition_{name}", context, data_dict)
    asked = checked(data_dict, schema.edition_step())
    words = Words(asked["note"], asked["decision"], asked["date"])
    return _told(editions.move(asked["number"], action, actor_of(context), words))


def _told(edition: Any) -> dict[str, Any]:
    return shown.edition(edition, with_people=True)
