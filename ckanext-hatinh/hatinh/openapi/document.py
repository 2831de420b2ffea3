"""The OpenAPI 3.1 document of the actions that a portal has."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hatinh.openapi.model import Action, Api, Asks, JsonSchema, Parameter, Taken
from hatinh.text import Text

OPENAPI = "3.1.0"
JSON = "application/json"
FORM_DATA = "multipart/form-data"
REFUSED = (400, 401, 403, 404, 409, 414, 415, 429)
BEFORE_US = (414, 415)
"""Told by the web server and by Flask, as a page."""
WAITING = "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"


@dataclass(frozen=True, slots=True)
class Portal:
    """Whose document it is: its address and version, the actions that it has, and ``samples``,
    names of public things of its catalogue for the examples."""

    url: str
    version: str
    actions: Collection[str]
    samples: Mapping[str, str]


def document(api: Api, portal: Portal, lang: str) -> dict[str, Any]:
    """The document in one language (``vi`` or ``en``)."""
    return _Writer(api, portal, lang).document()


@dataclass(frozen=True, slots=True)
class _Writer:
    api: Api
    portal: Portal
    lang: str

    def document(self) -> dict[str, Any]:
        present = [action for name, action in self.api.actions.items() if self._has(name)]
        used = {action.tag for action in present}
        return {
            "openapi": OPENAPI,
            "info": {
                "title": self._say(self.api.title),
                "description": self._say(self.api.description),
                "version": self.portal.version,
            },
            "servers": [{"url": self.portal.url}],
            "tags": [
                {"name": self._say(words)} for tag, words in self.api.tags.items() if tag in used
            ],
            "paths": {f"/api/3/action/{a.name}": dict(self._operations(a)) for a in present},
            "components": {"schemas": self._schemas(), "responses": self._refusals()},
        }

    def _has(self, name: str) -> bool:
        return name in self.portal.actions

    def _say(self, text: Text) -> str:
        return text.as_dict().get(self.lang, text.vi)

    def _operations(self, action: Action) -> Iterable[tuple[str, dict[str, Any]]]:
        if action.asks in (Asks.GET, Asks.BOTH):
            queries = [self._query(it) for it in action.takes if not it.parameter.post]
            yield "get", self._operation(action, "get") | {"parameters": queries}
        if action.asks in (Asks.POST, Asks.BOTH):
            yield (
                "post",
                self._operation(action, "post") | {"requestBody": self._body(action, JSON)},
            )
        if action.asks is Asks.FORM:
            form = self._body(action, FORM_DATA)
            yield "post", self._operation(action, "post") | {"requestBody": form}

    def _operation(self, action: Action, method: str) -> dict[str, Any]:
        return {
            "operationId": f"{action.name}_{method}",
            "tags": [self._say(self.api.tags[action.tag])],
            "summary": self._say(action.text),
            "responses": {
                "200": self._success(action.gives),
                **{str(status): {"$ref": f"#/components/responses/{status}"} for status in REFUSED},
            },
        }

    def _query(self, taken: Taken) -> dict[str, Any]:
        asked = taken.parameter
        said: dict[str, Any] = {
            "name": asked.name,
            "in": "query",
            "required": taken.required,
            "description": self._told(asked),
        }
        schema = _bare(asked.schema)
        example = self._example(asked)
        if asked.json:
            return said | {"content": {JSON: {"schema": schema} | example}}
        return said | {"schema": schema} | example

    def _told(self, asked: Parameter) -> str:
        words = self._say(asked.text)
        if "default" not in asked.schema:
            return words
        return f"{words} ({self._say(self.api.default)}: {json.dumps(asked.schema['default'])})"

    def _body(self, action: Action, media: str) -> dict[str, Any]:
        properties = {
            asked.name: {**_bare(asked.schema), "description": self._told(asked)}
            for asked in (it.parameter for it in action.takes)
        }
        required = [it.parameter.name for it in action.takes if it.required]
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        body = {"schema": schema}
        if media == JSON:
            body["example"] = self._whole_example(action)
        return {"required": bool(required), "content": {media: body}}

    def _whole_example(self, action: Action) -> dict[str, Any]:
        found = {it.parameter.name: self._example(it.parameter) for it in action.takes}
        return {name: example["example"] for name, example in found.items() if example}

    def _example(self, asked: Parameter) -> dict[str, Any]:
        if asked.sample:
            known = self.portal.samples.get(asked.sample)
            return {"example": known} if known else {}
        return {} if asked.example is None else {"example": asked.example}

    def _success(self, result: JsonSchema) -> dict[str, Any]:
        schema = {
            "type": "object",
            "required": ["success", "result"],
            "properties": {
                "help": {"type": "string"},
                "success": {"const": True},
                "result": result,
            },
        }
        return {
            "description": self._say(self.api.answers[200]),
            "content": {JSON: {"schema": schema}},
        }

    def _schemas(self) -> dict[str, Any]:
        error = {"type": "object", "properties": {"__type": {"type": "string"}}}
        refusal = {
            "type": "object",
            "required": ["success", "error"],
            "properties": {"success": {"const": False}, "error": error},
        }
        # A request that CKAN cannot read at all is answered by a sentence.
        return {"Refusal": refusal, "Unread": {"type": ["string", "object"]}, **self.api.schemas}

    def _refusals(self) -> dict[str, Any]:
        return {str(status): self._refusal(status) for status in REFUSED}

    def _refusal(self, status: int) -> dict[str, Any]:
        if status in BEFORE_US:
            page = {"text/html": {"schema": {"type": "string"}}}
            return {"description": self._say(self.api.answers[status]), "content": page}
        schema = {"$ref": f"#/components/schemas/{'Unread' if status == 400 else 'Refusal'}"}
        said: dict[str, Any] = {
            "description": self._say(self.api.answers[status]),
            "content": {JSON: {"schema": schema}},
        }
        if status == 429:
            number = {"schema": {"type": "integer"}}
            said["headers"] = dict.fromkeys(("Retry-After", *WAITING), number)
        return said


def _bare(schema: JsonSchema) -> JsonSchema:
    """Without its default, which Swagger UI would put into every call."""
    return {key: value for key, value in schema.items() if key != "default"}
