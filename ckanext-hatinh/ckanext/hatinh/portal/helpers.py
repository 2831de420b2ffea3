"""View helpers: what the templates ask for beyond CKAN's own. Nothing here writes."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit as tk
from flask import current_app

from ckanext.hatinh.portal.offices import Directory, directory
from ckanext.hatinh.shared import vocabulary
from hatinh.dictionary.model import Code, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.text import Text, parse_date, slug

__all__ = [
    "hatinh_available",
    "hatinh_columns",
    "hatinh_counted_themes",
    "hatinh_day",
    "hatinh_facet_label",
    "hatinh_home",
    "hatinh_kind",
    "hatinh_moment",
    "hatinh_office_name",
    "hatinh_offices",
    "hatinh_predecessors",
    "hatinh_quality_words",
    "hatinh_say",
    "hatinh_theme_name",
    "humanize_entity_type",
]

NEWEST = 6
"""Datasets shown on the home page."""
NEWEST_FIRST = "modified desc, metadata_created asc"
"""By the day that the data itself is from, not by the night in which it was gathered."""
MAX_OFFICES = 1000


@dataclass(frozen=True, slots=True)
class Counted:
    """A name with its address and number of datasets, for lists of themes and offices."""

    code: str
    slug: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Home:
    """What the home page shows, from two searches."""

    newest: list[dict[str, Any]]
    kinds: Mapping[str, int]
    themes: list[Counted]
    organizations: list[Counted]


def hatinh_home() -> Home:
    """Newest datasets, numbers by kind, themes and offices; two searches, no loop of queries."""
    datasets = _search(
        {
            "fq": "+dataset_type:dataset",
            "rows": NEWEST,
            "sort": NEWEST_FIRST,
            "facet.field": ["groups", "organization"],
        }
    )
    everything = _search({"rows": 0, "facet.field": ["dataset_type"]})
    facets = datasets["facets"]
    return Home(
        newest=datasets["results"],
        kinds=everything["facets"].get("dataset_type", {}),
        themes=_themes(facets.get("groups", {})),
        organizations=_offices(facets.get("organization", {})),
    )


def hatinh_counted_themes() -> list[Counted]:
    """All themes with their numbers of datasets: one search."""
    found = _search({"rows": 0, "fq": "+dataset_type:dataset", "facet.field": ["groups"]})
    return _themes(found["facets"].get("groups", {}))


def hatinh_say(text: Text | Mapping[str, str] | str | None) -> str:
    """A bilingual text in the language of the page, else in Vietnamese."""
    if isinstance(text, str):
        return text
    if not text:
        return ""
    both = text.as_dict() if isinstance(text, Text) else text
    return both.get(tk.h.lang()) or both.get("vi") or next(iter(both.values()), "")


def hatinh_office_name(name: str, otherwise: str = "") -> str:
    """Name of an office in the language of the page; without one, the other text or the slug."""
    office = next((office for office in vocabulary.organizations() if office.code == name), None)
    return hatinh_say(office.name) if office else otherwise or name


def hatinh_offices() -> Directory:
    """All offices as trees, abolished ones apart: one query for names and one search."""
    counts = _search({"rows": 0, "fq": "+dataset_type:dataset", "facet.field": ["organization"]})
    present = tk.get_action("organization_autocomplete")({}, {"q": "", "limit": MAX_OFFICES})
    return directory(
        vocabulary.organizations(),
        {office["name"]: office["title"] for office in present},
        counts["facets"].get("organization", {}),
        vocabulary.today(),
        hatinh_say,
    )


def hatinh_predecessors(name: str) -> list[Code]:
    """The former offices whose work this office has taken over (REQ-90)."""
    return [office for office in vocabulary.organizations() if office.mapping == name]


def hatinh_moment(value: str | datetime) -> str:
    """A moment in the province's time, as people here write it: ``14:05 22/11/2026``."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(vocabulary.LOCAL_TIME):%H:%M %d/%m/%Y}"


def hatinh_day(value: str) -> str:
    """A day in words of the page's language; a bare year, or nothing, as it is."""
    return tk.h.render_datetime(value) if parse_date(value) else value


