"""Editions against a real database: who may do what, and what nobody may do."""

from io import BytesIO
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from openpyxl import load_workbook
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.dictionary.logic import action as actions
from ckanext.hatinh.dictionary.logic import auth
from ckanext.hatinh.shared.vocabulary import dictionary, organizations
from hatinh.dictionary.workbook_form import write_workbook

pytestmark = pytest.mark.usefixtures("with_plugins", "first_edition")

OFFICES = {
    "proposer": "so-gddt",
    "steward": "cong-an-tinh",
    "catalogue": "so-khcn",
    "other": "so-y-te",
}
READ = {
    "hatinh_codelist_list": {},
    "hatinh_codelist_show": {"id": "themes"},
    "hatinh_edition_diff": {"number": "0.1"},
    "hatinh_edition_list": {},
    "hatinh_edition_show": {},
    "hatinh_element_columns": {},
    "hatinh_element_list": {},
    "hatinh_element_search": {"q": "mã"},
    "hatinh_element_show": {"id": "ma_dvhc"},
    "hatinh_place_convert": {},
    "hatinh_place_show": {"code": "18073"},
    "hatinh_suggest": {"columns": ["Mã xã"]},
    "hatinh_table_check": {},
}
WITH_BODY = {"hatinh_place_convert", "hatinh_table_check"}
"""Read, and more than a few parameters: called elsewhere."""
EVERYBODY = {"", "member", "proposer", "steward", "catalogue", "other", "sysadmin"}
EDITORS = EVERYBODY - {"", "member"}
WRITE = {
    "hatinh_edition_propose": EDITORS,
    "hatinh_edition_update": EDITORS,
    "hatinh_edition_import": EDITORS,
    "hatinh_edition_submit": EDITORS,
    "hatinh_edition_withdraw": EDITORS,
    "hatinh_edition_review": {"steward", "catalogue", "sysadmin"},
    "hatinh_edition_return": {"steward", "catalogue", "sysadmin"},
    "hatinh_edition_consult": {"steward", "sysadmin"},
    "hatinh_edition_approve": {"steward", "sysadmin"},
    "hatinh_edition_reject": {"steward", "sysadmin"},
}
NEW = {
    "id": "SoBoBanGhe",
    "name": {"vi": "Số bộ bàn ghế", "en": "Number of desk sets"},
    "definition": {
        "vi": "Số bộ bàn ghế dùng được trong các phòng học vào ngày đầu năm học",
        "en": "Sets of desks and chairs fit for use on the first day of the school year",
    },
    "group": {"vi": "Giáo dục", "en": "Education"},
    "entity": "GiaoDuc",
    "datatype": "integer",
    "owner_org": "so-gddt",
    "source": "Báo cáo năm học",
    "confidence": "D",
    "proposed": True,
}


@pytest.fixture
def first_edition(portal: None) -> None:
    """The edition that is shipped, in the database."""
    editions.load_first()


@pytest.fixture
def people(first_edition: None) -> dict[str, str]:
    """Names of people by what they are; a blank name is a visitor."""
    found = {"": "", "sysadmin": factories.Sysadmin()["name"]}
    roles = {kind: (office, "editor") for kind, office in OFFICES.items()}
    for kind, (office, role) in {**roles, "member": ("cong-an-tinh", "member")}.items():
        found[kind] = join(office, role)
    return found


def join(office: str, role: str) -> str:
    """A new user in an office."""
    name = factories.User()["name"]
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("organization_member_create")(
        {"user": site}, {"id": office, "username": name, "role": role}
    )
    return name


def call(user: str, action: str, **parameters: Any) -> Any:
    """Call an action as somebody, with nothing taken for granted."""
    name = action if action.startswith("hatinh_") else f"hatinh_edition_{action}"
    return tk.get_action(name)({"user": user, "ignore_auth": False}, parameters)


def proposed(user: str, **changes: Any) -> str:
    """Number of an edition that somebody has just proposed."""
    return call(user, "propose", elements=[NEW | changes], note="Cần cho năm học")["number"]


def approved(people: dict[str, str], number: str) -> dict[str, Any]:
    """Take a proposal to its end."""
    call(people["catalogue"], "review", number=number)
    call(people["steward"], "consult", number=number)
    decision = {"decision": "12/QĐ-CAT", "date": "2026-11-20"}
    return call(people["steward"], "approve", number=number, **decision)


def codes(refused: Any) -> list[str]:
    """Codes of the problems that an action told."""
    return [problem["code"] for problem in refused.value.error_dict["problems"]]


