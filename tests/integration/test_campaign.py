"""Inventory campaigns: rights, four eyes, the snapshot that nothing changes, packs, reminders."""

import hashlib
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from click.testing import CliRunner
from docx import Document
from harvesting import Harvest, Shelf
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.campaign import reminding
from ckanext.hatinh.campaign.cli import campaign as commands
from ckanext.hatinh.campaign.cli import verify
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.logic import action as actions
from ckanext.hatinh.campaign.model import Files
from ckanext.hatinh.shared.vocabulary import today
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.pack import verifier
from hatinh.text import Text

pytestmark = pytest.mark.usefixtures("with_plugins")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
TITLE = {"vi": "Kiểm kê dữ liệu năm 2026", "en": "Data inventory 2026"}
OFFICE, OTHER = "so-gddt", "so-noi-vu"
COMMUNE, NEXT_COMMUNE = "ubnd-xa-18844", "ubnd-xa-18838"
PART = {"number": 1, "unit": OFFICE}
WHOLE = {"complete": "co", "results": "Đã rà soát, kê khai"}
VERDICTS = dict.fromkeys(("duplicated", "upgrade", "merge", "retire"), "khong")
MADE: dict[str, Any] = {}
PEOPLE = {
    "steward": ("so-khcn", "editor"),
    "editor": (OFFICE, "editor"),
    "admin": (OFFICE, "admin"),
    "member": (OFFICE, "member"),
    "other": (OTHER, "admin"),
    "shared": ("ubnd-xa", "admin"),
    "commune": (COMMUNE, "admin"),
}
SOURCE = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", OFFICE)
RUNS = {"create", "update", "open", "freeze", "close", "delete"}
INSIDE = {"steward", "editor", "admin", "other", "shared", "commune", "sysadmin", "auditor"}
ALL_SEEING = {"steward", "sysadmin", "auditor"}
ABLE = {
    **{f"hatinh_campaign_{name}": {"steward", "sysadmin"} for name in RUNS},
    **{f"hatinh_campaign_{n}": INSIDE for n in ("list", "show", "late", "snapshot")},
    **{
        f"hatinh_campaign_{n}": {"editor", "admin", "sysadmin"}
        for n in ("part_fill", "part_submit", "evidence_add", "evidence_remove")
    },
    **{
        f"hatinh_campaign_{n}": {*ALL_SEEING, "editor", "admin"}
        for n in ("part_show", "evidence_file")
    },
    "hatinh_campaign_part_sign": {"admin", "sysadmin"},
    "hatinh_campaign_part_return": {"admin", "steward", "sysadmin"},
    "hatinh_campaign_figure": ALL_SEEING,
    "hatinh_campaign_pack": ALL_SEEING,
    "hatinh_pack_key": {*INSIDE, "member", ""},
}
"""Who may call each action, about the part and the office of one department."""


