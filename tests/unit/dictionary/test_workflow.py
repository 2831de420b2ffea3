"""Who may take which step with an edition, and what it becomes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import schemas
from hatinh.dictionary.edition import Action, Edition, State
from hatinh.dictionary.workflow import (
    Actor,
    Role,
    Stewards,
    Words,
    advance,
    allowed,
    approval_refusals,
    content_refusals,
    load_stewards,
    new_edition_refusals,
    refusals,
    roles,
)
from hatinh.errors import SchemaError
from hatinh.problem import Problem, error, warning

STEWARDS = Stewards("cong-an-tinh", "so-khcn")
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DECIDED = Words("đồng ý", "QĐ 2/QĐ-UBND", date(2026, 12, 1))

PROPOSER = Actor("proposer", frozenset({"so-y-te"}))
OTHER = Actor("other", frozenset({"so-nong-nghiep"}))
CATALOGUE = Actor("catalogue", frozenset({"so-khcn"}))
DICTIONARY = Actor("dictionary", frozenset({"cong-an-tinh"}))
NOBODY = Actor("nobody")

MATRIX = {
    State.PROPOSED: {
        PROPOSER: {Action.AMEND, Action.WITHDRAW},
        CATALOGUE: {Action.REVIEW, Action.RETURN},
        DICTIONARY: {Action.REVIEW, Action.RETURN, Action.REJECT},
    },
    State.REVIEW: {
        PROPOSER: {Action.WITHDRAW},
        CATALOGUE: {Action.RETURN},
        DICTIONARY: {Action.CONSULT, Action.RETURN, Action.REJECT},
    },
    State.CONSULTATION: {
        PROPOSER: {Action.WITHDRAW},
        CATALOGUE: {Action.RETURN},
        DICTIONARY: {Action.APPROVE, Action.RETURN, Action.REJECT},
    },
    State.RETURNED: {
        PROPOSER: {Action.PROPOSE, Action.AMEND, Action.WITHDRAW},
        DICTIONARY: {Action.REJECT},
    },
    State.APPROVED: {},
    State.WITHDRAWN: {},
    State.REJECTED: {},
}
"""The steps that each person may take in each state; all others are refused."""


def codes(problems: list[Problem]) -> list[str]:
    """Codes of problems."""
    return [problem.code for problem in problems]


def in_state(edition: Edition, state: State, proposer: str = "proposer") -> Edition:
    """An edition of somebody's, at some point of its way."""
    return replace(edition, number="1.1", based_on="1.0", state=state, proposer=proposer)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("actor", [PROPOSER, OTHER, CATALOGUE, DICTIONARY, NOBODY])
def test_steps_are_those_of_the_matrix(small: Edition, state: State, actor: Actor):
    """In every state each person may take exactly the steps of the table."""
    edition = in_state(small, state)
    assert allowed(edition, actor, STEWARDS) == MATRIX[state].get(actor, set())


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (NOBODY, set()),
        (OTHER, {Role.PROPOSER}),
        (DICTIONARY, {Role.PROPOSER, Role.DICTIONARY_STEWARD}),
        (CATALOGUE, {Role.PROPOSER, Role.CATALOGUE_STEWARD}),
    ],
)
def test_role_follows_from_the_office(actor: Actor, expected: set[Role]):
    """Writing for any office lets one propose; two offices have a say of their own."""
    assert roles(actor, STEWARDS) == expected


def test_nobody_approves_his_own_edition(small: Edition):
    """The steward who proposed an edition cannot approve it."""
    edition = in_state(small, State.CONSULTATION, proposer=DICTIONARY.id)
    found = refusals(edition, Action.APPROVE, DICTIONARY, STEWARDS, DECIDED)
    assert codes(found) == ["edition-own-approval"]
    colleague = replace(DICTIONARY, id="colleague")
    assert refusals(edition, Action.APPROVE, colleague, STEWARDS, DECIDED) == []


def test_whoever_amended_an_edition_does_not_approve_it(small: Edition):
    """A hand in the content counts like the proposal."""
    edition = advance(in_state(small, State.PROPOSED), Action.AMEND, DICTIONARY, NOW)
    edition = replace(edition, state=State.CONSULTATION)
    found = refusals(edition, Action.APPROVE, DICTIONARY, STEWARDS, DECIDED)
    assert codes(found) == ["edition-own-approval"]


def test_approved_edition_is_closed(small: Edition):
    """No step leads out of an approved edition, and its content does not change."""
    edition = in_state(small, State.APPROVED)
    for action in Action:
        assert "edition-closed" in codes(refusals(edition, action, DICTIONARY, STEWARDS, DECIDED))
    assert codes(content_refusals(edition, replace(edition, elements={}))) == ["edition-closed"]
    assert content_refusals(edition, replace(edition, note="x")) == []
    assert content_refusals(in_state(small, State.PROPOSED), replace(edition, elements={})) == []


def test_steps_come_in_their_order(small: Edition):
    """A proposal is not approved before it was reviewed and consulted on."""
    found = refusals(in_state(small, State.PROPOSED), Action.APPROVE, DICTIONARY, STEWARDS, DECIDED)
    assert codes(found) == ["edition-step-wrong"]


