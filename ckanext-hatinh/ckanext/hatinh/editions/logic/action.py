"""API of the catalogues: reading is for anybody, the steward's office drafts, issues and sends."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.editions import annulments, catalogues, documents, model, shown, subjects
from ckanext.hatinh.editions.logic import schema
from ckanext.hatinh.editions.records import public_ids
from ckanext.hatinh.shared.actors import actor_of
from ckanext.hatinh.shared.parameters import checked
from hatinh.editions import Edition, State, difference, shown_fields

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

# -- reading ------------------------------------------------------------------------------------


@tk.side_effect_free
def hatinh_catalogue_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Issued editions of the legal catalogues, the newest first; ``in_force`` marks one of each.

    Parameter: ``kind``, to see only one catalogue. Its steward sees drafts, too.
    """
    tk.check_access("hatinh_catalogue_list", context, data_dict)
    kind = checked(data_dict, schema.catalogue_list())["kind"]
    found = model.heads(catalogues.known_kind(kind) if kind else "")
    whole = _drafts(context)
    told = shown.Register(with_people=whole)
    return [told.head(row) for row in found if whole or row.state == State.ISSUED]


@tk.side_effect_free
def hatinh_catalogue_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One edition: decision, hash, steps, register of sending. Its entries have their own action.

    Parameters: ``kind``; ``number`` (the one in force). Who took a step is told to the steward.
    """
    tk.check_access("hatinh_catalogue_show", context, data_dict)
    row = _row(context, checked(data_dict, schema.edition()))
    return shown.Register(with_people=_drafts(context)).edition(row)


@tk.side_effect_free
def hatinh_catalogue_entries(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The entries of an edition as they are printed: ``count`` and ``entries``.

    Parameters: ``kind``; ``number`` (the one in force); ``limit`` (1000), ``offset`` (0).
    """
    tk.check_access("hatinh_catalogue_entries", context, data_dict)
    asked = checked(data_dict, schema.entries())
    row = _row(context, asked)
    sent = catalogues.last_sent(row.kind, row.number)
    first, edition = asked["offset"], row.edition
    some = edition.entries[first : first + asked["limit"]]
    return {
        "count": row.size,
        "entries": [
            {**entry.as_dict(), "place": place, "fields": shown_fields(entry, sent)}
            for place, entry in enumerate(some, first + 1)
        ],
    }


