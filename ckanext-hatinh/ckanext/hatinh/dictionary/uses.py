"""Where the dictionary is used: columns bound to elements, codes in records and in tables."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary import binding, model
from ckanext.hatinh.dictionary.cells import Cells, look
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.dictionary.edition_rules import Uses

KINDS = ("dataset", "system", "dataservice")


def uses() -> Uses:
    """How often each element and code is used; cells are looked into when a code is asked for."""
    elements = Counter(c.element for _, columns in binding.bound_tables() for c in columns)
    looked = _Looked()
    return Uses(elements=dict(elements), codes=_Codes(looked), unseen=_Unseen(looked))


class _Looked:
    """What has been looked up so far: the fields of records, and the cells of each list."""

    def __init__(self) -> None:
        self.records = codes()
        self._cells: dict[str, Cells] = {}

    def cells(self, code_list: str) -> Cells:
        """The codes of a list in the cells of the columns that are bound to it."""
        if code_list not in self._cells:
            self._cells[code_list] = look(dictionary().code_lists[code_list], dictionary())
        return self._cells[code_list]

    def __iter__(self) -> Iterator[str]:
        return iter(dictionary().code_lists)


class _Codes(Mapping[tuple[str, str], int]):
    """Uses by list and code, in records and in cells."""

    def __init__(self, looked: _Looked) -> None:
        self._looked = looked

    def __getitem__(self, key: tuple[str, str]) -> int:
        code_list, code = key
        in_cells = self._looked.cells(code_list).counts if code_list in self._looked else {}
        return self._looked.records[key] + in_cells.get(code, 0)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._looked.records)

    def __len__(self) -> int:
        return len(self._looked.records)


class _Unseen(Mapping[str, int]):
    """Columns by list whose cells could not be looked into."""

    def __init__(self, looked: _Looked) -> None:
        self._looked = looked

    def __getitem__(self, code_list: str) -> int:
        return self._looked.cells(code_list).unseen if code_list in self._looked else 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._looked)

    def __len__(self) -> int:
        return len(dictionary().code_lists)


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
