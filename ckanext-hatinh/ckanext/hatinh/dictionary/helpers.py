"""Template helpers: the element of a column, choices and suggestions for a form."""

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from flask import g

from ckanext.hatinh.dictionary import binding, described, frictionless, looking, proposals
from ckanext.hatinh.dictionary.editions import attributes, current
from ckanext.hatinh.shared.vocabulary import today
from hatinh.dictionary.attributes import flags
from hatinh.dictionary.model import CodeList, Element
from hatinh.dictionary.table_schema import Column

__all__ = [
    "hatinh_bound_columns",
    "hatinh_dictionary_flags",
    "hatinh_edition_state",
    "hatinh_element_choices",
    "hatinh_element_name",
    "hatinh_element_suggestion",
    "hatinh_table_schema",
]


def hatinh_bound_columns(resource: Mapping[str, Any]) -> list[Column]:
    """The columns of a resource, each with the element that it is bound to."""
    return binding.of_resource(resource)


def hatinh_table_schema(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a resource as Table Schema; empty when nobody has described them."""
    columns = binding.of_resource(resource)
    return frictionless.table_schema(columns, current(), today()) if columns else {}


def hatinh_dictionary_flags(thing: Element | CodeList) -> list[str]:
    """What has to be said of an element or a list before anybody takes it for a rule of law."""
    return [described.say(words) for words in flags(thing, attributes().guide)]


def hatinh_edition_state(state: str) -> str:
    """Name of a state of an edition."""
    return described.state_name(state)


def hatinh_element_name(element: str) -> Mapping[str, str] | None:
    """Name of an element in both languages; nothing when the dictionary has no such element."""
    found = current().elements.get(element)
    return found.name.as_dict() if found else None


def hatinh_element_choices() -> list[dict[str, str]]:
    """Every element as a choice of a form, by its name."""
    language = tk.h.lang()
    found = looking.elements("", current().elements.values())
    choices = [{"value": e.id, "text": f"{e.name.said(language)} ({e.id})"} for e in found]
    return [{"value": "", "text": "–"}, *choices]


def hatinh_element_suggestion(resource_id: str, column: str) -> Mapping[str, Any] | None:
    """The likeliest element of a DataStore column by its name and first values, or nothing."""
    if "hatinh_suggested" not in g:
        g.hatinh_suggested = {}
    if resource_id not in g.hatinh_suggested:
        g.hatinh_suggested[resource_id] = _suggested(resource_id)
    return g.hatinh_suggested[resource_id].get(column)


def _suggested(resource_id: str) -> dict[str, Mapping[str, Any]]:
    found = tk.get_action("datastore_search")(
        {},
        {
            "resource_id": resource_id,
            "limit": proposals.READ_ROWS,
            "records_format": "lists",
            "include_total": False,
        },
    )
    names = [field["id"] for field in found["fields"]]
    suggested = proposals.suggestions(names, _rows(found["records"]), current())
    return {name: first[0] for name, first in zip(names, suggested, strict=True) if first}


def _rows(records: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(record) for record in records]
