"""Plugin ``hatinh_catalog``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

import schemas
from ckanext.dcat.interfaces import IDCATURIGenerator
from ckanext.hatinh.catalog import dump, facets, search
from ckanext.hatinh.catalog.cli import catalog, load
from ckanext.hatinh.catalog.dcat_catalogue import CATALOGUE
from ckanext.hatinh.catalog.dcat_record import record_uri
from ckanext.hatinh.catalog.logic import action, auth, kinds, lists
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh

BUILD_SECONDS = 60.0
"""How long a change of a record may take to be in the dump."""


def actions() -> dict[str, Any]:
    """Our own actions, and CKAN's lists of changes and members."""
    own = {name: getattr(action, name) for name in action.__all__}
    seen = dict.fromkeys(lists.STREAMS, lists.changes_seen)
    return (
        own
        | seen
        | {
            "member_list": lists.members_seen,
            "package_create": kinds.package_create,
        }
    )


def rights() -> dict[str, Any]:
    """Our own rights, and CKAN's to things of a dataset."""
    own = {name: getattr(auth, name) for name in auth.__all__}
    return own | dict.fromkeys(auth.OF_A_DATASET, auth.without_words)


@tk.blanket.actions(actions)
@tk.blanket.auth_functions(rights)
@tk.blanket.blueprints
@tk.blanket.helpers
@tk.blanket.validators
class CatalogPlugin(p.SingletonPlugin):
    """What a dataset of the province is, how it is found, and how it is described in DCAT."""

    p.implements(p.IConfigurer)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(IDCATURIGenerator, inherit=True)

    def update_config(self, config: CKANConfig) -> None:
        """Offer the province's licences; register commands, templates and background work."""
        if not config.get("licenses_group_url"):
            config["licenses_group_url"] = f"file://{schemas.ROOT / 'licenses.json'}"
        tk.add_template_directory(config, "templates")
        hatinh.add_command(load)
        hatinh.add_command(catalog)
        background.register("the dump of the catalogue", dump.build, every=BUILD_SECONDS)

    def catalog_uri(self, _default_uri: str) -> str:
        """The catalogue's permanent identifier in RDF."""
        return CATALOGUE

    def dataset_uri(self, dataset_dict: dict[str, Any], _default_uri: str) -> str:
        """A record's permanent identifier in RDF."""
        return record_uri(dataset_dict)

    def dataset_facets(self, _facets_dict: dict[str, str], package_type: str) -> dict[str, str]:
        """Filters of the search pages, each with its title."""
        return facets.titles(package_type)

    def group_facets(
        self, _facets_dict: dict[str, str], _group_type: str, _package_type: str | None
    ) -> dict[str, str]:
        """Filters of a theme's page."""
        return facets.titles_within("groups")

    def organization_facets(
        self, _facets_dict: dict[str, str], _organization_type: str, _package_type: str | None
    ) -> dict[str, str]:
        """Filters of an organisation's page."""
        return facets.titles_within("organization")

    def before_dataset_index(self, document: dict[str, Any]) -> dict[str, Any]:
        """Add the portal's own fields to a search document."""
        band = facets.quality_band(document["id"])
        return search.document(document, band, facets.theme_codes())

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Search Vietnamese words with or without their marks."""
        return search.query(search_params)

    def after_dataset_search(
        self, search_results: dict[str, Any], _search_params: dict[str, Any]
    ) -> dict[str, Any]:
        """Show the values of the filters by their names, not their codes."""
        facets.name_values(search_results["search_facets"])
        return search_results
