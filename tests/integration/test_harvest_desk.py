"""Sources and runs for people: who may see and do what, and what is never told."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from click.testing import CliRunner

from ckanext.hatinh.harvest import config, notices, secrets, sources
from ckanext.hatinh.harvest.cli import list_problems, list_sources
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.shared.editors import offices_of
from hatinh.errors import SchemaError
from hatinh.problem import error, warning

pytestmark = pytest.mark.usefixtures("portal")

A, B = "so-gddt", "so-noi-vu"
SECRET = "mat-khau-rat-bi-mat-cua-so"
SHEET = """Mã,Tên bộ dữ liệu,Mô tả,Lĩnh vực,Ngày cập nhật
DL01,Danh sách trường học,Các trường học của tỉnh,Giáo dục và Đào tạo,2026-01-05
DL02,Danh sách giáo viên,Số giáo viên theo trường,,31/02/2026
"""


@pytest.fixture
def people(portal: None) -> dict[str, str]:
    """One account a role, by role; nobody is anonymous."""
    model.Session.execute(sa.text("DELETE FROM member WHERE table_name = 'user'"))
    model.Session.commit()
    made = {"anonymous": "", "sysadmin": factories.Sysadmin()["name"]}
    for role, office, capacity in (
        ("editor A", A, "editor"),
        ("admin A", A, "admin"),
        ("member A", A, "member"),
        ("editor B", B, "editor"),
        ("steward", "cong-an-tinh", "editor"),
        ("above A", "ubnd-tinh", "admin"),
    ):
        made[role] = factories.User()["name"]
        member = {"id": office, "username": made[role], "role": capacity}
        tk.get_action("organization_member_create")({"ignore_auth": True}, member)
    return made


@pytest.fixture
def sheets(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which a department serves it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def call(user: str, action: str, **parameters: Any) -> Any:
    """What an action answers somebody."""
    return tk.get_action(action)({"user": user}, parameters)


def source_of(user: str, owner: str = A, **settings: Any) -> dict[str, Any]:
    """A gateway source with secrets, made by somebody."""
    return call(
        user,
        "hatinh_source_create",
        **{
            "kind": "lgsp",
            "title": {"vi": f"Nguồn của {owner}"},
            "url": "https://lgsp.hatinh.gov.vn/?khoa=abc",
            "owner": owner,
            "secrets": {"client_id": "cong-du-lieu", "client_secret": SECRET},
            "options": {"services": [{"path": "/noi-bo/1.0/x"}]},
            **settings,
        },
    )


@pytest.fixture
def source(people: dict[str, str]) -> str:
    """Name of a source of office A."""
    return source_of(people["editor A"])["name"]


def run_of(source: str, state: RunState, error: dict[str, Any] | None = None) -> HarvestRun:
    """A run of a source that has come so far."""
    run = HarvestRun(
        source=source, state=state.value, error=error, started=now(), finished=now(), counts={},
        guard=[{"code": "guard-many-gone", "gone": 60, "known": 100}], stats={},
    )  # fmt: skip
    model.Session.add(run)
    model.Session.commit()
    return run


def unseen(user: str) -> int:
    """How many notices somebody has not seen."""
    return notices.unseen(user, offices_of(user))


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


# -- who ----------------------------------------------------------------------------------------

READS_ALL = ("hatinh_source_list", "hatinh_source_show", "hatinh_run_list", "hatinh_run_show")
OF_THE_SOURCE = (
    "hatinh_source_update", "hatinh_source_delete", "hatinh_source_test", "hatinh_source_preview",
    "hatinh_source_mapping", "hatinh_run_start",
)  # fmt: skip
OF_THE_RUN = (
    "hatinh_run_records", "hatinh_run_problems", "hatinh_run_approve", "hatinh_run_cancel",
    "hatinh_run_rollback",
)  # fmt: skip
NEWS = ("hatinh_notice_list", "hatinh_notice_seen")
LOOK_AFTER_A = {"editor A", "admin A", "above A", "sysadmin"}
OFFICERS = LOOK_AFTER_A | {"editor B", "steward"}


def allowed(people: dict[str, str], action: str, data: dict[str, Any]) -> set[str]:
    """The roles that an action lets in."""
    let_in = set()
    for role, user in people.items():
        try:
            tk.check_access(action, {"user": user}, data)
        except tk.NotAuthorized:
            continue
        let_in.add(role)
    return let_in


def test_everybody_sees_state_and_only_the_owners_officers_do_more(
    people: dict[str, str], source: str
) -> None:
    """Each action lets in exactly the roles it is for."""
    run = run_of(source, RunState.WAITING).id
    for action in READS_ALL:
        assert allowed(people, action, {"id": source}) == set(people), action
    for action in OF_THE_SOURCE:
        assert allowed(people, action, {"id": source, "source": source}) == LOOK_AFTER_A, action
    for action in OF_THE_RUN:
        assert allowed(people, action, {"id": run}) == LOOK_AFTER_A, action
    for action in NEWS:
        assert allowed(people, action, {}) == OFFICERS, action
    assert allowed(people, "hatinh_source_create", {"owner": A}) == LOOK_AFTER_A
    assert allowed(people, "hatinh_source_create", {"owner": B}) == {
        "editor B", "above A", "sysadmin",
    }  # fmt: skip


def test_officer_starts_no_run_of_others_by_naming_a_source_of_his_own(
    people: dict[str, str], source: str
) -> None:
    """The right is asked for the source that would run."""
    assert allowed(people, "hatinh_run_start", {"id": source, "source": "nguon-khac"}) <= {
        "sysadmin"
    }


def test_officer_cannot_hand_a_source_to_an_office_of_others(
    people: dict[str, str], source: str
) -> None:
    """Giving away, like taking over, needs both offices."""
    with pytest.raises(tk.NotAuthorized):
        call(people["editor A"], "hatinh_source_update", id=source, owner=B)
    with pytest.raises(tk.NotAuthorized):
        call(people["editor B"], "hatinh_source_update", id=source, owner=B)


def test_others_read_nothing_internal_of_a_source(people: dict[str, str], source: str) -> None:
    """Address, options, problems and secrets of A stay with A; the state is everybody's."""
    failure = {"code": "source-refused", "text": "answered with 500 noi-bo"}
    run = run_of(source, RunState.FAILED, failure).id
    for role in set(people) - LOOK_AFTER_A:
        user = people[role]
        told = json.dumps(
            [
                call(user, "hatinh_source_list"),
                call(user, "hatinh_source_show", id=source),
                call(user, "hatinh_run_list"),
                call(user, "hatinh_run_show", id=run),
            ]
        )
        assert source in told
        assert "failing" in told
        for hidden in ("lgsp.hatinh", "khoa=abc", "noi-bo", "secret", "client_id", SECRET):
            assert hidden not in told, (role, hidden)
        assert call(user, "hatinh_source_list")[0]["health"]["state"] == "failing"
    assert "noi-bo" in json.dumps(call(people["editor A"], "hatinh_run_show", id=run))


