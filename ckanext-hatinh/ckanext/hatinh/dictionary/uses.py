"""Where the dictionary is used: columns bound to elements, codes in records."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary import binding, model
from hatinh.dictionary.edition_rules import Uses

KINDS = ("dataset", "system", "dataservice")


def uses() -> Uses:
    """How many columns use each element, and how many records each code."""
    elements = Counter(column["element"] for column in binding.published_columns())
    return Uses(elements=dict(elements), codes=dict(codes()))


def codes() -> Counter[tuple[str, str]]:
    """How many records use a code, by list and code."""
    lists = dict(code_fields())
    found: Counter[tuple[str, str]] = Counter()
    for (field, value), count in model.field_values(lists).items():
        for code in _codes(value):
            found[lists[field], code] += count
    return found


def code_fields() -> Iterator[tuple[str, str]]:
    """Fields of records that hold codes, each with its list."""
    for kind in KINDS:
        form: Mapping = tk.h.scheming_get_dataset_schema(kind) or {}
        for field in form.get("dataset_fields", ()):
            if "hatinh_code_list" in field:
                yield field["field_name"], field["hatinh_code_list"]


def _codes(value: str) -> list[str]:
    """The codes of a stored value: one, or the JSON of several."""
    return json.loads(value) if value.startswith("[") else [value] if value else []
