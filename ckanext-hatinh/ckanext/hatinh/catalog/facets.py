"""Filters of the search pages: which there are, what they are called, and their values' names."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import _ as gettext

from ckanext.hatinh.catalog.helpers import hatinh_code_label
from ckanext.hatinh.shared.mapping import theme_group
from ckanext.hatinh.shared.vocabulary import dictionary

CODE_LISTS = {
    "frequency": "frequencies",
    "data_layer": "data_layers",
    "sharing_level": "sharing_levels",
    "publication_class": "publication_classes",
    "license_id": "licences",
    "system_kind": "system_kinds",
    "system_level": "system_levels",
    "lgsp_status": "integration_status",
    "sharing_method": "sharing_methods",
    "places": "admin_units",
}
"""Filters whose values are codes, and the code list that names them."""


def titles(package_type: str) -> dict[str, str]:
    """The filters of one kind of record in their order, each with its title."""
    common = {"organization": gettext("Organisations"), "groups": gettext("Themes")}
    return common | _OF_KIND.get(package_type, _of_datasets)()


def titles_within(group: str) -> dict[str, str]:
    """The filters on the page of an organisation or theme, which has records of every kind."""
    found = {"dataset_type": gettext("Kind")} | titles("dataset")
    return {name: title for name, title in found.items() if name != group}


def name_values(search_facets: dict[str, Any]) -> None:
    """Give the values of code filters their names in the reader's language."""
    for name, facet in search_facets.items():
        for item in facet["items"]:
            if name in CODE_LISTS:
                item["display_name"] = hatinh_code_label(CODE_LISTS[name], item["name"])
            elif name in _WORDS:
                item["display_name"] = _WORDS[name]().get(item["name"], item["name"])


def theme_codes() -> dict[str, str]:
    """Codes of the themes by the names of their groups."""
    themes = dictionary().code_lists["themes"]
    return {theme_group(theme.code, themes): theme.code for theme in themes}


def quality_band(package: str) -> str:
    """The band of a package's score, or nothing while it has none or scores are switched off."""
    score = tk.h.hatinh_score(package) if "hatinh_score" in tk.h else None
    return score["band"] if score else ""


def _of_datasets() -> dict[str, str]:
    return {
        "res_format": gettext("Formats"),
        "license_id": gettext("Licences"),
        "publication_class": gettext("Publication class"),
        "data_layer": gettext("Data layer"),
        "frequency": gettext("Update frequency"),
        "quality_band": gettext("Quality"),
    }


def _of_systems() -> dict[str, str]:
    return {
        "system_kind": gettext("Kind of system"),
        "system_level": gettext("Level"),
        "lgsp_status": gettext("Connection to LGSP"),
    }


def _of_services() -> dict[str, str]:
    return {"sharing_method": gettext("Sharing method")}


_OF_KIND = {"dataset": _of_datasets, "system": _of_systems, "dataservice": _of_services}


def _bands() -> dict[str, str]:
    return {"xanh": gettext("Green"), "vang": gettext("Yellow"), "do": gettext("Red")}


def _kinds() -> dict[str, str]:
    return {
        "dataset": gettext("Datasets"),
        "system": gettext("Information systems"),
        "dataservice": gettext("Data services"),
    }


_WORDS = {"quality_band": _bands, "dataset_type": _kinds}
