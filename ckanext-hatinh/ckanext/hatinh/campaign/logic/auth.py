"""Who may do what with campaigns.

Editors and administrators of any office are shown the campaigns, their register and ranking; of
parts, evidence, figures and packs only their own. The steward and auditors are shown everything.
The steward runs campaigns; a unit's editors fill in, its administrators sign off. That nobody signs
what he or she filled in is looked at by the actions themselves.
"""

from collections.abc import Callable

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.logic.schema import LARGEST
from ckanext.hatinh.campaign.parts import office_of
from ckanext.hatinh.campaign.roles import Person, person_of
from hatinh.text import clean_lines

__all__ = [
    "hatinh_campaign_close",
    "hatinh_campaign_create",
    "hatinh_campaign_delete",
    "hatinh_campaign_evidence_add",
    "hatinh_campaign_evidence_file",
    "hatinh_campaign_evidence_remove",
    "hatinh_campaign_figure",
    "hatinh_campaign_freeze",
    "hatinh_campaign_late",
    "hatinh_campaign_list",
    "hatinh_campaign_open",
    "hatinh_campaign_pack",
    "hatinh_campaign_part_fill",
    "hatinh_campaign_part_return",
    "hatinh_campaign_part_show",
    "hatinh_campaign_part_sign",
    "hatinh_campaign_part_submit",
    "hatinh_campaign_show",
    "hatinh_campaign_snapshot",
    "hatinh_campaign_update",
    "hatinh_pack_key",
]


@tk.auth_allow_anonymous_access
def hatinh_pack_key(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone verifies packs."""
    return {"success": True}


def _takes_part(context: Context, _data_dict: DataDict) -> AuthResult:
    return _answer(allowed=person_of(context).takes_part)


def _steward(context: Context, _data_dict: DataDict) -> AuthResult:
    return _answer(allowed=person_of(context).stewards)


def _of_part(may: Callable[[Person, str], bool]) -> Callable[[Context, DataDict], AuthResult]:
    """Asks whether somebody may do something for the office that answers for a part."""

    def asked(context: Context, data_dict: DataDict) -> AuthResult:
        person = person_of(context)
        if not person.takes_part:
            return _answer(allowed=False)
        number, unit = data_dict.get("number"), clean_lines(data_dict.get("unit"))
        try:  # as the action reads it, or the right would be asked for another part
            found = int(str(number))
        except ValueError:
            return _answer(allowed=person.sees_province)
        if not 1 <= found <= LARGEST or not unit:
            return _answer(allowed=person.sees_province)
        return _answer(allowed=may(person, office_of(found, unit)))

    return asked


def _scope(context: Context, data_dict: DataDict) -> AuthResult:
    """The figures of the province for whoever sees all; those of an office for its people."""
    person, office = person_of(context), data_dict.get("organization")
    if not office:
        common = str(data_dict.get("figure")) in form().common and person.takes_part
        return _answer(allowed=common or person.sees_province)
    return _answer(allowed=person.reads(str(office)))


def _answer(*, allowed: bool) -> AuthResult:
    if allowed:
        return {"success": True}
    words = tk._("This account has no such part in inventory campaigns")
    return {"success": False, "msg": words}


def _sends_back(person: Person, office: str) -> bool:
    return person.stewards or person.signs(office)


hatinh_campaign_list = _takes_part
hatinh_campaign_show = _takes_part
hatinh_campaign_late = _takes_part
hatinh_campaign_snapshot = _takes_part
hatinh_campaign_figure = _scope
hatinh_campaign_pack = _scope
hatinh_campaign_create = _steward
hatinh_campaign_update = _steward
hatinh_campaign_open = _steward
hatinh_campaign_freeze = _steward
hatinh_campaign_close = _steward
hatinh_campaign_delete = _steward
hatinh_campaign_part_show = _of_part(Person.reads)
hatinh_campaign_evidence_file = _of_part(Person.reads)
hatinh_campaign_part_fill = _of_part(Person.fills)
hatinh_campaign_part_submit = _of_part(Person.fills)
hatinh_campaign_evidence_add = _of_part(Person.fills)
hatinh_campaign_evidence_remove = _of_part(Person.fills)
hatinh_campaign_part_return = _of_part(_sends_back)
hatinh_campaign_part_sign = _of_part(Person.signs)