def test_runs_of_a_retired_source_stay_with_its_officers(
    app: Any, people: dict[str, str], source: str
) -> None:
    """Whoever looked after it may still take back what it wrote; others see no more than ever."""
    failure = {"code": "source-refused", "text": "answered with 500 noi-bo"}
    run = run_of(source, RunState.FAILED, failure).id
    call(people["editor A"], "hatinh_source_delete", id=source)
    for action in OF_THE_RUN:
        assert allowed(people, action, {"id": run}) == LOOK_AFTER_A, action
    for role, user in people.items():
        whole = "error" in call(user, "hatinh_run_show", id=run)
        listed = "error" in call(user, "hatinh_run_list", source=source)[0]
        assert whole == listed == (role in LOOK_AFTER_A), role
    headers = as_user(people["editor A"])
    page = app.get(f"{DESK}/luot/{run}", headers=headers, status=200).text
    assert "Nguồn của so-gddt" in page
    assert f"{DESK}/nguon/{source}" not in page
    assert app.get(f"{DESK}/luot/{run}/van-de.csv", headers=headers, status=200)
    assert app.get(f"{DESK}/luot/{run}", headers=as_user(people["editor B"]), status=403)


def test_number_outside_its_range_is_refused_not_cut(people: dict[str, str], source: str) -> None:
    """Whoever asks for a thousand runs must not take a hundred for all."""
    for limit in (101, -1, "nhiều"):
        with pytest.raises(tk.ValidationError) as refused:
            call(people["editor A"], "hatinh_run_list", limit=limit)
        assert set(refused.value.error_dict) == {"limit"}
    assert call(people["editor A"], "hatinh_run_list", limit="100") == []