# -- rights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted({*READ, *WRITE}))
def test_rights_of_each_action(people, action):
    """Everybody reads, offices propose, stewards judge, one of them approves."""
    able = EVERYBODY if action in READ else WRITE[action]
    for kind, user in people.items():
        context = Context(user=user, ignore_auth=False)
        if kind in able:
            assert tk.check_access(action, context, {"number": "0.1"}), kind
        else:
            with pytest.raises(tk.NotAuthorized):
                tk.check_access(action, context, {"number": "0.1"})


@pytest.mark.parametrize("action", sorted(set(READ) - WITH_BODY))
def test_visitor_reads(people, action):
    """No account is needed to read the dictionary."""
    assert call("", action, **READ[action]) is not None


def test_matrix_covers_every_action():
    """An action that is added is added to the matrix."""
    assert {*READ, *WRITE} == set(actions.__all__) == set(auth.__all__)


def test_visitor_is_not_told_who(people):
    """Names of officers are for officers."""
    number = proposed(people["proposer"])
    shown = call("", "show", number=number, content=False)
    assert "proposer" not in shown
    assert "by" not in shown["history"][0]
    assert call(people["other"], "show", number=number)["history"][0]["by"]


# -- the way of an edition ----------------------------------------------------------------------


def test_edition_goes_its_way(people):
    """Proposed, reviewed, consulted, approved by somebody else: then columns are read by it."""
    number = proposed(people["proposer"])
    assert number == "0.2"
    assert call("", "hatinh_edition_show", content=False)["number"] == "0.1"
    done = approved(people, number)
    assert done["state"] == "phe_duyet"
    assert done["decision"] == "12/QĐ-CAT"
    assert [step["action"] for step in done["history"]] == [
        "propose", "review", "consult", "approve",
    ]  # fmt: skip
    assert call("", "hatinh_element_show", id="SoBoBanGhe")["edition"] == "0.2"
    assert "SoBoBanGhe" in dictionary().elements
    changes = call("", "hatinh_edition_diff", number="0.2")["changes"]
    assert [(c["kind"], c["what"], c["key"]) for c in changes] == [
        ("added", "element", "SoBoBanGhe")
    ]


def test_returned_proposal_is_mended_and_submitted_again(people):
    """A proposal comes back with a reason, and goes in again when it is mended."""
    number = proposed(people["proposer"])
    with pytest.raises(tk.ValidationError):
        call(people["catalogue"], "return", number=number)
    call(people["catalogue"], "return", number=number, note="Định nghĩa chưa rõ")
    better = {
        "vi": "Số bộ bàn ghế dùng được trong các phòng học vào ngày 5 tháng 9",
        "en": "Sets of desks and chairs fit for use on 5 September",
    }
    given = {"id": NEW["id"], "definition": better}
    call(people["proposer"], "update", number=number, elements=[given])
    assert call(people["proposer"], "submit", number=number)["state"] == "de_xuat"
    approved(people, number)
    assert call("", "hatinh_element_show", id=NEW["id"])["definition"] == better


def test_proposal_is_withdrawn_by_its_proposer_only(people):
    """One's own proposal can be taken back; nobody else's can."""
    number = proposed(people["proposer"])
    for kind in ("other", "steward", "sysadmin"):
        with pytest.raises(tk.ValidationError):
            call(people[kind], "withdraw", number=number, note="thừa")
    told = call(people["proposer"], "withdraw", number=number, note="Trùng với SoBanGhe")
    assert told["state"] == "rut_lai"


@pytest.mark.parametrize(
    ("action", "kind", "state"),
    [("withdraw", "proposer", "rut_lai"), ("reject", "steward", "tu_choi")],
)
def test_ended_proposal_keeps_its_history(people, action, kind, state):
    """Who ended a proposal, when and why, is told for ever; its number is not used again."""
    number = proposed(people["proposer"])
    with pytest.raises(tk.ValidationError) as refused:
        call(people[kind], action, number=number)
    assert codes(refused) == ["edition-reason-missing"]
    call(people[kind], action, number=number, note="Trùng với SoBanGhe")
    shown = call(people["other"], "show", number=number)
    last = shown["history"][-1]
    ender = tk.get_action("user_show")({"ignore_auth": True}, {"id": people[kind]})
    told = (last["action"], last["by"], last["note"])
    assert told == (action, ender["id"], "Trùng với SoBanGhe")
    assert NEW["id"] in [element["id"] for element in shown["elements"]]
    head = next(h for h in call(people["other"], "list") if h["number"] == number)
    assert head["state"] == state
    assert head["last_step"] == last
    public = next(h for h in call("", "list") if h["number"] == number)
    assert public["last_step"] == {k: v for k, v in last.items() if k != "by"}
    for step in ("submit", "update", "review", "withdraw", "reject", "return"):
        with pytest.raises(tk.ValidationError):
            call(people["steward"], step, number=number, note="x", elements=[NEW])
    assert proposed(people["proposer"]) != number


