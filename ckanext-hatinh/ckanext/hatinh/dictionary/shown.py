"""The dictionary as JSON: what the API gives and the pages show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ckanext.hatinh.dictionary.checking import Head
from ckanext.hatinh.dictionary.editions import attributes
from ckanext.hatinh.dictionary.model import DictionaryEdition
from hatinh.dictionary.attributes import Column as AttributeColumn
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_json import (
    code_dict,
    code_list_dict,
    element_dict,
    fingerprint,
    to_dict,
)
from hatinh.dictionary.export.uris import code_uri, element_uri, list_uri
from hatinh.dictionary.model import Code, CodeList, Element
from hatinh.dictionary.suggest import Suggestion
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.text import Text

PEOPLE = ("proposer", "approver", "by")
CONTENT = ("elements", "code_lists")


def element_in_short(element: Element) -> dict[str, Any]:
    """What a list says of an element."""
    return {
        "id": element.id,
        "uri": element_uri(element.id),
        "name": element.name.as_dict(),
        "definition": element.definition.as_dict(),
        "entity": element.entity,
        "datatype": element.datatype.value,
        "code_list": element.code_list,
        "unofficial": element.unofficial,
    }


def element(found: Element, edition: Edition) -> dict[str, Any]:
    """An element, whole, with its attributes in their order."""
    return element_in_short(found) | element_dict(found) | {"edition": edition.number}


def code_list_in_short(found: CodeList) -> dict[str, Any]:
    """What a list of lists says of a code list."""
    return {
        "id": found.id,
        "uri": list_uri(found.id),
        "title": found.title.as_dict(),
        "source": found.source,
        "issued": found.issued,
        "confidence": found.confidence,
        "proposed": found.proposed,
        "unverified": found.unverified,
        "unofficial": found.unofficial,
        "dated": found.dated,
        "count": len(found.codes),
    }


def code_list(found: CodeList, at: date | None) -> dict[str, Any]:
    """A code list with its codes: those in force on a day, or all."""
    codes = found.at(at) if at else found.codes
    return (
        code_list_in_short(found)
        | {key: value for key, value in code_list_dict(found).items() if key != "codes"}
        | {"at": at.isoformat() if at else None, "codes": [code(found, entry) for entry in codes]}
    )


def code(code_list: CodeList, entry: Code) -> dict[str, Any]:
    """One entry of a list with its address."""
    return code_dict(entry) | {"uri": code_uri(code_list, entry)}


@dataclass(frozen=True, slots=True)
class Told:
    """What a list of editions says besides their rows: which is current, and their last steps."""

    current: str
    steps: Mapping[str, Mapping[str, Any]]

    def head(self, found: DictionaryEdition, *, with_people: bool) -> dict[str, Any]:
        """One edition of the list."""
        step = self.steps.get(found.number)
        told = _head(found) | {"current": found.number == self.current, "last_step": step}
        if with_people:
            return told | {"proposer": found.proposer, "approver": found.approver}
        return told | {"last_step": _nameless(step) if step else None}


def _head(found: DictionaryEdition) -> dict[str, Any]:
    return {
        "number": found.number,
        "state": found.state,
        "date": found.date.isoformat(),
        "owner": found.owner,
        "based_on": found.based_on,
        "decision": found.decision,
        "note": found.note,
        "hash": found.hash,
        "elements": found.elements,
        "code_lists": found.code_lists,
    }


def edition(found: Edition, *, with_people: bool) -> dict[str, Any]:
    """An edition without its content."""
    told = {key: value for key, value in to_dict(found).items() if key not in CONTENT}
    told |= {"hash": fingerprint(found), "unofficial": unofficial(found)}
    if with_people:
        return told
    return _nameless(told) | {"history": [_nameless(step) for step in told["history"]]}


def table_check(
    report: dict[str, Any], bound: TableSchema, head: Head, edition: Edition
) -> dict[str, Any]:
    """The report of a checked table, its columns first."""
    suggested = dict(zip(head.names, head.suggested, strict=True))
    listed = len(report["violations"])
    return report | {
        "edition": edition.number,
        "columns": [_checked_column(c, suggested.get(c.name, ()), edition) for c in bound.columns],
        "total": report["faulty_places"],
        "truncated": listed < report["faulty_places"],
    }


def _checked_column(
    column: Column, suggested: Iterable[Suggestion], edition: Edition
) -> dict[str, Any]:
    element = edition.elements.get(column.element)
    return {
        "name": column.name,
        "element": column.element,
        "element_name": element.name.as_dict() if element else None,
        "required": column.required,
        "key": column.key,
        "suggestions": [_suggested(suggestion, edition) for suggestion in suggested],
    }


def _suggested(found: Suggestion, edition: Edition) -> dict[str, Any]:
    name = edition.elements[found.element].name.as_dict()
    return {"element": found.element, "name": name, "confidence": found.confidence}


def unofficial(found: Edition) -> list[str]:
    """Ids of the lists and elements that may not be shown as official."""
    things = (*found.code_lists.values(), *found.elements.values())
    return [thing.id for thing in things if thing.unofficial]


def labels() -> dict[str, dict[str, Text]]:
    """Names of the fields of elements, lists and codes, for what a difference calls them."""
    return {
        what: {c.field: _label(c) for c in reversed(attributes().sheets[f"{what}s"].columns)}
        for what in ("element", "code_list", "code")
    }


def _label(column: AttributeColumn) -> Text:
    """The name of a field; of a text in two languages without the word for the one."""
    return column.label._replace(en=column.label.en.removesuffix(" (Vietnamese)"))


def _nameless(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in PEOPLE}