# -- secrets ------------------------------------------------------------------------------------


def test_secret_is_nowhere_but_sealed(
    app: Any, people: dict[str, str], source: str, heard: pytest.LogCaptureFixture
) -> None:
    """Neither API, nor table, nor log, nor page shows it, not even to the sysadmin."""
    call(people["editor A"], "hatinh_source_update", id=source, secrets={"client_secret": SECRET})
    call(people["editor A"], "hatinh_source_test", id=source)
    shown = call(people["sysadmin"], "hatinh_source_show", id=source)
    assert shown["secrets"] == {"client_id": secrets.MASK, "client_secret": secrets.MASK}
    row = model.Session.get_one(HarvestSource, source)
    assert secrets.open_(row.secrets)["client_secret"] == SECRET
    dump = model.Session.execute(sa.text("SELECT s::text FROM hatinh_harvest_source s")).scalar()
    pages = [
        app.get(f"{DESK}/nguon/{source}{page}", headers=as_user(people["sysadmin"])).text
        for page in ("", "/sua")
    ]
    for told in (json.dumps(shown), dump, heard.text, repr(row), *pages):
        assert SECRET not in told


def test_mask_and_blank_keep_the_secret(people: dict[str, str], source: str) -> None:
    """Saving the form as it is shown changes no secret."""
    given = {"client_id": secrets.MASK, "client_secret": ""}
    call(people["editor A"], "hatinh_source_update", id=source, secrets=given)
    row = model.Session.get_one(HarvestSource, source)
    assert secrets.open_(row.secrets) == {"client_id": "cong-du-lieu", "client_secret": SECRET}


def test_secrets_do_not_follow_the_source_to_another_server(
    people: dict[str, str], source: str
) -> None:
    """Whoever turns a source to a server of his own does not get its secrets."""
    moves = (
        {"url": "https://may-chu-khac.vn/"},
        {"options": {"services": [], "token_url": "https://may-chu-thu-ba.vn/token"}},
        {"options": {"services": [{"path": "//may-chu-thu-tu.vn/x"}]}},
    )
    for move in moves:
        known = {"client_id": "x", "client_secret": SECRET}
        call(people["editor A"], "hatinh_source_update", id=source, secrets=known)
        shown = call(people["editor A"], "hatinh_source_update", id=source, **move)
        assert shown["secrets"] == {}
    moved = {"url": "https://moi.hatinh.gov.vn/", "secrets": {"client_secret": "khac"}}
    shown = call(people["editor A"], "hatinh_source_update", id=source, **moved)
    assert set(shown["secrets"]) == {"client_secret"}


def test_lost_key_leaves_the_source_without_secrets(
    people: dict[str, str], source: str, ckan_config: dict[str, Any]
) -> None:
    """Another key opens nothing, says so, and breaks no page."""
    ckan_config[secrets.KEY] = secrets_of_another_portal()
    shown = call(people["editor A"], "hatinh_source_show", id=source)
    assert shown["secrets"] == {}
    assert shown["faults"]
    with pytest.raises(SchemaError):
        secrets.open_(model.Session.get_one(HarvestSource, source).secrets)
    ckan_config[secrets.KEY] = ""
    with pytest.raises(tk.ValidationError) as refused:
        call(people["editor A"], "hatinh_source_update", id=source, secrets={"client_id": "y"})
    assert "secrets" in refused.value.error_dict


