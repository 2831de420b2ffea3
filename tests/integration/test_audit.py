"""Auditors: they read everything, change nothing, and what they read is in the log."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import authz, model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context
from click.testing import CliRunner
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from two_offices import (
    CANARIES,
    OTHER,
    OWN,
    PASSWORD,
    Portal,
    asked_of,
    live,
    site_user,
    two_offices,
)

from ckanext.hatinh.api.table import api
from ckanext.hatinh.audit import log
from ckanext.hatinh.audit.cli import audit
from ckanext.hatinh.audit.model import Auditor
from ckanext.hatinh.audit.model import note as write_line
from ckanext.hatinh.audit.rights import rules
from ckanext.hatinh.shared.auditors import audits, is_auditor, reads_everything

pytestmark = pytest.mark.usefixtures("portal")

PRIVATE_TO_OTHERS = {
    "api_token_list", "config_option_list", "config_option_show", "dashboard_activity_list",
    "dataset_followee_list", "dataset_follower_list", "file_owner_scan", "file_show",
    "followee_list", "get_site_user", "group_followee_list", "group_follower_list",
    "hatinh_notice_list", "job_list", "job_show", "organization_followee_list",
    "organization_follower_list", "package_collaborator_list_for_user", "user_followee_list",
    "user_follower_list", "user_list",
}  # fmt: skip
"""Reading that a sysadmin has and an auditor has not: settings and jobs of the machine, accounts'
e-mail, tokens and followers, and what somebody else reads as his or her own."""
FINDS = {"datastore_search", "package_search", "package_show", "resource_show"}
"""Some of the actions that must tell an auditor of another office's private things."""
REFUSAL = "Auditors read everything and change nothing"
OUR_OWN_ROWS = {"hatinh_audit_reading"}
LEAVES = {"user.logout", "user.login"}
ROLE = "hatinh_auditor_appoint"

Ask = Callable[..., Any]


@pytest.fixture
def here(app: CKANTestApp) -> Portal:
    """Two offices; the editor of both is an auditor."""
    made = two_offices(app)
    appoint(made, made.editor)
    return made


def appoint(here: Portal, account: str, **given: Any) -> dict[str, Any]:
    """Make an account an auditor, as a sysadmin."""
    role = {"id": account, "decision": "12/QĐ-UBND 22/11/2026", **given}
    return tk.get_action(ROLE)({"user": here.sysadmin}, role)


def browser(here: Portal, user: str) -> Ask:
    """What asks as somebody who has signed in."""
    client = here.app.test_client()
    with client.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
        session["_user_id"] = model.User.get(user).id  # pyright: ignore[reportOptionalMemberAccess]

    def ask(path: str, given: dict[str, Any] | None = None, method: str = "", **more: Any) -> Any:
        if "/" not in path:
            path = f"/en/api/3/action/{path}"
        if given is not None:
            more["json"] = given
        return client.open(path, method=method or ("POST" if more else "GET"), **more)

    return ask


