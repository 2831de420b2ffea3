"""Tokens: what each kind may do with its own offices and with others, whoever made it."""

import logging
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import authz, model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from two_offices import (
    CANARIES,
    CLASSIFIED,
    OTHER,
    OWN,
    PASSWORD,
    Portal,
    asked_of,
    live,
    site_user,
    two_offices,
)

from ckanext.hatinh.access import tokens
from ckanext.hatinh.access.tokens import KEPT, grant_of, scopes

pytestmark = pytest.mark.usefixtures("portal")

ALL = ("read", "harvest", "publish")
FINDS = {
    "package_show", "package_search", "resource_show", "datastore_search", "user_activity_list",
}  # fmt: skip
"""Actions that tell whoever may know of things of another office when asked as these tests ask."""


@pytest.fixture
def here(app: CKANTestApp) -> Portal:
    """The portal of these tests."""
    return two_offices(app)


# -- the matrix ---------------------------------------------------------------------------------


def test_scopes_name_actions_that_are_there() -> None:
    """A name that is gone, or one that only reads, would say more than it does."""
    named = {action for scope in scopes().by_id.values() for action in scope.actions}
    assert {name for name in named if live().get(name, True)} == set()


@pytest.mark.parametrize("scope", ALL)
def test_every_live_action_is_open_to_named_scopes_only(here: Portal, scope: str) -> None:
    """Each action, by the API, with a sysadmin's token: reading for all, the rest where named."""
    header = here.token(here.sysadmin, scope)
    named = scopes().by_id[scope].actions
    for action, reads in live().items():
        if reads and scope != "read":
            continue
        answer = here.ask(header, action)
        stopped = answer.status_code == 403 and answer.json["error"].get("code") == "token-scope"
        assert stopped is not (reads or action in named), (action, answer.text)
        if stopped:
            assert answer.json["error"]["mend"]
            assert answer.json["error"]["needs"] == list(scopes().for_action(action))


def test_no_live_action_reaches_another_office(here: Portal) -> None:
    """Each action that some scope opens, with a sysadmin's token: nothing of others is told or
    changed.

    The account may do all of it, as a sysadmin and as an editor of both offices; a token for
    everything shows that the questions are such as find the other office's things.
    """
    other = here.offices[OTHER]
    before, found = other.state(), set[str]()
    header = here.token(here.sysadmin, *ALL)
    whole = here.token(here.sysadmin, "full", offices=())
    opened = {a for scope in scopes().by_id.values() for a in scope.actions}
    for action, reads in live().items():
        if not reads and action not in opened:
            continue
        for given in asked_of(other, reads=reads):
            answer = here.ask(header, action, **given)
            assert CANARIES[OTHER] not in answer.text, (action, given)
            if action in FINDS and CANARIES[OTHER] in here.ask(whole, action, **given).text:
                found.add(action)
    assert other.state() == before
    assert found == FINDS


@pytest.mark.parametrize("who", ["editor", "sysadmin"])
def test_named_actions_work_in_the_own_office(here: Portal, who: str) -> None:
    """None of them is refused there, whoever of its editors made the token."""
    own = here.offices[OWN]
    header = here.token(getattr(here, who), *ALL)
    for action in ("package_show", "resource_show", "datastore_search", "package_search"):
        texts = [here.ask(header, action, **given).text for given in asked_of(own, reads=True)]
        assert any(CANARIES[OWN] in text for text in texts), action
    opened = {a for scope in scopes().by_id.values() for a in scope.actions}
    last = sorted(opened, key=lambda name: ("delete" in name, "package" in name, name))
    for action in last:
        codes = {
            here.ask(header, action, **given).status_code for given in asked_of(own, reads=False)
        }
        assert codes - {401, 403}, action
    assert (
        tk.get_action("package_show")({"ignore_auth": True}, {"id": own.dataset})["state"]
        == "deleted"
    )


def test_publishing_moves_nothing_to_another_office(here: Portal) -> None:
    """Neither is a dataset made there, nor one's own given away, nor another's taken."""
    header = here.token(here.sysadmin, "publish")
    own, other = here.offices[OWN], here.offices[OTHER]
    fields = {"title_translated": {"vi": "a"}, "notes_translated": {"vi": "a"}, **CLASSIFIED}
    made = here.ask(header, "package_create", name="moi-o-nha", owner_org=OWN, **fields)
    assert made.status_code == 200, made.text
    refused = here.ask(header, "package_create", name="moi-o-xa", owner_org=OTHER, **fields)
    given_away = here.ask(header, "package_patch", id=own.dataset, owner_org=OTHER)
    taken = here.ask(header, "package_patch", id=other.dataset, owner_org=OWN)
    assert {refused.status_code, given_away.status_code, taken.status_code} <= {403, 409}
    assert refused.json["success"] is given_away.json["success"] is taken.json["success"] is False
    assert taken.json["error"]["organizations"]


