"""Plugin ``hatinh_register``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.register import reconciling
from ckanext.hatinh.register.cli import register
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class RegisterPlugin(p.SingletonPlugin):
    """The register. Needs the plugins ``hatinh_editions`` and ``hatinh_harvest``."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add templates, commands and the work in the background."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        hatinh.add_command(register)
        background.register("reconciliation", reconciling.run, every=reconciling.EVERY)
