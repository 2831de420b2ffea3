"""Search: what goes into a document, and how words are looked for. Pure, ``dict → dict``.

The search schema reads ``*_vi`` fields without Vietnamese marks and ``*_vi_exact`` fields with
them. A query is asked of both, so ``truong hoc`` and ``trường học`` find the same datasets, and
those that have the very marks of the query come first.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from hatinh.text import clean, clean_lines

WORD_FIELDS = "title_vi_exact^12 title_vi^8 notes_vi^2 text_vi_exact^2 text_vi^1"
"""Fields that words are looked for in, and what a hit in each is worth. All are cut into words
alike: one that is not would make the search ask every word of every single field."""

NOT_SEARCHED = ("title_translated", "notes_translated", "places", "provenance")
"""Fields that are JSON or prose: kept out of the one-term-a-value fields of the index."""

SORT_BY_TITLE = "title_sort_vi"


def document(
    package: Mapping[str, Any], quality_band: str, theme_codes: Mapping[str, str]
) -> dict[str, Any]:
    """The search document of a package that CKAN has flattened for indexing.

    ``theme_codes`` maps the names of the themes' groups to the codes of the themes.
    """
    kept = {key: value for key, value in package.items() if _is_kept(key, value)}
    title, notes = _translated(package, "title"), _translated(package, "notes")
    words = "\n".join((*title.values(), *notes.values(), *_other_words(package)))
    title_vi = clean(title.get("vi") or package.get("title"))
    added = {
        "title_vi": title_vi,
        "title_vi_exact": title_vi,
        "title_sort_vi": title_vi,
        "notes_vi": clean_lines(notes.get("vi") or package.get("notes")),
        "text_vi": clean_lines(words),
        "text_vi_exact": clean_lines(words),
        "places": _items(package.get("places")),
        "themes": [theme_codes[name] for name in package["groups"] if name in theme_codes],
        "quality_band": quality_band,
    }
    return kept | {key: value for key, value in added.items() if value}


def query(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Search parameters that look for Vietnamese words; a fielded query stays as it was asked."""
    asked = unicodedata.normalize("NFC", parameters.get("q") or "")
    changed = dict(parameters) | {"q": asked}
    if parameters.get("sort"):
        changed["sort"] = parameters["sort"].replace("title_string", SORT_BY_TITLE)
    if asked and ":" not in asked and "qf" not in parameters:
        changed |= {"defType": "edismax", "qf": WORD_FIELDS}
    return changed


def _is_kept(key: str, value: Any) -> bool:
    """Blank values would be counted as values of their filters."""
    return value != "" and key.removeprefix("extras_") not in NOT_SEARCHED


def _translated(package: Mapping[str, Any], name: str) -> dict[str, str]:
    value = package.get(f"{name}_translated")
    found = json.loads(value) if isinstance(value, str) and value else value
    return found or {"vi": package.get(name) or ""}


def _items(value: Any) -> list[str]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return list(found or ())


def _other_words(package: Mapping[str, Any]) -> Iterator[str]:
    for name in ("tags", "res_name", "res_description"):
        yield from (word for word in package.get(name) or () if word)
    described = json.loads(package.get("data_dict") or "{}")
    yield (described.get("organization") or {}).get("title") or ""
    yield from (group.get("title") or "" for group in described.get("groups", ()))
    for name in ("source_system", "legal_basis", "provenance", "contact"):
        yield package.get(name) or ""