def test_desk_shows_how_proposals_ended(app, people):
    """The desk tells who withdrew or rejected what, and why."""
    number = proposed(people["proposer"])
    call(people["steward"], "reject", number=number, note="Trùng với thuật ngữ khác")
    token = factories.APIToken(user=people["other"], scopes=["full"])["token"]
    page = app.get("/en/tu-dien/ban-lam-viec", headers={"Authorization": token}).body
    assert "Trùng với thuật ngữ khác" in page
    assert f"/phien-ban/{number}" in page


def test_step_that_another_site_sends_is_refused(app, people, monkeypatch):
    """Whoever is logged in takes a step by a form of ours only, whoever called the page before."""
    password = "mật-khẩu-dài-12345"
    user = factories.User(password=password)["name"]
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    member = {"id": "so-khcn", "username": user, "role": "editor"}
    tk.get_action("organization_member_create")({"user": site}, member)
    number = proposed(people["proposer"])
    step = f"/tu-dien/phien-ban/{number}/review"
    assert app.post(step, follow_redirects=False).status_code == 403
    app.post("/user/login", data={"login": user, "password": password})
    monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
    assert app.post(step, follow_redirects=False).status_code == 400
    assert call("", "show", number=number)["state"] == "de_xuat"
    monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", False)
    assert app.post(step, follow_redirects=False).status_code == 302
    assert call("", "show", number=number)["state"] == "ra_soat"


def test_first_edition_is_neither_withdrawn_nor_rejected(people):
    """Columns are read by it until another one is approved."""
    for action in ("withdraw", "reject"):
        with pytest.raises(tk.ValidationError) as refused:
            call(people["steward"], action, number="0.1", note="thừa")
        assert codes(refused) == ["edition-first-stays"]


def test_returned_first_edition_is_mended_by_its_steward(people):
    """Nobody proposed the first edition, so its steward stands in, and does not approve it."""
    call(people["catalogue"], "return", number="0.1", note="Thiếu thuật ngữ")
    with pytest.raises(tk.ValidationError):
        call(people["other"], "submit", number="0.1")
    call(people["steward"], "update", number="0.1", elements=[NEW])
    call(people["steward"], "submit", number="0.1")
    call(people["catalogue"], "review", number="0.1")
    call(people["steward"], "consult", number="0.1")
    with pytest.raises(tk.ValidationError) as refused:
        call(people["steward"], "approve", number="0.1", decision="1/QĐ", date="2026-11-20")
    assert "edition-own-approval" in codes(refused)
    colleague = join("cong-an-tinh", "editor")
    done = call(colleague, "approve", number="0.1", decision="1/QĐ", date="2026-11-20")
    assert done["state"] == "phe_duyet"


def test_proposal_without_a_change_is_refused(people):
    """There would be nothing to decide."""
    with pytest.raises(tk.ValidationError) as refused:
        call(people["proposer"], "propose", elements=[{"id": "ma_dvhc"}])
    assert codes(refused) == ["edition-unchanged"]


# -- wrong edits --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["steward", "sysadmin"])
def test_nobody_approves_their_own_edition(people, kind):
    """Proposer and approver are two people, an administrator or not."""
    number = proposed(people[kind])
    call(people["catalogue"], "review", number=number)
    call(people["steward"], "consult", number=number)
    with pytest.raises(tk.ValidationError) as refused:
        call(people[kind], "approve", number=number, decision="1/QĐ", date="2026-11-20")
    assert "edition-own-approval" in codes(refused)


def test_approved_edition_is_closed_for_everybody(people):
    """No step and no statement changes an approved edition."""
    number = proposed(people["proposer"])
    approved(people, number)
    for action in ("update", "withdraw", "submit"):
        with pytest.raises(tk.ValidationError):
            call(people["proposer"], action, number=number, elements=[NEW])
    for statement in ("UPDATE %s SET note = 'x'", "DELETE FROM %s"):
        with pytest.raises(IntegrityError, match="approved"):
            model.Session.execute(
                sa.text(statement % editions.TABLE + " WHERE number = :n"), {"n": number}
            )
        model.Session.rollback()


def test_overtaken_proposal_is_not_approved(people):
    """Of two proposals on one base only the first gets through; the other would undo it."""
    first = proposed(people["proposer"])
    second = proposed(
        people["other"], id="SoBangDen", name={"vi": "Số bảng đen", "en": "Blackboards"}
    )
    approved(people, first)
    with pytest.raises(tk.ValidationError) as refused:
        approved(people, second)
    assert "edition-base-stale" in codes(refused)