def people_of_all_kinds() -> dict[str, str]:
    """Names of people by what they are; a blank name is a visitor."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("organization_create")(
        Context(user=site),
        {"name": COMMUNE, "title_translated": {"vi": "UBND xã Kỳ Thượng"}, "kind": "ubnd_xa"},
    )
    found = {"": "", "sysadmin": factories.Sysadmin()["name"]}
    for kind, (office, role) in PEOPLE.items():
        found[kind] = factories.User()["name"]
        tk.get_action("organization_member_create")(
            {"user": site}, {"id": office, "username": found[kind], "role": role}
        )
    found["auditor"] = factories.User()["name"]
    appointed = {"id": found["auditor"], "decision": "1/QĐ-UBND"}
    tk.get_action("hatinh_auditor_appoint")(Context(user=found["sysadmin"]), appointed)
    return found


def call(user: str, action: str, **parameters: Any) -> Any:
    """Call an action as somebody, with nothing taken for granted."""
    name = action if action.startswith("hatinh_") else f"hatinh_campaign_{action}"
    model.Session.rollback()
    return tk.get_action(name)(Context(user=user, ignore_auth=False), parameters)


def refused(user: str, action: str, **parameters: Any) -> set[str]:
    """Codes of the problems for which an action refuses."""
    with pytest.raises(tk.ValidationError) as told:
        call(user, action, **parameters)
    problems: Any = told.value.error_dict["problems"]
    return {problem["code"] for problem in problems}


def as_(app: Any, name: str) -> Any:
    """A browser in which somebody has signed in; a blank name is a visitor."""
    client = app.test_client()
    if user := model.User.get(name):
        with client.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
            session["_user_id"] = user.id
    return client


def record(user: str, name: str, **fields: Any) -> dict[str, Any]:
    """A public dataset or system of the department."""
    given = {
        "name": name,
        "title_translated": {"vi": f"Bảng {name}"},
        "notes_translated": {"vi": "Bảng số liệu"},
        "owner_org": OFFICE,
        **CLASSIFIED,
        "resources": [{"url": "https://so.example.vn/a.csv", "format": "CSV"}],
    }
    return tk.get_action("package_create")(Context(user=user), given | fields)


def drafts(*numbers: int, **changes: Any) -> list[Draft]:
    """Good records of a source."""
    fields = {
        "title": "Bộ thu thập", "notes": "Số liệu.", "publisher": OFFICE, "themes": ["HT05"],
        "licence": "CC-BY-4.0", **{k: v for k, v in CLASSIFIED.items() if k != "license_id"},
    }  # fmt: skip
    return [Draft(f"bo-{number}", fields | changes, [], f"row {number}") for number in numbers]


def system(user: str) -> str:
    """The id of an information system of the department."""
    made = record(user, "he-thong-truong", type="system", system_kind="csdl", resources=[])
    return made["id"]


@pytest.fixture
def people(portal: None) -> dict[str, str]:
    """People of all kinds in a portal with its offices."""
    return people_of_all_kinds()


@pytest.fixture
def opened(people: dict[str, str]) -> dict[str, str]:
    """An open campaign."""
    call(people["steward"], "create", title=TITLE)
    call(people["steward"], "open", number=1)
    return people


@pytest.fixture
def frozen(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A frozen campaign with one part signed; made once, and only read."""
    found = sa.inspect(model.Session.get_bind()).has_table("hatinh_campaign_campaign")
    query = "SELECT hash FROM hatinh_campaign_campaign WHERE number = 1"
    there = found and model.Session.scalar(sa.text(query))
    if not MADE or there != MADE["hash"]:
        people = request.getfixturevalue("opened")
        MADE.update(people=people, **_freeze(people))
    return MADE


def _freeze(people: dict[str, str]) -> dict[str, Any]:
    assert Harvest()(SOURCE, Shelf(drafts(1, 2, 3))).counts["created"] == 3
    names = ("bang-mot", "bang-hai")
    made = [record(people["sysadmin"], name)["id"] for name in names]
    secret = record(people["sysadmin"], "chim-kin", private=True, owner_org=OTHER)["id"]
    answers = {"": WHOLE, system(people["sysadmin"]): VERDICTS}
    call(people["editor"], "part_fill", **PART, answers=answers)
    file = FileStorage(io.BytesIO(b"%PDF-1.7 minh chung"), "biên bản.pdf")
    call(people["editor"], "evidence_add", **PART, upload=file)
    call(people["editor"], "part_submit", **PART)
    call(people["admin"], "part_sign", **PART, letter="12/BC-SGDĐT")
    hash_ = call(people["steward"], "freeze", number=1)["hash"]
    return {"hash": hash_, "datasets": made, "secret": secret}


# -- rules ---------------------------------------------------------------------------------------


