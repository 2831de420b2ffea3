"""Addresses last: what is renamed is found, what is withdrawn says why, no name changes hands."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from sqlalchemy.exc import IntegrityError

from ckanext.hatinh.harvest import queue
from ckanext.hatinh.permanent.cli import permanent
from ckanext.hatinh.shared.mapping import package_id
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

pytestmark = pytest.mark.usefixtures("with_plugins")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
FORMS = (
    "/dataset/{name}",
    "/en/dataset/{name}",
    "/dataset/{id}",
    "/dataset/{name}.ttl",
    "/dataset/{name}.jsonld",
    "/dataset/{name}/datapackage.json",
    "/dataset/{name}/resource/{file}",
    "/dataset/{name}/resource/{file}/download/bang.csv",
    "/dataset/{name}/resource/{file}/rows.csv",
    "/dataset/{name}/resource/{file}/bang",
    "/dataset/{name}/resource/{file}/csvw.json",
    "/dataset/{name}/resource/{file}/table-schema.json",
)
"""Addresses that a dataset and its file have."""

IDENTIFIERS = ("/id/dataset/{id}", "/id/dataset/{id}/resource/{file}", "/datastore/dump/{file}")
WHY = "Đã gộp vào bộ dữ liệu khác"
CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")


class People:
    """A sysadmin who acts by the API, and programs of the portal."""

    def __init__(self, app: CKANTestApp, site_user: str) -> None:
        self.app, self.site_user = app, site_user
        sysadmin = factories.Sysadmin()["name"]
        token = factories.APIToken(user=sysadmin, scopes=["full"])["token"]
        self.headers = {"Authorization": token}

    def make(self, name: str, **fields: Any) -> dict[str, Any]:
        """A dataset with one file, public unless it is said otherwise."""
        data = {
            "name": name,
            "type": "dataset",
            "title_translated": {"vi": f"Tên của {name}", "en": f"Title of {name}"},
            "notes_translated": {"vi": "Số liệu"},
            "owner_org": "so-gddt",
            **CLASSIFIED,
            "resources": [{"url": "https://so.example.vn/bang.csv", "format": "CSV"}],
        }
        return self.do("package_create", **(data | fields))

    def do(self, action: str, **given: Any) -> Any:
        """What a program of the portal does."""
        return tk.get_action(action)({"user": self.site_user}, given)

    def ask(self, action: str, **given: Any) -> Any:
        """What the API answers to a person."""
        answer = self.app.post(f"/api/3/action/{action}", json=given, headers=self.headers)
        told = json.loads(answer.text)
        return told.get("error") or told["result"]

    def status(self, path: str) -> int:
        """What a visitor is answered."""
        return self.app.get(path, follow_redirects=False).status_code

    def moved(self, path: str) -> str:
        """Where a visitor is sent for ever."""
        answer = self.app.get(path, follow_redirects=False)
        assert (answer.status_code, answer.cache_control.no_cache is not None) == (301, True), path
        return answer.headers["Location"].removeprefix("http://test.ckan.net")


@pytest.fixture
def people(portal: None, app: CKANTestApp, site_user: str) -> People:
    """Whoever acts in a portal without datasets."""
    return People(app, site_user)


def addresses(package: dict[str, Any], paths: tuple[str, ...]) -> list[str]:
    """Paths filled in for a dataset and its file."""
    known = {"name": package["name"], "id": package["id"], "file": package["resources"][0]["id"]}
    return [path.format(**known) for path in paths]


# -- withdrawn ----------------------------------------------------------------------------------


def test_public_dataset_goes_only_with_a_reason(people: People) -> None:
    """By the API as by CKAN's own pages; programs of the portal may leave it unstated."""
    made = people.make("truong-hoc")
    assert people.ask("package_delete", id="truong-hoc")["reason"]
    assert people.ask("package_patch", id="truong-hoc", state="deleted")["state"]
    assert people.ask("package_delete", id="truong-hoc", reason="x" * 2001)["reason"]
    assert people.ask("package_delete", id="truong-hoc", reason=WHY, successor="khong-co")[
        "successor"
    ]
    many = {"datasets": [made["id"]], "org_id": made["owner_org"]}
    assert people.ask("bulk_update_delete", **many)["state"]
    form = {f"dataset_{made['id']}": "on", "bulk_action.delete": "delete"}
    page = "/organization/bulk_process/so-gddt"
    sent = people.app.post(page, data=form, headers=people.headers, follow_redirects=False)
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    assert people.status("/dataset/truong-hoc") == 200
    people.ask("package_delete", id="truong-hoc", reason=WHY)
    assert people.status("/dataset/truong-hoc") == 410
    people.make("y-te")
    people.do("package_delete", id="y-te")
    assert people.do("hatinh_withdrawn_show", id="y-te")["cause"] == "unstated"


