"""Plugin ``hatinh_permanent``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.types import CKANApp, Context

from ckanext.hatinh.permanent import answers, model, names, views, withdrawing
from ckanext.hatinh.permanent.cli import permanent
from ckanext.hatinh.permanent.logic import action
from ckanext.hatinh.shared import reserved
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.auth_functions
@tk.blanket.blueprints
class PermanentPlugin(p.SingletonPlugin):
    """Addresses last. It has to stand before plugins that give answers their headers."""

    p.implements(p.IActions)
    p.implements(p.IConfigurer)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IValidators)

    def update_config(self, config: CKANConfig) -> None:
        """Add our templates and commands; tell others which names are taken."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        hatinh.add_command(permanent)
        reserved.read_from(model.owners)

    def get_actions(self) -> dict[str, Any]:
        """Our own, and CKAN's that delete."""
        ours = {name: getattr(action, name) for name in action.__all__}
        return ours | withdrawing.ACTIONS

    def get_validators(self) -> dict[str, Any]:
        """CKAN's of names and ids, which look back, too."""
        return names.VALIDATORS

    def after_dataset_delete(self, context: Context, data_dict: dict[str, Any]) -> None:
        """Leave a tombstone where a record was public."""
        withdrawing.leave_tombstone(data_dict)

    def make_middleware(self, app: CKANApp, config: Any) -> CKANApp:
        """Answer for what is no more; send back whom a page of CKAN's let delete without reason."""
        app.after_request(answers.permanent)
        app.register_error_handler(withdrawing.WithdrawalRefusedError, views.refused)
        return app
