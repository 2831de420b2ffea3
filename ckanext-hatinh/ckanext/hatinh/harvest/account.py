"""The account that harvests, so that every dataset's history says what the harvest did.

CKAN hides from every history what its own site user does, so the harvest has an account apart.
Nobody can log in with it: its password is random and known to no one.
"""

import secrets

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

NAME = "thu-thap"

MAKING = 0x4854_4143
"""Key of the lock that is held while the account is made."""


def harvester() -> str:
    """Name of the account, made at its first use with the rights of an administrator."""
    if model.User.get(NAME) is None:
        # Two workers that begin together must not both make it.
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
        if model.User.get(NAME) is None:
            _make()
    return NAME


def _make() -> None:
    site_user = tk.get_action("get_site_user")(Context(ignore_auth=True), {})["name"]
    tk.get_action("user_create")(
        Context(user=site_user, ignore_auth=True),
        {
            "name": NAME,
            "fullname": "Thu thập dữ liệu tự động",
            "email": f"{NAME}@hatinh.invalid",  # a domain that can never receive mail
            "password": secrets.token_urlsafe(32),
            "sysadmin": True,
        },
    )
