"""What ``schemas/openapi.yaml`` says of the API: its actions and their parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hatinh.errors import SchemaError
from hatinh.text import Text

JsonSchema = Mapping[str, Any]


class Asks(StrEnum):
    """How an action is called."""

    GET = "get"
    POST = "post"
    BOTH = "both"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``schema`` has no reference; ``also`` is another name that is taken for it."""

    name: str
    text: Text
    schema: JsonSchema
    example: Any = None
    sample: str = ""
    json: bool = False
    post: bool = False
    also: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A parameter as one action takes it."""

    parameter: Parameter
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``gives``: JSON Schema of its result, with references to ``Api.schemas``."""

    name: str
    tag: str
    text: Text
    asks: Asks
    takes: tuple[Taken, ...]
    gives: JsonSchema


@dataclass(frozen=True, slots=True)
class Api:
    """The whole table. ``needs_login`` are reading actions that answer no anonymous caller."""

    title: Text
    description: Text
    default: Text
    tags: Mapping[str, Text]
    answers: Mapping[int, Text]
    actions: Mapping[str, Action]
    needs_login: frozenset[str]
    schemas: Mapping[str, JsonSchema]


def read(table: Mapping[str, Any]) -> Api:
    """The table of ``schemas/openapi.yaml``. Raises ``SchemaError`` for a dangling name."""
    try:
        return _read(table)
    except KeyError as err:
        raise SchemaError("schemas/openapi.yaml", f"there is no {err}") from err


def _read(table: Mapping[str, Any]) -> Api:
    schemas: Mapping[str, JsonSchema] = table["schemas"]
    parameters = {key: _parameter(key, it, schemas) for key, it in table["parameters"].items()}
    return Api(
        title=_text(table["info"]["title"]),
        description=_text(table["info"]["description"]),
        default=_text(table["info"]["default"]),
        tags={tag: _text(words) for tag, words in table["tags"].items()},
        answers={status: _text(words) for status, words in table["answers"].items()},
        actions={n: _action(n, it, parameters, schemas) for n, it in table["actions"].items()},
        needs_login=frozenset(table["needs_login"]),
        schemas={
            name: _linked(schema, schemas) for name, schema in schemas.items() if _shared(name)
        },
    )


def _parameter(key: str, said: Mapping[str, Any], schemas: Mapping[str, JsonSchema]) -> Parameter:
    return Parameter(
        name=said.get("name", key),
        text=_text(said["text"]),
        schema=_linked(said["schema"], schemas),
        example=said.get("example"),
        sample=said.get("sample", ""),
        json=said.get("json", False),
        post=said.get("post", False),
        also=said.get("or", ""),
    )


def _action(
    name: str,
    said: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
    schemas: Mapping[str, JsonSchema],
) -> Action:
    return Action(
        name=name,
        tag=said["tag"],
        text=_text(said["text"]),
        asks=Asks(said.get("asks", Asks.GET)),
        takes=tuple(
            Taken(parameters[key.removesuffix("!")], key.endswith("!")) for key in said["takes"]
        ),
        gives=_result(said["gives"], schemas),
    )


def _result(gives: str | list[str], schemas: Mapping[str, JsonSchema]) -> JsonSchema:
    if isinstance(gives, list):
        return {"type": "array", "items": _result(gives[0], schemas)}
    if _shared(gives):
        return _linked({"$ref": gives}, schemas)
    return {} if gives == "any" else {"type": gives}


def _linked(part: Any, schemas: Mapping[str, JsonSchema]) -> Any:
    """Short references written out, or as OpenAPI writes them."""
    if isinstance(part, list):
        return [_linked(one, schemas) for one in part]
    if not isinstance(part, Mapping):
        return part
    name = part.get("$ref")
    if name is None:
        return {key: _linked(value, schemas) for key, value in part.items()}
    schema = schemas[name]
    return {"$ref": f"#/components/schemas/{name}"} if _shared(name) else dict(schema)


def _shared(name: str) -> bool:
    return name[:1].isupper()


def _text(words: Mapping[str, str]) -> Text:
    return Text(words["vi"], words["en"])