def secrets_of_another_portal() -> str:
    """Another key."""
    return "khoa-cua-mot-cong-khac-du-dai-32-ky-tu"


# -- addresses ----------------------------------------------------------------------------------


def test_only_sysadmin_opens_the_internal_network(people: dict[str, str], source: str) -> None:
    """An officer's source cannot call it, and the permission is for the server it was given for."""
    with pytest.raises(tk.ValidationError) as refused:
        call(people["editor A"], "hatinh_source_update", id=source, allow_private=True)
    assert set(refused.value.error_dict) == {"allow_private"}
    call(people["sysadmin"], "hatinh_source_update", id=source, allow_private=True)
    title = {"vi": "Tên mới"}
    kept = call(people["editor A"], "hatinh_source_update", id=source, title=title)
    assert kept["allow_private"] is True
    same = "https://lgsp.hatinh.gov.vn/duong-dan-moi"
    assert call(people["editor A"], "hatinh_source_update", id=source, url=same)["allow_private"]
    moved = call(people["editor A"], "hatinh_source_update", id=source, url="http://10.0.0.1/")
    assert moved["allow_private"] is False


def test_test_and_preview_refuse_the_internal_network(
    people: dict[str, str], sheets: tuple[Path, str]
) -> None:
    """The portal cannot be made to look around in its own network."""
    folder, url = sheets
    (folder / "kiem-ke.csv").write_text(SHEET, encoding="utf-8")
    name = inventory(people["editor A"], f"{url}/kiem-ke.csv")
    tested = call(people["editor A"], "hatinh_source_test", id=name)
    assert [step["ok"] for step in tested["steps"]] == [False, None, None, None, None]
    assert tested["error"]["code"] == "source-address-forbidden"
    options = {"columns": {"Mã": "guid", "Tên bộ dữ liệu": "title"}}
    call(people["editor A"], "hatinh_source_update", id=name, options=options)
    for action in ("hatinh_source_preview", "hatinh_source_mapping", "hatinh_source_test"):
        answer = call(people["editor A"], action, id=name)
        assert answer["error"]["code"] == "source-address-forbidden"


# -- the guided way -----------------------------------------------------------------------------


def inventory(user: str, url: str, **settings: Any) -> str:
    """Name of an inventory source, made by somebody."""
    made = call(
        user, "hatinh_source_create", kind="inventory", title={"vi": "Bảng kiểm kê"}, url=url,
        owner=A, **settings,
    )  # fmt: skip
    return made["name"]


@pytest.fixture
def sheet(people: dict[str, str], sheets: tuple[Path, str]) -> tuple[str, Path]:
    """An inventory that the portal may call, and its file."""
    folder, url = sheets
    (folder / "kiem-ke.csv").write_text(SHEET, encoding="utf-8")
    name = inventory(people["editor A"], f"{url}/kiem-ke.csv")
    call(people["sysadmin"], "hatinh_source_update", id=name, allow_private=True)
    return name, folder / "kiem-ke.csv"


def test_columns_are_proposed_tested_and_previewed(
    people: dict[str, str], sheet: tuple[str, Path]
) -> None:
    """From an address to judged records, with nothing written."""
    name, _ = sheet
    user = people["editor A"]
    assert call(user, "hatinh_source_show", id=name)["faults"]
    proposed = call(user, "hatinh_source_mapping", id=name)
    columns = {column["label"]: column["name"] for column in proposed["columns"]}
    assert columns == {
        "Mã": "guid", "Tên bộ dữ liệu": "title", "Mô tả": "notes", "Lĩnh vực": "themes",
        "Ngày cập nhật": "modified",
    }  # fmt: skip
    call(user, "hatinh_source_update", id=name, options=proposed["options"])
    assert call(user, "hatinh_source_test", id=name)["ok"]
    before = model.Session.query(model.Package).count()
    seen = call(user, "hatinh_source_preview", id=name)
    assert seen["counts"] == {"taken": 0, "remarks": 0, "refused": 2}
    codes = {found["code"] for found in seen["records"][1]["problems"]}
    assert {"date-unreadable", "publisher-missing"} <= codes
    assert model.Session.query(model.Package).count() == before


