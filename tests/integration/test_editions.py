"""Editions of the catalogues in the demonstration province: frozen, compared, printed, sent."""

import hashlib
import json
import os
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from edition_files import (
    of_csv,
    of_docx,
    of_xlsx,
    pdf_letters,
    rows_of_pdf,
    squeezed,
    table_letters,
)
from rdflib import DCAT, RDF, BNode, Graph
from sqlalchemy.exc import IntegrityError

import schemas
from ckanext.hatinh.catalog import refreshing
from ckanext.hatinh.editions import documents
from ckanext.hatinh.editions.logic import action as actions
from ckanext.hatinh.harvest.config import load
from hatinh.dictionary.load import load as load_dictionary
from hatinh.editions import Edition, Entry, State, fingerprint, load_form
from hatinh.report.guard import inert

pytestmark = pytest.mark.usefixtures("with_plugins")

OPEN = {"kind": "du-lieu-mo"}
SOURCES = Path(__file__).parents[2] / "config" / "sources.yaml"
DEPARTMENTS = ("so-gddt-kiem-ke", "so-noi-vu-thu-muc")
MADE: dict[str, Any] = {}
FORM = load_form(
    schemas.ROOT, load_dictionary(schemas.ROOT).code_lists["open_catalogue_entry_fields"]
)
READ = {
    "hatinh_catalogue_list": {},
    "hatinh_catalogue_show": OPEN,
    "hatinh_catalogue_entries": OPEN,
    "hatinh_catalogue_diff": OPEN,
    "hatinh_catalogue_unlisted": OPEN,
    "hatinh_mandated_subject_list": {},
}
ANOTHER = {
    "title_translated": {"vi": "Danh sách trường chuẩn quốc gia"},
    "notes_translated": {"vi": "Trường đạt chuẩn"},
    "owner_org": "so-gddt",
    **json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8")),
    "resources": [{"url": "https://so.example.vn/truong.csv", "format": "CSV"}],
}


def people_of_all_kinds() -> dict[str, str]:
    """Names of people by what they are; a blank name is a visitor."""
    found = {"": "", "sysadmin": factories.Sysadmin()["name"]}
    for kind, (office, role) in {
        "drafter": ("so-khcn", "editor"),
        "issuer": ("so-khcn", "editor"),
        "member": ("so-khcn", "member"),
        "other": ("so-gddt", "editor"),
        "dictionary": ("cong-an-tinh", "admin"),
    }.items():
        found[kind] = factories.User()["name"]
        site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        tk.get_action("organization_member_create")(
            {"user": site}, {"id": office, "username": found[kind], "role": role}
        )
    return found


def call(user: str, action: str, **parameters: Any) -> Any:
    """Call an action as somebody, with nothing taken for granted."""
    name = action if action.startswith("hatinh_") else f"hatinh_catalogue_{action}"
    model.Session.rollback()
    return tk.get_action(name)(Context(user=user, ignore_auth=False), parameters)


def codes(refused: Any) -> set[str]:
    """Codes of the problems that an action told."""
    return {problem["code"] for problem in refused.value.error_dict["problems"]}


def issued(people: dict[str, str], number: int, decided: str, **amended: Any) -> dict[str, Any]:
    """Draft and issue the next edition of the open-data catalogue."""
    call(people["drafter"], "draft", **OPEN)
    if amended:
        call(people["drafter"], "amend", **OPEN, number=number, **amended)
    decision = {"decision": f"{number}/QĐ-UBND", "decided": decided}
    return call(people["issuer"], "issue", **OPEN, number=number, **decision)


def annul(people: dict[str, str], who: str, **given: Any) -> dict[str, Any]:
    """Ask that an edition is annulled."""
    decision = {"decision": "7/QĐ-UBND", "decided": "2026-11-21", "note": "Trái thẩm quyền"}
    return call(people[who], "annul", **OPEN, **decision | given)


