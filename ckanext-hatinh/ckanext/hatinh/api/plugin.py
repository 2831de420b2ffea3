"""Plugin ``hatinh_api``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import plugins
from ckan.common import CKANConfig

from ckanext.hatinh.api.logic import action, chained


def actions() -> dict[str, Any]:
    """Our own action, and CKAN's that we mend."""
    return {name: getattr(module, name) for module in (action, chained) for name in module.__all__}


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class ApiPlugin(plugins.SingletonPlugin):
    """Tells people and programs of the actions that are there, and holds calls to what it tells."""

    plugins.implements(plugins.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates and files."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
