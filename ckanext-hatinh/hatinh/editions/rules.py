"""What stands against a step with an edition. Who is a steward is asked before.

    amend      draft                     any steward
    issue      draft → issued            a steward who had no hand in its content
    withdraw   draft → withdrawn         any steward, with a reason

Nobody is above these rules, an administrator of the portal neither. An issued edition is closed:
the next one takes its place, or a later decision annuls it (``annulment``).
"""

from collections.abc import Iterator
from datetime import date

from hatinh.editions.difference import difference
from hatinh.editions.form import Form
from hatinh.editions.model import Edition
from hatinh.problem import Problem, error


def closed(edition: Edition) -> list[Problem]:
    """Only a draft can be amended, issued or withdrawn."""
    if edition.state == "du_thao":
        return []
    return [error("catalogue-closed", "$.state", edition.number)]


def issue_refusals(
    edition: Edition, in_force: Edition | None, actor: str, today: date, form: Form
) -> list[Problem]:
    """Why this person cannot issue this edition, which bears its decision already."""
    if found := closed(edition):
        return found
    if actor in edition.authors:
        found.append(error("catalogue-own-issue", "$.steps", actor))
    return [
        *found,
        *_decision(edition, in_force, today),
        *_basis(edition, in_force),
        *_entries(edition, form),
    ]


def reason_refusals(note: str) -> list[Problem]:
    """A draft is given up for a reason."""
    return [] if note else [error("catalogue-reason-missing", "$.note", "")]


def sending_refusals(
    edition: Edition, letter: str, sent: date | None, today: date
) -> list[Problem]:
    """Why a sending cannot be registered: it needs an issued edition, a letter and its day."""
    found: list[Problem] = []
    if not edition.issued or edition.decided is None:
        return [error("catalogue-not-issued", "$.state", edition.number)]
    if not letter or sent is None:
        found.append(error("catalogue-letter-missing", "$.letter"))
    if sent is not None and not edition.decided <= sent <= today:
        found.append(error("catalogue-day-wrong", "$.sent", sent.isoformat()))
    return found


def overdue(decided: date | None, today: date, form: Form) -> bool:
    """Whether an edition in force, of that day, is older than a catalogue may be (REQ-11)."""
    return decided is not None and (today - decided).days > form.max_age_days


def _decision(edition: Edition, in_force: Edition | None, today: date) -> Iterator[Problem]:
    if not edition.decision or edition.decided is None:
        yield error("catalogue-decision-missing", "$.decision")
        return
    earliest = in_force.decided if in_force and in_force.decided else date.min
    if not earliest <= edition.decided <= today:
        yield error("catalogue-day-wrong", "$.decided", edition.decided.isoformat())


def _basis(edition: Edition, in_force: Edition | None) -> Iterator[Problem]:
    number = in_force.number if in_force else 0
    if edition.based_on != number:
        yield error("catalogue-base-stale", "$.based_on", edition.based_on, current=number)
        return
    found = difference(in_force, edition)
    if in_force and not found:
        yield error("catalogue-unchanged", "$.entries", edition.number, base=number)
    for entry, reason in found.dropped:
        if not reason:
            yield error("catalogue-reason-missing", "$.dropped", entry.title)


def _entries(edition: Edition, form: Form) -> Iterator[Problem]:
    if not edition.entries:
        yield error("catalogue-empty", "$.entries")
    for entry in edition.entries:
        for name in form.required:
            if not entry.fields.get(name):
                label = form.fields[name].vi
                yield error("catalogue-field-missing", "$.entries", entry.title, label=label)