def test_approval_needs_its_decision(small: Edition):
    """Number and day of the act that approves."""
    edition = in_state(small, State.CONSULTATION)
    found = refusals(edition, Action.APPROVE, DICTIONARY, STEWARDS)
    assert [(p.code, p.path) for p in found] == [
        ("edition-decision-missing", "$.decision"),
        ("edition-decision-missing", "$.date"),
    ]


@pytest.mark.parametrize(
    ("action", "actor"),
    [
        (Action.RETURN, CATALOGUE),
        (Action.WITHDRAW, PROPOSER),
        (Action.REJECT, DICTIONARY),
    ],
)
def test_step_back_needs_its_reason(small: Edition, action: Action, actor: Actor):
    """Whoever proposed has to know what to mend, and later readers why it came to nothing."""
    edition = in_state(small, State.REVIEW)
    assert codes(refusals(edition, action, actor, STEWARDS)) == ["edition-reason-missing"]
    assert refusals(edition, action, actor, STEWARDS, Words("sai mã")) == []
    after = advance(edition, action, actor, NOW, Words("sai mã"))
    assert [(s.action, s.by, s.at, s.note) for s in after.history] == [
        (action, actor.id, NOW, "sai mã")
    ]
    assert after.elements == edition.elements


def test_first_edition_stays(small: Edition):
    """Columns are read by it, so it is mended or followed by another, never taken away."""
    first = replace(small, state=State.RETURNED, proposer="", based_on="")
    for action in (Action.WITHDRAW, Action.REJECT):
        found = refusals(first, action, DICTIONARY, STEWARDS, Words("thừa"))
        assert codes(found) == ["edition-first-stays"]
    assert allowed(first, DICTIONARY, STEWARDS) == {Action.PROPOSE, Action.AMEND}
    assert allowed(first, OTHER, STEWARDS) == set()


def test_edition_goes_all_the_way(small: Edition):
    """Proposal, review, return, proposal, review, consultation, approval; each step is kept."""
    edition = in_state(small, State.PROPOSED)
    way = [
        (Action.REVIEW, CATALOGUE, Words()),
        (Action.RETURN, DICTIONARY, Words("thiếu nguồn")),
        (Action.AMEND, PROPOSER, Words()),
        (Action.PROPOSE, PROPOSER, Words()),
        (Action.REVIEW, CATALOGUE, Words()),
        (Action.CONSULT, DICTIONARY, Words()),
        (Action.APPROVE, DICTIONARY, DECIDED),
    ]
    for action, actor, words in way:
        assert refusals(edition, action, actor, STEWARDS, words) == []
        edition = advance(edition, action, actor, NOW, words)
    assert edition.approved
    assert (edition.decision, edition.date) == ("QĐ 2/QĐ-UBND", date(2026, 12, 1))
    assert [(step.action, step.by) for step in edition.history] == [(a, p.id) for a, p, _ in way]
    assert edition.history[1].note == "thiếu nguồn"


@pytest.mark.parametrize(
    ("number", "based_on", "actor", "expected"),
    [
        ("1.1", "1.0", OTHER, []),
        ("1.10", "1.0", OTHER, []),
        ("1.0", "1.0", OTHER, ["edition-number-wrong"]),
        ("1.2", "1.0", OTHER, ["edition-number-wrong"]),
        ("0.9", "1.0", OTHER, ["edition-number-wrong"]),
        ("một", "1.0", OTHER, ["edition-number-wrong"]),
        ("1.1", "0.9", OTHER, ["edition-base-stale"]),
        ("1.1", "1.0", NOBODY, ["edition-role-missing"]),
    ],
)
def test_new_edition_follows_the_current_one(
    small: Edition, number: str, based_on: str, actor: Actor, expected: list[str]
):
    """A free, higher number on top of the edition in force, by somebody of an office."""
    edition = replace(small, number=number, based_on=based_on)
    numbers = frozenset({"0.9", "1.0", "1.2"})
    found = new_edition_refusals(edition, small, numbers, actor, STEWARDS)
    assert codes(found) == expected


def test_edition_with_faults_is_not_approved(small: Edition):
    """Errors bar the approval, warnings do not."""
    edition = replace(in_state(small, State.CONSULTATION), elements={})
    problems = [error("owner-missing", "$"), warning("definition-changed", "$")]
    assert codes(approval_refusals(edition, small, problems)) == ["owner-missing"]


def test_edition_without_change_is_not_approved(small: Edition):
    """There is nothing to decide."""
    edition = in_state(small, State.CONSULTATION)
    assert codes(approval_refusals(edition, small, [])) == ["edition-unchanged"]
    assert approval_refusals(small, small, []) == []


def test_edition_on_a_stale_base_is_not_approved(small: Edition):
    """Somebody else's edition came first; its changes would be lost."""
    edition = replace(in_state(small, State.CONSULTATION), elements={})
    current = replace(small, number="1.0.1")
    assert codes(approval_refusals(edition, current, [])) == ["edition-base-stale"]


def test_stewards_are_those_of_the_plan():
    """Công an tỉnh keeps the dictionary, Sở Khoa học và Công nghệ the catalogue (plan 731)."""
    assert load_stewards(schemas.ROOT) == STEWARDS


def test_edition_without_stewards_is_refused(tmp_path: Path):
    """Without them nobody could approve anything."""
    (tmp_path / "dictionary").mkdir()
    (tmp_path / "dictionary" / "edition.yaml").write_text("number: '1'\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="stewards"):
        load_stewards(tmp_path)
