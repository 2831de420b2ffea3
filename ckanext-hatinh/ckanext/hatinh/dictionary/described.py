"""The attributes of an element in words, in the reader's language, for its page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary.editions import attributes, shipped
from ckanext.hatinh.shared.refusals import language
from ckanext.hatinh.shared.vocabulary import organizations, today
from hatinh.dictionary.attributes import LISTS_OF_EDITION, Attribute, Column, Kind
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.model import CodeList, Element
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line, with the address that it leads to, if any."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One value of an attribute; ``label`` where the attribute has several."""

    parts: tuple[Part, ...]
    label: str = ""


def sections(found: Element, edition: Edition) -> dict[str, list[dict[str, Any]]]:
    """The attributes of an element that have a value, by section: ``business`` and so on."""
    told: dict[str, list[dict[str, Any]]] = {}
    for attribute in attributes().attributes:
        lines = [*_lines(attribute, found, edition), *_computed(attribute.key, found, edition)]
        if lines:
            row = {"number": attribute.number, "label": say(attribute.label), "lines": lines}
            told.setdefault(attribute.section, []).append(row)
    return told


def say(text: Text) -> str:
    """A text in the reader's language, or in Vietnamese."""
    return text.said(language())


def state_name(state: str) -> str:
    """Name of a state; an older edition need not know a state that the program has."""
    entry = shipped().code_lists["edition_states"].get(state, today())
    return say(entry.name) if entry else state


def _lines(attribute: Attribute, found: Element, edition: Edition) -> Iterator[Line]:
    """The values, those in the reader's language first."""
    sheet = attributes().sheets["elements"]
    columns = [column for key in attribute.columns if (column := sheet.column(key))]
    for column in sorted(columns, key=lambda column: column.part not in ("", language())):
        if value := column.write(found):
            own = len(columns) == 1 or column.part == language()
            yield Line(_parts(column, value, found, edition), "" if own else say(column.label))


def _parts(column: Column, value: str, found: Element, edition: Edition) -> tuple[Part, ...]:
    if column.field == "related_terms":
        return tuple(_element(term, edition) for term in found.related_terms)
    if column.field == "mapping":
        return tuple(Part(one, one if one.startswith("http") else "") for one in found.mappings)
    if column.list == LISTS_OF_EDITION and (codes := edition.code_lists.get(value)):
        url = tk.url_for("hatinh_dictionary.code_list", list_id=value)
        return (Part(f"{say(codes.title)} ({value})", url),)
    if column.kind is Kind.FLAG:
        return (Part(tk._("yes")),)
    if column.kind is Kind.NAMES:
        return tuple(Part(name) for name in value.split("|"))
    return (Part(_named(_codes(column, edition), value)),)


def _codes(column: Column, edition: Edition) -> CodeList | None:
    return (
        organizations() if column.list == "organizations" else edition.code_lists.get(column.list)
    )


def _named(codes: CodeList | None, value: str) -> str:
    entry = next(iter(codes.entries(value)), None) if codes else None
    return f"{say(entry.name)} ({value})" if entry else value


def _element(term: str, edition: Edition) -> Part:
    found = edition.elements.get(term)
    if found is None:
        return Part(term)
    return Part(say(found.name), tk.url_for("hatinh_dictionary.element", element_id=term))


def _computed(attribute: str, found: Element, edition: Edition) -> list[Line]:
    """The two attributes that are not written by anybody."""
    if attribute == "version_status":
        return [Line((Part(f"{edition.number} – {state_name(edition.state)}"),))]
    if attribute == "api":
        url = f"/api/3/action/hatinh_element_show?id={found.id}"
        return [Line((Part(url, url),))]
    return []