def hatinh_kind(kind: str) -> Mapping[str, str]:
    """Words for a kind of record: ``one``, ``many`` and the ``prompt`` of its search box."""
    words = {
        "system": (tk._("Information system"), tk._("Information systems")),
        "dataservice": (tk._("Data service"), tk._("Data services")),
    }
    one, many = words.get(kind, (tk._("Dataset"), tk._("Datasets")))
    prompts = {
        "system": tk._("Search information systems and databases…"),
        "dataservice": tk._("Search data services…"),
    }
    return {"one": one, "many": many, "prompt": prompts.get(kind, tk._("Search datasets…"))}


@tk.chained_helper
def humanize_entity_type(
    next_helper: Callable[[str, str, str], str | None], entity: str, kind: str, purpose: str
) -> str | None:
    """CKAN's words for our kinds of records, where it would make some from the English type."""
    if entity == "package" and purpose == "search placeholder":
        return hatinh_kind(kind)["prompt"]
    words = next_helper(entity, kind, purpose)
    if entity != "package" or not words:
        return words
    sentence = words.replace(kind.capitalize(), hatinh_kind(kind)["one"].lower())
    return sentence[:1].upper() + sentence[1:]


def hatinh_quality_words() -> list[Mapping[str, str]]:
    """The six qualities (đúng, đủ, sạch, sống, thống nhất, dùng chung): code, name, meaning."""
    dimensions = vocabulary.dictionary().code_lists["quality_dimensions"]
    meanings = {
        "dung": tk._("Values have the right form and range and agree with each other."),
        "du": tk._("Every required column and cell has a value; no period or unit is missing."),
        "sach": tk._("No duplicates, no stray values, no broken characters."),
        "song": tk._("Updated as often as its publisher promised."),
        "thong_nhat": tk._("Columns follow the provincial dictionary; codes are still in force."),
        "dung_chung": tk._("Open format, clear licence, and a way for machines to fetch it."),
    }
    return [
        {"code": entry.code, "name": hatinh_say(entry.name), "meaning": meanings[entry.code]}
        for entry in dimensions
    ]


def hatinh_facet_label(facet: str, item: Mapping[str, Any]) -> str:
    """Words for a value of a search filter; CKAN knows offices and themes by one language only."""
    if facet == "organization":
        return hatinh_office_name(item["name"], item["display_name"])
    if facet == "groups":
        return hatinh_theme_name(item["name"], item["display_name"])
    return item["display_name"]


def hatinh_theme_name(name: str, otherwise: str = "") -> str:
    """Name of a theme, given as its group's, in the language of the page."""
    themes = vocabulary.dictionary().code_lists["themes"]
    found = next((theme for theme in themes if slug(theme.name.vi) == name), None)
    return hatinh_say(found.name) if found else otherwise or name


def hatinh_columns(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The columns that a file promises: name, marks, meaning and definition by the dictionary."""
    return [
        {"name": column.name, "key": column.key, "required": column.required}
        | _meaning(vocabulary.dictionary().elements.get(column.element))
        for column in _columns(resource)
    ]


def _columns(resource: Mapping[str, Any]) -> Sequence[Column]:
    """The columns as promised, and those of a DataStore table as people bound them."""
    if resource.get("datastore_active") and "hatinh_bound_columns" in tk.h:
        return tk.h.hatinh_bound_columns(resource)
    stored = resource.get("schema") or "{}"
    return TableSchema.from_dict(json.loads(stored) if isinstance(stored, str) else stored).columns


def hatinh_available(endpoint: str) -> bool:
    """Whether a sibling plugin's page exists in this installation."""
    return endpoint in current_app.view_functions


def _search(query: dict[str, Any]) -> Mapping[str, Any]:
    return tk.get_action("package_search")({}, {"q": "*:*", **query})


def _offices(counts: Mapping[str, int]) -> list[Counted]:
    offices = (Counted(name, name, hatinh_office_name(name), n) for name, n in counts.items())
    return sorted(offices, key=lambda office: (-office.count, office.name))


def _themes(counts: Mapping[str, int]) -> list[Counted]:
    """The province's themes (lĩnh vực), those with data first, each with its count."""
    themes = (
        Counted(theme.code, name, hatinh_say(theme.name), counts.get(name, 0))
        for theme in vocabulary.dictionary().code_lists["themes"].at(vocabulary.today())
        if (name := slug(theme.name.vi))
    )
    return sorted(themes, key=lambda theme: theme.count == 0)


def _meaning(element: Element | None) -> dict[str, str]:
    if element is None:
        return {"element": "", "meaning": "", "definition": ""}
    return {
        "element": element.id,
        "meaning": hatinh_say(element.name),
        "definition": hatinh_say(element.definition),
    }