def test_auditor_changes_nothing(opened):
    """Every action that writes is refused to an auditor."""
    reads = {"list", "show", "late", "snapshot", "figure", "pack", "part_show", "evidence_file"}
    writes = {
        name for name in actions.__all__ if name.removeprefix("hatinh_campaign_") not in reads
    }
    for action in writes - {"hatinh_pack_key"}:
        with pytest.raises(tk.NotAuthorized):
            call(opened["auditor"], action, **PART, answers={}, id=1, title=TITLE)


def test_commune_answers_for_itself_once_it_has_an_office(opened):
    """Until then the shared office does; afterwards neither that nor another commune."""
    own, shared = {"number": 1, "unit": COMMUNE}, {"number": 1, "unit": NEXT_COMMUNE}
    answers = {"": WHOLE}
    assert call(opened["commune"], "part_fill", **own, answers=answers)["office"] == COMMUNE
    assert call(opened["shared"], "part_fill", **shared, answers=answers)["office"] == "ubnd-xa"
    for kind, place in (("shared", own), ("commune", shared), ("editor", own)):
        with pytest.raises(tk.NotAuthorized):
            call(opened[kind], "part_fill", **place, answers=answers)


def test_part_goes_from_editor_to_leader(opened):
    """Filled in, submitted, given back, submitted again, signed; then only the steward reopens."""
    asked = system(opened["sysadmin"])
    assert refused(opened["editor"], "part_submit", **PART) == {"campaign-answer-missing"}
    answers = {"": WHOLE, asked: VERDICTS}
    told = call(opened["editor"], "part_fill", **PART, answers=answers)
    assert [subject["id"] for subject in told["subjects"]] == [asked]
    call(opened["editor"], "part_submit", **PART)
    assert refused(opened["editor"], "part_fill", **PART, answers={}) == {"campaign-part-state"}
    assert refused(opened["admin"], "part_return", **PART) == {"campaign-reason-missing"}
    call(opened["admin"], "part_return", **PART, note="Thiếu minh chứng")
    call(opened["editor"], "evidence_add", **PART, url="https://so.example.vn/bao-cao")
    call(opened["editor"], "part_submit", **PART)
    signed = call(opened["admin"], "part_sign", **PART, letter="12/BC")
    assert (signed["state"], signed["letter"]) == ("da_ky", "12/BC")
    assert refused(opened["admin"], "part_return", **PART, note="x") == {"campaign-part-state"}
    again = call(opened["steward"], "part_return", **PART, note="Sai số liệu")
    assert (again["state"], again["letter"]) == ("dang_nhap", "")
    done = [step["action"] for step in again["steps"]]
    assert done == ["fill", "submit", "return", "attach", "submit", "sign", "return"]


@pytest.mark.parametrize("hand", ["admin", "sysadmin"])
def test_nobody_signs_off_what_he_filled_in(opened, hand):
    """A leader who filled it in himself has another one sign; a sysadmin is not above that."""
    call(opened[hand], "part_fill", **PART, answers={"": WHOLE})
    call(opened["editor"], "part_submit", **PART)
    assert call(opened[hand], "part_show", **PART)["may"] == ["return"]
    assert refused(opened[hand], "part_sign", **PART) == {"campaign-own-signature"}
    other = "sysadmin" if hand == "admin" else "admin"
    assert call(opened[other], "part_sign", **PART)["state"] == "da_ky"


@pytest.mark.parametrize("number", ["+1", " 1", "0000000001", "1\n"])
def test_odd_way_of_writing_a_number_gives_the_steward_no_part(opened, number):
    """The right is asked for the part that the action would change."""
    for action, given in (("fill", {"answers": {"": WHOLE}}), ("submit", {}), ("sign", {})):
        with pytest.raises(tk.NotAuthorized):
            call(opened["steward"], f"part_{action}", number=number, unit=OFFICE, **given)


