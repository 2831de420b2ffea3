"""Plugin ``hatinh_audit``: registers the parts of this folder with CKAN."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.hatinh.audit import auditors, labels, log, rights, use, views
from ckanext.hatinh.audit.cli import audit
from ckanext.hatinh.audit.logic import auth
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.auditors import read_from
from ckanext.hatinh.shared.commands import hatinh

views.hatinh_audit.after_app_request(log.note)
views.hatinh_audit.after_app_request(use.note)


@tk.blanket.actions
@tk.blanket.blueprints
@tk.blanket.helpers
class AuditPlugin(p.SingletonPlugin, DefaultPermissionLabels):
    """The auditor's role. Stands first of all: its rights are asked before those of the others."""

    p.implements(p.IAuthFunctions)
    p.implements(p.IConfigurer)
    p.implements(p.IPermissionLabels)

    def update_config(self, config: CKANConfig) -> None:
        """Add templates, commands and the work in the background; say who is an auditor."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        hatinh.add_command(audit)
        read_from(auditors.holds)
        rights.rules()
        background.register("counts of use", use.duty, every=use.EVERY)

    def get_auth_functions(self) -> dict[str, Any]:
        """Our own, and the rule of auditors before those of all others."""
        own = {name: getattr(auth, name) for name in auth.__all__}
        return own | rights.guarded(self)

    def get_user_dataset_labels(self, user_obj: model.User) -> list[str]:
        """Which datasets somebody sees."""
        return labels.labels_of(user_obj)
