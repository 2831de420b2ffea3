"""Who may do what: everybody reads, offices propose, two stewards judge.

A sysadmin stands in for any office, but not for somebody else: whoever proposed an edition never
approves it. The state of the edition and its proposer are looked at by the actions themselves.
"""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.dictionary.editions import stewards
from ckanext.hatinh.shared.actors import actor_of
from hatinh.dictionary.workflow import Role, roles

__all__ = [
    "hatinh_codelist_list",
    "hatinh_codelist_show",
    "hatinh_edition_approve",
    "hatinh_edition_consult",
    "hatinh_edition_diff",
    "hatinh_edition_import",
    "hatinh_edition_list",
    "hatinh_edition_propose",
    "hatinh_edition_reject",
    "hatinh_edition_return",
    "hatinh_edition_review",
    "hatinh_edition_show",
    "hatinh_edition_submit",
    "hatinh_edition_update",
    "hatinh_edition_withdraw",
    "hatinh_element_columns",
    "hatinh_element_list",
    "hatinh_element_search",
    "hatinh_element_show",
    "hatinh_place_convert",
    "hatinh_place_show",
    "hatinh_suggest",
    "hatinh_table_check",
]


@tk.auth_allow_anonymous_access
def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


def _offices(context: Context, _data_dict: DataDict) -> AuthResult:
    """Editors and admins of any office."""
    words = tk._("Only editors of an office propose editions")
    return _answer(context, {Role.PROPOSER}, words)


def _stewards(context: Context, _data_dict: DataDict) -> AuthResult:
    """Editors and admins of the two stewards' offices."""
    words = tk._("Only the stewards of the dictionary and of the catalogue review editions")
    return _answer(context, {Role.DICTIONARY_STEWARD, Role.CATALOGUE_STEWARD}, words)


def _dictionary_steward(context: Context, _data_dict: DataDict) -> AuthResult:
    """Editors and admins of the office that looks after the dictionary."""
    words = tk._("Only the steward of the dictionary does this")
    return _answer(context, {Role.DICTIONARY_STEWARD}, words)


def _answer(context: Context, wanted: set[Role], words: str) -> AuthResult:
    held = roles(actor_of(context), stewards())
    return {"success": True} if held & wanted else {"success": False, "msg": words}


hatinh_codelist_list = _anyone
hatinh_codelist_show = _anyone
hatinh_edition_diff = _anyone
hatinh_edition_list = _anyone
hatinh_edition_show = _anyone
hatinh_element_columns = _anyone
hatinh_element_list = _anyone
hatinh_element_search = _anyone
hatinh_element_show = _anyone
hatinh_place_convert = _anyone
hatinh_place_show = _anyone
hatinh_suggest = _anyone
hatinh_table_check = _anyone

hatinh_edition_import = _offices
hatinh_edition_propose = _offices
hatinh_edition_submit = _offices
hatinh_edition_update = _offices
hatinh_edition_withdraw = _offices

hatinh_edition_return = _stewards
hatinh_edition_review = _stewards

hatinh_edition_approve = _dictionary_steward
hatinh_edition_consult = _dictionary_steward
hatinh_edition_reject = _dictionary_steward