def state() -> dict[str, str]:
    """A fingerprint of every table but the log, and of accounts without when they were seen."""
    names = model.Session.scalars(
        sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    asked = {
        name: f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f" FROM (SELECT to_jsonb(r) - 'last_active' FROM public.\"{name}\" r) t"
        for name in names
        if name not in OUR_OWN_ROWS
    }
    found = {name: model.Session.scalar(sa.text(query)) or "" for name, query in asked.items()}
    model.Session.rollback()
    return found


# -- the matrix ---------------------------------------------------------------------------------


def test_every_live_action_that_reads_is_open_to_auditors(here: Portal) -> None:
    """Each, asked for another office's private things: refused only where it is not audited."""
    tk.get_action("organization_member_delete")(
        {"user": site_user()}, {"id": OTHER, "username": here.editor}
    )
    other, found = here.offices[OTHER], set[str]()
    as_auditor, as_sysadmin = browser(here, here.editor), browser(here, here.sysadmin)
    for action in (name for name, reads in live().items() if reads):
        for given in different(action, asked_of(other, reads=True)):
            answer = as_auditor(action, given)
            if CANARIES[OTHER] in answer.text:
                found.add(action)
            if answer.status_code == 403 and action not in PRIVATE_TO_OTHERS:
                assert as_sysadmin(action, given).status_code != 200, (action, given, answer.text)
    assert found >= FINDS


def different(action: str, asked: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those questions that differ in what the action is said to take."""
    described, seen = api().actions.get(action), []
    takes = {taken.parameter.name for taken in described.takes} if described else None
    for given in asked:
        known = given if takes is None else takes | {"include_private"}
        mine = {name: value for name, value in given.items() if name in known}
        if mine not in seen:
            seen.append(mine)
            yield mine


def test_no_live_action_that_changes_something_is_open_to_auditors(here: Portal) -> None:
    """Each, asked for things of an office in which the account is an editor."""
    own, writes = here.offices[OWN], [name for name, reads in live().items() if not reads]
    as_auditor, before, rows = browser(here, here.editor), state(), own.state()
    known = authz.auth_functions_list()
    account = model.User.get(here.editor)
    for action in writes:
        for given in asked_of(own, reads=False):
            if action in rules().allowed:
                break
            answer = as_auditor(action, given)
            assert answer.status_code >= 400, (action, given, answer.text)
            if REFUSAL in answer.text:  # whatever else it is asked
                break
        if action in known and action not in rules().allowed:
            context = Context(user=here.editor, auth_user_obj=account)
            assert not authz.is_authorized_boolean(action, context, {"id": own.dataset}), action
    assert differences(before) == set()
    assert own.state() == rows


def test_no_page_changes_anything_for_auditors(
    here: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each rule that takes something, filled with things of the office."""
    monkeypatch.setitem(here.app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
    own, form = here.offices[OWN], {"save": "go", "delete": "delete", "reason": "thử", "name": "x"}
    as_auditor, before, rows = browser(here, here.editor), state(), own.state()
    values = {
        "id": own.dataset, "_id": own.dataset, "name": own.dataset, "user": here.editor,
        "resource_id": own.resource, "run_id": own.run, "logic_function": "status_show",
    }  # fmt: skip
    for rule in here.app.flask_app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.endpoint in LEAVES:
                continue
            path = re.sub(
                r"<(?:any\(([^,)]*)[^)]*\):)?(?:[^<>:]*:)?(\w+)>",
                lambda part: part[1] or values.get(part[2], "x"),
                rule.rule,
            )
            as_auditor(path, method=method, data=form)
    assert differences(before) == set()
    assert own.state() == rows


def differences(before: dict[str, str]) -> set[str]:
    """The tables that are not as they were."""
    now = state()
    return {name for name in before | now if before.get(name) != now.get(name)}


def test_lists_name_rights_that_are_there() -> None:
    """A name that is gone would say more than it does."""
    known = set(authz.auth_functions_list())
    assert (rules().opened | rules().asked | rules().allowed) - known == set()
    actions = live()
    assert {name for name in rules().allowed if actions.get(name)} == set()
    assert {name for name in rules().asked if name in actions} == set()


def test_right_of_a_visitor_is_as_before() -> None:
    """Marks of rights are kept: a public one is still asked of whoever has no account."""
    visitor = Context(user="", auth_user_obj=None)
    assert authz.is_authorized_boolean("hatinh_report_list", visitor, {})
    assert not authz.is_authorized_boolean("package_create", visitor, {})


def test_auditor_sees_private_pages_and_no_buttons(here: Portal) -> None:
    """Of another office, as a page, among the results of a search, and as rows."""
    stranger = factories.User()["name"]
    appoint(here, stranger)
    ask, other = browser(here, stranger), here.offices[OTHER]
    page = ask(f"/dataset/{CANARIES[OTHER]}-bo")
    assert (page.status_code, "/dataset/edit/" in page.text) == (200, False)
    assert CANARIES[OTHER] in ask("/dataset/?q=" + CANARIES[OTHER]).text
    below = f"/dataset/{CANARIES[OTHER]}-bo/resource/{other.resource}"
    assert CANARIES[OTHER] in ask(f"{below}/rows.csv").text
    assert ask(f"/dataset/edit/{CANARIES[OTHER]}-bo").status_code == 403
    assert ask("/dashboard/").status_code < 400


def test_no_token_carries_the_role(here: Portal) -> None:
    """It opens what it opens for others; and changes nothing, though it was made to publish."""
    header = here.token(here.editor, "read", "publish")
    stranger = factories.User()["name"]
    reading = here.token(stranger, "read", offices=())
    appoint(here, stranger)
    hidden = here.offices[OTHER].dataset
    assert here.ask(reading, "package_show", id=hidden).status_code == 403
    assert CANARIES[OTHER] not in here.ask(reading, "package_search", include_private=True).text
    assert here.ask(reading, "hatinh_auditor_list").status_code == 403
    patched = here.ask(header, "package_patch", id=here.offices[OWN].dataset, notes="x")
    assert patched.status_code == 403
    lines = tk.get_action("hatinh_audit_reading_list")({"user": here.sysadmin}, {})["results"]
    assert {line["account"] for line in lines} == {here.editor, stranger}


def test_auditor_keeps_the_own_account(here: Portal) -> None:
    """Passwords have to be changed; tokens are given back, none is made."""
    account = model.User.get(here.editor)
    context = Context(user=here.editor, auth_user_obj=account)
    tk.get_action("user_patch")(context, {"id": here.editor, "fullname": "Kiểm toán"})
    made = here.token(here.editor, "read", offices=())
    (listed,) = tk.get_action("hatinh_token_list")({"user": here.editor}, {})
    tk.get_action("hatinh_token_revoke")({"user": here.editor}, {"id": listed["id"]})
    assert here.ask(made, "package_search").status_code == 401
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_token_create")(
            {"user": here.editor}, {"name": "t", "scopes": ["read"]}
        )


# -- who holds the role ---------------------------------------------------------------------------


def test_only_sysadmins_appoint(here: Portal) -> None:
    """Neither an auditor nor an editor does, nor does anybody appoint a sysadmin."""
    stranger = factories.User()["name"]
    for user in (here.editor, stranger, ""):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(ROLE)({"user": user}, {"id": stranger, "decision": "1"})
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("hatinh_auditor_dismiss")({"user": user}, {"id": here.editor})
    for account, given, named in (
        (here.sysadmin, {}, "id"),
        (here.editor, {}, "id"),
        (stranger, {"decision": " "}, "decision"),
        (stranger, {"until": "2020-01-01"}, "until"),
        (stranger, {"until": "mai"}, "until"),
    ):
        with pytest.raises(tk.ValidationError) as told:
            appoint(here, account, **given)
        assert named in told.value.error_dict
    with pytest.raises(tk.ObjectNotFound):
        appoint(here, "khong-co")


def test_role_ends_with_dismissal_with_its_day_and_with_the_account(here: Portal) -> None:
    """From the next request on; the appointment stays on record."""
    hidden = here.offices[OTHER].dataset
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    people = [factories.User()["name"] for _ in range(4)]
    for name in people:
        appoint(here, name, until=tomorrow)
    dismissed, over, deleted, promoted = people
    assert {browser(here, name)("package_show", {"id": hidden}).status_code for name in people} == {
        200
    }
    tk.get_action("hatinh_auditor_dismiss")({"user": here.sysadmin}, {"id": dismissed})
    role = model.Session.query(Auditor).filter_by(account=over).one()
    role.until = datetime.now(UTC) - timedelta(seconds=1)
    model.User.get(promoted).sysadmin = True  # pyright: ignore[reportOptionalMemberAccess]
    model.Session.commit()
    tk.get_action("user_delete")({"ignore_auth": True}, {"id": deleted})
    for name in (dismissed, over):
        assert browser(here, name)("package_show", {"id": hidden}).status_code == 403
    assert [is_auditor(name) for name in people] == [False] * 4
    listed = tk.get_action("hatinh_auditor_list")({"user": here.sysadmin}, {})
    active = {role["account"]: (role["active"], role["dismissed_by"]) for role in listed}
    assert active[dismissed] == (False, here.sysadmin)
    assert active[over] == active[deleted] == active[promoted] == (False, None)
    assert active[here.editor] == (True, None)


def test_siblings_ask_who_reads_everything(here: Portal) -> None:
    """The portal itself, sysadmins and auditors; nobody else."""
    assert audits(here.editor)
    assert reads_everything({"user": here.editor})
    assert reads_everything({"user": here.sysadmin})
    assert reads_everything({"ignore_auth": True})
    assert not reads_everything({"user": factories.User()["name"]})
    assert not reads_everything({"user": ""})


def test_pages_appoint_show_and_dismiss(here: Portal) -> None:
    """For sysadmins; auditors look; to others they are not there."""
    chosen = factories.User(password=PASSWORD)["name"]
    sysadmin = here.app.test_client()
    with sysadmin.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
        session["_user_id"] = model.User.get(here.sysadmin).id  # pyright: ignore
    form = {"id": chosen, "decision": "12/QĐ-UBND", "until": ""}
    wrong = sysadmin.post("/kiem-toan/bo-nhiem", data={**form, "id": here.sysadmin})
    assert "field-id" in wrong.text
    assert 'role="alert"' in wrong.text
    made = sysadmin.post("/kiem-toan/bo-nhiem", data=form, follow_redirects=True)
    assert (made.status_code, chosen in made.text) == (200, True)
    looking = browser(here, chosen)
    page = looking("/kiem-toan/")
    assert (page.status_code, "12/QĐ-UBND" in page.text, "/bo-nhiem" in page.text) == (
        200, True, False,
    )  # fmt: skip
    assert looking("/kiem-toan/bo-nhiem", method="POST").status_code == 403
    assert looking("/kiem-toan/mien-nhiem", method="POST").status_code == 403
    assert "/kiem-toan/" in looking("/about").text
    done = sysadmin.post("/kiem-toan/mien-nhiem", data={"id": chosen}, follow_redirects=True)
    assert done.status_code == 200
    for path in ("/kiem-toan/", "/kiem-toan/nhat-ky", "/kiem-toan/nhat-ky.csv"):
        assert looking(path).status_code == 404
        assert here.app.get(path).status_code == 404


# -- the log ------------------------------------------------------------------------------------


def test_each_answer_is_one_line_that_says_what_was_asked(here: Portal) -> None:
    """Pages with their address, actions with their parameters, never what a form holds."""
    ask = browser(here, here.editor)
    ask("/dataset/?q=trường học")
    ask("package_show", {"id": here.offices[OTHER].dataset})
    ask("user_patch", {"id": here.editor, "password": "mat-khau-moi-12345"})
    browser(here, here.sysadmin)("/dataset/")
    here.app.get("/dataset/")
    lines = told(here)
    assert [line["address"].partition("?")[0] for line in lines] == [
        "/dataset/", "/api/3/action/package_show", "/api/3/action/user_patch",
    ]  # fmt: skip
    assert lines[0]["address"].isascii()
    assert here.offices[OTHER].dataset in lines[1]["asked"]
    assert (lines[1]["status"], lines[1]["account"]) == (200, here.editor)
    assert not any("mat-khau-moi" in str(line) for line in lines)


def test_log_costs_one_statement(here: Portal) -> None:
    """Beside what the request does anyway, and the one question whether its reader audits."""
    ask = browser(here, here.editor)
    with statements() as seen:
        ask("/about")
    assert len([sql for sql in seen if "hatinh_audit_reading" in sql]) == 1
    assert len([sql for sql in seen if "hatinh_audit_auditor" in sql]) <= 2


def test_page_and_file_show_the_log(here: Portal) -> None:
    """The file holds what is needed to check it, as the documentation says."""
    ask = browser(here, here.editor)
    for number in range(3):
        ask(f"/about?n={number}")
    page = ask(f"/kiem-toan/nhat-ky?account={here.editor}")
    assert "/about?n=2" in page.text
    rows = list(csv.DictReader(io.StringIO(ask("/kiem-toan/nhat-ky.csv").text)))
    before = ""
    for row in rows:
        assert row["previous"] == before
        names = ("number", "at", "account", "method", "address", "asked", "status")
        line = "\n".join([before, *(row[name] for name in names)])
        before = hashlib.sha256(line.encode()).hexdigest()
        assert row["hash"] == before
    assert len(rows) == 5  # its own line, too


def test_nobody_changes_the_log_and_forgery_is_found(here: Portal) -> None:
    """The database refuses; who gets round that breaks the chain, which the command tells."""
    ask = browser(here, here.editor)
    for number in range(5):
        ask(f"/about?n={number}")
    noted = told(here)[-1]["hash"]
    for change in (
        "UPDATE hatinh_audit_reading SET status = 404",
        "DELETE FROM hatinh_audit_reading",
    ):
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(f"{change} WHERE number = 3"))
        model.Session.rollback()
    assert verified(noted) == (0, noted)
    with unguarded():
        run("DELETE FROM hatinh_audit_reading WHERE number = 5")
    assert verified()[0] == 0
    assert "noted hash" in verified(noted)[1]
    with unguarded():
        run("UPDATE hatinh_audit_reading SET address = '/' WHERE number = 3")
    assert verified() == (1, "Error: line 3 is not as it was written")


def test_lines_written_at_once_make_one_chain(here: Portal) -> None:
    """Many processes serve auditors."""
    line: dict[str, str | int] = {
        "at": "2026-11-22T08:00:00.000000+00:00", "account": here.editor, "method": "GET",
        "address": "/dataset/số 1", "asked": "", "status": 200,
    }  # fmt: skip
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: write_line(line), range(40)))
    found = log.verify()
    assert (found.whole, found.lines) == (True, 40)


