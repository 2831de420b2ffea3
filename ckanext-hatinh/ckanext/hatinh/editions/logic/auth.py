"""Who may do what: everybody reads what is issued, the steward's office does the rest.

Four eyes are looked at by the actions themselves: whoever wrote a draft never issues it, whoever
asked for an annulment never confirms it, an administrator of the portal neither.
"""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.editions.catalogues import steward
from ckanext.hatinh.shared.actors import actor_of

__all__ = [
    "hatinh_catalogue_amend",
    "hatinh_catalogue_annul",
    "hatinh_catalogue_annul_confirm",
    "hatinh_catalogue_annul_reject",
    "hatinh_catalogue_diff",
    "hatinh_catalogue_draft",
    "hatinh_catalogue_entries",
    "hatinh_catalogue_issue",
    "hatinh_catalogue_list",
    "hatinh_catalogue_receive",
    "hatinh_catalogue_send",
    "hatinh_catalogue_show",
    "hatinh_catalogue_unlisted",
    "hatinh_catalogue_withdraw",
    "hatinh_mandated_subject_assign",
    "hatinh_mandated_subject_list",
]


@tk.auth_allow_anonymous_access
def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


def _steward(context: Context, _data_dict: DataDict) -> AuthResult:
    """Editors and admins of the office that looks after the catalogues."""
    if steward() in actor_of(context).organizations:
        return {"success": True}
    words = tk._("Only editors of the catalogues' steward draft, issue and send editions")
    return {"success": False, "msg": words}


hatinh_catalogue_list = _anyone
hatinh_catalogue_show = _anyone
hatinh_catalogue_entries = _anyone
hatinh_catalogue_diff = _anyone
hatinh_catalogue_unlisted = _anyone
hatinh_mandated_subject_list = _anyone
hatinh_catalogue_draft = _steward
hatinh_catalogue_amend = _steward
hatinh_catalogue_annul = _steward
hatinh_catalogue_annul_confirm = _steward
hatinh_catalogue_annul_reject = _steward
hatinh_catalogue_issue = _steward
hatinh_catalogue_withdraw = _steward
hatinh_catalogue_send = _steward
hatinh_catalogue_receive = _steward
hatinh_mandated_subject_assign = _steward
