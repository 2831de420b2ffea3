"""Plugin ``hatinh_quality``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class QualityPlugin(p.SingletonPlugin):
    """The score of every dataset, and the problems behind it."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates."""
        tk.add_template_directory(config, "templates")