FAILURES = [
    (None, "answer", "source-refused"),
    ("<!DOCTYPE html><html><body>Đăng nhập</body></html>", "content", "source-garbled"),
    ("Mã,Tên bộ dữ liệu\n", "records", "source-empty"),
]


def test_test_names_the_step_that_failed(people: dict[str, str], sheet: tuple[str, Path]) -> None:
    """A missing file, a login page and an empty list are told apart, each with its mend."""
    name, file = sheet
    options = {"columns": {"Mã": "guid", "Tên bộ dữ liệu": "title"}}
    call(people["editor A"], "hatinh_source_update", id=name, options=options)
    for body, failed, code in FAILURES:
        file.unlink(missing_ok=True)
        if body is not None:
            file.write_text(body, encoding="utf-8")
        tested = call(people["editor A"], "hatinh_source_test", id=name)
        assert [step["name"] for step in tested["steps"] if step["ok"] is False] == [failed]
        assert tested["error"]["code"] == code
        assert all(tested["error"]["mend"].values())


def test_incomplete_source_is_kept_but_not_switched_on(
    people: dict[str, str], sheet: tuple[str, Path]
) -> None:
    """What is missing is named; a run is refused as well."""
    name, _ = sheet
    with pytest.raises(tk.ValidationError) as refused:
        call(people["editor A"], "hatinh_source_update", id=name, active=True)
    assert "Ghép cột" in str(refused.value.error_dict) or "Columns" in str(refused.value.error_dict)
    with pytest.raises(tk.ValidationError):
        call(people["editor A"], "hatinh_run_start", source=name)
    assert call(people["editor A"], "hatinh_source_show", id=name)["active"] is False


WRONG = [
    ("url", "ftp://so.vn/x"),
    ("url", "khong-phai-dia-chi"),
    ("kind", "khong-co"),
    ("title", {"en": "English only"}),
    ("owner", "khong-co-so-nay"),
    ("schedule", "* * * * *"),
    ("schedule", "hai giờ sáng"),
    ("policy", "khong-co"),
    ("local_fields", ["khong_co"]),
    ("defaults", {"khong_co": "x"}),
    ("name", "Có Dấu"),
    ("options", "không phải đối tượng"),
]


def test_wrong_setting_is_refused_by_its_field(people: dict[str, str]) -> None:
    """Each fault names its field, and nothing is stored."""
    for field, value in WRONG:
        with pytest.raises(tk.ValidationError) as refused:
            source_of(people["sysadmin"], **{field: value})
        assert field in refused.value.error_dict
    assert call("", "hatinh_source_list") == []


def test_schedule_gives_the_next_run_and_its_words(people: dict[str, str], source: str) -> None:
    """Only an active source is due; the time is that of the province."""
    settings = {"schedule": "30 1 * * *"}
    shown = call(people["editor A"], "hatinh_source_update", id=source, **settings)
    assert shown["health"]["next_run"] is None
    assert shown["schedule_words"]["vi"] == "Hằng ngày lúc 01:30"
    row = model.Session.get_one(HarvestSource, source)
    row.active = True
    sources.plan_next(row, now())
    assert row.next_run
    assert f"{row.next_run:%H:%M}" == "18:30"


def test_deleted_source_forgets_its_secrets_and_keeps_its_name(
    people: dict[str, str], source: str
) -> None:
    """Identifiers made from the name may exist, so nobody else gets it."""
    call(people["editor A"], "hatinh_source_delete", id=source)
    row = model.Session.get_one(HarvestSource, source)
    assert (row.state, row.secrets, row.active) == ("deleted", "", False)
    with pytest.raises(tk.ValidationError):
        source_of(people["editor A"], name=source)
    assert source_of(people["editor A"])["name"] == f"{source}-2"