def test_register_tells_who_is_late(opened):
    """In time, signed late, overdue: by the deadline, which the steward may move."""
    call(opened["editor"], "part_fill", **PART, answers={"": WHOLE})
    call(opened["editor"], "part_submit", **PART)
    call(opened["admin"], "part_sign", **PART)
    units = len(call(opened["steward"], "show", number=1)["parts"])
    assert call(opened["other"], "late", number=1)["counts"] == {
        "dung_han": 1, "muon": 0, "con_han": units - 1, "qua_han": 0,
    }  # fmt: skip
    before = (today() - timedelta(days=2)).isoformat()
    call(opened["steward"], "update", number=1, units_before=before)
    late = call(opened["other"], "late", number=1)
    assert late["counts"] == {"dung_han": 0, "muon": 1, "con_han": 0, "qua_han": units - 1}
    assert {unit["days_late"] for unit in late["units"]} == {3}


def test_wrong_evidence_is_refused(opened):
    """Programs, nothing at all, and addresses that a browser would run."""
    program = FileStorage(io.BytesIO(b"MZ"), "a.exe")
    for given, code in (
        ({"upload": program}, "campaign-file-kind"),
        ({}, "campaign-evidence-missing"),
        ({"url": "javascript:alert(1)"}, "campaign-link-wrong"),
        ({"url": "https://a.vn", "subject": "khong-co"}, "campaign-subject-unknown"),
    ):
        assert refused(opened["editor"], "evidence_add", **PART, **given) == {code}


def test_campaign_goes_one_way_and_is_closed_by_a_letter(opened):
    """What is open is not deleted or opened again; what is frozen is closed by its report."""
    steward = opened["steward"]
    assert refused(steward, "open", number=1) == {"campaign-step-wrong"}
    assert refused(steward, "delete", number=1) == {"campaign-step-wrong"}
    assert refused(steward, "close", number=1) == {"campaign-step-wrong"}
    call(steward, "freeze", number=1)
    assert refused(steward, "freeze", number=1) == {"campaign-step-wrong"}
    assert refused(steward, "update", number=1, title=TITLE) == {"campaign-closed"}
    assert refused(steward, "close", number=1, letter="9/BC") == {"campaign-letter-missing"}
    soon = (today() + timedelta(days=1)).isoformat()
    given = {"number": 1, "letter": "9/BC"}
    assert refused(steward, "close", **given, sent=soon) == {"campaign-day-wrong"}
    closed = call(steward, "close", **given, sent=today().isoformat())
    assert (closed["state"], closed["letter"], closed["sent_late"]) == ("dong", "9/BC", False)
    assert refused(opened["editor"], "part_fill", **PART, answers={}) == {"campaign-closed"}


def test_freezing_waits_for_answers_on_their_way(opened):
    """An answer that is being written is in the snapshot; one that comes later is refused."""
    call(opened["editor"], "part_fill", **PART, answers={"": {"results": "trước"}})
    writing = model.Session.get_bind().engine.connect()
    writing.execute(sa.text("SELECT 1 FROM hatinh_campaign_campaign FOR SHARE"))
    answer = (
        """UPDATE hatinh_campaign_part SET answers = '{"": {"results": "sau"}}' WHERE unit = :u"""
    )
    writing.execute(sa.text(answer), {"u": OFFICE})
    with ThreadPoolExecutor(1) as pool:
        freezing = pool.submit(_freeze_here, opened["steward"])
        for _ in range(600):
            if _waits_for_a_lock():
                break
            wait([freezing], 0.1)
        assert not freezing.done()
        writing.commit()
        writing.close()
        assert freezing.result(60)
    stored = Files(1)["data/campaign_answers.csv"].decode()
    assert ("sau" in stored, "trước" in stored) == (True, False)


def _freeze_here(steward: str) -> str:
    try:
        return call(steward, "freeze", number=1)["hash"]
    finally:
        model.Session.remove()


def _waits_for_a_lock() -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ExclusiveLock'"
    with model.Session.get_bind().engine.connect() as looking:
        return bool(looking.scalar(sa.text(query)))


