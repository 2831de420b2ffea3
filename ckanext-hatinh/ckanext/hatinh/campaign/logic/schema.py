"""Parameters of the actions."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import number, optional_day, text

LARGEST = 2**31 - 1
"""The largest number that the database takes."""

counted = number(1, LARGEST)
"""Accepts the number of a campaign."""


def needed_text(value: Any) -> str:
    """Accept a text that is there."""
    found = text(value)
    if not found:
        raise tk.Invalid(tk._("Missing value"))
    return found


def names(value: Any) -> list[str] | None:
    """Accept a list of names, or one; none given is no list."""
    if value is tk.missing or value is None:
        return None
    return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]


def bilingual(value: Any) -> dict[str, str]:
    """Accept a title as ``{"vi": …, "en": …}``, or its Vietnamese alone."""
    found = value if isinstance(value, Mapping) else {"vi": text(value)}
    return {lang: text(found.get(lang, "")) for lang in ("vi", "en")}


def answers(value: Any) -> dict[str, dict[str, str]]:
    """Accept answers by question, by the id of a system or a blank one."""
    if not isinstance(value, Mapping) or not all(isinstance(v, Mapping) for v in value.values()):
        raise tk.Invalid(tk._("Must be an object"))
    return {
        str(subject): {str(name): text(answer) for name, answer in told.items()}
        for subject, told in value.items()
    }


def upload(value: Any) -> Any:
    """Accept a file, or none."""
    return value if hasattr(value, "stream") else None


def campaign() -> Schema:
    """One campaign."""
    return {"number": [counted]}


def create() -> Schema:
    """A new campaign."""
    return {"title": [bilingual], "day": [optional_day]}


def update() -> Schema:
    """What changes in a campaign."""
    days = ("day", "units_before", "province_before")
    changes: Schema = {name: [optional_day] for name in days}
    return {**campaign(), "title": [bilingual], "units": [names], **changes}


def noted() -> Schema:
    """A campaign, and a note on a step."""
    return {**campaign(), "note": [text]}


def close() -> Schema:
    """The letter by which the province reported."""
    return {**campaign(), "letter": [text], "sent": [optional_day]}


def part() -> Schema:
    """One part."""
    return {**campaign(), "unit": [needed_text]}


def fill() -> Schema:
    """Answers of a part."""
    return {**part(), "answers": [answers]}


def part_note() -> Schema:
    """A part, and a note on a step."""
    return {**part(), "note": [text]}


def sign() -> Schema:
    """A part, and the number of the unit's report."""
    return {**part(), "letter": [text]}


def attach() -> Schema:
    """A piece of evidence."""
    return {**part(), "subject": [text], "url": [text], "upload": [upload]}


def evidence() -> Schema:
    """A piece of evidence of a part."""
    return {**part(), "id": [counted]}


def figure() -> Schema:
    """A figure of a snapshot, of the province or of an office."""
    return {**campaign(), "figure": [needed_text], "organization": [text]}


def scope() -> Schema:
    """A snapshot, of the province or of an office."""
    return {**campaign(), "organization": [text]}
