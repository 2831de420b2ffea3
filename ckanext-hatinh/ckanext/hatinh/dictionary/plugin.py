"""Plugin ``hatinh_dictionary``: registers the parts of this folder with CKAN."""

from typing import Any, cast

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import Schema
from flask import Blueprint

from ckanext.datastore.interfaces import IDataDictionaryForm
from ckanext.hatinh.dictionary import addresses, check_page, desk, editions, model, views
from ckanext.hatinh.dictionary.binding import INFO_KEY
from ckanext.hatinh.dictionary.cli import dictionary
from ckanext.hatinh.dictionary.logic import action, chained
from ckanext.hatinh.shared import bindings
from ckanext.hatinh.shared.commands import hatinh
from ckanext.hatinh.shared.vocabulary import read_from
from hatinh.dictionary.export.uris import element_uri


def actions() -> dict[str, Any]:
    """Our own actions, and CKAN's that we add to."""
    return {name: getattr(module, name) for module in (action, chained) for name in module.__all__}


def blueprints() -> list[Blueprint]:
    """Pages for readers, permanent addresses, and the desk of those who write."""
    return [
        views.hatinh_dictionary,
        views.hatinh_dictionary_tables,
        check_page.hatinh_dictionary_check,
        addresses.hatinh_dictionary_id,
        desk.hatinh_dictionary_desk,
    ]


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints(blueprints)
@tk.blanket.helpers
@tk.blanket.validators
class DictionaryPlugin(p.SingletonPlugin):
    """The province's data dictionary. Needs the plugin ``datastore``, after it in the list."""

    p.implements(p.IConfigurer)
    p.implements(IDataDictionaryForm, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        """Add our templates, assets and commands; let the others read by the current edition."""
        read_from(editions.in_use)
        bindings.read_from(model.all_bindings)
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        tk.add_resource("assets", "hatinh_dictionary")
        hatinh.add_command(dictionary)

    def update_datastore_create_schema(self, schema: Schema) -> Schema:
        """Let a column be bound only to an element that there is."""
        fields = cast("dict[str, list[Any]]", schema["fields"])
        fields["info"].append(tk.get_validator("hatinh_element_known"))
        return schema

    def update_datastore_info_field(
        self, field: dict[str, Any], _plugin_data: dict[str, Any]
    ) -> dict[str, Any]:
        """Say the address of a column's element."""
        if element := (field.get("info") or {}).get(INFO_KEY):
            field["element_uri"] = element_uri(element)
        return field