def test_draft_is_changed_and_deleted(people):
    """Its days and units are the steward's; a draft leaves nothing behind."""
    steward = people["steward"]
    made = call(steward, "create", title="Kiểm kê thử", day="2026-11-30")
    assert (made["units_before"], made["province_before"]) == ("2026-12-15", "2026-12-31")
    less = call(steward, "update", number=1, units=[OFFICE, COMMUNE], units_before="2026-12-01")
    assert (less["unit_ids"], less["units_before"]) == ([OFFICE, COMMUNE], "2026-12-01")
    assert refused(steward, "update", number=1, units=["x"]) == {"campaign-unit-unknown"}
    wrong = {"number": 1, "units_before": "2027-01-31"}
    assert refused(steward, "update", **wrong) == {"campaign-days-reversed"}
    call(steward, "delete", number=1)
    assert call(steward, "list") == []


def test_forms_take_the_steps(app, opened):
    """Filled in and submitted by one button, signed by the leader; a visitor is sent away."""
    path = f"/kiem-ke/1/don-vi/{OFFICE}"
    fields = {f":{name}": value for name, value in WHOLE.items()}
    editor, leader = (as_(app, opened[kind]) for kind in ("editor", "admin"))
    assert app.post(f"{path}/tra-loi", data=fields).status_code == 403
    page = editor.post(f"{path}/tra-loi", data={**fields, "submit": "1"})
    assert page.status_code == 200
    assert "Sign off" not in editor.get(f"/en{path}").text
    assert "Sign off" in leader.get(f"/en{path}").text
    leader.post(f"{path}/sign", data={"letter": "7/BC"})
    assert call(opened["other"], "late", number=1)["counts"]["dung_han"] == 1


def test_units_are_reminded_once_before_each_step(opened, mail_server, ckan_config):
    """By e-mail to the editors of the office that answers; who has signed off hears nothing."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    call(opened["editor"], "part_fill", **PART, answers={"": WHOLE})
    call(opened["editor"], "part_submit", **PART)
    call(opened["admin"], "part_sign", **PART)
    before = date.fromisoformat(call(opened["steward"], "show", number=1)["units_before"])
    assert reminding.send(before - timedelta(days=20)) == 0
    first = reminding.send(before - timedelta(days=14))
    assert first > 10
    assert reminding.send(before - timedelta(days=14)) == 0
    assert reminding.send(before - timedelta(days=7)) == first
    letters = mail_server.get_smtp_messages()
    addressed = {letter[2][0] for letter in letters}
    emails = {kind: _email(opened[kind]) for kind in ("editor", "admin", "other", "shared")}
    assert {emails["other"], emails["shared"]} <= addressed
    assert not {emails["editor"], emails["admin"]} & addressed
    to_shared = [letter for letter in letters if letter[2][0] == emails["shared"]]
    assert len(to_shared) == 2


def test_odd_name_of_one_editor_costs_no_other_a_letter(opened, mail_server, ckan_config):
    """A line break in a name or a title is in no header."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    user = model.User.get(opened["other"])
    assert user is not None
    user.fullname = "A\nB"
    model.Session.commit()
    before = date.fromisoformat(call(opened["steward"], "show", number=1)["units_before"])
    title = {"vi": "Kiểm kê\nlần hai"}
    call(opened["steward"], "update", number=1, title=title)
    assert reminding.send(before - timedelta(days=14)) > 10
    addressed = {letter[2][0] for letter in mail_server.get_smtp_messages()}
    assert _email(opened["shared"]) in addressed
    assert _email(opened["other"]) not in addressed


def _email(name: str) -> str:
    user = model.User.get(name)
    assert user is not None
    assert user.email
    return user.email


# -- who sees what -------------------------------------------------------------------------------


