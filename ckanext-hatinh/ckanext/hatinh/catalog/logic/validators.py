"""Validators of the dataset types: codes, bilingual texts, places, table schemas, slugs.

They are named in ``schemas/*.yaml``. Values that are not text are stored as JSON and given back
as what they are by the ``…_output`` validators.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.hatinh.shared.mapping import permanent_uri
from ckanext.hatinh.shared.vocabulary import dictionary, today
from ckanext.scheming.validation import scheming_validator
from hatinh.dictionary.table_schema import TableSchema
from hatinh.errors import SchemaError
from hatinh.text import clean_lines, is_writable, slug

__all__ = [
    "hatinh_code_valid",
    "hatinh_core_fields",
    "hatinh_own_uri",
    "hatinh_places",
    "hatinh_places_output",
    "hatinh_table_schema",
    "hatinh_translated",
    "hatinh_translated_output",
    "hatinh_writable",
]

LANGUAGES = ("vi", "en")
MAX_NAME = 100

Validator = Callable[[FlattenKey, FlattenDataDict, FlattenErrorDict, Context], None]


@scheming_validator
def hatinh_code_valid(field: dict[str, Any], _schema: dict[str, Any]) -> Callable[[Any], str]:
    """Accept a code of the field's ``hatinh_code_list`` that is in force today."""

    def validate(value: Any) -> str:
        if _is_empty(value):
            return ""
        _check_code(field["hatinh_code_list"], value)
        return value

    return _required(field, validate)


@scheming_validator
def hatinh_translated(field: dict[str, Any], _schema: dict[str, Any]) -> Validator:
    """Accept a bilingual text; Vietnamese is needed where the field is required.

    It comes as ``{"vi": …, "en": …}`` from the API, and from a form in one key a language.
    """

    def validate(
        key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, _context: Context
    ) -> None:
        texts = _texts(key, data)
        if texts is None:
            errors[key].append(tk._('A text is written {"vi": "…", "en": "…"}'))
        elif field.get("required") and not texts.get("vi"):
            errors[key].append(tk._("The Vietnamese text is missing"))
        else:
            data[key] = json.dumps(texts, ensure_ascii=False)
            _forget_form_texts(key, data)

    return validate


def hatinh_translated_output(value: Any) -> dict[str, str]:
    """A stored bilingual text as a dict; tolerates what was stored before the field was so."""
    if isinstance(value, dict):
        return value
    return json.loads(value) if value else {}


@scheming_validator
def hatinh_places(field: dict[str, Any], _schema: dict[str, Any]) -> Callable[[Any], str]:
    """Accept codes of administrative units in force: a list, JSON of one, or ``42;18073``."""
    units = field["hatinh_code_list"]

    def validate(value: Any) -> str:
        try:
            codes = [] if _is_empty(value) else _as_list(value)
        except ValueError as err:
            raise tk.Invalid(tk._("{code} is not a code in force").format(code=value)) from err
        for code in codes:
            _check_code(units, code)
        return json.dumps(codes)

    return validate


def hatinh_places_output(value: Any) -> list[str]:
    """Stored places as a list of codes."""
    return value if isinstance(value, list) else _as_list(value)


def hatinh_table_schema(value: Any) -> str:
    """Accept the JSON form of a table schema, as text or as a dict; stored as text."""
    if _is_empty(value):
        return ""
    try:
        found = json.loads(value) if isinstance(value, str) else value
        TableSchema.from_dict(found)
    except (ValueError, RecursionError, SchemaError) as err:
        raise tk.Invalid(tk._("Not a table schema: {why}").format(why=err)) from err
    if not is_writable(found):
        raise tk.Invalid(tk._("Has characters that no text may have"))
    return json.dumps(found, ensure_ascii=False)


def hatinh_core_fields(
    _key: FlattenKey, data: FlattenDataDict, _errors: FlattenErrorDict, context: Context
) -> None:
    """Fill CKAN's own name, title, notes and descriptions from the bilingual texts.

    A new dataset without a name gets the slug of its Vietnamese title, transliterated first
    (REQ-24), with a number when it is taken.
    """
    for prefix in ((), *_resources(data)):
        for name in ("title", "notes") if not prefix else ("name", "description"):
            texts = _texts((*prefix, f"{name}_translated"), data)
            if texts and texts.get("vi"):
                data[(*prefix, name)] = texts["vi"]
    if _is_empty(data.get(("name",))) and not context.get("package"):
        data[("name",)] = _free_name(slug(data.get(("title",)) or "", MAX_NAME - 4))


def hatinh_writable(
    _key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, _context: Context
) -> None:
    """Refuse characters that the database cannot keep, in whatever field they are."""
    for key, value in data.items():
        if not is_writable(value):
            errors.setdefault(key, []).append(tk._("Has characters that no text may have"))


def hatinh_own_uri(
    key: FlattenKey, data: FlattenDataDict, _errors: FlattenErrorDict, _context: Context
) -> None:
    """Keep the permanent identifier only if it is the record's: a copy brings another's along."""
    kind, id_ = data.get(("type",)) or "dataset", data.get(("id",))
    if data.get(key) != permanent_uri(str(kind), str(id_)):
        data[key] = ""


def _check_code(code_list: str, code: Any) -> None:
    if not isinstance(code, str) or dictionary().code_lists[code_list].get(code, today()) is None:
        raise tk.Invalid(tk._("{code} is not a code in force").format(code=code))


def _required(field: dict[str, Any], validate: Callable[[Any], str]) -> Callable[[Any], str]:
    def refuse_empty(value: Any) -> str:
        if _is_empty(value) and field.get("required"):
            raise tk.Invalid(tk._("Missing value"))
        return validate(value)

    return refuse_empty


def _texts(key: FlattenKey, data: FlattenDataDict) -> dict[str, str] | None:
    """The bilingual text of a key, ``{}`` when there is none, ``None`` when it is no such text."""
    value = data.get(key)
    if _is_empty(value):
        found: Any = _form_texts(key, data)
    elif isinstance(value, str):
        try:
            found = json.loads(value)
        except ValueError:
            return None
    else:
        found = value
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        return None
    return {lang: text for lang in LANGUAGES if (text := clean_lines(found.get(lang)))}


def _form_texts(key: FlattenKey, data: FlattenDataDict) -> dict[str, str]:
    """What a form sent for a bilingual text: ``title_translated-vi``, ``title_translated-en``."""
    *prefix, name = key
    rest = data.get((*prefix, "__extras")) or {}
    values = (
        (lang, rest.get(f"{name}-{lang}") or data.get((*prefix, f"{name}-{lang}")))
        for lang in LANGUAGES
    )
    return {lang: value for lang, value in values if value}


def _forget_form_texts(key: FlattenKey, data: FlattenDataDict) -> None:
    """Drop the form's keys: CKAN would keep those of a resource as fields of their own."""
    *prefix, name = key
    rest = data.get((*prefix, "__extras")) or {}
    for lang in LANGUAGES:
        rest.pop(f"{name}-{lang}", None)


def _resources(data: FlattenDataDict) -> Iterator[FlattenKey]:
    yield from sorted({key[:2] for key in data if len(key) == 3 and key[0] == "resources"})


def _free_name(wanted: str) -> str:
    wanted = wanted if len(wanted) > 1 else "bo-du-lieu"
    name, number = wanted, 1
    while model.Package.by_name(name) is not None:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if str(value).startswith("["):
        return [str(item) for item in json.loads(value)]
    return [item.strip() for item in str(value or "").split(";") if item.strip()]


def _is_empty(value: Any) -> bool:
    return value is tk.missing or value in (None, "", {}, [])