@tk.side_effect_free
def hatinh_catalogue_diff(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What an edition changes: ``added``, ``changed`` field by field, ``dropped`` with reasons.

    Parameters: ``kind``; ``number`` (the one in force); ``to``, the edition it is compared with,
    by default the one whose place it takes.
    """
    tk.check_access("hatinh_catalogue_diff", context, data_dict)
    asked = checked(data_dict, schema.difference())
    row = _row(context, asked)
    edition = row.edition
    other: Edition | None = catalogues.former(edition)
    if asked["to"]:
        other = _row(context, {"kind": row.kind, "number": asked["to"]}).edition
    found = difference(other, edition).as_dict()
    return {"kind": row.kind, "number": row.number, "to": other.number if other else 0, **found}


@tk.side_effect_free
def hatinh_catalogue_unlisted(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Public datasets that belong into a catalogue but are not in its edition in force.

    Parameter: ``kind``. Each has ``id``, ``name``, ``title`` and ``organization``.
    """
    tk.check_access("hatinh_catalogue_unlisted", context, data_dict)
    kind = catalogues.known_kind(checked(data_dict, schema.catalogue())["kind"])
    return shown.unlisted(kind)


@tk.side_effect_free
def hatinh_mandated_subject_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Subjects that have to be published, each with ``owner``, ``state`` and its ``datasets``."""
    tk.check_access("hatinh_mandated_subject_list", context, data_dict)
    return subjects.told()


# -- writing ------------------------------------------------------------------------------------


def hatinh_catalogue_draft(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Draft the next edition from the public datasets. Parameters: ``kind``, ``note``."""
    tk.check_access("hatinh_catalogue_draft", context, data_dict)
    asked = checked(data_dict, schema.draft())
    made = catalogues.draft(asked["kind"], actor_of(context), asked["note"])
    return _told(made)


def hatinh_catalogue_amend(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Collect a draft anew from the public datasets.

    Parameters: ``kind``, ``number``; ``dropped``, an object with the reason for each dataset that
    is left out (id or name); ``notes``, with a note of submission; ``note`` on the step. Both
    objects stand for all that was said before.
    """
    tk.check_access("hatinh_catalogue_amend", context, data_dict)
    asked = checked(data_dict, schema.amend())
    return _told(catalogues.amend(actor=actor_of(context), **asked))


def hatinh_catalogue_issue(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Issue a draft by a decision, for ever; never one's own.

    Parameters: ``kind``, ``number``; ``decision``, its number; ``decided``, its day; ``notes``, an
    object with a note of approval for a dataset (id or name); ``note`` on the step.
    """
    tk.check_access("hatinh_catalogue_issue", context, data_dict)
    asked = checked(data_dict, schema.issue())
    act = catalogues.Act(asked["decision"], asked["decided"], asked["notes"], asked["note"])
    return _told(catalogues.issue(asked["kind"], asked["number"], actor_of(context), act))


def hatinh_catalogue_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a draft up. Parameters: ``kind``, ``number``; ``note``, the reason."""
    tk.check_access("hatinh_catalogue_withdraw", context, data_dict)
    asked = checked(data_dict, schema.withdraw())
    return _told(catalogues.withdraw(actor=actor_of(context), **asked))


def hatinh_catalogue_annul(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask that an issued edition is noted as annulled by a later decision.

    Parameters: ``kind``, ``number``; ``decision``, its number; ``decided``, its day; ``note``, the
    reason. Nothing changes until another person confirms it.
    """
    tk.check_access("hatinh_catalogue_annul", context, data_dict)
    asked = checked(data_dict, schema.annul())
    return _told(annulments.ask(actor=actor_of(context), **asked))


def hatinh_catalogue_annul_confirm(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Confirm an annulment that another person asked for: the edition is in force no more.

    Parameters: ``kind``, ``number``; ``note`` on the step. The edition stays to be read, marked.
    """
    tk.check_access("hatinh_catalogue_annul_confirm", context, data_dict)
    asked = checked(data_dict, schema.withdraw())
    return _told(annulments.confirm(actor=actor_of(context), **asked))


def hatinh_catalogue_annul_reject(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Settle that an edition is not annulled. Parameters: ``kind``, ``number``; ``note``, why."""
    tk.check_access("hatinh_catalogue_annul_reject", context, data_dict)
    asked = checked(data_dict, schema.withdraw())
    return _told(annulments.reject(actor=actor_of(context), **asked))


def hatinh_catalogue_send(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Register that an issued edition was sent to the Ministry; the portal itself sends nothing.

    Parameters: ``kind``, ``number``; ``letter``, its number; ``sent``, its day.
    """
    tk.check_access("hatinh_catalogue_send", context, data_dict)
    asked = checked(data_dict, schema.send())
    row = _row(context, asked)
    package = documents.package(row)
    catalogues.send(row, actor_of(context), asked["sent"], asked["letter"], package)
    return _told(row.edition)


def hatinh_catalogue_receive(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Note the receipt of a letter, once.

    Parameters: ``kind``, ``number``, ``letter``, ``receipt``.
    """
    tk.check_access("hatinh_catalogue_receive", context, data_dict)
    asked = checked(data_dict, schema.receive())
    row = _row(context, asked)
    catalogues.receive(row.kind, row.number, asked["letter"], asked["receipt"])
    return _told(row.edition)


def hatinh_mandated_subject_assign(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Say which public datasets answer a subject, in place of those said before.

    Parameters: ``code`` of the subject; ``datasets``, their names or ids.
    """
    tk.check_access("hatinh_mandated_subject_assign", context, data_dict)
    asked = checked(data_dict, schema.subject())
    return subjects.assign(asked["code"], asked["datasets"], public_ids())


def _row(context: Context, asked: dict[str, Any]) -> model.CatalogueEdition:
    return catalogues.get(asked["kind"], asked["number"], drafts=_drafts(context))


def _drafts(context: Context) -> bool:
    """Whether this user sees what is not issued."""
    return catalogues.steward() in actor_of(context).organizations


def _told(edition: Edition) -> dict[str, Any]:
    row = catalogues.get(edition.kind, edition.number, drafts=True)
    return shown.Register(with_people=True).edition(row)