def test_rights_of_each_action(frozen):
    """The whole matrix: visitor, member, editor, leader, other office, commune, steward, auditor,
    sysadmin, for each action about one department."""
    assert set(ABLE) == set(actions.__all__)
    given = {**PART, "organization": "", "figure": "inventory"}
    for action, able in ABLE.items():
        for kind, user in frozen["people"].items():
            context = Context(user=user, ignore_auth=False)
            if kind in able:
                assert tk.check_access(action, context, dict(given)), (action, kind)
            else:
                with pytest.raises(tk.NotAuthorized):
                    tk.check_access(action, context, dict(given))


def test_figures_and_packs_of_an_office_are_its_own(frozen):
    """Its editors and leaders have them, and who sees all; the ranking is everybody's who takes
    part."""
    own = {*ALL_SEEING, "editor", "admin"}
    for kind, user in frozen["people"].items():
        for action, given, able in (
            ("pack", {"organization": OFFICE}, own),
            ("figure", {"organization": OFFICE, "figure": "inventory"}, own),
            ("figure", {"figure": "ranking"}, INSIDE),
        ):
            context = Context(user=user, ignore_auth=False)
            allowed = tk.asbool(_may(f"hatinh_campaign_{action}", context, {"number": 1, **given}))
            assert allowed is (kind in able), (kind, action, given)


def _may(action: str, context: Context, given: dict[str, Any]) -> bool:
    try:
        return tk.check_access(action, context, given)
    except tk.NotAuthorized:
        return False


def test_evidence_is_for_its_readers_and_is_only_downloaded(app, frozen):
    """The file comes out as it went in, as an attachment; nobody else gets it."""
    people = frozen["people"]
    (one,) = call(people["admin"], "part_show", **PART)["evidence"]
    assert one["sha256"] == hashlib.sha256(b"%PDF-1.7 minh chung").hexdigest()
    path = f"/kiem-ke/1/don-vi/{OFFICE}/minh-chung/{one['id']}"
    answer = as_(app, people["admin"]).get(path)
    assert answer.data == b"%PDF-1.7 minh chung"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for kind in ("", "other", "commune", "member"):
        assert as_(app, people[kind]).get(path).status_code == 404, kind


def told(app: Any, frozen: dict[str, Any]) -> dict[str, bytes]:
    """Every report of a snapshot in every form, and both packs."""
    auditor = as_(app, frozen["people"]["auditor"])
    figures = call(frozen["people"]["auditor"], "snapshot", number=1)["figures"]
    paths = [f"so-lieu/{f['id']}.{e}" for f in figures for e in ("csv", "xlsx")]
    paths += [f"bao-cao.{ending}" for ending in ("docx", "pdf", "xlsx", "csv")]
    paths += [f"don-vi/{OFFICE}/bao-cao.{ending}" for ending in ("docx", "pdf", "csv")]
    paths += ["goi.zip", f"goi.zip?organization={OFFICE}"]
    answers = {p: auditor.get(f"/kiem-ke/1/{p}") for p in paths}
    assert {a.status_code for a in answers.values()} == {200}
    for found in figures:
        assert auditor.get(f"/kiem-ke/1/so-lieu/{found['id']}").status_code == 200, found
    return {path: answer.data for path, answer in answers.items()}


# -- the snapshot -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hatinh_campaign_campaign SET hash = 'x'",
        "UPDATE hatinh_campaign_campaign SET state = 'mo'",
        "DELETE FROM hatinh_campaign_campaign",
        "UPDATE hatinh_campaign_part SET answers = '{}'",
        "DELETE FROM hatinh_campaign_part",
        "UPDATE hatinh_campaign_evidence SET body = ''",
        "DELETE FROM hatinh_campaign_evidence",
        "UPDATE hatinh_campaign_file SET body = ''",
        "DELETE FROM hatinh_campaign_file",
        "INSERT INTO hatinh_campaign_file VALUES (1, 'x', '', '')",
    ],
)
def test_database_itself_refuses_to_change_a_snapshot(frozen, statement):
    """Whoever gets past the portal meets a trigger."""
    with pytest.raises(IntegrityError, match="frozen"):
        model.Session.execute(sa.text(statement))
    model.Session.rollback()


