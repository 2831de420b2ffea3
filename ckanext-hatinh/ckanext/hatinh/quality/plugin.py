"""Plugin ``hatinh_quality``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import Context

from ckanext.hatinh.quality import model_due, model_evidence, rescoring
from ckanext.hatinh.quality.cli import quality
from ckanext.hatinh.shared import background, findings
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class QualityPlugin(p.SingletonPlugin):
    """The score of every dataset, and the problems behind it."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IPackageController, inherit=True)

    def configure(self, config: CKANConfig) -> None:
        """Keep what is found in files; have scores made anew in the background."""
        findings.kept_by(model_evidence.save_file)
        background.register("scores", rescoring.turn, every=rescoring.EVERY)
        background.register("scores of the day", rescoring.sweep, every=rescoring.SWEPT)

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates, assets and commands."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        tk.add_resource("assets", "hatinh_quality")
        hatinh.add_command(quality)

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Have a new record scored, unless whoever made it has done so."""
        if not context.get(findings.SCORED):
            model_due.note(pkg_dict["id"])

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        """Have a changed record scored anew."""
        model_due.note(pkg_dict["id"])