def test_pages_and_files_obey(here: Portal) -> None:
    """Datasets, files, rows and desks by their addresses; forms are for people."""
    header = here.token(here.sysadmin, *ALL)
    for name, wanted in ((OWN, 200), (OTHER, 404)):
        office = here.offices[name]
        below = f"/dataset/{office.dataset}/resource/{office.resource}"
        for path in (f"/dataset/{office.dataset}", f"{below}/rows.csv", f"{below}/bang"):
            answer = here.app.get(path, headers=header)
            assert answer.status_code == wanted, path
            assert CANARIES[OTHER] not in answer.text
        desk = here.app.get(f"/thu-thap/ban-lam-viec/nguon/{office.source}", headers=header)
        assert desk.status_code == (200 if name == OWN else 403)
    lists = (
        "/dataset/",
        "/dashboard/",
        f"/user/{here.sysadmin}",
        f"/organization/{OTHER}",
        f"/user/activity/{here.sysadmin}",
        f"/organization/activity/{OTHER}",
        "/thu-thap/",
    )
    for path in (f"/dataset/{here.offices[OTHER].dataset}.ttl", *lists):
        assert CANARIES[OTHER] not in here.app.get(path, headers=header).text, path
    whole = here.token(here.sysadmin, "full", offices=())
    assert CANARIES[OTHER] in here.app.get(f"/user/{here.sysadmin}", headers=whole).text
    assert here.app.get("/ckan-admin", headers=header).status_code == 403
    form = here.app.post(f"/dataset/delete/{here.offices[OWN].dataset}", headers=header)
    assert form.status_code == 403
    assert '"token-scope"' in form.text


# -- foreign letters within a token -------------------------------------------------------------

PARTS = {"header": 0, "payload": 1, "signature": 2}


def within(header: dict[str, str], part: str, letters: str = "    ") -> dict[str, str]:
    """The same header with letters in one part of the token that base64 has no use for."""
    parts = header["Authorization"].split(".")
    at = PARTS[part]
    parts[at] = parts[at][:2] + letters + parts[at][2:]
    return {"Authorization": ".".join(parts)}


def end(id_: str) -> None:
    """Let a token be over."""
    kept = model.ApiToken.get(id_)
    assert kept is not None
    grant = grant_of(kept)
    assert grant is not None
    over = {"expires": "2026-01-01T00:00:00+00:00"}
    kept.set_extra(KEPT, grant.as_dict() | over, commit=True)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("scope", ALL)
def test_token_with_spaces_within_does_no_more_than_without(
    here: Portal, scope: str, part: str
) -> None:
    """CKAN reads the signature past them: actions and forms stay closed, offices narrowed."""
    header = within(here.token(here.sysadmin, scope), part)
    assert here.ask(header, "user_patch", id=here.sysadmin, fullname="x").status_code in (401, 403)
    if scope == "read":
        made = here.ask(header, "package_create", name="moi", owner_org=OWN)
        assert made.status_code in (401, 403)
    other = here.offices[OTHER]
    assert here.ask(header, "package_show", id=other.dataset).status_code in (401, 403)
    for path in (f"/dataset/delete/{here.offices[OWN].dataset}", f"/user/edit/{here.sysadmin}"):
        form = here.app.post(path, headers=header, data={"fullname": "x", "delete": "1"})
        assert form.status_code in (401, 403), path
    account = model.User.get(here.sysadmin)
    assert account is not None
    assert account.fullname != "x"
    own = tk.get_action("package_show")({"ignore_auth": True}, {"id": here.offices[OWN].dataset})
    assert own["state"] == "active"


@pytest.mark.parametrize("letters", ["    ", "  \t\t", "****", "!@ !", "\xa0\xa0"])
def test_token_that_ckan_reads_past_foreign_letters_keeps_its_scopes(
    here: Portal, letters: str
) -> None:
    """Whichever letters they are: known as the token it is, or not at all."""
    header = within(here.token(here.editor, "read"), "signature", letters)
    refused = here.ask(header, "user_patch", id=here.editor, fullname="x")
    code = refused.json["error"]["code"]
    assert (refused.status_code, code) in ((403, "token-scope"), (401, "token-unknown"))