def test_hash_of_a_snapshot_is_that_of_its_files(frozen):
    """Anybody works it out from the list of files."""
    found = call(frozen["people"]["editor"], "snapshot", number=1)
    lines = "".join(f"{f['sha256']}  {f['path']}\n" for f in found["files"])
    assert hashlib.sha256(lines.encode()).hexdigest() == found["hash"] == frozen["hash"]


def test_snapshot_has_the_parts_of_the_campaign(frozen):
    """Sign-offs and verdicts are figures like the others, without names of people."""
    people = frozen["people"]
    signed = call(people["other"], "figure", number=1, figure="sign-offs")
    mine = [row for row in signed["rows"] if row[0] == "Sở Giáo dục và Đào tạo"]
    assert [(row[2], row[6]) for row in mine] == [("Đúng hạn", 0)]
    verdicts = call(people["auditor"], "figure", number=1, figure="verdicts")
    assert [row[2:] for row in verdicts["rows"]] == [[1, 0, 0, 0, 0]]


def test_figure_of_an_office_has_no_record_of_another(frozen):
    """Neither in its rows nor in its pack; a ranking of one is not given."""
    people = frozen["people"]
    own = call(people["editor"], "figure", number=1, figure="inventory", organization=OFFICE)
    assert "Sở Nội vụ" not in json.dumps(own["rows"], ensure_ascii=False)
    with pytest.raises(tk.ObjectNotFound):
        call(people["editor"], "figure", number=1, figure="ranking", organization=OFFICE)


# -- packs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("office", ["", OFFICE])
def test_pack_is_verified_without_the_portal(app, frozen, tmp_path, office):
    """Downloaded with its verifier and key, proved by Python alone; one changed byte fails."""
    auditor = frozen["people"]["auditor"]
    told_of = call(auditor, "pack", number=1, organization=office)
    path = f"/kiem-ke/1/goi.zip?organization={office}"
    body = as_(app, auditor).get(path).data
    assert hashlib.sha256(body).hexdigest() == told_of["sha256"]
    (tmp_path / "verifier.py").write_bytes(app.get("/kiem-ke/verifier.py").data)
    key = call("", "hatinh_pack_key")["key"]
    assert key == told_of["key"]
    members = verifier.members(body)
    assert ("chim-kin" in members["data/records.csv"].decode()) is (not office)
    assert ("figures/ranking.sql" in members) is (not office)
    last = bytes([body[-1] ^ 1])
    for name, packed, expected in (("a.zip", body, 0), ("b.zip", body[:-1] + last, 1)):
        (tmp_path / name).write_bytes(packed)
        ask = [sys.executable, "-I", "-S", "verifier.py", name, "--key", key]
        said = subprocess.run(ask, cwd=tmp_path, capture_output=True, check=False)
        assert said.returncode == expected, said.stdout.decode()


def test_one_changed_byte_in_any_file_of_the_pack_fails(app, frozen):
    """Each file of the province's pack in turn, repacked as it should be."""
    auditor = as_(app, frozen["people"]["auditor"])
    files = verifier.members(auditor.get("/kiem-ke/1/goi.zip").data)
    key = bytes.fromhex(call("", "hatinh_pack_key")["key"])
    assert len(files) > 30
    for name, body in files.items():
        at = len(body) // 2
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert verifier.verify(verifier.archive(files | {name: changed}), key), name


