"""Template helpers: names of codes in the reader's language, choices for forms."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import has_request_context, request
from markupsafe import Markup
from werkzeug.exceptions import ServiceUnavailable

from ckanext.hatinh.catalog import refreshing, relations
from ckanext.hatinh.catalog.dcat_record import formats, iri, record_uri
from ckanext.hatinh.catalog.feeds import feed_address
from ckanext.hatinh.catalog.fragment import parsed, serialized
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.catalogue.schema_org import structured_dataset

__all__ = [
    "hatinh_code_choices",
    "hatinh_code_label",
    "hatinh_described_in_turtle",
    "hatinh_feed_address",
    "hatinh_related",
    "hatinh_structured_data",
    "hatinh_with_chosen",
]

MAX_RELATED = 20


def hatinh_code_choices(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Choices of a scheming field: the codes in force today of its ``hatinh_code_list``."""
    codes = dictionary().code_lists[field["hatinh_code_list"]].at(today())
    return [{"value": code.code, "label": code.name.as_dict()} for code in codes]


def hatinh_with_chosen(field: dict[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """A scheming field with the codes that a record has, also those no longer in force.

    A form without them would show another choice, and saving it would change the record.
    """
    code_list = field.get("hatinh_code_list")
    if code_list is None:
        return field
    given, choices = data.get(field["field_name"]) or [], hatinh_code_choices(field)
    known, over = {choice["value"] for choice in choices}, tk._("not in force")
    ended = [
        {"value": code, "label": f"{hatinh_code_label(code_list, code)} ({over})"}
        for code in ([given] if isinstance(given, str) else given)
        if code not in known
    ]
    return {**field, "choices": [*ended, *choices]}


def hatinh_code_label(code_list: str, code: str) -> str:
    """Name of a code in the reader's language; the code itself when it is in no list.

    A code that is no longer in force keeps its name. Jobs and commands have no reader: Vietnamese.
    """
    codes = dictionary().code_lists[code_list]
    found = codes.get(code, today()) or next((c for c in codes if c.code == code), None)
    if found is None:
        return code
    return found.name.said(tk.h.lang() if has_request_context() else "vi")


def hatinh_feed_address(**within: str) -> str:
    """The Atom feed of the search that the reader is looking at, or of what is ``within`` an
    office (``organization``) or a theme (``groups``)."""
    return feed_address(within.items() if within else request.args.items(multi=True))


def hatinh_described_in_turtle(package_ids: Iterable[str]) -> str:
    """What the catalogue says of some public records, as one document in Turtle."""
    told = refreshing.described(frozenset(package_ids))
    return serialized((triple for nt in told for triple in parsed(nt)), "ttl").decode()


def hatinh_related(package: dict[str, Any]) -> list[dict[str, str]]:
    """Records that belong to a package (``type``, ``name``, ``title``), in one search request.

    None while search is away: the page of the package stands without them.
    """
    wanted = relations.clause(package)
    if not wanted:
        return []
    query = {"fq": wanted, "fl": ["dataset_type", "name", "title"], "rows": MAX_RELATED}
    try:
        found = tk.get_action("package_search")({}, query)
    except ServiceUnavailable:
        return []
    return [
        {"type": item["dataset_type"], "name": item["name"], "title": item["title"]}
        for item in found["results"]
    ]


def hatinh_structured_data(package: dict[str, Any]) -> Markup:
    """A dataset in the words of schema.org, as JSON that may stand in a page."""
    page = tk.url_for("dataset.read", id=package["name"], _external=True, locale="default")
    catalogue = {"name": tk.config["ckan.site_title"], "url": tk.config["ckan.site_url"]}
    told = structured_dataset(package, record_uri(package), page, catalogue, iri, formats())
    # No word of a publisher may end the script that it stands in.
    return Markup(json.dumps(told, ensure_ascii=False).replace("<", "\\u003c"))