@pytest.mark.parametrize(
    ("part", "code"), [("signature", "token-over"), ("payload", "token-unknown")]
)
def test_token_that_is_over_opens_nothing_with_spaces_within(
    here: Portal, part: str, code: str
) -> None:
    """401, also beside a session; and once it is revoked."""
    made = tk.get_action("hatinh_token_create")(
        {"user": here.editor}, {"name": "t", "scopes": ["read"], "organizations": [OWN]}
    )
    end(made["id"])
    header = within({"Authorization": made["token"]}, part)
    own = here.offices[OWN].dataset
    for signed_in in (False, True):
        answer = here.ask(header, "package_show", id=own)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, code), signed_in
        assert here.app.get(f"/dataset/{own}", headers=header).status_code == 401
        here.sign_in(here.editor)
    tk.get_action("hatinh_token_revoke")({"user": here.editor}, {"id": made["id"]})
    answer = here.ask(header, "package_show", id=own)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "token-unknown")


def test_token_that_is_over_is_nobodys_with_spaces_in_its_first_part(here: Portal) -> None:
    """What then stands first looks like another's scheme: a visitor, or the session beside it."""
    header = here.token(here.editor, "read")
    (listed,) = tk.get_action("hatinh_token_list")({"user": here.editor}, {})
    end(listed["id"])
    own = here.offices[OWN].dataset
    assert here.ask(within(header, "header"), "package_show", id=own).status_code == 403


# -- what caches keep ---------------------------------------------------------------------------


def names(answer: Any, header: str) -> set[str]:
    """The words of a header that lists some."""
    return {word.strip() for word in answer.headers.get(header, "").split(",") if word.strip()}


def test_answers_to_a_token_are_kept_by_no_shared_cache(here: Portal) -> None:
    """Calls and rows of what is private, the page as well; those of visitors stay public."""
    own, header = here.offices[OWN], here.token(here.editor, "read")
    rows = f"/dataset/{own.dataset}/resource/{own.resource}/rows.csv"
    call = f"/api/3/action/package_show?id={own.dataset}"
    for path in (rows, call, "/api/3/action/status_show"):
        answer = here.app.get(path, headers=header, status=200)
        assert "public" not in answer.headers["Cache-Control"], path
        assert answer.cache_control.private, path
        assert {"Authorization", "Cookie"} <= names(answer, "Vary"), path
    page = here.app.get(f"/dataset/{own.dataset}", headers=header)
    assert "public" not in page.headers["Cache-Control"]
    for path in ("/api/3/action/status_show", "/api/3/action/package_search", "/catalog.ttl"):
        answer = here.app.get(path)
        assert names(answer, "Cache-Control") == {"public", "max-age=0", "must-revalidate"}
        assert "Authorization" in names(answer, "Vary")


def test_answers_to_a_session_are_kept_by_no_shared_cache(here: Portal) -> None:
    """Whoever is signed in reads the same private rows."""
    own = here.offices[OWN]
    here.sign_in(here.editor)
    for path in (
        f"/dataset/{own.dataset}/resource/{own.resource}/rows.csv",
        f"/api/3/action/package_show?id={own.dataset}",
    ):
        answer = here.app.get(path, status=200)
        assert "public" not in answer.headers["Cache-Control"], path
        assert {"Authorization", "Cookie"} <= names(answer, "Vary"), path


def test_what_is_the_same_for_everybody_stays_public(here: Portal) -> None:
    """Pictures, scripts and the document of the API, also for whoever is known."""
    header = here.token(here.editor, "read")
    for path in ("/hatinh_portal/favicon.svg", "/api/openapi.json", "/api/docs/swagger-ui.css"):
        for known in ({}, header):
            answer = here.app.get(path, headers=known, status=200)
            assert answer.cache_control.public, path
            assert "Authorization" not in names(answer, "Vary"), path


def test_refusals_of_tokens_are_kept_by_nobody(here: Portal) -> None:
    """401 and 403 say no-store, and nothing that contradicts it."""
    header = here.token(here.editor, "read")
    for refused in (
        here.ask({"Authorization": "eyJ.khong.phai"}, "package_search"),
        here.ask(header, "package_create"),
        here.app.post("/dataset/new", headers=header),
    ):
        assert refused.status_code in (401, 403)
        assert names(refused, "Cache-Control") == {"no-store", "private"}
    here.sign_in(here.editor)
    shown = here.app.get(f"/user/{here.editor}/api-tokens")
    assert names(shown, "Cache-Control") == {"no-store", "private"}