def test_answer_that_cannot_be_logged_is_not_given(
    here: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read past the log."""
    monkeypatch.setitem(here.app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
    ask = browser(here, here.editor)
    run("ALTER TABLE hatinh_audit_reading RENAME TO hatinh_audit_away")
    try:
        answer = ask("package_show", {"id": here.offices[OTHER].dataset})
    finally:
        run("ALTER TABLE hatinh_audit_away RENAME TO hatinh_audit_reading")
    assert (answer.status_code, CANARIES[OTHER] in answer.text) == (500, False)


def test_commands_appoint_list_and_dismiss(here: Portal) -> None:
    """On the server, where nobody has signed in."""
    name, runner = factories.User()["name"], CliRunner()
    made = runner.invoke(audit, ["appoint", name, "--decision", "5/QĐ", "--until", "2099-12-31"])
    assert (made.exit_code, name in made.output) == (0, True), made.output
    assert "5/QĐ" in runner.invoke(audit, ["list"]).output
    assert runner.invoke(audit, ["dismiss", name]).exit_code == 0
    assert "is no auditor" in runner.invoke(audit, ["dismiss", name]).output
    assert not is_auditor(name)


def told(here: Portal) -> list[dict[str, Any]]:
    """The log, the earliest line first."""
    asked = tk.get_action("hatinh_audit_reading_list")
    return asked({"user": here.sysadmin}, {"limit": 1000})["results"][::-1]


def verified(head: str = "") -> tuple[int, str]:
    """What the command says last."""
    done = CliRunner().invoke(audit, ["verify", "--head", head])
    return done.exit_code, done.output.strip().splitlines()[-1]


def run(statement: str) -> None:
    """Do something in the database."""
    model.Session.rollback()
    model.Session.execute(sa.text(statement))
    model.Session.commit()


@contextmanager
def unguarded() -> Iterator[None]:
    """The log without its guard, as whoever owns the database can have it."""
    run("ALTER TABLE hatinh_audit_reading DISABLE TRIGGER hatinh_audit_kept")
    yield
    run("ALTER TABLE hatinh_audit_reading ENABLE TRIGGER hatinh_audit_kept")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)
