"""What stands against a step with a campaign or a part, and who is late."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

import schemas
from hatinh.campaign import (
    Action,
    Campaign,
    Part,
    PartState,
    Standing,
    State,
    Step,
    Subject,
    Unit,
    load_form,
    register,
    reminder,
    rules,
)
from hatinh.local_time import LOCAL_TIME
from hatinh.text import Text

FORM = load_form(schemas.ROOT)
UNIT = Unit("so-y-te", Text("Sở Y tế"))
BEFORE = date(2026, 12, 15)
CAMPAIGN = Campaign(
    number=1,
    title=Text("Kiểm kê 2026"),
    day=date(2026, 12, 1),
    units_before=BEFORE,
    province_before=date(2026, 12, 31),
    units=(UNIT,),
    questions=tuple(FORM.questions.values()),
    state=State.OPEN,
)
SYSTEM = Subject("s1", "he-thong", "Hệ thống")
WHOLE = {"complete": "co", "results": "Đã rà soát"}
VERDICTS = dict.fromkeys(("duplicated", "upgrade", "merge", "retire"), "khong")


def part(state: PartState = PartState.FILLING, *taken: tuple[Action, str, date]) -> Part:
    """A part of the health department."""
    steps = [
        Step(a, who, datetime(d.year, d.month, d.day, tzinfo=LOCAL_TIME)) for a, who, d in taken
    ]
    return Part(1, UNIT, 1, state, subjects=(SYSTEM,), steps=tuple(steps))


def codes(problems) -> list[str]:
    """The codes of problems."""
    return [problem.code for problem in problems]


@pytest.mark.parametrize("to", [State.OPEN, State.FROZEN, State.CLOSED])
def test_campaign_goes_one_way(to):
    """Draft, open, frozen, closed: none is left out, none is gone back to."""
    order = [State.DRAFT, State.OPEN, State.FROZEN, State.CLOSED]
    may = [s for s in order if not rules.step_refusals(replace(CAMPAIGN, state=s), to)]
    assert may == [order[order.index(to) - 1]]


@pytest.mark.parametrize("action", [Action.FILL, Action.ATTACH, Action.DETACH, Action.SUBMIT])
def test_nobody_signs_what_he_had_a_hand_in(action):
    """Who filled it in, added evidence or submitted it is none of the four eyes."""
    waiting = part(PartState.WAITING, (action, "an", BEFORE), (Action.SUBMIT, "binh", BEFORE))
    assert codes(rules.sign_refusals(waiting, "an")) == ["campaign-own-signature"]
    assert rules.sign_refusals(waiting, "chi") == []


@pytest.mark.parametrize("state", [State.DRAFT, State.FROZEN, State.CLOSED])
def test_part_moves_only_while_its_campaign_is_open(state):
    """Before and after that it is closed."""
    closed = replace(CAMPAIGN, state=state)
    found = rules.part_refusals(closed, part(), PartState.FILLING)
    assert codes(found) == ["campaign-closed"]


def test_part_with_an_answer_missing_is_not_submitted():
    """Each required question, of the unit and of each system, is told by its place."""
    empty = part()
    needed = [q for q in FORM.questions.values() if q.required]
    assert len(codes(rules.submit_refusals(CAMPAIGN.questions, empty))) == len(needed)
    whole = replace(empty, answers={"": WHOLE, "s1": VERDICTS})
    assert list(rules.submit_refusals(CAMPAIGN.questions, whole)) == []


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"s2": {"merge": "co"}}, "campaign-subject-unknown"),
        ({"": {"merge": "co"}}, "campaign-question-unknown"),
        ({"s1": {"complete": "co"}}, "campaign-question-unknown"),
        ({"s1": {"merge": "maybe"}}, "campaign-answer-wrong"),
    ],
)
def test_answer_to_what_is_not_asked_is_refused(answers, code):
    """Other systems, questions and choices."""
    found = rules.answer_refusals(CAMPAIGN.questions, answers, [SYSTEM], FORM)
    assert codes(found) == [code]


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("a.exe", 10, "campaign-file-kind"),
        ("pdf", 10, "campaign-file-kind"),
        ("a.PDF", 0, "campaign-file-size"),
        ("a.pdf", FORM.largest + 1, "campaign-file-size"),
        ("a.pdf", FORM.largest, None),
    ],
)
def test_evidence_of_other_kinds_or_sizes_is_refused(name, size, code):
    """Programs, empty files and those that are too large."""
    assert codes(rules.evidence_refusals(name, size, FORM)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("signed", "today", "standing", "days"),
    [
        (date(2026, 12, 14), date(2026, 12, 20), Standing.IN_TIME, 0),
        (BEFORE, date(2026, 12, 20), Standing.LATE, 1),
        (None, date(2026, 12, 14), Standing.DUE, 0),
        (None, BEFORE, Standing.MISSING, 1),
        (None, date(2027, 1, 1), Standing.MISSING, 18),
    ],
)
def test_deadline_itself_is_late(signed, today, standing, days):
    """“Before 15 December” is over on the 15th; an unsigned part is late until today."""
    found = part(PartState.SIGNED, (Action.SIGN, "chi", signed)) if signed else part()
    (line,) = register([found], BEFORE, today)
    assert (line.standing, line.days_late) == (standing, days)


def test_signature_of_a_part_that_went_back_counts_no_more():
    """A part that is filled in again is not signed off."""
    again = part(PartState.FILLING, (Action.SIGN, "chi", date(2026, 12, 1)))
    (line,) = register([again], BEFORE, date(2026, 12, 2))
    assert line.signed is None


def test_reminders_go_out_once_each():
    """14, 7, 3 and 1 days before, and on the day; what was missed is not sent after the next."""
    told: set[int] = set()
    sent = {}
    for left in range(20, -5, -1):
        if left == 3:
            continue  # the portal stood still
        today = BEFORE - timedelta(days=left)
        found = reminder(BEFORE, today, FORM.remind_days, told)
        if found is not None:
            told.add(found)
            sent[left] = found
    assert sent == {14: 14, 7: 7, 2: 3, 1: 1, 0: 0}
