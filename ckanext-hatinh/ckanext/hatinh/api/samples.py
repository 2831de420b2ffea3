"""Names of public things, so that the examples of the document work as they stand."""

from collections.abc import Iterator, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from ckan.types import Context

MOST = 50
"""Datasets among which one with a table is looked for."""

NOBODY: Context = {"user": "", "auth_user_obj": None}
"""Whoever asks, the examples are those that an anonymous caller may see."""


def samples() -> Mapping[str, str]:
    """One name of each kind that the catalogue has. None while search is away."""
    try:
        query = {"q": "*:*", "fq": "+dataset_type:dataset", "rows": MOST}
        found = tk.get_action("package_search")(NOBODY.copy(), query)
    except SearchError:
        return {}
    named: dict[str, str] = {}
    for dataset in found["results"]:
        for kind, name in _of_dataset(dataset):
            named.setdefault(kind, name)
    return named | {"action": "package_show"}


def _of_dataset(dataset: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("table", it["id"]) for it in dataset["resources"] if it.get("datastore_active"))
    if dataset["resources"]:
        yield "dataset", dataset["name"]
        yield "resource", dataset["resources"][0]["id"]
    if dataset.get("organization"):
        yield "organization", dataset["organization"]["name"]
    yield from (("group", group["name"]) for group in dataset["groups"][:1])
    yield from (("tag", tag["name"]) for tag in dataset["tags"][:1])
