"""The guided form of a source: which fields each kind asks for, and what was typed into them.

Which options there are is declared by the adapters; their words are ``schemas/source_forms.yaml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
import yaml

import schemas
from ckanext.hatinh.shared.vocabulary import dictionary, problem_texts, today
from harvesters.registry import ADAPTERS
from hatinh.reading import CODED
from hatinh.text import Text

DEFAULTS = (
    *(name for name in CODED if name != "data_block"),
    "legal_basis", "contact", "contact_email", "approved_by", "provenance",
)  # fmt: skip
"""Fields of a dataset that the form can fill where the source leaves them empty."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. ``choices`` are values with their words; ``deep`` ones are folded
    away."""

    name: str
    type: str
    label: Text
    help: Text
    required: bool = False
    choices: tuple[tuple[str, Text], ...] = ()
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of source asks for."""

    kind: str
    title: Text
    about: Text
    example: str
    options: tuple[Field, ...]
    secrets: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the test of a connection."""

    name: str
    title: Text


def forms() -> list[Form]:
    """Every kind of source that there is an adapter for, in the order of the file."""
    order = list(_words()["kinds"])
    return [form_of(kind) for kind in sorted(ADAPTERS, key=lambda k: (order.index(k), k))]


def form_of(kind: str) -> Form:
    """The form of one kind."""
    adapter, words = ADAPTERS[kind], _words()["kinds"][kind]
    options = adapter.required_options | adapter.optional_options
    secrets = adapter.required_secrets | adapter.optional_secrets
    return Form(
        kind=kind,
        title=Text(**words["title"]),
        about=Text(**words["about"]),
        example=words["example"],
        options=_fields(words.get("options", {}), options, adapter.required_options),
        secrets=_fields(words.get("secrets", {}), secrets, adapter.required_secrets),
    )


def default_fields() -> tuple[Field, ...]:
    """The fields that a source may fill for its datasets, named as on a dataset's page."""
    return tuple(
        Field(
            name=name,
            type="choice" if name in CODED else "text",
            label=field_label(name),
            help=Text(""),
            choices=_codes(CODED[name]) if name in CODED else (),
        )
        for name in DEFAULTS
    )


def field_label(name: str) -> Text:
    """The name that people know a field of a dataset, or of its file, by."""
    return problem_texts().words["field"].get(name) or Text(name)


def steps() -> tuple[Step, ...]:
    """The steps of a test, in order."""
    return tuple(Step(name, Text(**words["title"])) for name, words in _words()["steps"].items())


def options_from(
    form: Form, typed: Mapping[str, str], old: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The options as typed, and by field what is wrong. Fields not in the form keep their value."""
    options, faults = dict(old), {}
    for field in form.options:
        if field.type == "columns":
            continue
        try:
            value = _read(field, typed.get(f"option_{field.name}", "").strip())
        except tk.Invalid as err:
            faults[f"option_{field.name}"] = err.error
            continue
        options.pop(field.name, None)
        if value not in ("", None, False, [], {}):
            options[field.name] = value
    return options, faults


def typed_option(field: Field, value: Any) -> str:
    """The value of an option as the form shows it."""
    if value in (None, "", [], {}):
        return ""
    if field.type == "lines":
        return "\n".join(map(str, value))
    if field.type == "structure":
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return str(value)


def _read(field: Field, text: str) -> Any:
    if field.type == "flag":
        return bool(text)
    if field.type == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.type == "number" and text:
        if not text.isdecimal():
            raise tk.Invalid(tk._("Must be a whole number"))
        return int(text)
    if field.type == "structure" and text:
        return _structure(text)
    return text


def _structure(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as err:
        raise tk.Invalid(tk._("This is no YAML: {fault}").format(fault=err)) from err


def _fields(
    words: Mapping[str, Mapping[str, Any]], known: Iterable[str], required: frozenset[str]
) -> tuple[Field, ...]:
    """The declared fields in the order of the file; one that has no words yet shows its name."""
    order = list(words)
    names = sorted(known, key=lambda n: (order.index(n) if n in words else len(order), n))
    return tuple(_field(name, words.get(name, {}), name in required) for name in names)


def _field(name: str, words: Mapping[str, Any], required: bool) -> Field:
    return Field(
        name=name,
        type=words.get("type", "text" if words else "structure"),
        label=Text(**words.get("label", {"vi": name})),
        help=Text(**words.get("help", {"vi": ""})),
        required=required,
        choices=tuple((v, Text(**text)) for v, text in words.get("choices", {}).items()),
        deep=words.get("deep", not required and words.get("type", "structure") == "structure"),
    )


def _codes(code_list: str) -> tuple[tuple[str, Text], ...]:
    found = dictionary().code_lists[code_list]
    return tuple((code.code, code.name) for code in found if code.valid(today()))


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return yaml.safe_load((schemas.ROOT / "source_forms.yaml").read_text(encoding="utf-8"))
