"""Plugin ``hatinh_access``: registers the parts of this folder with CKAN."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import CKANConfig
from ckan.types import DataDict, Schema

from ckanext.hatinh.access import caching, gate, limits, narrowing, tokens, views
from ckanext.hatinh.access.logic import action, chained, schema

# First, so that refusals are marked as well.
views.hatinh_access.before_app_request(caching.mark)
views.hatinh_access.after_app_request(caching.tell)
# Wrong tokens are counted as well: nobody guesses them by the thousand.
views.hatinh_access.before_app_request(limits.spend)
views.hatinh_access.after_app_request(limits.tell)
views.hatinh_access.before_app_request(gate.refuse)
views.hatinh_access.after_app_request(gate.explain)


def actions() -> dict[str, Any]:
    """Our own actions, and CKAN's that we add to."""
    return {name: getattr(module, name) for module in (action, chained) for name in module.__all__}


@tk.blanket.actions(actions)
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
class AccessPlugin(p.SingletonPlugin):
    """How far programs come in. Stands before plugins whose requests it guards."""

    p.implements(p.IConfigurable)
    p.implements(p.IConfigurer)
    p.implements(p.IApiToken, inherit=True)

    def configure(self, _config: CKANConfig) -> None:
        """Refuse to start with limits that nobody can count by."""
        limits.check_settings()

    def update_config(self, config: CKANConfig) -> None:
        """Add this plugin's templates."""
        tk.add_template_directory(config, "templates")

    def create_api_token_schema(self, schema_: Schema) -> Schema:
        """A token has scopes, organisations and an end, however it is made."""
        return schema_ | schema.token()

    def postprocess_api_token(
        self, data: dict[str, Any], jti: str, data_dict: dict[str, Any]
    ) -> dict[str, Any]:
        """Keep what a new token was given."""
        tokens.keep(jti, data_dict)
        return data

    def preprocess_api_token(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Know the token of a request, and narrow its owner to it."""
        known = tokens.recognise(data)
        narrowing.narrow()
        return known

    def add_extra_fields(self, data_dict: DataDict) -> dict[str, Any]:
        """Tell whoever makes a token what it was given."""
        token = model.ApiToken.get(data_dict["id"])
        grant = tokens.grant_of(token) if token else None
        return data_dict | (grant.as_dict() if grant else {})