def test_withdrawn_dataset_says_why_at_each_of_its_addresses(people: People) -> None:
    """410 with a page for people and JSON or plain text for programs; editors still see it."""
    after = people.make("truong-moi")
    made = people.make("truong-cu")
    assert {people.status(path) for path in addresses(made, FORMS[:4])} <= {200, 302}
    people.ask("package_delete", id=made["id"], reason=WHY, successor="/dataset/truong-moi")
    gone = addresses(made, (*FORMS, *IDENTIFIERS))
    assert {path: people.status(path) for path in gone} == dict.fromkeys(gone, 410)
    page = people.app.get("/dataset/truong-cu", headers={"Accept": "text/html"}).text
    for words in ("Tên của truong-cu", WHY, "/organization/so-gddt", "/dataset/truong-moi"):
        assert words in page
    assert 'rel="stylesheet"' in page
    assert "flash-messages" not in page
    assert re.search(r"<time [^>]*>[^<]*\d{4}[^<]*</time>", page)
    assert "Title of truong-cu" in people.app.get("/en/dataset/truong-cu").text
    file = gone[3]
    told = json.loads(people.app.get(file, headers={"Accept": "application/json"}).text)
    assert (told["reason"], told["successor"]["id"]) == (WHY, after["id"])
    assert people.app.get(file).mimetype == "text/plain"
    assert people.app.get(file, headers={"Accept": "text/html"}).mimetype == "text/html"
    assert told == people.ask("hatinh_withdrawn_show", id="truong-cu")
    listed = people.ask("hatinh_withdrawn_list", limit=1)
    assert (listed["count"], listed["results"]) == (1, [told])
    people.do("package_patch", id=after["id"], private=True)
    assert "truong-moi" not in people.app.get("/dataset/truong-cu").text


def test_withdrawn_dataset_is_in_no_catalogue(people: People) -> None:
    """Neither in RDF, nor for searchers, nor in feeds."""
    made = people.make("truong-hoc")
    lists = ("/catalog.ttl", "/sitemap-1.xml", "/feeds/dataset.atom", "/dataset/")
    bodies = [people.app.get(path).text for path in lists]
    assert all(made["id"] in body or made["name"] in body for body in bodies)
    people.ask("package_delete", id=made["id"], reason=WHY)
    bodies = [people.app.get(path).text for path in lists]
    assert not any(made["id"] in body or made["name"] in body for body in bodies)


def test_what_was_never_public_leaves_nothing(people: People) -> None:
    """No page, no reason asked, no name kept, nothing to be read from the answer."""
    for name, fields in {"rieng": {"private": True}, "nhap": {"state": "draft"}}.items():
        made = people.make(name, **fields)
        people.ask("package_delete", id=made["id"])
        assert {people.status(path) for path in addresses(made, FORMS)} <= {403, 404}
        assert people.ask("hatinh_withdrawn_show", id=made["id"])["__type"] == "Not Found Error"
        people.ask("dataset_purge", id=made["id"])
        assert people.make(name)["name"] == name


def test_dataset_that_became_private_is_not_told_of(people: People) -> None:
    """It is not there for visitors, also when it is deleted; its name stays its own."""
    made = people.make("truong-hoc")
    people.do("package_patch", id=made["id"], private=True)
    assert people.status("/dataset/truong-hoc") == 404
    people.do("package_patch", id=made["id"], name="truong-kin")
    assert people.status("/dataset/truong-hoc") == 404
    people.ask("package_delete", id=made["id"])
    assert people.status("/dataset/truong-hoc") == 404
    with pytest.raises(tk.ValidationError, match="links still lead there"):
        people.make("truong-hoc")


