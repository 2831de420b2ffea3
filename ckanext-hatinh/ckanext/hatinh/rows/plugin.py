"""Plugin ``hatinh_rows``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.rows.boundaries import boundaries
from ckanext.hatinh.rows.logic import action, chained


def actions() -> dict[str, Any]:
    """Our own actions, and CKAN's that we answer."""
    return {name: getattr(module, name) for module in (action, chained) for name in module.__all__}


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class RowsPlugin(p.SingletonPlugin):
    """Rows as files, tables, charts and maps. Stands before ``datastore``, whose dump it takes."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        tk.add_resource("assets", "hatinh_rows")

    def configure(self, config: CKANConfig) -> None:
        """Refuse to start with a file of borders that cannot be read."""
        del config
        boundaries()
