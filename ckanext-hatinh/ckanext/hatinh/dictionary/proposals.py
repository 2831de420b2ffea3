"""What people send in: changes as JSON, workbooks, and headers that want an element."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.dictionary.uses import uses
from ckanext.hatinh.shared.refusals import in_words
from ckanext.hatinh.shared.vocabulary import organizations, today
from hatinh.dictionary import edition_json
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.suggest import Suggestion, suggest_table
from hatinh.dictionary.workbook import DryRun, Fault, Surroundings, dry_run
from hatinh.errors import UnreadableTableError

READ_ROWS = 200
"""Rows that suggestions look at; more hardly ever change them."""
MOST_BYTES = 20 * 2**20


def changed(base: Edition, data: Mapping[str, Any]) -> Edition:
    """The edition with the elements and code lists that ``data`` changes, adds or withdraws."""
    try:
        return replace(base, elements=_elements(base, data), code_lists=_code_lists(base, data))
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        words = tk._("Not written as an edition is: {why}").format(why=repr(err))
        raise tk.ValidationError({"elements": [words]}) from err


def uploaded(upload: Any) -> tuple[str, bytes]:
    """Name and content of an uploaded file."""
    if not hasattr(upload, "filename"):
        raise tk.ValidationError({"upload": [tk._("Send the workbook as a file of the form")]})
    body = upload.stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise tk.ValidationError({"upload": [tk._("The workbook is larger than 20 MB")]})
    return upload.filename, body


def read(name: str, body: bytes, base: Edition) -> DryRun:
    """What a workbook would change, and each faulty cell."""
    around = Surroundings(
        base,
        editions.attributes(),
        organizations(),
        uses(),
        tuple(editions.approved_before(base)),
    )
    try:
        return dry_run(name, body, around, today())
    except UnreadableTableError as err:
        raise tk.ValidationError({"upload": [str(err)]}) from err


def told(result: DryRun) -> dict[str, Any]:
    """A dry run as JSON."""
    return {
        "refused": result.refused,
        "diff": result.diff.as_dict(),
        "faults": [_fault(fault) for fault in result.faults],
    }


def suggestions(columns: Sequence[str], rows: Any, edition: Edition) -> list[list[dict[str, Any]]]:
    """For each column the elements that it may be, as JSON."""
    if not isinstance(rows, list) or not all(isinstance(row, list | dict) for row in rows):
        raise tk.ValidationError({"rows": [tk._("Must be a list of lists or of objects")]})
    found = suggest_table(columns, rows[:READ_ROWS], edition.dictionary, today())
    return [[_suggestion(one, edition) for one in column] for column in found]


def _elements(base: Edition, data: Mapping[str, Any]) -> dict[str, Any]:
    withdrawn = set(data.get("withdraw") or ())
    found = {key: one for key, one in base.elements.items() if key not in withdrawn}
    for given in data.get("elements") or ():
        known = base.elements.get(given["id"])
        whole = (edition_json.element_dict(known) if known else {}) | given
        found[given["id"]] = edition_json.element(whole)
    return found


def _code_lists(base: Edition, data: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(base.code_lists)
    for given in data.get("code_lists") or ():
        known = base.code_lists.get(given["id"])
        whole = (edition_json.code_list_dict(known) if known else {"codes": []}) | given
        found[given["id"]] = edition_json.code_list(whole)
    return found


def _fault(fault: Fault) -> dict[str, Any]:
    return {"sheet": fault.sheet, "cell": fault.cell, **in_words(fault.problem)}


def _suggestion(found: Suggestion, edition: Edition) -> dict[str, Any]:
    return {
        "element": found.element,
        "name": edition.elements[found.element].name.as_dict(),
        "confidence": found.confidence,
        "reasons": [{"code": r.code, "params": dict(r.params)} for r in found.reasons],
    }