def test_dataset_that_comes_back_has_its_page_again(people: People) -> None:
    """Whoever brings it back, and however."""
    made = people.make("truong-hoc")
    people.ask("package_delete", id=made["id"], reason=WHY)
    people.do("package_patch", id=made["id"], state="active")
    assert people.status("/dataset/truong-hoc") == 200
    assert people.ask("hatinh_withdrawn_list")["count"] == 0


def test_withdrawal_by_hand_in_the_database_is_noticed(people: People) -> None:
    """The database keeps tombstones and names itself: no way of writing is forgotten."""
    made = people.make("truong-hoc")
    by_hand("UPDATE package SET state = 'deleted' WHERE name = 'truong-hoc'")
    assert people.status("/dataset/truong-hoc") == 410
    by_hand(f"DELETE FROM member WHERE table_id = '{made['id']}'")
    people.do("package_patch", id=people.make("khac")["id"], name="khac-nua")
    with pytest.raises(IntegrityError, match="for ever"):
        by_hand("UPDATE package SET name = 'khac' WHERE name = 'truong-hoc'")
    model.Session.rollback()


def by_hand(statement: str) -> None:
    """Change the database past CKAN."""
    model.Session.execute(sa.text(statement))
    model.Session.commit()
    model.Session.remove()


# -- the form -----------------------------------------------------------------------------------


def test_form_asks_why_before_a_public_dataset_goes(people: People) -> None:
    """CKAN's address of the dialog is ours; what is wrong is said at its field."""
    made = people.make("truong-hoc")
    page = "/dataset/delete/truong-hoc"

    def post(**form: str) -> Any:
        return people.app.post(page, data=form, headers=people.headers, follow_redirects=False)

    asked = people.app.get(page, headers=people.headers).text
    assert 'name="reason"' in asked
    assert 'name="successor"' in asked
    edit = people.app.get(f"/dataset/edit/{made['id']}", headers=people.headers).text
    assert "confirm-action" not in edit.partition("resources")[2].partition("/dataset/delete/")[2]
    refused = post(delete="delete")
    assert refused.status_code == 400
    assert "reason-error" in refused.text
    assert "successor-error" in post(reason=WHY, successor="truong-hoc").text
    assert post(cancel="cancel").headers["Location"].endswith("/dataset/edit/truong-hoc")
    assert people.status("/dataset/truong-hoc") == 200
    assert post(reason=WHY).status_code == 302
    assert people.status("/dataset/truong-hoc") == 410
    assert people.app.get(page).status_code in (403, 410)
    assert (
        'name="reason"'
        not in people.app.get(
            f"/dataset/delete/{people.make('rieng', private=True)['id']}", headers=people.headers
        ).text
    )


# -- names --------------------------------------------------------------------------------------


def test_former_name_leads_to_the_present_one(people: People) -> None:
    """Pages, files and forms, in each language, with what was asked; the API has one name."""
    made = people.make("ten-cu")
    people.do("package_patch", id=made["id"], name="ten-giua")
    people.do("package_patch", id=made["id"], name="ten-moi")
    for name in ("ten-cu", "ten-giua"):
        for path in FORMS:
            if "{name}" in path:
                (old,) = addresses(made | {"name": name}, (path,))
                assert people.moved(old) == addresses(made | {"name": "ten-moi"}, (path,))[0]
    assert people.moved("/id/dataset/ten-cu") == "/id/dataset/ten-moi"
    assert people.moved("/dataset/ten-cu?a=1&b=%C3%A0") == "/dataset/ten-moi?a=1&b=%C3%A0"
    assert people.status("/api/3/action/package_show?id=ten-cu") == 404
    assert people.status("/dataset/ten-moi/resource/khong-co") == 404
    assert people.status("/dataset/new") == 403
    assert people.status("/id/dataset/%00") == 303
    people.do("package_patch", id=made["id"], name="ten-cu")
    assert people.status("/dataset/ten-cu") == 200
    assert people.moved("/dataset/ten-moi") == "/dataset/ten-cu"
    people.ask("package_delete", id=made["id"], reason=WHY)
    assert people.status("/dataset/ten-giua") == 410


