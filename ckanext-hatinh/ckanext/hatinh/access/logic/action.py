"""One's own tokens: make one, list them, revoke one."""

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.access import offices
from ckanext.hatinh.access.logic import schema
from ckanext.hatinh.access.tokens import grant_of
from ckanext.hatinh.shared.parameters import checked

__all__ = ["hatinh_token_create", "hatinh_token_list", "hatinh_token_revoke"]


def hatinh_token_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make a token for oneself. The only answer that ever holds ``token``.

    Parameters: ``name``; ``scopes`` (``read``, ``harvest``, ``publish``); ``organizations`` (names
    or ids of one's own), ``expires_in_days`` (the most). Returns ``token``, ``id``, ``name``,
    ``scopes``, ``organizations``, ``expires``.
    """
    tk.check_access("hatinh_token_create", context, data_dict)
    given = checked({"name": "", "scopes": "", **data_dict}, schema.made_here())
    made = tk.get_action("api_token_create")(
        Context(user=_user(context)), given | {"user": _user(context)}
    )
    return made | {"name": given["name"]}


@tk.side_effect_free
def hatinh_token_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """One's own tokens, the newest first, never the tokens themselves.

    ``id``, ``name``, ``created``, ``last_used``, ``scopes``, ``organizations`` (``id``, ``name``,
    ``title``), ``expires``, ``over``. One without scopes was made before there were any and opens
    nothing.
    """
    tk.check_access("hatinh_token_list", context, data_dict)
    query = (
        sa.select(model.ApiToken)
        .join(model.User, model.User.id == model.ApiToken.user_id)
        .where(model.User.name == _user(context))
        .order_by(model.ApiToken.created_at.desc())
    )
    return [_told(token) for token in model.Session.scalars(query)]


def hatinh_token_revoke(context: Context, data_dict: DataDict) -> None:
    """Make one of one's own tokens worthless at once.

    Parameter: ``id``, as ``hatinh_token_list`` tells it.
    """
    given = checked({"id": "", **data_dict}, schema.revoked())
    tk.check_access("hatinh_token_revoke", context, given)
    tk.get_action("api_token_revoke")(Context(user=_user(context)), {"jti": given["id"]})


def _user(context: Context) -> str:
    return context.get("user") or ""


def _told(token: model.ApiToken) -> dict[str, Any]:
    grant = grant_of(token)
    return {
        "id": token.id,
        "name": token.name,
        "created": _moment(token.created_at),
        "last_used": _moment(token.last_access),
        "scopes": sorted(grant.scopes) if grant else [],
        "organizations": offices.told(grant.organizations) if grant else [],
        "expires": grant.expires.isoformat() if grant else None,
        "over": grant is None or grant.expires <= datetime.now(UTC),
    }


def _moment(value: datetime | None) -> str | None:
    return value.replace(tzinfo=UTC).isoformat(timespec="seconds") if value else None
