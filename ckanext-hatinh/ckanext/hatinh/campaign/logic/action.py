"""API of the campaigns: reading for offices, running for the steward, parts for their units."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.campaign import campaigns, keys, model, parts, shown, snapshots
from ckanext.hatinh.campaign.logic import schema
from ckanext.hatinh.campaign.roles import person_of
from ckanext.hatinh.shared.parameters import checked
from hatinh.campaign import Campaign, Part
from hatinh.text import Text

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

# -- reading ------------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_campaign_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """All inventory campaigns, the newest first."""
    tk.check_access("hatinh_campaign_list", context, data_dict)
    return [shown.head(row) for row in model.campaigns()]


@tk.side_effect_free
def hatinh_campaign_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One campaign with ``parts`` in short, ``questions`` and ``steps``. Parameter: ``number``."""
    tk.check_access("hatinh_campaign_show", context, data_dict)
    asked = checked(data_dict, schema.campaign())
    return shown.campaign(campaigns.get(asked["number"]), person_of(context))


@tk.side_effect_free
def hatinh_campaign_late(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The register of who signed off when: ``counts`` by ``standing``, and ``units``.

    Parameter: ``number``. Of a frozen campaign it is the register of the day of its snapshot.
    """
    tk.check_access("hatinh_campaign_late", context, data_dict)
    row = campaigns.get(checked(data_dict, schema.campaign())["number"])
    lines = campaigns.lines(row)
    return {
        "number": row.number,
        "before": row.units_before.isoformat(),
        "counts": shown.counts(lines),
        "units": [shown.line(line) for line in lines],
    }


@tk.side_effect_free
def hatinh_campaign_part_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One part: its systems, ``answers``, ``evidence``, ``steps``, and what the reader ``may`` do.

    Parameters: ``number``; ``unit``.
    """
    tk.check_access("hatinh_campaign_part_show", context, data_dict)
    asked = checked(data_dict, schema.part())
    return shown.part(parts.find(**asked), person_of(context))


@tk.side_effect_free
def hatinh_campaign_evidence_file(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Where a file of evidence is had: ``name``, ``bytes``, ``sha256`` and ``url``.

    Parameters: ``number``; ``unit``; ``id`` of the evidence.
    """
    tk.check_access("hatinh_campaign_evidence_file", context, data_dict)
    asked = checked(data_dict, schema.evidence())
    found = model.evidence_file(asked["number"], asked["unit"], asked["id"])
    if found is None or found.body is None:
        raise tk.ObjectNotFound(tk._("There is no such evidence"))
    place = {"number": asked["number"], "unit": asked["unit"], "file_id": asked["id"]}
    url = tk.url_for("hatinh_campaign.evidence", **place, _external=True)
    return {"name": found.name, "bytes": found.size, "sha256": found.sha256, "url": url}


@tk.side_effect_free
def hatinh_campaign_snapshot(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What a campaign froze: ``day``, ``hash``, its ``files`` with their SHA-256, its ``figures``.

    Parameter: ``number``.
    """
    tk.check_access("hatinh_campaign_snapshot", context, data_dict)
    row = campaigns.get(checked(data_dict, schema.campaign())["number"])
    return snapshots.told(row)


@tk.side_effect_free
def hatinh_campaign_figure(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A figure of a snapshot: ``columns`` and ``rows``, now and always the same.

    Parameters: ``number``; ``figure``, an id; ``organization``, for what it is of one office.
    """
    tk.check_access("hatinh_campaign_figure", context, data_dict)
    asked = checked(data_dict, schema.figure())
    row = campaigns.get(asked["number"])
    return snapshots.figure(row, asked["figure"], asked["organization"])


@tk.side_effect_free
def hatinh_campaign_pack(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The audit pack of a snapshot: ``name``, ``bytes``, ``sha256``, ``key``, and its ``url``.

    Parameters: ``number``; ``organization``, for the pack of one office.
    """
    tk.check_access("hatinh_campaign_pack", context, data_dict)
    asked = checked(data_dict, schema.scope())
    return snapshots.pack_told(campaigns.get(asked["number"]), asked["organization"])


@tk.side_effect_free
def hatinh_pack_key(context: Context, data_dict: DataDict) -> dict[str, str]:
    """The public ``key`` of audit packs (Ed25519, 64 hex digits), the ``verifier``'s address."""
    tk.check_access("hatinh_pack_key", context, data_dict)
    url = tk.url_for("hatinh_campaign.verifier_file", _external=True)
    return {"key": keys.public_key(), "verifier": url}


# -- the steward --------------------------------------------------------------------------------


def hatinh_campaign_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Draft a campaign. Parameters: ``title`` (``vi``, ``en``); ``day`` of the figures (today)."""
    tk.check_access("hatinh_campaign_create", context, data_dict)
    asked = checked(data_dict, schema.create())
    made = campaigns.create(person_of(context).id, Text(**asked["title"]), asked["day"])
    return _told(context, made)


def hatinh_campaign_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a campaign that is not frozen.

    Parameters: ``number``; any of ``title``, ``day``, ``units_before``, ``province_before``; and
    of a draft ``units``, the ids of those that take part.
    """
    tk.check_access("hatinh_campaign_update", context, data_dict)
    asked = checked(data_dict, schema.update())
    number = asked.pop("number")
    given = {name: value for name, value in asked.items() if name in data_dict and value}
    if "title" in given:
        given["title"] = Text(**given["title"])
    return _told(context, campaigns.update(number, given))


def hatinh_campaign_open(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Open a draft to its units. Parameters: ``number``; ``note``."""
    tk.check_access("hatinh_campaign_open", context, data_dict)
    asked = checked(data_dict, schema.noted())
    return _told(context, campaigns.open_(asked["number"], person_of(context).id, asked["note"]))


def hatinh_campaign_freeze(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take the snapshot of an open campaign, for ever. Parameters: ``number``; ``note``."""
    tk.check_access("hatinh_campaign_freeze", context, data_dict)
    asked = checked(data_dict, schema.noted())
    return _told(context, campaigns.freeze(asked["number"], person_of(context).id, asked["note"]))


def hatinh_campaign_close(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Close a frozen campaign by the province's report.

    Parameters: ``number``; ``letter``, its number; ``sent``, its day.
    """
    tk.check_access("hatinh_campaign_close", context, data_dict)
    asked = checked(data_dict, schema.close())
    number, actor = asked["number"], person_of(context).id
    return _told(context, campaigns.close(number, actor, asked["letter"], asked["sent"]))


def hatinh_campaign_delete(context: Context, data_dict: DataDict) -> None:
    """Take a draft away. Parameter: ``number``."""
    tk.check_access("hatinh_campaign_delete", context, data_dict)
    campaigns.delete(checked(data_dict, schema.campaign())["number"])


# -- the units ----------------------------------------------------------------------------------


def hatinh_campaign_part_fill(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Write down answers of a part.

    Parameters: ``number``; ``unit``; ``answers``, an object with the answer by question, by the
    id of a system or ``""`` for the unit. What is said of a system stands for all said before.
    """
    tk.check_access("hatinh_campaign_part_fill", context, data_dict)
    asked = checked(data_dict, schema.fill())
    person = person_of(context)
    return _part(context, parts.fill(asked["number"], asked["unit"], person, asked["answers"]))


def hatinh_campaign_part_submit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a part to the unit's leader. Parameters: ``number``; ``unit``; ``note``."""
    tk.check_access("hatinh_campaign_part_submit", context, data_dict)
    asked = checked(data_dict, schema.part_note())
    return _part(context, parts.submit(person=person_of(context), **asked))


def hatinh_campaign_part_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a part back to be filled in again. Parameters: ``number``; ``unit``; ``note``, why."""
    tk.check_access("hatinh_campaign_part_return", context, data_dict)
    asked = checked(data_dict, schema.part_note())
    return _part(context, parts.send_back(person=person_of(context), **asked))


def hatinh_campaign_part_sign(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Sign a part off; never one that one had a hand in.

    Parameters: ``number``; ``unit``; ``letter``, the number of the unit's report.
    """
    tk.check_access("hatinh_campaign_part_sign", context, data_dict)
    asked = checked(data_dict, schema.sign())
    return _part(context, parts.sign(person=person_of(context), **asked))


def hatinh_campaign_evidence_add(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Add evidence to a part.

    Parameters: ``number``; ``unit``; ``subject``, the id of a system or blank; ``url``, an
    address, or ``upload``, a file.
    """
    tk.check_access("hatinh_campaign_evidence_add", context, data_dict)
    asked = checked(data_dict, schema.attach())
    return _part(context, parts.attach(asked["number"], asked["unit"], person_of(context), asked))


def hatinh_campaign_evidence_remove(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take evidence away. Parameters: ``number``; ``unit``; ``id`` of the evidence."""
    tk.check_access("hatinh_campaign_evidence_remove", context, data_dict)
    asked = checked(data_dict, schema.evidence())
    person = person_of(context)
    return _part(context, parts.detach(asked["number"], asked["unit"], person, asked["id"]))


def _told(context: Context, made: Campaign) -> dict[str, Any]:
    return shown.campaign(campaigns.get(made.number), person_of(context))


def _part(context: Context, changed: Part) -> dict[str, Any]:
    return shown.part(parts.find(changed.campaign, changed.unit.id), person_of(context))
