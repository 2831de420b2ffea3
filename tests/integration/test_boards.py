"""The boards of quality: what they count, for whom, and by how many statements."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from boards_data import Made, fill
from bs4 import BeautifulSoup
from ckan import authz, model
from ckan.tests import factories
from ckan.types import Context
from edition_files import of_csv, of_xlsx
from sqlalchemy import event

from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.quality import rescoring
from ckanext.hatinh.quality.boards import last_months
from ckanext.hatinh.shared.seeing import sees_private
from ckanext.hatinh.shared.vocabulary import today
from hatinh.problem import warning
from hatinh.quality import Loss

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
OWN, OTHER, THIRD = "so-gddt", "so-noi-vu", "so-xay-dung"
MOST = 15
"""Statements of a board, however many records there are."""
EMPTY = Loss("du", "field-empty", 12.0, 1, "", "$.contact")
NO_LICENCE = Loss("dung_chung", "licence-not-open", 30.0, 1, "", "$.licence")
WRONG_SUM = Loss("dung", "sum-differs", 24.0, 3, "sum-differs", "$.resources[0].rows[2].so")
UNBOUND = Loss("thong_nhat", "column-unbound", 48.0, 4, "", "$.resources[0].columns.so")
SUM = warning("sum-differs", "$.resources[0].rows[2].so", "7", expected="8").as_dict()


# -- the portal and its readers -------------------------------------------------------------------


def call(action: str, user: str = "", **given: Any) -> Any:
    """Call an action as somebody, with nothing taken for granted."""
    return tk.get_action(action)(Context(user=user, ignore_auth=False), given)


def somebody(office: str = "", role: str = "editor", **account: str) -> str:
    """A new user, of an office if one is named."""
    name = factories.User(**account)["name"]
    if office:
        given = {"id": office, "username": name, "role": role}
        tk.get_action("organization_member_create")({"ignore_auth": True}, given)
    return name


def token(user: str) -> dict[str, str]:
    """Headers of a reader."""
    return {"Authorization": factories.APIToken(user=user, scopes=["full"])["token"]}


def page(app: Any, path: str, user: str = "") -> BeautifulSoup:
    """A page as somebody sees it."""
    answer = app.get(path, headers=token(user) if user else {})
    assert answer.status_code == 200
    return BeautifulSoup(answer.body, "html.parser")


def table(found: BeautifulSoup, name: str) -> list[list[str]]:
    """The rows of a table of a board, its header first."""
    region = found.select_one(f'.ht-board__table[aria-labelledby="board-{name}"]')
    assert region is not None, name
    return [
        [" ".join(cell.text.split()) for cell in row.select("th, td")]
        for row in region.select("tr")
    ]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = model.Session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


# -- the province ---------------------------------------------------------------------------------


def test_offices_with_the_same_mean_share_a_place(app):
    """1, 2, 2; the next would be 4. Colours repeat the numbers."""
    fill([
        Made("a", OWN, [EMPTY]), Made("b", OTHER, [EMPTY, WRONG_SUM]),
        Made("c", THIRD, [WRONG_SUM, EMPTY]),
    ])  # fmt: skip
    found = page(app, "/chat-luong/")
    rows = table(found, "ranking")
    assert [row[1:4] for row in rows[1:]] == [
        ["1", "", "98"], ["2", "Đồng hạng", "94"], ["2", "Đồng hạng", "94"],
    ]  # fmt: skip
    heat = found.select('[aria-labelledby="board-heat"] tbody tr:nth-of-type(2) td')
    assert [cell.text.strip() for cell in heat][:2] == ["76", "88"]
    assert "ht-band--vang" in heat[0]["class"]
    assert len(found.select(".ht-chart svg[role=img]")) == 2


def test_trend_is_the_mean_at_the_end_of_each_month(app):
    """A score stands until the next one; the present month ends today."""
    months = last_months(today(), 3)
    fill([
        Made("a", OWN, days=[(months[0][0], 40.0), (months[1][1], 60.0)]),
        Made("b", OTHER, days=[(months[1][0], 80.0)]),
    ])  # fmt: skip
    rows = table(page(app, "/chat-luong/"), "trend")
    assert [[row[1], row[-1]] for row in rows[1:]] == [["40", "1"], ["70", "2"], ["100", "2"]]
    own = table(page(app, f"/chat-luong/{OWN}"), "trend")
    assert [row[1] for row in own[1:]] == ["40", "60", "100"]


# -- one office -----------------------------------------------------------------------------------


def test_board_of_an_office_shows_worst_overdue_problems_and_mends(app):
    """Each table tells what it is for, and leads to the record."""
    late = (today() - timedelta(days=600)).isoformat()
    fill([
        Made("tot", OWN),
        Made("kem", OWN, [WRONG_SUM, NO_LICENCE], problems=[SUM, SUM]),
        Made("cu", OWN, [EMPTY], extras={"frequency": "nam", "modified": late}),
        Made("moi", OWN, extras={"frequency": "nam", "modified": today().isoformat()}),
    ])  # fmt: skip
    found = page(app, f"/chat-luong/{OWN}")
    worst = table(found, "worst")
    assert [row[0] for row in worst[1:]] == ["Bảng kem", "Bảng cu", "Bảng moi", "Bảng tot"]
    link = found.select_one('[aria-labelledby="board-worst"] tbody a')
    assert link is not None
    assert link["href"] == "/dataset/kem/chat-luong"
    assert [(row[0], row[3]) for row in table(found, "overdue")[1:]] == [("Bảng cu", "174")]
    assert [row[1:] for row in table(found, "problems")[1:]] == [["2", "1"]]
    mends = table(found, "mends")[1:]
    assert [row[2] for row in mends] == ["1,25", "1", "0,5"]
    assert [item.text for item in found.select(".ht-board__mends strong")] == [
        "+1,25",
        "+1",
        "+0,5",
    ]
    assert app.get("/chat-luong/khong-co").status_code == 404


def test_office_without_records_has_an_empty_board(app):
    """No figure is made up, and nothing breaks."""
    found = page(app, f"/chat-luong/{OWN}")
    assert not found.select(".ht-board__table")
    facts = [fact.text.strip() for fact in found.select(".ht-board__facts dd")]
    assert facts[:2] == ["–", "–"]


# -- mends ----------------------------------------------------------------------------------------


def test_mends_of_an_office_are_the_sum_of_those_of_its_records():
    """Also where sources leave fields to the portal, and where a dimension is not measured."""
    title = {"vi": "Nguồn"}
    for name, policy in (("giu", "keep-local"), ("ghi-de", "source-wins")):
        model.Session.add(
            HarvestSource(
                name=name, origin="page", kind="csv", title=title, url="https://x.example.vn",
                owner=OWN, policy=policy, local_fields=["contact"], defaults={}, options={},
            )
        )  # fmt: skip
    everything = [EMPTY, NO_LICENCE, WRONG_SUM, UNBOUND]
    ids = fill([
        Made("rieng", OWN, everything),
        Made("giu-lai", OWN, everything, extras={"harvest_source": "giu"}),
        Made("ghi-de", OWN, everything, extras={"harvest_source": "ghi-de"}),
        Made("it-tieu-chi", OWN, [EMPTY], unmeasured=("dung", "sach")),
        Made("kin", OWN, everything, private=True),
    ])  # fmt: skip
    officer = somebody(OWN)
    for user, names in (("", [*ids][:4]), (officer, [*ids])):
        added: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0, 0])
        for name in names:
            for mend in call("hatinh_mend_list", user, id=name)["mends"]:
                sums = added[mend["rule"], mend["by"]]
                sums[0] += mend["gain"]
                sums[1] += mend["count"]
                sums[2] += 1
        of_office = call("hatinh_mend_list", user, organization=OWN)
        assert of_office["measured"] == len(names)
        found = {
            (mend["rule"], mend["by"]): [mend["gain"], mend["count"], mend["records"]]
            for mend in of_office["mends"]
        }
        assert found.keys() == added.keys()
        for key, sums in added.items():
            assert found[key] == pytest.approx(sums, abs=0.05)
    assert ("field-empty", "you") in found
    assert ("field-empty", "source") in found


def test_mend_of_an_office_leads_to_its_records(app):
    """Those that gain most come first; private ones are there for members."""
    fill([
        Made("a", OWN, [EMPTY]), Made("b", OWN, [EMPTY], unmeasured=("dung", "sach", "song")),
        Made("c", OWN, [EMPTY], private=True), Made("d", OWN, [NO_LICENCE]),
        Made("e", OTHER, [EMPTY]),
    ])  # fmt: skip
    path = f"/chat-luong/{OWN}/viec/field-empty"
    assert [row[:3] for row in table(page(app, path), "mend")[1:]] == [
        ["Bảng b", "4", "1"], ["Bảng a", "2", "1"],
    ]  # fmt: skip
    assert len(table(page(app, path, somebody(OWN, "member")), "mend")) == 4
    assert len(of_csv(app.get(f"{path}.csv").data)) == 3
    board = page(app, f"/chat-luong/{OWN}")
    assert board.select_one(f'.ht-board__mends a[href="{path}"]') is not None
    assert app.get(f"/chat-luong/{OWN}/viec/khac").status_code == 404


def test_mends_of_a_private_record_are_for_its_members():
    """Nobody learns from a hint what they may not see."""
    fill([Made("kin", OWN, [EMPTY], private=True)])
    for stranger in ("", somebody(OTHER)):
        with pytest.raises(tk.NotAuthorized):
            call("hatinh_mend_list", stranger, id="kin")
        assert call("hatinh_mend_list", stranger, organization=OWN)["mends"] == []
    (mend,) = call("hatinh_mend_list", somebody(OWN, "member"), id="kin")["mends"]
    assert (mend["rule"], mend["by"], mend["at"], mend["gain"]) == ("field-empty", "you", "form", 2)
    assert mend["places"][0]["field"] == "contact"


def test_mends_are_asked_of_something_that_is_there():
    """Nothing named, nobody there, nothing measured: each has its answer."""
    with pytest.raises(tk.ValidationError):
        call("hatinh_mend_list")
    for given in ({"id": "khong-co"}, {"organization": "khong-co"}):
        with pytest.raises(tk.ObjectNotFound):
            call("hatinh_mend_list", **given)


# -- private records ------------------------------------------------------------------------------


def test_boards_count_private_records_for_their_members_only(app):
    """A visitor's figures are the same with and without private records; a member's are not."""
    fill([Made("a", OWN, [EMPTY]), Made("b", OTHER)])
    stranger = somebody(OTHER)
    paths = ("/chat-luong/", f"/chat-luong/{OWN}", f"/chat-luong/{OWN}/bang/mends.csv")

    def seen(user: str) -> list[Any]:
        headers = token(user) if user else {}
        pages = [
            BeautifulSoup(app.get(path, headers=headers).body, "html.parser") for path in paths
        ]
        return [[row.text for row in found.select("tr, dd")] or found.text for found in pages]

    before = [seen(""), seen(stranger)]
    late = (today() - timedelta(days=900)).isoformat()
    fill([
        Made("kin", OWN, [NO_LICENCE, WRONG_SUM], private=True, problems=[SUM],
             extras={"frequency": "nam", "modified": late}, days=[(today(), 10.0)]),
    ])  # fmt: skip
    assert [seen(""), seen(stranger)] == before
    own = page(app, f"/chat-luong/{OWN}", somebody(OWN, "member"))
    assert [row[0] for row in table(own, "worst")[1:]] == ["Bảng kin", "Bảng a"]
    assert len(table(own, "overdue")) == len(table(own, "problems")) == 2
    admin = factories.Sysadmin()["name"]
    assert table(page(app, "/chat-luong/", admin), "ranking")[-1][-1] == "2"


def test_private_records_count_for_whom_ckan_lets_read_them():
    """Members of the office, and of those above it who write; neither others nor visitors."""
    above, below = OTHER, OWN
    people = {
        (office, role): somebody(office, role)
        for office in (above, below, THIRD)
        for role in ("admin", "editor", "member")
    }
    office, parent = model.Group.get(below), model.Group.get(above)
    assert office is not None
    assert parent is not None
    link = model.Member(group=office, table_id=parent.id, table_name="group", capacity="parent")
    model.Session.add(link)
    model.Session.commit()
    seeing = {who for who, name in people.items() if sees_private(Context(user=name), office)}
    told = {
        who
        for who, name in people.items()
        if authz.has_user_permission_for_group_or_org(office.id, name, "read")
    }
    assert seeing == told
    cascading = {(above, role) for role in ("admin", "editor")}
    assert seeing == cascading | {(below, role) for role in ("admin", "editor", "member")}
    assert not sees_private(Context(user=""), office)


# -- files and statements -------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_table_is_downloaded_as_it_is_shown(app, form):
    """The files have the rows of the page; there are no others."""
    late = (today() - timedelta(days=600)).isoformat()
    months = last_months(today(), 2)
    fill([
        Made("a", OWN, [EMPTY, WRONG_SUM], problems=[SUM], days=[(months[0][0], 40.0)],
             extras={"frequency": "nam", "modified": late}),
        Made("b", OTHER, [NO_LICENCE]),
    ])  # fmt: skip
    read = {"csv": of_csv, "xlsx": of_xlsx}[form]
    for path, names in (
        ("/chat-luong/", ("ranking", "heat", "trend")),
        (f"/chat-luong/{OWN}/", ("mends", "trend", "worst", "overdue", "problems")),
    ):
        shown = page(app, path.rstrip("/") if OWN in path else path)
        for name in names:
            answer = app.get(f"{path}bang/{name}.{form}")
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert _plain(read(answer.data)) == _plain(table(shown, name)), name
            assert (late.encode() in answer.data) == (name == "overdue" and form == "csv")
        assert app.get(f"{path}bang/khac.{form}").status_code == 404


def _plain(rows: list[list[str]]) -> list[list[str]]:
    """Cells without what only a page or only a file writes: decimal signs, blanks, days."""
    blank = re.compile(r"–|\d+ tháng .*|\d{4}-\d\d-\d\d( .*)?")
    return [
        ["" if blank.fullmatch(cell) else cell.replace(",", ".").removesuffix(".0") for cell in row]
        for row in rows
    ]


def test_boards_ask_the_database_as_often_at_any_size(app):
    """20 records or 2,000, visitor, officer of the office or of another: the same few statements.

    Whole pages are counted, with what stands at their head for those who have logged in.
    """
    visitor = app.flask_app.test_client()
    readers = [visitor, logged_in(app, OWN), logged_in(app, OTHER)]

    def counted() -> list[int]:
        found = []
        for path in ("/chat-luong/", f"/chat-luong/{OWN}"):
            for reader in readers:
                reader.get(path)  # what a process reads once
                editions.look_again()  # and what it reads again every few seconds
                with statements() as sent:
                    assert reader.get(path).status_code == 200
                found.append(len(sent))
        return found

    fill(_many(range(20)))
    few = counted()
    fill(_many(range(20, 2000)))
    assert counted() == few
    assert max(few) <= MOST


def logged_in(app: Any, office: str) -> Any:
    """A browser in which an officer of an office has logged in by the form."""
    client, password = app.flask_app.test_client(), "Mat-khau-2026"
    name = somebody(office, password=password)
    answer = client.post("/user/login", data={"login": name, "password": password})
    assert answer.status_code == 302
    return client


def _many(numbers: range) -> Iterator[Made]:
    late = (today() - timedelta(days=600)).isoformat()
    month = last_months(today(), 2)[0][0]
    for number in numbers:
        yield Made(
            f"b-{number}", (OWN, OTHER)[number % 2], [EMPTY, NO_LICENCE, WRONG_SUM, UNBOUND],
            private=number % 5 == 0, problems=[SUM], days=[(month, 50.0)],
            extras={"frequency": "nam", "modified": late},
        )  # fmt: skip


# -- the form -------------------------------------------------------------------------------------


def test_officer_mends_what_the_form_hints_at_and_the_score_rises_as_promised(app):
    """Three mends on the dataset's page, the hint leads to its input, the promise is kept."""
    officer = somebody(OWN)
    made = tk.get_action("package_create")(
        {"user": officer},
        {
            "name": "so-truong", "title_translated": {"vi": "Số trường"}, "owner_org": OWN,
            "notes_translated": {"vi": "Theo xã"}, **CLASSIFIED,
        },
    )  # fmt: skip
    rescoring.work_off()
    before = call("hatinh_mend_list", id=made["id"])
    shown = page(app, "/dataset/so-truong", officer)
    assert len(shown.select(".ht-hints ol > li")) == 3
    assert not page(app, "/dataset/so-truong").select(".ht-hints")
    form = page(app, "/dataset/edit/so-truong", officer)
    hint = form.select_one('.ht-hints a[data-input="approved_by"]')
    assert hint is not None
    assert str(hint["href"]).endswith("#field-approved_by")
    assert form.select_one("#field-approved_by") is not None
    (place,) = (
        place for mend in before["mends"] for place in mend["places"]
        if place["field"] == "approved_by"
    )  # fmt: skip
    tk.get_action("package_patch")(
        {"user": officer}, {"id": made["id"], "approved_by": "Giám đốc Sở"}
    )
    rescoring.work_off()
    after = call("hatinh_mend_list", id=made["id"])
    assert after["total"] == pytest.approx(before["total"] + place["gain"], abs=0.02)
    assert "approved_by" not in {p["field"] for mend in after["mends"] for p in mend["places"]}


def test_every_hint_of_the_form_leads_to_an_input_or_a_page(app):
    """No hint leads nowhere; nothing is hinted at when a record is new."""
    officer = factories.Sysadmin()["name"]
    fields = ("title", "notes", "publisher", "themes", "keywords", "licence", "contact", "modified")
    losses = [Loss("du", "field-empty", 5.0, 1, "", f"$.{name}") for name in fields]
    fill([Made("du-loi", OWN, [*losses, WRONG_SUM, UNBOUND])])
    form = page(app, "/dataset/edit/du-loi", officer)
    links = [str(link["href"]) for link in form.select(".ht-hints a")]
    assert len(links) == len(losses) + 2
    for link in links:
        path, _, anchor = link.partition("#")
        if path.startswith("/dataset/edit/"):
            assert form.select_one(f"#{anchor}") is not None, link
        else:
            assert app.get(path, headers=token(officer)).status_code == 200, link
    assert not page(app, "/dataset/new", officer).select(".ht-hints")
