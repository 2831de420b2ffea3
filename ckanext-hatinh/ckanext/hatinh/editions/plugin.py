"""Plugin ``hatinh_editions``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from flask import Blueprint

from ckanext.hatinh.editions import desk, views


def blueprints() -> list[Blueprint]:
    """Pages for readers, and the forms of the steward."""
    return [views.hatinh_editions, desk.hatinh_editions_desk]


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints(blueprints)
@tk.blanket.helpers
class EditionsPlugin(p.SingletonPlugin):
    """Catalogues that the province issues by decision. Needs the plugin ``hatinh_catalog``."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add our templates."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
