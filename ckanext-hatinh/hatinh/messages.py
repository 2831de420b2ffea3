"""The words for a problem, in Vietnamese or English: what is wrong, and what to do about it.

Texts are data, in ``schemas/problems.yaml``. A parameter that is a name of the program's own
(a field, a code list, a datatype) is shown by the name that people know it by.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatinh.dictionary.attributes import load_attributes
from hatinh.dictionary.load import load
from hatinh.dictionary.model import Dictionary
from hatinh.errors import SchemaError
from hatinh.problem import Problem
from hatinh.text import Text

FORMS = ("presets.yaml", "dataset.yaml", "system.yaml", "dataservice.yaml")
"""Files whose labels name the fields of a record."""

PATH = re.compile(
    r"\$(\.resources\[(?P<resource>\d+)\])?"
    r"(\.(rows\[(?P<row>\d+)\]|columns)\.(?P<column>.+)|\.(?P<field>\w+))?"
)
"""The forms of a problem's path, see :class:`hatinh.problem.Problem`."""

_Yaml = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class ProblemText:
    """The texts of one code: ``title`` says what is wrong, ``mend`` what to do."""

    title: Text
    mend: Text


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts by code, names by parameter and value (``words["field"]["notes"]``), and places."""

    problems: Mapping[str, ProblemText]
    words: Mapping[str, Mapping[str, Text]]
    places: Mapping[str, Text]


def load_texts(root: Path) -> Texts:
    """The texts below ``root``. Raises :class:`SchemaError` when one is missing."""
    entries = _yaml(root / "problems.yaml")
    dictionary = load(root)
    sheets = load_attributes(root).sheets.values()
    columns = {f"{sheet.key}.{column.key}": column for sheet in sheets for column in sheet.columns}
    return Texts(
        problems={code: _problem_text(code, entry) for code, entry in entries.items()},
        words={
            "field": {**_names_of_columns(root), **dict(_labels(root))},
            "list": {name: found.title for name, found in dictionary.code_lists.items()},
            "why": {code.code: code.name for code in dictionary.code_lists["unreadable_reasons"]},
            "datatype": _names(dictionary, "datatypes"),
            "state": _names(dictionary, "edition_states"),
            "action": _names(dictionary, "edition_actions"),
            "column": {key: column.label for key, column in columns.items()},
            "help": {key: column.help for key, column in columns.items()},
        },
        places={step: Text(**words) for step, words in _yaml(root / "places.yaml").items()},
    )


def _names_of_columns(root: Path) -> dict[str, Text]:
    """Names of what a record of a source may say beside the fields of its form."""
    fields = _yaml(root / "source_forms.yaml")["fields"]
    return {key: Text(**names) for key, names in fields.items()}


def _names(dictionary: Dictionary, code_list: str) -> dict[str, Text]:
    return {code.code: code.name for code in dictionary.code_lists[code_list]}


def describe(problem: Problem, lang: str, texts: Texts) -> tuple[str, str]:
    """Title and mend of a problem in ``vi`` or ``en``.

    A code without text, as an older edition may have stored it, is its own title.
    """
    found = texts.problems.get(problem.code)
    if found is None:
        return problem.code, ""
    words = _Words(
        {"value": problem.value}
        | {name: _word(name, value, lang, texts) for name, value in problem.params.items()}
    )
    return _in(found.title, lang).format_map(words), _in(found.mend, lang).format_map(words)


def locate(path: str, lang: str, texts: Texts) -> str:
    """The place of a problem in words: ``$.resources[0].rows[25].ten`` → ``tệp thứ 1, dòng 25, …``.

    Rows are counted from 1 below the header, as the path counts them.
    """
    found = PATH.fullmatch(path)
    if found is None:
        return path
    resource, row, column, field = found["resource"], found["row"], found["column"], found["field"]
    steps = [
        ("resource", "number", str(int(resource) + 1) if resource else ""),
        ("row", "number", row),
        ("column", "name", column),
        ("field", "name", _word("field", field, lang, texts) if field else ""),
    ]
    said = [
        _in(texts.places[step], lang).format_map({name: value})
        for step, name, value in steps
        if value
    ]
    return ", ".join(said) or _in(texts.places["record"], lang)


class _Words(dict[str, str]):
    """Parameters of a problem; one that an older edition did not store is left open."""

    def __missing__(self, key: str) -> str:
        return "…"


def _word(name: str, value: str, lang: str, texts: Texts) -> str:
    known = texts.words.get(name, {}).get(value)
    return _in(known, lang) if known else value


def _in(text: Text, lang: str) -> str:
    return text.said(lang)


def _problem_text(code: str, entry: Mapping[str, Any]) -> ProblemText:
    try:
        return ProblemText(
            Text(entry["title"]["vi"], entry["title"]["en"]),
            Text(entry["mend"]["vi"], entry["mend"]["en"]),
        )
    except (KeyError, TypeError) as err:
        raise SchemaError(f"problems.yaml, {code}", f"text missing: {err}") from err


def _labels(root: Path) -> Iterator[tuple[str, Text]]:
    """Labels of fields by their canonical name, shared ones first."""
    for name in FORMS:
        form = _yaml(root / name)
        shared = ((p["preset_name"], p["values"]) for p in form.get("presets", ()))
        own = ((f["field_name"], f) for f in form.get("dataset_fields", ()))
        for key, field in (*shared, *own):
            if "label" in field and not key.startswith("hatinh_resource_"):
                canonical = field.get("canonical", key.removeprefix("hatinh_"))
                yield canonical, Text(field["label"]["vi"], field["label"]["en"])


def _yaml(path: Path) -> dict[str, Any]:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Yaml)
    except (OSError, yaml.YAMLError) as err:
        raise SchemaError(path.name, str(err)) from err
