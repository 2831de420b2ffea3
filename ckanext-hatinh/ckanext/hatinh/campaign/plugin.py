"""Plugin ``hatinh_campaign``: registers the parts of this folder with CKAN."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from flask import Blueprint

from ckanext.hatinh.campaign import desk, reminding, views
from ckanext.hatinh.campaign.cli import campaign, verify
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.commands import hatinh


def blueprints() -> list[Blueprint]:
    """Pages for readers, and the forms of the steward and the units."""
    return [views.hatinh_campaign, desk.hatinh_campaign_desk]


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints(blueprints)
@tk.blanket.config_declarations
@tk.blanket.helpers
class CampaignPlugin(p.SingletonPlugin):
    """Inventory campaigns and audit packs. Needs the plugin ``hatinh_report``."""

    p.implements(p.IConfigurer)

    def update_config(self, config: CKANConfig) -> None:
        """Add templates, commands and the reminders in the background."""
        tk.add_template_directory(config, "templates")
        tk.add_template_directory(config, "../shared/templates")
        hatinh.add_command(campaign)
        hatinh.add_command(verify)
        background.register("inventory reminders", reminding.send, every=reminding.EVERY)
