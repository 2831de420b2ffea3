"""Plugin ``hatinh_report``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.hatinh.report import mailing
from ckanext.hatinh.report.cli import report
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
class ReportPlugin(p.SingletonPlugin):
    """Reports made from stored records and scores. Needs the plugin ``hatinh_quality``."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)

    def configure(self, _config: CKANConfig) -> None:
        """Refuse to start with letters that cannot be written; have them sent in time."""
        mailing.check_settings()
        background.register("reports by e-mail", mailing.send, every=mailing.EVERY)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates and styles, and its commands below ``ckan hatinh``."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        tk.add_resource("assets", "hatinh_report")
        hatinh.add_command(report)