def test_commands_do_what_the_pages_do(app, frozen, tmp_path):
    """The pack of the command is the page's; the command verifies it, and says no by its exit."""
    auditor = as_(app, frozen["people"]["auditor"])
    run = CliRunner().invoke
    file = tmp_path / "goi.zip"
    made = run(commands, ["pack", "1", str(file)])
    assert made.exit_code == 0, made.output
    assert file.read_bytes() == auditor.get("/kiem-ke/1/goi.zip").data
    assert run(commands, ["public-key"]).output.strip() == call("", "hatinh_pack_key")["key"]
    assert run(verify, [str(file)]).exit_code == 0
    assert run(verify, [str(file), "--key", "00" * 32]).exit_code == 1
    assert len(run(commands, ["key"]).output.strip()) >= 32
    steward = frozen["people"]["steward"]
    assert run(commands, ["freeze", "1", "--user", steward]).exit_code == 1
    assert run(commands, ["pack", "9", str(file)]).exit_code == 1


def test_portal_without_a_key_makes_no_pack(frozen, ckan_config, monkeypatch):
    """And says how to get one."""
    monkeypatch.setitem(ckan_config, "ckanext.hatinh.campaign.signing_key", "")
    assert call("", "hatinh_pack_key")["key"] == ""
    assert refused(frozen["people"]["auditor"], "pack", number=1) == {"pack-key-missing"}


# -- pages, and at the end a change of everything ------------------------------------------------


@pytest.mark.parametrize("lang", ["", "/en"])
def test_pages_answer(app, frozen, lang):
    """Each page in both languages for who takes part; for visitors only how to verify."""
    pages = ("", "1", f"1/don-vi/{OFFICE}", "1/so-lieu/ranking", "1/so-lieu/sign-offs", "xac-minh")
    leader = as_(app, frozen["people"]["admin"])
    for page in pages:
        path = f"{lang}/kiem-ke/{page}"
        assert leader.get(path).status_code == 200, path
        assert app.get(path).status_code == (200 if page == "xac-minh" else 404), path
    auditor = as_(app, frozen["people"]["auditor"])
    for page in ("9", "1/don-vi/x", "1/so-lieu/x", "1/bao-cao.exe"):
        assert auditor.get(f"{lang}/kiem-ke/{page}").status_code == 404, page


def test_reports_name_their_addressees(app, frozen):
    """The unit's goes to three, the province's to three others."""
    people = frozen["people"]
    for path, wanted in (
        (f"don-vi/{OFFICE}/bao-cao.docx", form().units.addressees),
        ("bao-cao.docx", form().province.addressees),
    ):
        body = as_(app, people["auditor"]).get(f"/kiem-ke/1/{path}")
        text = "\n".join(p.text for p in Document(io.BytesIO(body.data)).paragraphs)
        assert all(name.vi in text for name in wanted), path


def test_reports_on_a_snapshot_are_the_same_whatever_becomes_of_the_data(app, frozen, monkeypatch):
    """Datasets changed, deleted, made and harvested again, some of them gone from their source:
    each report and pack is byte-identical, while the tables of today are others."""
    people, datasets = frozen["people"], frozen["datasets"]
    before = told(app, frozen)
    live = tk.get_action("hatinh_figure_tables")({"ignore_auth": True}, {})["tables"]
    officer = Context(user=people["sysadmin"])
    tk.get_action("package_patch")(officer, {"id": datasets[0], "license_id": "ODbL-1.0"})
    tk.get_action("package_delete")(officer, {"id": datasets[1], "reason": "Thu hồi để thử"})
    tk.get_action("package_patch")(officer, {"id": frozen["secret"], "owner_org": OFFICE})
    record(people["sysadmin"], "bang-moi")
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.grace_days", 0)
    for _ in range(2):
        Harvest()(SOURCE, Shelf(drafts(1, 2, title="Bộ thu thập lại")), full=True)
    assert told(app, frozen) == before
    tables = tk.get_action("hatinh_figure_tables")({"ignore_auth": True}, {})["tables"]
    assert tables["records"]["rows"] != live["records"]["rows"]
    MADE.clear()
