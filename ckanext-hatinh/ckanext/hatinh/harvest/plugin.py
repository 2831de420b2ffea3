"""Plugin ``hatinh_harvest``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.harvest import links
from ckanext.hatinh.harvest.cli import harvest
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class HarvestPlugin(p.SingletonPlugin):
    """Runs the sources and keeps account of every record."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)

    def configure(self, config: CKANConfig) -> None:
        """Have addresses of files visited in the background, where that is wanted."""
        background.register("links", links.turn, every=links.EVERY)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates and script, and its commands below ``ckan hatinh``."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        tk.add_resource("assets", "hatinh_harvest")
        hatinh.add_command(harvest)
