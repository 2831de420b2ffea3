"""What stands against a step with a campaign or a part. Who has the role is asked before.

    fill, attach, submit   filling             editors of the unit's office
    return                 waiting → filling   its administrators, with a reason
                           signed → filling    the steward, with a reason
    sign                   waiting → signed    its administrators, never who had a hand in it

Nobody is above these rules, an administrator of the portal neither. A frozen campaign is closed.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import PurePath

from hatinh.campaign.form import CHOICE, SYSTEM, Form, Question
from hatinh.campaign.model import WHOLE, Answers, Campaign, Part, PartState, State, Subject
from hatinh.problem import Problem, error

NEXT = {State.OPEN: State.DRAFT, State.FROZEN: State.OPEN, State.CLOSED: State.FROZEN}
"""The state that each state follows."""


def step_refusals(campaign: Campaign, to: State) -> list[Problem]:
    """Why a campaign cannot go into a state."""
    if campaign.state is NEXT[to]:
        return []
    return [error("campaign-step-wrong", "$.state", campaign.number)]


def date_refusals(campaign: Campaign) -> Iterator[Problem]:
    """The days of a campaign follow each other."""
    if not campaign.title.vi:
        yield error("campaign-title-missing", "$.title")
    if campaign.units_before > campaign.province_before:
        yield error("campaign-days-reversed", "$.units_before", campaign.units_before)
    if not campaign.units:
        yield error("campaign-units-missing", "$.units")


def close_refusals(letter: str, sent: date | None, frozen: date, today: date) -> list[Problem]:
    """Why the report of the province cannot be registered."""
    if not letter or sent is None:
        return [error("campaign-letter-missing", "$.letter")]
    if not frozen <= sent <= today:
        return [error("campaign-day-wrong", "$.sent", sent.isoformat())]
    return []


def part_refusals(campaign: Campaign, part: Part, *states: PartState) -> list[Problem]:
    """A part can be moved while its campaign is open, from these states."""
    if campaign.state is not State.OPEN:
        return [error("campaign-closed", "$.state", campaign.number)]
    if part.state not in states:
        return [error("campaign-part-state", "$.state", part.unit.name.vi)]
    return []


def answer_refusals(
    questions: Iterable[Question], answers: Answers, subjects: Iterable[Subject], form: Form
) -> Iterator[Problem]:
    """Answers to what is not asked, or that are none of the choices."""
    asked = {(q.about, q.id): q for q in questions}
    known = {subject.id for subject in subjects}
    for id_, told in answers.items():
        if id_ != WHOLE and id_ not in known:
            yield error("campaign-subject-unknown", "$.answers", id_)
            continue
        for name, value in told.items():
            question = asked.get((SYSTEM if id_ else "unit", name))
            if question is None:
                yield error("campaign-question-unknown", "$.answers", name)
            elif value and question.answer == CHOICE and value not in form.choices:
                yield error("campaign-answer-wrong", "$.answers", value, question=question.text.vi)


def submit_refusals(questions: Iterable[Question], part: Part) -> Iterator[Problem]:
    """Required answers that are missing."""
    listed = list(questions)
    places = [(WHOLE, part.unit.name.vi), *((s.id, s.title) for s in part.subjects)]
    for id_, title in places:
        about = SYSTEM if id_ else "unit"
        told = part.answers.get(id_, {})
        for question in listed:
            if question.about == about and question.required and not told.get(question.id):
                text = question.text.vi
                yield error("campaign-answer-missing", "$.answers", title, question=text)


def sign_refusals(part: Part, actor: str) -> list[Problem]:
    """Nobody signs what he or she had a hand in."""
    if actor in part.authors:
        return [error("campaign-own-signature", "$.steps", actor)]
    return []


def reason_refusals(note: str) -> list[Problem]:
    """A part goes back for a reason."""
    return [] if note else [error("campaign-reason-missing", "$.note")]


def evidence_refusals(name: str, size: int, form: Form) -> list[Problem]:
    """Files of other kinds, empty ones and those that are too large."""
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in form.endings:
        return [error("campaign-file-kind", "$.upload", name, endings=", ".join(form.endings))]
    if not 0 < size <= form.largest:
        most = form.largest // 1_000_000
        return [error("campaign-file-size", "$.upload", name, most=most)]
    return []