def test_file_source_is_changed_only_in_the_file(people: dict[str, str], demo_url: str) -> None:
    """The pages show it; what left the file is out of use."""
    configured = config.sources()
    sources.synchronise(configured.values())
    assert {s["name"] for s in call("", "hatinh_source_list")} == set(configured)
    with pytest.raises(tk.ValidationError):
        call(people["sysadmin"], "hatinh_source_update", id="lgsp", url="https://khac.vn")
    sources.synchronise([])
    assert call("", "hatinh_source_list") == []
    source_of(people["sysadmin"], name="cua-trang")
    with pytest.raises(SchemaError):
        sources.synchronise([replace(configured["lgsp"], name="cua-trang")])


# -- news ---------------------------------------------------------------------------------------


def test_news_is_told_once_to_those_who_look_after_the_source(
    people: dict[str, str], source: str, mail_server: Any, ckan_config: dict[str, Any]
) -> None:
    """Failure, first success after it, and waiting; a second success is no news."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    story = (RunState.COMPLETE, RunState.FAILED, RunState.COMPLETE, RunState.COMPLETE,
             RunState.WAITING, RunState.CANCELLED)  # fmt: skip
    for state in story:
        run = run_of(source, state, {"code": "source-slow"} if state == RunState.FAILED else None)
        notices.note(run)
        notices.note(run)
    assert notices.send() == 3
    assert notices.send() == 0
    kinds = [news["kind"] for news in call(people["editor A"], "hatinh_notice_list")]
    assert kinds == ["waiting", "recovered", "failed"]
    assert call(people["editor B"], "hatinh_notice_list") == []
    letters = mail_server.get_smtp_messages()
    addressed = {letter[2][0] for letter in letters}
    names = {people[role] for role in ("editor A", "admin A")}
    wanted = set(
        model.Session.scalars(sa.select(model.User.email).where(model.User.name.in_(names)))
    )
    assert addressed == wanted
    assert len(letters) == 3 * len(wanted)
    assert SECRET not in str(letters)


def test_same_failure_within_a_day_is_no_news(people: dict[str, str], source: str) -> None:
    """A source that is read every hour does not fill the letter box; another failure is news."""
    for code in ("source-slow", "source-slow", "source-refused", "source-refused"):
        notices.note(run_of(source, RunState.FAILED, {"code": code}))
    told = call(people["editor A"], "hatinh_notice_list")
    assert [news["kind"] for news in told] == ["failed", "failed"]
    model.Session.execute(
        sa.text("UPDATE hatinh_harvest_notice SET created = created - interval '2 days'")
    )
    notices.note(run_of(source, RunState.FAILED, {"code": "source-refused"}))
    assert len(call(people["editor A"], "hatinh_notice_list")) == 3


def test_seen_news_no_longer_counts(people: dict[str, str], source: str) -> None:
    """Each officer has a count of his or her own."""
    notices.note(run_of(source, RunState.FAILED))
    assert unseen(people["editor A"]) == unseen(people["admin A"]) == 1
    call(people["editor A"], "hatinh_notice_seen")
    assert (unseen(people["editor A"]), unseen(people["admin A"])) == (0, 1)
    assert unseen(people["editor B"]) == unseen("") == 0


def test_news_is_marked_as_seen_on_its_page(app: Any, people: dict[str, str], source: str) -> None:
    """All of one's own, and nobody else's."""
    notices.note(run_of(source, RunState.FAILED))
    page = app.post(f"{DESK}/thong-bao", headers=as_user(people["editor A"]), status=200).text
    assert "ht-news__unseen" not in page
    assert (unseen(people["editor A"]), unseen(people["admin A"])) == (0, 1)


# -- pages --------------------------------------------------------------------------------------

DESK = "/thu-thap/ban-lam-viec"


def as_user(name: str) -> dict[str, str]:
    """Headers of somebody who is logged in."""
    token = tk.get_action("api_token_create")(
        {"ignore_auth": True, "user": name},
        {"user": name, "name": f"test-{uuid4()}", "scopes": ["full"]},
    )["token"]
    return {"Authorization": token}


def test_public_page_shows_state_and_nothing_else(
    app: Any, people: dict[str, str], source: str
) -> None:
    """Anonymous visitors see whose source it is and how it is."""
    run_of(source, RunState.FAILED, {"code": "source-refused", "text": "noi-bo"})
    for path in ("/thu-thap/", f"/thu-thap/nguon/{source}"):
        text = app.get(path).text
        assert "Nguồn của so-gddt" in text
        for hidden in ("lgsp.hatinh", "khoa=abc", "noi-bo", "client_id"):
            assert hidden not in text


def test_desk_is_closed_to_others(app: Any, people: dict[str, str], source: str) -> None:
    """Anonymous visitors, members without a role and officers elsewhere get no page of A."""
    run = run_of(source, RunState.WAITING).id
    paths = [f"/nguon/{source}", f"/nguon/{source}/sua", f"/nguon/{source}/cot", f"/luot/{run}",
             f"/luot/{run}/van-de.csv"]  # fmt: skip
    steps = [f"/nguon/{source}/{step}" for step in ("kiem-tra", "xem-truoc", "chay", "xoa", "bat")]
    steps += [f"/luot/{run}/{step}" for step in ("duyet", "huy", "khoi-phuc")]
    for role in ("member A", "editor B", "steward"):
        headers = as_user(people[role])
        for path in paths:
            assert app.get(DESK + path, headers=headers, status=403), (role, path)
        for path in steps:
            assert app.post(DESK + path, headers=headers, status=403), (role, path)
    for path in ("/", *paths):
        answer = app.get(DESK + path, follow_redirects=False)
        assert answer.status_code in (302, 401, 403), path
    assert app.get(f"{DESK}/nguon/{source}", headers=as_user(people["editor A"]), status=200)


def test_problems_are_grouped_by_cause_and_downloaded_inert(
    app: Any, people: dict[str, str], source: str
) -> None:
    """A cause says how many records it takes and gives an example; cells never run as formulas."""
    run = run_of(source, RunState.COMPLETE)
    for position, title in enumerate(("=HYPERLINK(1)", "Trường học", "Giáo viên")):
        found = [warning("theme-missing", "$.themes").as_dict()]
        found += [error("publisher-missing", "$.publisher").as_dict()] if position else []
        model.Session.add(
            HarvestOutcome(
                run_id=run.id, position=position, guid=f"G{position}", title=title,
                action="rejected" if position else "created", problems=found, diff=[], files={},
            )
        )  # fmt: skip
    model.Session.commit()
    causes = call(people["editor A"], "hatinh_run_problems", id=run.id)
    assert [(c["code"], c["records"]) for c in causes] == [
        ("publisher-missing", 2), ("theme-missing", 3),
    ]  # fmt: skip
    assert causes[0]["example"]["title"] == "Trường học"
    headers = as_user(people["editor A"])
    text = app.get(f"{DESK}/luot/{run.id}/van-de.csv", headers=headers).body
    assert "'=HYPERLINK(1)" in text
    assert text.count("publisher-missing") == 2
    page = app.get(f"{DESK}/luot/{run.id}", headers=headers).text
    assert "publisher-missing" in page
    assert app.get(f"{DESK}/luot/{run.id}/van-de.xlsx", headers=headers, status=200)


def test_command_names_so_many_problems_and_counts_the_rest(
    people: dict[str, str], source: str
) -> None:
    """A source with a million faults must not fill the terminal."""
    run = run_of(source, RunState.COMPLETE)
    found = [warning("theme-missing", "$.themes").as_dict()] * 3
    outcome = HarvestOutcome(
        run_id=run.id, position=0, guid="G0", title="Trường học", action="created",
        problems=found, diff=[], files={},
    )  # fmt: skip
    model.Session.add(outcome)
    model.Session.commit()
    for limit, lines, last in ((2, 5, "… 1 more"), (3, 6, " ")):
        told = CliRunner().invoke(list_problems, [source, "--limit", str(limit)])
        assert told.exit_code == 0, told.output
        assert len(told.output.splitlines()) == lines
        assert told.output.splitlines()[-1].startswith(last)


def test_decisions_are_taken_on_the_page_and_refusals_told(
    app: Any, people: dict[str, str], source: str
) -> None:
    """Approving, cancelling and rolling back do what the queue does; what cannot be is said."""
    headers = as_user(people["editor A"])

    def decide(run: HarvestRun, step: str) -> tuple[str, str]:
        page = app.post(f"{DESK}/luot/{run.id}/{step}", headers=headers, status=200).text
        return call(people["editor A"], "hatinh_run_show", id=run.id)["state"], page

    first = run_of(source, RunState.WAITING)
    page = app.get(f"{DESK}/luot/{first.id}", headers=headers).text
    assert "60" in page
    assert "100" in page
    assert decide(first, "duyet")[0] == "applying"
    second = run_of(source, RunState.WAITING)
    assert decide(second, "huy")[0] == "cancelled"
    state, page = decide(second, "duyet")
    assert state == "cancelled"
    assert "alert-error" in page or "alert-danger" in page
    state, _ = decide(run_of(source, RunState.WAITING), "khoi-phuc")
    assert state == "waiting"
    done = call(people["above A"], "hatinh_run_show", id=first.id)
    assert done["approved_by"] == people["editor A"]


def test_metrics_are_for_this_machine_or_the_bearer_of_the_token(
    app: Any, people: dict[str, str], source: str, ckan_config: dict[str, Any]
) -> None:
    """What came through a proxy needs the token; figures name no address and no value."""
    run_of(source, RunState.FAILED)
    text = app.get("/metrics", status=200).text
    assert f'hatinh_harvest_failing{{source="{source}"}} 1.0' in text
    assert "lgsp.hatinh" not in text
    proxied = {"X-Forwarded-For": "203.0.113.5"}
    assert app.get("/metrics", headers=proxied, status=403)
    assert app.get("/metrics", headers={**proxied, "Authorization": "Bearer "}, status=401)
    ckan_config["ckanext.hatinh.harvest.metrics_token"] = "dau-hieu-cua-may-giam-sat"
    bearer = {**proxied, "Authorization": "Bearer dau-hieu-cua-may-giam-sat"}
    assert app.get("/metrics", headers=bearer, status=200)
    assert app.get("/metrics", headers={**bearer, "Authorization": "Bearer sai"}, status=403)


def test_index_that_takes_nothing_is_told_to_officers_operators_and_monitors(
    app: Any, people: dict[str, str]
) -> None:
    """Since when and what to do; what Solr said, with its address, to the operator alone."""
    model.Session.execute(
        sa.text(
            "INSERT INTO hatinh_harvest_outbox (package_id, error, refused_since)"
            " VALUES ('goi', 'http://solr.noi-bo/: No space left', '2026-11-22 10:00+07')"
        )
    )
    model.Session.commit()
    page = app.get(f"{DESK}/", headers=as_user(people["editor A"])).text
    assert "10:00 22/11/2026" in page
    assert "solr.noi-bo" not in page
    told = CliRunner().invoke(list_sources)
    assert "10:00 22/11/2026" in told.output
    assert "No space left" in told.output
    assert "hatinh_harvest_index_refused_seconds 0.0" not in app.get("/metrics").text
    model.Session.execute(sa.text("DELETE FROM hatinh_harvest_outbox"))
    model.Session.commit()
    assert "hatinh_harvest_index_refused_seconds 0.0" in app.get("/metrics").text
    assert "10:00 22/11/2026" not in app.get(f"{DESK}/", headers=as_user(people["editor A"])).text
