"""The account that harvests, so that every dataset's history says what the harvest did.

CKAN hides from every history what its own site user does, so the harvest has an account apart.
Nobody can log in with it: its password is random and known to no one.
"""

import secrets

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

NAME = "thu-thap"


def harvester() -> str:
    """Name of the account, made at its first use with the rights of an administrator."""
    if model.User.get(NAME) is None:
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
    return NAME
