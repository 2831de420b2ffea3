"""Plugin ``hatinh_api``: registers the parts of this folder with CKAN."""

import ckan.plugins.toolkit as tk
from ckan import plugins
from ckan.common import CKANConfig


@tk.blanket.actions
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