def entries(number: int, user: str = "") -> list[dict[str, Any]]:
    """All entries of an edition as anybody reads them."""
    return call(user, "entries", **OPEN, number=number)["entries"]


@pytest.fixture
def people(portal: None) -> dict[str, str]:
    """People of all kinds in a portal with its offices."""
    return people_of_all_kinds()


@pytest.fixture
def few(people: dict[str, str]) -> list[dict[str, Any]]:
    """Three public datasets of the one catalogue."""
    officer = Context(user=people["sysadmin"])
    create = tk.get_action("package_create")
    return [create(officer, {**ANOTHER, "name": name}) for name in ("mot", "hai", "ba")]


@pytest.fixture
def two(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The demonstration province with two issued editions, the second one sent.

    Between them one dataset came, one changed and one went. It is made once, and again only when
    another test has put the portal back: tests that ask for it add to it, and change nothing.
    """
    if not MADE or model.Package.get(MADE["added"]["id"]) is None:
        MADE.update(_two_editions(request))
    return MADE


def _two_editions(request: pytest.FixtureRequest) -> dict[str, Any]:
    harvest = request.getfixturevalue("harvest")
    request.getfixturevalue("demo_url")
    sources = {source.name: source for source in load(SOURCES, os.environ)}
    for name in DEPARTMENTS:
        harvest(sources[name])
    people = people_of_all_kinds()
    issued(people, 1, "2025-11-20")
    first = entries(1)
    changed, gone = first[0], first[1]
    officer = Context(user=people["sysadmin"])
    added = tk.get_action("package_create")(officer, ANOTHER)
    tk.get_action("package_patch")(officer, {"id": changed["id"], "license_id": "ODbL-1.0"})
    tk.get_action("package_patch")(officer, {"id": gone["id"], "private": True})
    issued(people, 2, "2026-11-20", dropped={gone["id"]: "Chứa dữ liệu cá nhân"})
    call(people["drafter"], "send", **OPEN, number=2, letter="9/SKHCN", sent="2026-11-21")
    return {"added": added, "changed": changed, "gone": gone, "first": first, "people": people}


# -- two editions of the province ----------------------------------------------------------------


def test_hash_is_that_of_what_the_api_gives(two):
    """Whoever has the entries can compute the hash again; a change of one word shows."""
    show = call("", "show", **OPEN, number=2)
    frozen = [
        Entry(
            e["id"],
            e["name"],
            e["uri"],
            {name: words for name, words in e["fields"].items() if name != "sent_to_bca_date"},
        )
        for e in entries(2)
    ]
    again = Edition(
        kind="du-lieu-mo", number=2, entries=tuple(frozen), based_on=show["based_on"],
        state=State.ISSUED, decision=show["decision"],
        decided=date.fromisoformat(show["decided"]), dropped=show["dropped"],
    )  # fmt: skip
    assert fingerprint(again) == show["hash"]


def test_issued_entries_stay_while_the_records_change(two):
    """The first edition still says what it said before anything was changed."""
    assert entries(1) == two["first"]


def test_difference_of_two_editions_is_what_was_done_between_them(two):
    """One came, one changed its licence, one went with its reason; the others are as before."""
    found = call("", "diff", **OPEN, number=2)
    assert found["to"] == 1
    assert [e["id"] for e in found["added"]] == [two["added"]["id"]]
    licences = [c for c in found["changed"] if c["field"] == "license"]
    assert [c["id"] for c in licences] == [two["changed"]["id"]]
    assert {c["field"] for c in found["changed"]} <= {"license", "updated_at"}
    assert [(e["id"], e["reason"]) for e in found["dropped"]] == [
        (two["gone"]["id"], "Chứa dữ liệu cá nhân")
    ]
    assert found["kept"] == len(two["first"]) - 2


def test_difference_to_any_other_edition_is_the_reverse_way(two):
    """What came between them goes, and the other way round."""
    found = call("", "diff", **OPEN, number=1, to=2)
    assert [e["id"] for e in found["added"]] == [two["gone"]["id"]]
    assert [e["id"] for e in found["dropped"]] == [two["added"]["id"]]


@pytest.mark.parametrize("number", [1, 2])
def test_files_are_row_for_row_what_the_api_gives(app, two, number):
    """DOCX and PDF on the columns of paper, XLSX and CSV on all; each entry once, in order."""
    listed = entries(number)
    whole = [[str(e["place"]), *(e["fields"][name] for name in FORM.fields)] for e in listed]
    paper = [[str(e["place"]), *(e["fields"][name] for name in FORM.paper)] for e in listed]
    labels = [FORM.ordinal.vi, *(FORM.fields[name].vi for name in FORM.fields)]
    header = [FORM.ordinal.vi, *(FORM.fields[name].vi for name in FORM.paper)]
    bodies = {
        ending: app.get(f"/danh-muc/du-lieu-mo/{number}.{ending}").data
        for ending in ("docx", "pdf", "xlsx", "csv")
    }
    assert len(listed) >= 5
    assert of_docx(bodies["docx"]) == [header, *paper]
    assert of_xlsx(bodies["xlsx"]) == [labels, *whole]
    assert of_csv(bodies["csv"]) == [labels, *([inert(cell) for cell in row] for row in whole)]
    letters = rows_of_pdf(bodies["pdf"], header).removesuffix(squeezed(FORM.unverified.vi))
    assert letters == table_letters(paper)


def test_package_holds_files_dcat_and_hashes_that_the_register_names(app, two):
    """Each file as the manifest says; every dataset of the edition in DCAT; the hash as noted."""
    body = app.get("/danh-muc/du-lieu-mo/2/goi.zip").data
    (line,) = call("", "show", **OPEN, number=2)["sendings"]
    assert hashlib.sha256(body).hexdigest() == line["package_hash"]
    with zipfile.ZipFile(BytesIO(body)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        files = {name: archive.read(name) for name in manifest["files"]}
    for name, listed in manifest["files"].items():
        assert listed["sha256"] == hashlib.sha256(files[name]).hexdigest()
    graph = Graph().parse(data=files["du-lieu-mo-2.ttl"], format="turtle")
    described = {str(s) for s in graph.subjects(RDF.type, DCAT.Dataset)}
    assert described >= {entry["uri"] for entry in entries(2)}
    assert manifest["hash"] == call("", "show", **OPEN, number=2)["hash"]


def test_package_stays_as_it_was_sent(app, few, people, monkeypatch):
    """Whatever a later program makes of the edition; a second letter sends the same bytes."""
    address = "/danh-muc/du-lieu-mo/1/goi.zip"
    issued(people, 1, "2026-11-20")
    call(people["drafter"], "send", **OPEN, number=1, letter="9/SKHCN", sent="2026-11-21")
    body = app.get(address).data
    monkeypatch.setattr(documents, "bundle", lambda _files, _about: b"other bytes")
    assert app.get(address).data == body
    call(people["drafter"], "send", **OPEN, number=1, letter="10/SKHCN", sent="2026-11-21")
    hashes = {line["package_hash"] for line in call("", "show", **OPEN, number=1)["sendings"]}
    assert hashes == {hashlib.sha256(body).hexdigest()}


def test_public_dataset_outside_the_edition_in_force_is_flagged(app, two):
    """In the list, and on its page; one that is in it says by which decision."""
    officer = Context(user=two["people"]["sysadmin"])
    late = tk.get_action("package_create")(officer, {**ANOTHER, "name": "den-sau"})
    unlisted = {entry["id"] for entry in call("", "unlisted", **OPEN)}
    assert late["id"] in unlisted
    assert not unlisted & {entry["id"] for entry in entries(2)}
    assert "Not in a catalogue in force" in app.get("/en/dataset/den-sau").text
    page = app.get(f"/en/dataset/{two['added']['name']}").text
    assert "In the catalogue in force" in page
    assert "2/QĐ-UBND" in page


def test_private_dataset_is_told_of_nowhere(app, two):
    """Neither as unlisted, nor as the answer of a subject, nor by the page of the catalogues."""
    people = two["people"]
    officer = Context(user=people["sysadmin"])
    secret = {**ANOTHER, "name": "chim-canh", "title_translated": {"vi": "Chim canh"}}
    made = tk.get_action("package_create")(officer, secret)
    subject = {"code": "y-te", "datasets": [made["id"]]}
    call(people["drafter"], "hatinh_mandated_subject_assign", **subject)
    tk.get_action("package_patch")(officer, {"id": made["id"], "private": True})
    told = json.dumps([call("", name, **given) for name, given in READ.items()])
    pages = ("/danh-muc/", "/danh-muc/chu-de-bat-buoc", "/danh-muc/du-lieu-mo/2")
    for words in (told, *(app.get(page).text for page in pages)):
        assert "Chim canh" not in words
        assert "chim-canh" not in words


def test_subject_moves_from_nothing_to_listed(two):
    """The state follows from its datasets and the edition in force."""

    def state() -> str:
        told = call("", "hatinh_mandated_subject_list")
        return next(s["state"] for s in told if s["code"] == "giao-duc")

    people = two["people"]
    officer = Context(user=people["sysadmin"])
    late = tk.get_action("package_create")(officer, {**ANOTHER, "name": "den-sau-nua"})
    assert state() == "chua_co"
    for name, expected in ((late["name"], "co_du_lieu"), (two["added"]["name"], "trong_danh_muc")):
        call(people["drafter"], "hatinh_mandated_subject_assign", code="giao-duc", datasets=[name])
        assert state() == expected


@pytest.mark.parametrize("lang", ["", "/en"])
def test_pages_answer(app, two, lang):
    """Each page in both languages; what is not there is 404."""
    for path in ("", "chu-de-bat-buoc", "du-lieu-mo/1", "du-lieu-mo/2", "du-lieu-mo/2/khac-biet"):
        assert app.get(f"{lang}/danh-muc/{path}").status_code == 200, path
    for path in ("du-lieu-mo/9", "khong-co/1", "du-lieu-mo/9.pdf", "du-lieu-mo/1.exe"):
        assert app.get(f"{lang}/danh-muc/{path}").status_code == 404, path


# -- rights and rules ----------------------------------------------------------------------------


def test_rights_of_each_action(people):
    """Everybody reads; only editors of the catalogues' steward, and sysadmins, do the rest."""
    able = {action: {*people} for action in READ}
    for action in actions.__all__:
        for kind, user in people.items():
            context = Context(user=user, ignore_auth=False)
            if kind in able.get(action, {"drafter", "issuer", "sysadmin"}):
                assert tk.check_access(action, context, dict(OPEN)), (action, kind)
            else:
                with pytest.raises(tk.NotAuthorized):
                    tk.check_access(action, context, dict(OPEN))


def test_draft_is_seen_by_its_steward_only(few, people):
    """Neither in the list nor by number; its files neither."""
    call(people["drafter"], "draft", **OPEN)
    assert [e["state"] for e in call(people["issuer"], "list")] == ["du_thao"]
    for kind in ("", "member", "other", "dictionary"):
        assert call(people[kind], "list") == []
        with pytest.raises(tk.ObjectNotFound):
            call(people[kind], "entries", **OPEN, number=1)


def test_nobody_issues_what_he_drafted_or_amended(few, people):
    """A sysadmin neither; a third person may."""
    call(people["sysadmin"], "draft", **OPEN)
    call(people["drafter"], "amend", **OPEN, number=1)
    decision = {"decision": "1/QĐ-UBND", "decided": "2026-11-20"}
    for kind in ("sysadmin", "drafter"):
        with pytest.raises(tk.ValidationError) as refused:
            call(people[kind], "issue", **OPEN, number=1, **decision)
        assert codes(refused) == {"catalogue-own-issue"}
    assert call(people["issuer"], "issue", **OPEN, number=1, **decision)["in_force"]


def test_database_refuses_to_change_what_is_issued_or_sent(few, people):
    """Whoever writes SQL: an issued edition, the register and an annulment stay as they are."""
    issued(people, 1, "2026-11-20")
    call(people["drafter"], "send", **OPEN, number=1, letter="9/SKHCN", sent="2026-11-21")
    annul(people, "drafter", number=1)
    call(people["issuer"], "annul_confirm", **OPEN, number=1)
    before = call(people["drafter"], "show", **OPEN, number=1)
    for statement in (
        "UPDATE hatinh_editions_edition SET entries = '[]'",
        "UPDATE hatinh_editions_edition SET state = 'du_thao'",
        "UPDATE hatinh_editions_edition SET dcat = ''",
        "DELETE FROM hatinh_editions_edition",
        "UPDATE hatinh_editions_sending SET sent = '2020-01-01'",
        "UPDATE hatinh_editions_sending SET receipt = 'x', letter = 'y'",
        "DELETE FROM hatinh_editions_sending",
        "UPDATE hatinh_editions_package SET body = ''",
        "DELETE FROM hatinh_editions_package",
        "UPDATE hatinh_editions_annulment SET state = 'tu_choi'",
        "DELETE FROM hatinh_editions_annulment",
    ):
        with pytest.raises(IntegrityError):
            model.Session.execute(sa.text(statement))
        assert call(people["drafter"], "show", **OPEN, number=1) == before


def test_issued_edition_takes_no_further_step(few, people):
    """The next one takes its place."""
    issued(people, 1, "2026-11-20")
    for step in ("amend", "issue", "withdraw"):
        with pytest.raises(tk.ValidationError) as refused:
            call(people["issuer"], step, **OPEN, number=1, note="x")
        assert codes(refused) == {"catalogue-closed"}


def test_annulled_edition_is_in_force_no_more_and_stays_to_be_read(app, few, people):
    """Asked for by one, confirmed by another; pages, files and entries stay, and are marked."""
    issued(people, 1, "2025-11-20")
    before, first = app.get("/danh-muc/du-lieu-mo/1/goi.zip").data, entries(1)
    annul(people, "drafter", number=1)
    assert call("", "show", **OPEN)["standing"] == "hieu_luc"
    assert call("", "show", **OPEN)["annulments"] == []
    for who in ("drafter", "other"):
        with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
            call(people[who], "annul_confirm", **OPEN, number=1)
    told = call(people["issuer"], "annul_confirm", **OPEN, number=1, note="Đã đối chiếu")
    assert (told["standing"], told["in_force"]) == ("bai_bo", False)
    assert [step["by"] for step in told["annulments"][0]["steps"]] != [people["drafter"]] * 2
    ended = {"decision": "7/QĐ-UBND", "decided": "2026-11-21", "reason": "Trái thẩm quyền"}
    shown = call("", "show", **OPEN, number=1)
    assert shown["annulled"] == ended
    assert {*shown["annulments"][0]["steps"][1]} == {"action", "at", "note"}
    assert (entries(1), app.get("/danh-muc/du-lieu-mo/1/goi.zip").data) == (first, before)
    assert "7/QĐ-UBND" in app.get("/danh-muc/du-lieu-mo/1").text
    assert "7/QĐ-UBND" in "".join(pdf_letters(app.get("/danh-muc/du-lieu-mo/1.pdf").data))
    assert "7/QĐ-UBND" in app.get("/danh-muc/").text
    assert "No edition is in force" in app.get("/en/danh-muc/").text
    with pytest.raises(tk.ObjectNotFound):
        call("", "show", **OPEN)
    with pytest.raises(tk.ValidationError) as refused:
        call(people["drafter"], "send", **OPEN, number=1, letter="9", sent="2026-11-21")
    assert codes(refused) == {"catalogue-annulled"}
    assert "In the catalogue in force" not in app.get("/en/dataset/mot").text


def test_next_edition_begins_anew_after_an_annulment(few, people):
    """The one before does not come into force again; a replaced one says by which."""
    issued(people, 1, "2025-11-20")
    officer = Context(user=people["sysadmin"])
    tk.get_action("package_create")(officer, {**ANOTHER, "name": "bon"})
    issued(people, 2, "2026-11-19")
    annul(people, "drafter", number=2)
    call(people["issuer"], "annul_confirm", **OPEN, number=2)
    assert {e["number"]: (e["standing"], e["replaced_by"]) for e in call("", "list")} == {
        2: ("bai_bo", None),
        1: ("thay_the", 2),
    }
    third = issued(people, 3, "2026-11-22")
    assert (third["standing"], third["based_on"]) == ("hieu_luc", 0)
    assert len(call("", "diff", **OPEN)["added"]) == 4


def test_annulment_that_was_refused_may_be_asked_for_again(few, people):
    """What was settled stays in the history; an edition has one open annulment at most."""
    issued(people, 1, "2025-11-20")
    with pytest.raises(tk.ObjectNotFound):
        call(people["issuer"], "annul_confirm", **OPEN, number=1)
    annul(people, "drafter", number=1)
    with pytest.raises(tk.ValidationError) as refused:
        annul(people, "issuer", number=1)
    assert codes(refused) == {"catalogue-annulled"}
    with pytest.raises(tk.ValidationError) as refused:
        call(people["issuer"], "annul_reject", **OPEN, number=1)
    assert codes(refused) == {"catalogue-reason-missing"}
    call(people["issuer"], "annul_reject", **OPEN, number=1, note="Quyết định không tồn tại")
    told = annul(people, "issuer", number=1)
    assert [one["state"] for one in told["annulments"]] == ["tu_choi", "de_nghi"]
    assert told["standing"] == "hieu_luc"


def test_each_catalogue_takes_the_datasets_of_its_level(few, people):
    """The shared-data catalogue is one of its own: numbers, entries, what it lacks, its file."""
    officer = Context(user=people["sysadmin"])
    made = tk.get_action("package_create")(
        officer, {**ANOTHER, "name": "chung", "sharing_level": "dung_chung"}
    )
    shared = {"kind": "du-lieu-dung-chung"}
    assert [entry["id"] for entry in call("", "unlisted", **shared)] == [made["id"]]
    call(people["drafter"], "draft", **shared)
    decision = {"number": 1, "decision": "5/QĐ-UBND", "decided": "2026-11-20"}
    call(people["issuer"], "issue", **shared, **decision)
    assert [e["id"] for e in call("", "entries", **shared)["entries"]] == [made["id"]]
    assert call("", "unlisted", **shared) == []
    assert {e["id"] for e in call("", "unlisted", **OPEN)} == {one["id"] for one in few}


def test_dcat_of_an_edition_is_what_the_catalogue_has_ready(app, few, people, monkeypatch):
    """No dataset is described anew for it, but one that changed since."""
    refreshing.refresh()
    officer = Context(user=people["sysadmin"])
    tk.get_action("package_patch")(officer, {"id": few[0]["id"], "license_id": "ODbL-1.0"})
    described: list[str] = []
    show = refreshing.show_to_everybody

    def counted(name: str) -> dict[str, Any]:
        described.append(name)
        return show(name)

    monkeypatch.setattr(refreshing, "show_to_everybody", counted)
    issued(people, 1, "2026-11-20")
    assert described == [few[0]["id"]]
    with zipfile.ZipFile(BytesIO(app.get("/danh-muc/du-lieu-mo/1/goi.zip").data)) as archive:
        graph = Graph().parse(data=archive.read("du-lieu-mo-1.ttl"), format="turtle")
    for dataset in few:
        served = Graph().parse(data=app.get(f"/dataset/{dataset['name']}.ttl").body)
        named = [t for t in served if not any(isinstance(node, BNode) for node in t)]
        assert named
        assert all(triple in graph for triple in named)


def test_dataset_does_not_vanish_without_a_reason(few, people):
    """Issuing is refused until the reason is given."""
    issued(people, 1, "2025-11-20")
    gone = entries(1)[0]
    tk.get_action("package_patch")(
        Context(user=people["sysadmin"]), {"id": gone["id"], "private": True}
    )
    call(people["drafter"], "draft", **OPEN)
    decision = {"decision": "2/QĐ-UBND", "decided": "2026-11-20"}
    with pytest.raises(tk.ValidationError) as refused:
        call(people["issuer"], "issue", **OPEN, number=2, **decision)
    assert codes(refused) == {"catalogue-reason-missing"}
    call(people["drafter"], "amend", **OPEN, number=2, dropped={gone["name"]: "Đã gộp"})
    call(people["issuer"], "issue", **OPEN, number=2, **decision)


def test_dataset_hidden_after_the_draft_is_not_issued(few, people):
    """A draft that names what is not public any more has to be collected anew."""
    call(people["drafter"], "draft", **OPEN)
    hidden = entries(1, people["drafter"])[0]
    tk.get_action("package_patch")(
        Context(user=people["sysadmin"]), {"id": hidden["id"], "private": True}
    )
    with pytest.raises(tk.ValidationError) as refused:
        call(people["issuer"], "issue", **OPEN, number=1, decision="1/QĐ", decided="2026-11-20")
    assert codes(refused) == {"catalogue-entry-gone"}


def test_draft_has_every_public_dataset_of_its_level_and_no_other(few, people):
    """Open data in the one catalogue; private and shared datasets are not in it."""
    officer = Context(user=people["sysadmin"])
    made = {
        name: tk.get_action("package_create")(officer, {**ANOTHER, "name": name, **changes})["id"]
        for name, changes in {
            "chim-canh-rieng": {"private": True},
            "dung-chung": {"sharing_level": "dung_chung"},
            "mo": {},
        }.items()
    }
    call(people["drafter"], "draft", **OPEN)
    ids = {entry["id"] for entry in entries(1, people["drafter"])}
    level = model.Package.extras["sharing_level"].astext
    public = sa.select(model.Package.id).where(
        model.Package.private.is_(False), model.Package.type == "dataset", level == "mo"
    )
    assert ids == set(model.Session.scalars(public))
    assert made["mo"] in ids
    assert not {made["chim-canh-rieng"], made["dung-chung"]} & ids


def test_entry_says_that_a_service_gives_its_dataset(few, people):
    """Also a service that was entered by hand, and names it as the portal does."""
    officer = Context(user=people["sysadmin"])
    service = {"name": "api", "type": "dataservice", "serves_datasets": few[0]["name"]}
    address = {"endpoint_url": "https://so.example.vn/api", "resources": []}
    tk.get_action("package_create")(officer, {**ANOTHER, **service, **address})
    call(people["drafter"], "draft", **OPEN)
    forms = {e["id"]: e["fields"]["format_and_sharing"] for e in entries(1, people["drafter"])}
    assert (forms[few[0]["id"]], forms[few[1]["id"]]) == ("CSV, API", "CSV")


def test_catalogue_has_one_draft_until_it_is_withdrawn(few, people):
    """A second one is refused; after the first is given up it may be made."""
    call(people["drafter"], "draft", **OPEN)
    with pytest.raises(tk.ValidationError) as refused:
        call(people["issuer"], "draft", **OPEN)
    assert codes(refused) == {"catalogue-draft-open"}
    with pytest.raises(tk.ValidationError) as refused:
        call(people["issuer"], "withdraw", **OPEN, number=1)
    assert codes(refused) == {"catalogue-reason-missing"}
    call(people["issuer"], "withdraw", **OPEN, number=1, note="Lập lại")
    assert call(people["issuer"], "draft", **OPEN)["number"] == 2


def test_receipt_is_noted_once(few, people):
    """Letter, day, and later the receipt; neither is changed again, no letter stands twice."""
    issued(people, 1, "2026-11-20")
    sent = {**OPEN, "number": 1, "letter": "9/SKHCN"}
    call(people["drafter"], "send", **sent, sent="2026-11-21")
    with pytest.raises(tk.ValidationError) as refused:
        call(people["drafter"], "send", **sent, sent="2026-11-21")
    assert codes(refused) == {"catalogue-letter-known"}
    call(people["drafter"], "receive", **sent, receipt="BN-7")
    with pytest.raises(tk.ValidationError) as refused:
        call(people["drafter"], "receive", **sent, receipt="BN-8")
    assert codes(refused) == {"catalogue-receipt-wrong"}
    (line,) = call("", "show", **OPEN)["sendings"]
    assert (line["sent"], line["receipt"]) == ("2026-11-21", "BN-7")
    assert entries(1)[0]["fields"]["sent_to_bca_date"] == "21/11/2026"


def test_steward_drafts_and_issues_on_the_pages(app, few, people):
    """The forms take an edition its whole way; a refusal is told on the page."""
    head = {name: {"Authorization": _token(people[name])} for name in ("drafter", "issuer")}
    app.post("/danh-muc/du-lieu-mo/du-thao", headers=head["drafter"], data={"note": "Năm 2026"})
    form = {"decision": "1/QĐ-UBND", "decided": "2026-11-20"}
    told = app.post("/en/danh-muc/du-lieu-mo/1/issue", headers=head["drafter"], data=form)
    assert call("", "list") == []
    assert told.status_code == 200
    left_out = entries(1, people["drafter"])[0]
    form = {"dataset": left_out["name"], "reason": "Chờ rà soát"}
    app.post("/danh-muc/du-lieu-mo/1/amend", headers=head["drafter"], data=form)
    decision = {"decision": "1/QĐ-UBND", "decided": "2026-11-20"}
    app.post("/danh-muc/du-lieu-mo/1/issue", headers=head["issuer"], data=decision)
    (found,) = call("", "list")
    assert (found["state"], found["decision"]) == ("ban_hanh", "1/QĐ-UBND")
    assert left_out["id"] not in {entry["id"] for entry in entries(1)}
    form = {"letter": "9/SKHCN", "sent": "2026-11-21"}
    told = app.post("/en/danh-muc/du-lieu-mo/1/send", headers=head["drafter"], data=form)
    assert "Receipt for letter 9/SKHCN" in told.text
    form = {"letter": "9/SKHCN", "receipt": "BN-7"}
    app.post("/danh-muc/du-lieu-mo/1/receive", headers=head["drafter"], data=form)
    assert call("", "show", **OPEN)["sendings"][0]["receipt"] == "BN-7"
    form = {"decision": "2/QĐ-UBND", "decided": "2026-11-22", "note": "Sai mẫu"}
    app.post("/danh-muc/du-lieu-mo/1/annul", headers=head["drafter"], data=form)
    told = app.post("/en/danh-muc/du-lieu-mo/1/annul_confirm", headers=head["issuer"], data={})
    assert "annulled by decision 2/QĐ-UBND" in told.text


def _token(user: str) -> str:
    return tk.get_action("api_token_create")(
        Context(user=user, ignore_auth=True), {"user": user, "name": "t", "scopes": ["full"]}
    )["token"]
