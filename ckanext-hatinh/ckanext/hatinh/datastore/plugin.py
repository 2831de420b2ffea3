"""Plugin ``hatinh_datastore``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.datastore import tus, uploads, views
from ckanext.hatinh.datastore.cli import data
from ckanext.hatinh.datastore.logic import action, chained
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh


def actions() -> dict[str, Any]:
    """Our own actions, and CKAN's that we add to."""
    return {name: getattr(module, name) for module in (action, chained) for name in module.__all__}


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints(lambda: [views.hatinh_datastore, tus.hatinh_upload])
@tk.blanket.helpers
class DatastorePlugin(p.SingletonPlugin):
    """Files become tables. Needs the plugins ``hatinh_dictionary`` and ``datastore``."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)

    def configure(self, config: CKANConfig) -> None:
        """Have files that nobody goes on with forgotten."""
        background.register("files in pieces", uploads.forget_old, every=uploads.SWEPT)

    def update_config(self, config: CKANConfig) -> None:
        """Add our templates and assets, and our commands below ``ckan hatinh``."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "hatinh_datastore")
        hatinh.add_command(data)