# -- making, ending, revoking -------------------------------------------------------------------


def test_token_without_scopes_reads_public_data_only(here: Portal) -> None:
    """The safest is what one gets when nothing is said, by CKAN's own action and command."""
    made = tk.get_action("api_token_create")(
        {"user": here.editor}, {"user": here.editor, "name": "t"}
    )
    assert (made["scopes"], made["organizations"]) == (["read"], [])
    header = {"Authorization": made["token"]}
    assert here.ask(header, "package_search").status_code == 200
    assert here.ask(header, "package_show", id=here.offices[OWN].dataset).status_code == 403
    with pytest.raises(tk.ValidationError):
        tk.get_action("hatinh_token_create")({"user": here.editor}, {"name": "t"})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": ["full"]}, "scopes"),
        ({"scopes": ["publish"]}, "organizations"),
        ({"scopes": ["read"], "organizations": ["so-y-te"]}, "organizations"),
        ({"scopes": ["read"], "expires_in_days": 91}, "expires_in_days"),
        ({"scopes": ["read"], "expires_in_days": "0"}, "expires_in_days"),
        ({"scopes": ["read"], "name": ""}, "name"),
    ],
)
def test_token_that_says_too_much_is_not_made(here: Portal, given: Any, named: str) -> None:
    """Unknown scopes, offices of others, and times beyond the longest are refused by name."""
    with pytest.raises(tk.ValidationError) as told:
        tk.get_action("hatinh_token_create")({"user": here.editor}, {"name": "t", **given})
    assert named in told.value.error_dict
    assert tk.get_action("hatinh_token_list")({"user": here.editor}, {}) == []


def test_tokens_that_are_over_revoked_or_unknown_open_nothing(here: Portal) -> None:
    """401 with words that say how to go on, also for what everybody may see."""
    made = tk.get_action("hatinh_token_create")(
        {"user": here.editor}, {"name": "t", "scopes": ["read"], "organizations": [OWN]}
    )
    header = {"Authorization": made["token"]}
    assert here.ask(header, "package_search").status_code == 200
    (listed,) = tk.get_action("hatinh_token_list")({"user": here.editor}, {})
    assert listed["last_used"]
    assert "token" not in listed
    end(made["id"])
    for signed_in in (False, True):
        answer = here.ask(header, "package_search")
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "token-over"), signed_in
        here.sign_in(here.editor)
    tk.get_action("hatinh_token_revoke")({"user": here.editor}, {"id": made["id"]})
    for lost in (header, {"Authorization": "eyJ.khong.phai"}):
        answer = here.ask(lost, "package_search")
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "token-unknown")
        assert answer.json["error"]["mend"]
        assert "WWW-Authenticate" in answer.headers


def test_token_without_limits_opens_nothing(here: Portal) -> None:
    """One that was made before tokens had scopes."""
    header = here.token(here.sysadmin, "full", offices=())
    token = model.Session.query(model.ApiToken).one()
    token.plugin_extras = {}
    model.Session.commit()
    assert here.ask(header, "package_search").status_code == 401


def test_account_that_lost_its_office_lost_its_tokens_there(here: Portal) -> None:
    """A token gives no more than its account has now; a deleted account has none."""
    header, own = here.token(here.editor, *ALL), here.offices[OWN]
    assert here.ask(header, "package_show", id=own.dataset).status_code == 200
    member = {"id": OWN, "username": here.editor}
    tk.get_action("organization_member_delete")({"user": site_user()}, member)
    assert here.ask(header, "package_show", id=own.dataset).status_code == 403
    tk.get_action("user_delete")({"ignore_auth": True}, {"id": here.editor})
    assert here.ask(header, "package_search").status_code == 401


def test_token_puts_datasets_into_the_themes_of_its_account(here: Portal) -> None:
    """Only offices are narrowed."""
    theme, own = "giao-duc-va-dao-tao", here.offices[OWN]
    groups = [{"name": theme}]
    header = here.token(here.editor, "publish")
    assert here.ask(header, "package_patch", id=own.dataset, groups=groups).status_code == 403
    member = {"id": theme, "username": here.editor, "role": "editor"}
    tk.get_action("group_member_create")({"user": site_user()}, member)
    answer = here.ask(header, "package_patch", id=own.dataset, groups=groups)
    assert [group["name"] for group in answer.json["result"]["groups"]] == [theme]


