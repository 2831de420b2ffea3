"""Users of the portal as actors: who they are, and for which offices they write."""

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.hatinh.shared.editors import EDITS
from hatinh.dictionary.workflow import Actor


def actor_of(context: Context) -> Actor:
    """The user of a context, with the offices whose data he or she edits.

    A sysadmin edits those of all.
    """
    user = model.User.get(context.get("user") or "")
    if user is None:
        return Actor("", frozenset())
    offices = tk.get_action("organization_list_for_user")(
        Context(user=user.name), {"permission": EDITS}
    )
    return Actor(user.id, frozenset(office["name"] for office in offices))