def test_name_that_was_public_is_never_given_away(people: People) -> None:
    """Neither that of a renamed nor that of a withdrawn one, nor an id; the error says why."""
    renamed, withdrawn = people.make("ten-cu"), people.make("da-rut")
    people.do("package_patch", id=renamed["id"], name="ten-moi")
    people.ask("package_delete", id=withdrawn["id"], reason=WHY)
    other = people.make("khac")
    for name, words in {
        "ten-cu": "links still lead there",
        "da-rut": "was withdrawn",
        withdrawn["id"]: "was withdrawn",
    }.items():
        with pytest.raises(tk.ValidationError, match=words):
            people.make(name)
        assert people.ask("package_patch", id=other["id"], name=name)["name"]


def test_renamed_organisation_is_found_and_keeps_its_name(people: People) -> None:
    """Offices and themes have pages, too."""
    titled: Any = {"title_translated": {"vi": "Sở thử"}}
    office = people.do("organization_create", name="so-cu", **titled)
    people.do("organization_patch", id=office["id"], name="so-moi")
    assert people.moved("/organization/so-cu") == "/organization/so-moi"
    assert people.moved("/id/organization/so-cu") == "/id/organization/so-moi"
    with pytest.raises(tk.ValidationError, match="links still lead there"):
        people.do("organization_create", name="so-cu", **titled)


# -- purging ------------------------------------------------------------------------------------


def test_only_a_command_that_insists_purges_what_was_public(people: People, cli: Any) -> None:
    """The tombstone stays, and the id is nobody else's."""
    made = people.make("truong-hoc")
    assert "từng được công khai" in people.ask("dataset_purge", id="truong-hoc")["id"][0]
    people.ask("package_delete", id=made["id"], reason=WHY)
    sent = people.app.post(
        "/ckan-admin/trash", data={"action": "package"}, headers=people.headers,
        follow_redirects=False,
    )  # fmt: skip
    assert (sent.status_code, sent.headers["Location"]) == (303, "/ckan-admin/trash")
    assert cli.invoke(permanent, ["purge", "khong-co"]).exit_code == 1
    assert "--i-mean-it" in cli.invoke(permanent, ["purge", "truong-hoc"]).output
    assert people.status("/dataset/truong-hoc") == 410
    assert cli.invoke(permanent, ["purge", "truong-hoc", "--i-mean-it"]).exit_code == 0
    assert model.Package.get(made["id"]) is None
    assert people.do("hatinh_withdrawn_show", id=made["id"])["reason"] == WHY
    assert people.status("/dataset/truong-hoc") == 410
    with pytest.raises(tk.ValidationError, match="was withdrawn"):
        people.make("khac", id=made["id"])


# -- harvest ------------------------------------------------------------------------------------


def draft(number: int, **changes: Any) -> Draft:
    """A good record."""
    fields = {
        "title": f"Bộ số {number}", "notes": "Số liệu.", "publisher": "so-gddt",
        "themes": ["HT05"], "keywords": ["giáo dục"], "licence": "CC-BY-4.0", "frequency": "nam",
        "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "cong_khai",
        "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Văn phòng Sở",
    }  # fmt: skip
    return Draft(f"bo-{number}", fields | changes, [], f"row {number}")


def test_harvest_says_why_datasets_went_and_finds_free_names(
    people: People,
    harvest: Callable[..., Any],
    shelf: Any,
    cli: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Gone from the source, taken back, come again, even after a purge; never by another's name."""
    people.do("package_patch", id=people.make("bo-so-1")["id"], name="khac")
    everything = [draft(number) for number in range(12)]
    first = harvest(CONFIG, shelf(everything))
    one = people.do("package_show", id=package_id(CONFIG.name, "bo-1"))
    assert one["name"] == f"bo-so-1-{one['id'][:8]}"
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.grace_days", 0)
    for _ in range(2):
        harvest(CONFIG, shelf(everything[:-1]))
    told = people.do("hatinh_withdrawn_show", id="bo-so-11")
    assert told["cause"] == "source"
    assert people.status("/dataset/bo-so-11") == 410
    cli.invoke(permanent, ["purge", "bo-so-11", "--i-mean-it"])
    last = harvest(CONFIG, shelf(everything), full=True)
    assert people.status("/dataset/bo-so-11") == 200
    queue.rollback(last.id, "test")
    harvest.go_on(last.id, CONFIG)
    assert people.do("hatinh_withdrawn_show", id="bo-so-11")["cause"] == "rollback"
    assert first.counts["created"] == 12