def test_owner_stays_narrowed_when_the_session_forgets(here: Portal) -> None:
    """An action that rolls back reads the account anew: still as the token has it."""
    header = here.token(here.sysadmin, *ALL)
    with here.app.flask_app.test_request_context("/", headers=header):
        here.app.flask_app.preprocess_request()
        for forget in (model.Session.rollback, model.Session.expire_all):
            forget()
            assert not authz.is_sysadmin(here.sysadmin)
            account = model.User.get(here.sysadmin)
            assert account is not None
            assert not account.sysadmin
            offices = tk.get_action("organization_list_for_user")({"user": account.id}, {})
            assert [office["name"] for office in offices] == [OWN]


def test_sysadmin_stays_one(here: Portal) -> None:
    """What a request with a token takes for granted is not written down."""
    header = here.token(here.sysadmin, "publish")
    assert here.ask(header, "package_patch", id=here.offices[OWN].dataset).status_code == 200
    account = model.User.get(here.sysadmin)
    assert account is not None
    assert account.sysadmin


def test_log_tells_who_made_and_revoked_what_never_the_token(
    here: Portal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name, owner, scopes; not the secret, nor the id by which it is signed."""
    monkeypatch.setattr(tokens, "log", logging.getLogger("access-of-this-test"))
    with caplog.at_level(logging.INFO, "access-of-this-test"):
        made = tk.get_action("hatinh_token_create")(
            {"user": here.editor}, {"name": "may-cham-cong", "scopes": ["read"]}
        )
        tk.get_action("hatinh_token_revoke")({"user": here.editor}, {"id": made["id"]})
    told = [it.getMessage() for it in caplog.records if it.name == "access-of-this-test"]
    assert len(told) == 2
    assert all("may-cham-cong" in line for line in told)
    assert not any(made["token"] in line or made["id"] in line for line in told)


def test_tokens_are_looked_after_by_their_owner(here: Portal) -> None:
    """Nobody lists, makes or revokes those of others, by the page or by the API."""
    made = tk.get_action("hatinh_token_create")(
        {"user": here.editor}, {"name": "t", "scopes": ["read"]}
    )
    stranger = factories.User(password=PASSWORD)["name"]
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_token_revoke")({"user": stranger}, {"id": made["id"]})
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_token_list")({"user": ""}, {})
    assert here.app.get(f"/user/{here.editor}/api-tokens").status_code == 403
    here.sign_in(stranger)
    assert here.app.get(f"/user/{here.editor}/api-tokens").status_code == 403
    assert here.app.post(f"/user/{here.editor}/api-tokens", data={"name": "x"}).status_code == 403


def test_owner_makes_sees_once_and_revokes_on_the_page(here: Portal) -> None:
    """In both languages; the token is on the answer of the form and on no other page."""
    here.sign_in(here.editor)
    page = f"/user/{here.editor}/api-tokens"
    assert "Đăng dữ liệu" in here.app.get(page).text
    form = {"name": "bao-cao", "scopes": ["read", "publish"], "organizations": [OWN]}
    wrong = here.app.post(f"/en{page}", data={**form, "expires_in_days": "900"})
    assert "A token lives from 1 to 90 days" in wrong.text
    answer = here.app.post(f"/en{page}", data={**form, "expires_in_days": "30"})
    assert answer.headers["Cache-Control"].startswith("no-store")
    secret = answer.text.split('id="token">')[1].split("<")[0]
    again = here.app.get(page)
    assert "bao-cao" in again.text
    assert secret not in again.text
    (listed,) = tk.get_action("hatinh_token_list")({"user": here.editor}, {})
    assert listed["scopes"] == ["publish", "read"]
    assert here.ask({"Authorization": secret}, "package_search").status_code == 200
    here.app.post(f"{page}/revoke", data={"id": listed["id"]})
    assert tk.get_action("hatinh_token_list")({"user": here.editor}, {}) == []


def test_headers_of_others_are_let_pass(here: Portal) -> None:
    """A proxy's Basic and a monitor's Bearer are no tokens of ours."""
    for words in ("Basic YTpi", "Bearer abc"):
        assert here.app.get(
            "/api/3/action/status_show", headers={"Authorization": words}, status=200
        )
