"""Where the dictionary is used: columns bound to elements, codes in records and in tables."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary import binding, model
from ckanext.hatinh.dictionary.cells import look
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.dictionary.edition_rules import CodeUses, Uses

KINDS = ("dataset", "system", "dataservice")


def uses() -> Uses:
    """How often each element and code is used; cells are looked into when a list is asked for."""
    elements = Counter(c.element for _, columns in binding.bound_tables() for c in columns)
    in_records = codes()

    def of_list(code_list: str) -> CodeUses:
        known = dictionary().code_lists.get(code_list)
        found = look(known, dictionary()) if known else CodeUses()
        for (name, code), count in in_records.items():
            found.counts[code] += count if name == code_list else 0
        return found

    return Uses(elements, of_list)


# -- records ------------------------------------------------------------------------------------


def codes() -> Counter[tuple[str, str]]:
    """How many records, files and organisations use a code in a field, by list and code."""
    fields, files, offices = (dict(found) for found in _code_fields())
    found = _counted(fields, model.package_values(fields))
    found += _counted(files, model.resource_values(files))
    found += _counted(offices, model.office_values(offices))
    found += Counter({("themes", code): n for code, n in model.theme_sizes().items()})
    return found


def _code_fields() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Fields that hold codes, each with its list: of records, of files, of organisations."""
    kinds = [tk.h.scheming_get_dataset_schema(kind) or {} for kind in KINDS]
    office = tk.h.scheming_get_organization_schema("organization") or {}
    return (
        {name: codes for kind in kinds for name, codes in _coded(kind, "dataset_fields")},
        {name: codes for kind in kinds for name, codes in _coded(kind, "resource_fields")},
        dict(_coded(office, "fields")),
    )


def _coded(form: Mapping, part: str) -> Iterator[tuple[str, str]]:
    for field in form.get(part, ()):
        if "hatinh_code_list" in field:
            yield field["field_name"], field["hatinh_code_list"]


def _counted(
    lists: Mapping[str, str], values: Counter[tuple[str, str]]
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (field, value), count in values.items():
        for code in _codes(value):
            found[lists[field], code] += count
    return found


def _codes(value: str) -> list[str]:
    """The codes of a stored value: one, or the JSON of several."""
    return json.loads(value) if value.startswith("[") else [value] if value else []
