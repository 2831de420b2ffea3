"""Plugin ``hatinh_portal``: templates, assets, texts, own pages and response headers."""

from pathlib import Path
from typing import Any

import click
from ckan import plugins
from ckan.lib.plugins import DefaultTranslation
from ckan.plugins import toolkit as tk
from ckan.types import CKANApp

from ckanext.hatinh.portal import away, refused, security, sessions
from ckanext.hatinh.shared.commands import hatinh


@tk.blanket.helpers
@tk.blanket.blueprints
class PortalPlugin(plugins.SingletonPlugin, DefaultTranslation):
    """The only sibling with templates for every page, and the only owner of translations."""

    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.ITranslation)
    plugins.implements(plugins.IClick)
    plugins.implements(plugins.IMiddleware, inherit=True)
    plugins.implements(plugins.IActions)

    def update_config(self, config: Any) -> None:
        """Add our templates, public files and webassets to CKAN's; ask no one else for pictures."""
        config["ckan.gravatar_default"] = "disabled"
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "hatinh_portal")

    def i18n_domain(self) -> str:
        """One catalogue, in ``ckanext/hatinh/i18n``, for all siblings and for what CKAN lacks."""
        return "ckanext-hatinh"

    def i18n_directory(self) -> str:
        """Beside the siblings; CKAN's default would look inside this one."""
        return str(Path(__file__).parents[1] / "i18n")

    def get_commands(self) -> list[click.Command]:
        """The group ``ckan hatinh``, filled by every plugin's ``cli.py``."""
        return [hatinh]

    def get_actions(self) -> dict[str, Any]:
        """CKAN's search, for pages."""
        return {"package_search": away.package_search}

    def make_middleware(self, app: CKANApp, config: Any) -> CKANApp:
        """Give every response its headers; let pages outlive the services that they can miss."""
        app.after_request(security.protect)
        app.after_request(away.be_patient)
        sessions.outlive_valkey(app)
        refused.answer_refusals(app)
        return app
