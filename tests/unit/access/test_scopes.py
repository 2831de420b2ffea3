"""What a scope lets a program do, and what is kept of one token."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import schemas
from hatinh.access.scopes import READ, Grant, load_scopes
from hatinh.errors import SchemaError

ENDS = datetime(2027, 1, 1, tzinfo=UTC)
SCOPES = load_scopes(schemas.ROOT)


def given(*scopes: str) -> Grant:
    """A token with some scopes for one organisation."""
    return Grant(frozenset(scopes), frozenset({"so-a"}), ENDS)


@pytest.mark.parametrize("scope", SCOPES.by_id)
def test_every_token_reads(scope: str) -> None:
    """Whatever has no side effect is allowed, and so is looking at pages."""
    assert SCOPES.allow_action(given(scope), "package_show", reads=True)
    assert SCOPES.allow_page(given(scope), "GET", "dataset.read")


def test_reading_token_changes_nothing() -> None:
    """No action of the other scopes, and none that nobody named."""
    named = [action for scope in SCOPES.by_id.values() for action in scope.actions]
    others = set(named) - SCOPES.by_id[READ].actions
    assert {a for a in others if SCOPES.allow_action(given(READ), a, reads=False)} == set()


def test_action_that_nobody_named_is_refused() -> None:
    """An action that somebody adds waits until it is named."""
    assert not SCOPES.allow_action(given("harvest", "publish"), "user_delete", reads=False)
    assert SCOPES.for_action("user_delete") == ()
    assert SCOPES.for_action("package_create") == ("publish",)


def test_token_looks_after_no_tokens() -> None:
    """No scope names an action by which more could be had."""
    named = {action for scope in SCOPES.by_id.values() for action in scope.actions}
    words = ("token", "user", "member", "config", "collaborator", "purge")
    assert [action for action in named if any(word in action for word in words)] == []


def test_only_the_whole_scope_sends_forms() -> None:
    """Forms belong to people; a token for everything is its account."""
    may = {id_ for id_ in SCOPES.by_id if SCOPES.allow_page(given(id_), "POST", "dataset.edit")}
    assert may == {id_ for id_, scope in SCOPES.by_id.items() if scope.whole} == {"full"}


def test_files_in_pieces_are_sent_by_those_who_publish() -> None:
    """The one address beside the API that takes something from a program."""
    may = {
        id_ for id_ in SCOPES.by_id if SCOPES.allow_page(given(id_), "PATCH", "hatinh_upload.add")
    }
    assert may == {"publish", "full"}
    assert SCOPES.for_page("hatinh_upload.add") == ("publish",)


def test_unknown_scope_gives_nothing() -> None:
    """A scope that was taken away since leaves reading."""
    assert not SCOPES.allow_action(given("gone"), "package_create", reads=False)
    assert SCOPES.allow_action(given("gone"), "package_show", reads=True)


def test_what_is_kept_is_what_was_given() -> None:
    """A grant survives being written down."""
    grant = given("publish", READ)
    assert Grant.read(grant.as_dict()) == grant


@pytest.mark.parametrize("text", ["read: 1", "[]", "publish: {title: {vi: a}, text: {vi: a}}"])
def test_broken_table_is_told(tmp_path: Path, text: str) -> None:
    """The program does not start with half a table."""
    (tmp_path / "token_scopes.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError):
        load_scopes(tmp_path)