def test_wrong_code_lists_are_refused(people):
    """A circle of parents, another meaning, a gap in validity: found before they are stored."""
    themes = call("", "hatinh_codelist_show", id="themes")
    keys = {"uri", "at"}
    own = [{k: v for k, v in code.items() if k not in keys} for code in themes["codes"]]
    cyclic = [dict(own[0], parent=own[1]["code"]), dict(own[1], parent=own[0]["code"]), *own[2:]]
    other = [dict(own[0], name={"vi": "Đánh bắt cá voi", "en": "Whaling"}), *own[1:]]
    gap = [
        dict(own[0], valid_to="2026-01-31", status="het_hieu_luc"),
        dict(own[0], valid_from="2026-03-01"),
        *own[1:],
    ]
    for code, given in (
        ("code-parent-cyclic", cyclic),
        ("code-meaning-changed", other),
        ("code-validity-gap", gap),
    ):
        with pytest.raises(tk.ValidationError) as refused:
            call(people["proposer"], "propose", code_lists=[{"id": "themes", "codes": given}])
        assert code in codes(refused)
        told: Any = refused.value.error_dict["problems"]
        assert all(problem["title"] and problem["mend"] for problem in told)


def test_garbage_is_refused_with_words(people):
    """Changes that are not written as an edition is are a validation error."""
    with pytest.raises(tk.ValidationError):
        call(people["proposer"], "propose", elements=[{"name": "x"}])
    with pytest.raises(tk.ValidationError):
        call(people["proposer"], "propose", elements="x")


# -- workbooks ----------------------------------------------------------------------------------


def workbook(*rows: dict[str, str]) -> FileStorage:
    """The workbook of the current edition with some more elements, by column keys."""
    body = write_workbook(editions.current(), editions.attributes(), organizations())
    book = load_workbook(BytesIO(body))
    sheet = editions.attributes().sheets["elements"]
    page = book[sheet.title.vi]
    for number, cells in enumerate(rows, page.max_row + 1):
        for key, value in cells.items():
            place = [column.key for column in sheet.columns].index(key) + 2
            page.cell(number, place, value)
    out = BytesIO()
    book.save(out)
    return FileStorage(BytesIO(out.getvalue()), filename="tu-dien.xlsx")


def row(**changes: str) -> dict[str, str]:
    """Cells of a good new element."""
    return {
        "id": "SoBoBanGhe",
        "name_vi": "Số bộ bàn ghế",
        "name_en": "Number of desk sets",
        "definition_vi": NEW["definition"]["vi"],
        "definition_en": NEW["definition"]["en"],
        "group_vi": "Giáo dục",
        "group_en": "Education",
        "entity": "GiaoDuc",
        "datatype": "integer",
        "owner_org": "so-gddt",
        "source": "Báo cáo năm học",
        "confidence": "D",
        "personal_data": "none",
    } | changes


def test_unchanged_workbook_changes_nothing(people):
    """The workbook of an edition, sent back as it is, proposes nothing and has no fault."""
    result = call(people["proposer"], "import", upload=workbook())
    assert result["diff"]["changes"] == []
    assert not result["refused"]


def test_dry_run_shows_faults_and_stores_nothing(people):
    """Each faulty cell is named; nothing is stored, and cannot be."""
    faulty = row(datatype="so", confidence="Z", owner_org="so-khong-co")
    result = call(people["proposer"], "import", upload=workbook(faulty))
    assert result["refused"]
    assert len({fault["cell"] for fault in result["faults"]}) == 3
    assert all(fault["title"] and fault["mend"] for fault in result["faults"])
    with pytest.raises(tk.ValidationError):
        call(people["proposer"], "import", upload=workbook(faulty), dry_run=False)
    assert len(call("", "hatinh_edition_list")) == 1


def test_mended_workbook_is_stored_and_replaced(people):
    """A good workbook becomes a proposal, and another one takes its place."""
    result = call(people["proposer"], "import", upload=workbook(row()), dry_run=False)
    number = result["edition"]["number"]
    again = workbook(row(name_en="Sets of desks"))
    call(people["proposer"], "import", upload=again, dry_run=False, number=number)
    stored = editions.get(number).elements["SoBoBanGhe"]
    assert stored.name.en == "Sets of desks"


def test_no_workbook_is_refused_with_words(people):
    """Bytes that are no workbook are a validation error."""
    garbage = FileStorage(BytesIO(b"%PDF-1.4 ..."), filename="tu-dien.xlsx")
    with pytest.raises(tk.ValidationError):
        call(people["proposer"], "import", upload=garbage)
