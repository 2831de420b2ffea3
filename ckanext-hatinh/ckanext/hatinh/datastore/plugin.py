"""Plugin ``hatinh_datastore``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.datastore.cli import data
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class DatastorePlugin(p.SingletonPlugin):
    """Files become tables. Needs the plugins ``hatinh_dictionary`` and ``datastore``."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates, and its commands below ``ckan hatinh``."""
        tk.add_template_directory(config, "templates")
        hatinh.add_command(data)
