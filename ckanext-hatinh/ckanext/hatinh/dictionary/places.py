"""Places and tables of places, for the API."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk

import schemas
from ckanext.hatinh.dictionary.editions import current, current_key
from ckanext.hatinh.shared.refusals import in_words
from hatinh.dictionary.place_conversion import Request
from hatinh.dictionary.place_conversion import convert as converted
from hatinh.dictionary.places import Gazetteer, load_gazetteer

MOST_ROWS = 20_000


def gazetteer() -> Gazetteer:
    """The places of the current edition."""
    return _gazetteer(current_key())


def show(code: str, at: date) -> dict[str, Any]:
    """A place as JSON. Raises ``ValidationError`` with suggestions for an unknown code."""
    places = gazetteer()
    found = places.show(code, at)
    if found is not None:
        return found.as_dict()
    words = tk._("No place has the code {code} on {day}").format(code=code, day=at.isoformat())
    suggestions = [place.as_dict() for place in places.suggest(code, at)]
    errors: dict[str, Any] = {"code": [words], "suggestions": suggestions}
    raise tk.ValidationError(errors, error_summary={"code": words})


def convert(rows: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A converted table as JSON, its problems and notes in words."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise tk.ValidationError({"rows": [tk._("Must be a list of objects")]})
    if len(rows) > MOST_ROWS:
        words = tk._("At most {number} rows at a time").format(number=MOST_ROWS)
        raise tk.ValidationError({"rows": [words]})
    result = converted(gazetteer(), rows, _request(asked))
    return {
        "rows": [row.as_dict() for row in result.rows],
        "problems": [in_words(problem) for problem in result.problems],
        "notes": [in_words(note) for note in result.notes],
        "complete": result.complete,
    }


def _request(asked: Mapping[str, Any]) -> Request:
    named = ("code_column", "value_columns", "split", "by", "area_columns", "averaged", "additive")
    return Request(
        from_date=asked["from"], to_date=asked["to"], **{name: asked[name] for name in named}
    )


@lru_cache(maxsize=1)
def _gazetteer(_key: tuple[str, ...]) -> Gazetteer:
    return load_gazetteer(schemas.ROOT, current().dictionary)
