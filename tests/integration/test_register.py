"""The register of the demonstration province: 20 seeded mismatches found, none made up."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from edition_files import of_csv, of_xlsx
from sqlalchemy import event

from ckanext.hatinh.harvest.config import load
from ckanext.hatinh.register import model as register
from ckanext.hatinh.register import reconciling
from ckanext.hatinh.register.cli import register as command
from ckanext.hatinh.shared.mapping import package_id
from hatinh.register import CallCount

TESTS = Path(__file__).parents[1]
SOURCES = TESTS.parent / "config" / "sources.yaml"
CLASSIFIED = json.loads((TESTS / "data" / "classified.json").read_text("utf-8"))
LIST, REGISTER = "lgsp-danh-muc-dich-vu", "so-khcn-he-thong"
WITHOUT_FILE = package_id("so-cong-thuong-thu-nghiem", "ct-khong-tep")
CALLED = (
    "lgsp-bo-chi-so-truong-thanh:api", "lgsp-co-quan:api", "lgsp-danh-muc-dung-chung:api",
    "lgsp-don-vi-hanh-chinh:api", "lgsp-linh-vuc:api", "lgsp-tinh:api",
)  # fmt: skip
LAST = date(2026, 11, 20)
FEW = 20
"""Statements of a run, however many records there are."""

# The datasets of the demonstration that name no system. It is so: they were copied from plans and
# reports, or are trial records of Sở Công Thương.
NO_SYSTEM = {
    "so-cong-thuong-thu-nghiem": (
        "ct-bang-co-loi", "ct-dao-tao-doanh-nghiep", "ct-khong-tep", "ct-linh-vuc-la",
        "ct-muc-tieu-2030", "ct-ngay-sai", "ct-trung-ma",
    ),
    "so-gddt-kiem-ke": ("gddt-he-thong-quan-ly-truong-hoc-2022",),
    "so-khcn-dcat": (
        "khcn-chi-tieu-nq05-2025", "khcn-chi-tieu-nq05-2030", "khcn-muc-tieu-kh731",
        "khcn-nhan-luc-chuyen-doi-so-2022", "khcn-nhan-luc-trung-tam-2026",
        "khcn-nhiem-vu-cap-bach-2026", "khcn-nhiem-vu-du-an-2022", "khcn-nhiem-vu-kh731",
        "khcn-nhom-du-lieu-phai-cong-khai", "khcn-thanh-phan-du-lieu", "khcn-van-ban-du-lieu",
    ),
    "so-noi-vu-thu-muc": ("noivu-phan-mem-lao-dong-2022", "noivu-trang-thiet-bi-2022"),
    "vp-ubnd-ckan": (
        "1793e128-2313-52ef-8718-651ff0cbe5a0", "3ff63b05-7028-59da-a1f8-fd84246943d8",
        "a6dadc59-86ee-5a20-8034-271989a5aec8",
    ),
}  # fmt: skip
TRUE = {("blank_system", package_id(s, guid)) for s, guids in NO_SYSTEM.items() for guid in guids}
MADE: dict[str, Any] = {}


# -- the province ----------------------------------------------------------------------------------


def site() -> str:
    """Name of the account that may do everything."""
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def call(action: str, user: str = "", **parameters: Any) -> Any:
    """Call an action as somebody, with nothing taken for granted."""
    model.Session.rollback()
    return tk.get_action(action)(Context(user=user, ignore_auth=False), parameters)


def findings(user: str = "", **parameters: Any) -> list[dict[str, Any]]:
    """Findings as somebody reads them."""
    return call("hatinh_register_findings", user, **parameters)["findings"]


def editor(office: str, role: str = "editor") -> str:
    """A person of an office."""
    name = factories.User()["name"]
    member = {"id": office, "username": name, "role": role}
    tk.get_action("organization_member_create")({"user": site()}, member)
    return name


def count(*services: str, calls: int = 3) -> None:
    """Thirty days of counts, as the gateway tells them."""
    days = [LAST - timedelta(days=past) for past in range(30)]
    register.keep_calls([CallCount(s, day, calls) for s in services for day in days], "lgsp")
    model.Session.commit()


@pytest.fixture
def province(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The demonstration with both catalogues issued and its services called, reconciled.

    It is made once, and again only when another test has put the portal back.
    """
    if not MADE or model.User.get(MADE["so-khcn"]) is None:
        harvest = request.getfixturevalue("harvest")
        request.getfixturevalue("demo_url")
        for source in load(SOURCES, os.environ):
            harvest(source)
        offices = ("so-khcn", "so-gddt", "so-noi-vu")
        MADE.update({office: editor(office) for office in offices})
        issue("du-lieu-mo", dropped={WITHOUT_FILE: "Chưa có tệp dữ liệu"})
        issue("du-lieu-dung-chung", dropped={})
        count(*CALLED)
        grow_old()
        reconciling.run()
        MADE["clean"] = (findings(), reconciling.run())
    return MADE


def grow_old() -> None:
    """Let every record be half a year old: a new service is given time to be called."""
    model.Session.execute(
        sa.text("UPDATE package SET metadata_created = now() - interval '180 days'")
    )
    model.Session.commit()


@pytest.fixture
def seeded(province: dict[str, Any]) -> dict[str, Any]:
    """The same with 20 mismatches, found by one run."""
    if "planted" not in province:
        with statements() as before:
            reconciling.run()
        province["planted"] = {kind: list(plant()) for kind, (plant, _) in KINDS.items()}
        grow_old()
        with statements() as after:
            province["changed"] = reconciling.run()
        province["statements"] = (len(before), len(after))
    return province


def issue(kind: str, dropped: dict[str, str]) -> None:
    """Issue the first edition of a catalogue."""
    call("hatinh_catalogue_draft", MADE["so-khcn"], kind=kind)
    call("hatinh_catalogue_amend", MADE["so-khcn"], kind=kind, number=1, dropped=dropped)
    decision = {"decision": "1/QĐ-UBND", "decided": "2026-11-20"}
    call("hatinh_catalogue_issue", editor("so-khcn"), kind=kind, number=1, **decision)


# -- seeds -----------------------------------------------------------------------------------------

Seed = tuple[str, str, str]
"""Reason, the id of the subject or what it is about, and the office that answers for it."""


def make(type_: str, title: str, owner: str, **fields: Any) -> str:
    """A record that somebody typed; gives its id."""
    given = CLASSIFIED if type_ == "dataset" else {"contact": "Văn phòng"}
    words = {"title_translated": {"vi": title}, "notes_translated": {"vi": title}}
    found = call(
        "package_create", site(), **{**given, "type": type_, "owner_org": owner, **words, **fields}
    )
    return found["id"]


def service(title: str, owner: str, **fields: Any) -> str:
    """A data service; gives its id."""
    endpoint = {"endpoint_url": f"https://lgsp.example.vn/{len(title)}/{owner}"}
    return make("dataservice", title, owner, **{**endpoint, **fields})


def patch(source: str, guid: str, **fields: Any) -> str:
    """Change a record of the demonstration; gives its id."""
    return call("package_patch", site(), id=package_id(source, guid), **fields)["id"]


def lose(source: str, guid: str) -> str:
    """The source no longer has a record, as the harvest notes it; gives the package's id."""
    row = {"source": source, "guid": guid}
    gone = "UPDATE hatinh_harvest_record SET state = 'gone', gone_since = now()"
    model.Session.execute(sa.text(f"{gone} WHERE source = :source AND guid = :guid"), row)
    model.Session.commit()
    return package_id(source, guid)


def title_of(source: str, guid: str) -> str:
    """Title of a record of the demonstration."""
    package = model.Package.get(package_id(source, guid))
    assert package is not None
    return package.title or ""


def never_called() -> Iterator[Seed]:
    """Declared shared or connected, and not."""
    count("lgsp-tinh:api", calls=0)
    yield "no_calls", package_id("lgsp", "lgsp-tinh:api"), "so-khcn"
    yield "no_calls", service("Dịch vụ im", "so-noi-vu", lgsp_status="active"), "so-noi-vu"
    yield "denied", patch(REGISTER, "DB002", lgsp_status="active"), "so-khcn"
    yield "denied", patch(REGISTER, "DB007", lgsp_status="active"), "vp-ubnd"


def not_decided() -> Iterator[Seed]:
    """Called, and in no decision."""
    late = make("dataset", "Bộ dữ liệu mới", "so-gddt", source_system="DB031")
    early = service("Dịch vụ vội", "so-gddt", serves_datasets=late)
    vague = service("Dịch vụ lạc", "so-noi-vu", serves_datasets="khong-co-that")
    mute = package_id(LIST, "soc-giam-sat-dieu-hanh-an-toan-an-ninh-mang")
    count(early, vague, "SOC - giám sát, điều hành an toàn, an ninh mạng", "csdl-la")
    yield "unlisted", late, "so-gddt"
    yield "unknown_dataset", vague, "so-noi-vu"
    yield "serves_nothing", mute, "so-khcn"
    yield "unregistered_calls", "csdl-la", "so-khcn"


def no_system() -> Iterator[Seed]:
    """Its system is not said, not known, or one of two."""
    maps = title_of(REGISTER, "DB050")
    make("system", maps, "so-xay-dung")
    typed = {"sharing_level": "chuyen_nganh"}
    yield "blank_system", patch("so-gddt-kiem-ke", "gddt-intest-2022", source_system=""), "so-gddt"
    yield "blank_system", make("dataset", "Bộ dữ liệu rời", "so-noi-vu", **typed), "so-noi-vu"
    children = ("so-noi-vu-thu-muc", "noivu-chuan-hoa-du-lieu-tre-em-2022")
    yield "unknown_system", patch(*children, source_system="DB999"), "so-noi-vu"
    districts = ("so-nnmt-csw", "nnmt-cap-huyen-cu")
    yield "ambiguous_system", patch(*districts, source_system=maps), "so-nnmt"


def stale_endpoint() -> Iterator[Seed]:
    """Gone from the gateway's list, or at another address there."""
    hub, city = (
        "kho-du-lieu-dung-chung-cua-tinh-data-hub",
        "cong-du-lieu-so-cap-tinh-data-hatinh-gov-vn",
    )
    yield "gone_endpoint", lose(LIST, hub), "so-khcn"
    yield "gone_endpoint", lose(LIST, city), "so-khcn"
    yield "moved_endpoint", service(title_of(REGISTER, "DB012"), "vp-ubnd"), "vp-ubnd"


def wrong_access() -> Iterator[Seed]:
    """Another class than the decision's, or a service wider than its dataset."""
    narrow = patch(
        "so-gddt-kiem-ke", "gddt-boi-duong-giao-vien-2022", publication_class="co_dieu_kien"
    )
    yield "class_differs", narrow, "so-gddt"
    wide = {"serves_datasets": narrow, "publication_class": "cong_khai"}
    yield "wider_service", service("Dịch vụ rộng", "so-nnmt", **wide), "so-nnmt"
    communes = ("so-nnmt-csw", "nnmt-xa-phuong-cu")
    yield "level_differs", patch(*communes, sharing_level="chuyen_nganh"), "so-nnmt"


def no_dictionary() -> Iterator[Seed]:
    """A table without any element."""
    table = {"url": "https://so.example.vn/bang.csv", "format": "CSV", "name": "Bảng"}
    typed = {"source_system": "DB031", "sharing_level": "chuyen_nganh", "resources": [table]}
    yield "no_elements", make("dataset", "Bảng trơn", "so-gddt", **typed), "so-gddt"
    stripped = package_id("vp-ubnd-bao-cao", "chi-tieu-van-phong-ubnd-tinh-nam")
    for resource in call("package_show", site(), id=stripped)["resources"]:
        call("resource_patch", site(), id=resource["id"], schema="{}")
    yield "no_elements", stripped, "vp-ubnd"


KINDS: dict[str, tuple[Callable[[], Iterator[Seed]], int]] = {
    "chua_duoc_goi": (never_called, 4),
    "ngoai_quyet_dinh": (not_decided, 4),
    "khong_he_thong": (no_system, 4),
    "dia_chi_cu": (stale_endpoint, 3),
    "sai_quyen": (wrong_access, 3),
    "thieu_tu_dien": (no_dictionary, 2),
}


# -- what is found ---------------------------------------------------------------------------------


def seed_of(finding: dict[str, Any]) -> Seed:
    """A finding in the form of a seed."""
    subject = finding["subject"]["id"] if finding["subject"] else finding["about"]
    return finding["reason"], subject, finding["owner"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = model.Session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_clean_province_has_only_its_true_findings(province):
    """24 datasets say of no system; nothing else is found, and a second run finds nothing new."""
    found, again = province["clean"]
    assert {seed_of(finding)[:2] for finding in found} == TRUE
    assert (again.open, again.opened, again.closed) == (24, 0, 0)


def test_seeded_mismatches_are_all_found_and_nothing_else(seeded):
    """20 of the 6 kinds, each with its owner, by few statements."""
    planted, changed = seeded["planted"], seeded["changed"]
    assert {kind: len(seeds) for kind, seeds in planted.items()} == {
        kind: number for kind, (_, number) in KINDS.items()
    }
    found = [found for found in findings(site(), state="mo") if seed_of(found)[:2] not in TRUE]
    assert {kind: {seed_of(f) for f in found if f["kind"] == kind} for kind in KINDS} == {
        kind: set(seeds) for kind, seeds in planted.items()
    }
    assert (len(found), changed.open, changed.opened, changed.closed) == (20, 44, 20, 0)
    assert max(seeded["statements"]) <= FEW


def test_ten_thousand_datasets_take_no_more_statements(seeded):
    """The whole catalogue is read and its findings kept in the same few statements."""
    more = sa.text(
        "INSERT INTO package (id, name, title, type, state, private, extras, metadata_created)"
        " SELECT 'bulk-' || n, 'bulk-' || n, 'Bộ ' || n, 'dataset', 'active', false,"
        """ '{"source_system": "DB999"}', now() FROM generate_series(1, 10000) n"""
    )
    model.Session.execute(more)
    with statements() as sent:
        found = reconciling.look()
    assert found.opened == 10_000
    assert len(sent) <= FEW
    model.Session.rollback()


def test_mended_finding_is_closed_and_one_that_comes_back_is_new(seeded):
    """An auditor sees each time that a mismatch was there, from first to last."""
    blank = {"reason": "blank_system", "subject": package_id("so-gddt-kiem-ke", "gddt-intest-2022")}

    def told() -> list[tuple[str, bool]]:
        return [
            (found["first_seen"], found["closed"] is not None)
            for found in findings(organization="so-gddt")
            if found["reason"] == blank["reason"] and found["subject"]["id"] == blank["subject"]
        ]

    ((first, closed),) = told()
    assert not closed
    patch("so-gddt-kiem-ke", "gddt-intest-2022", source_system="DB031")
    assert reconciling.run().closed == 1
    assert told() == [(first, True)]
    patch("so-gddt-kiem-ke", "gddt-intest-2022", source_system="")
    assert reconciling.run().opened == 1
    (second, open_), (again, shut) = told()
    assert (again, open_, shut) == (first, False, True)
    assert second > first


# -- who sees what ---------------------------------------------------------------------------------


def test_finding_is_shown_to_those_who_may_see_all_its_records(seeded):
    """The public sees none of a private record, its office does, another does not."""
    hidden = call("package_create", site(), **CLASSIFIED | {
        "title_translated": {"vi": "Bộ kín"}, "notes_translated": {"vi": "Kín"},
        "owner_org": "so-noi-vu", "private": True, "sharing_level": "chuyen_nganh",
    })  # fmt: skip
    reconciling.run()

    def sees(user: str) -> bool:
        shown = call("hatinh_register_findings", user)
        told = any(f["subject"] and f["subject"]["id"] == hidden["id"] for f in shown["findings"])
        assert ("Bộ kín" in json.dumps(shown, ensure_ascii=False)) is told
        return told

    assert sees(site())
    assert sees(seeded["so-noi-vu"])
    assert sees(seeded["so-khcn"])
    assert not sees(seeded["so-gddt"])
    assert not sees("")
    counts = [call("hatinh_register_findings", user)["kinds"] for user in ("", site())]
    assert counts[1]["khong_he_thong"] == counts[0]["khong_he_thong"] + 1
    call("package_delete", site(), id=hidden["id"])
    reconciling.run()
    assert not sees("")


def test_calls_of_no_record_are_shown_to_the_steward_only(seeded):
    """The gateway's own words are no public record."""
    words = {"": False, "so-gddt": False, "so-khcn": True}
    for office, expected in words.items():
        told = [f for f in findings(seeded.get(office, "")) if f["about"] == "csdl-la"]
        assert bool(told) is expected


def test_private_system_shows_in_no_tree_and_no_coverage_of_others(seeded):
    """Neither name nor number of it."""

    def number(reader: str) -> int:
        (share,) = call("hatinh_register_coverage", reader, organization="so-gddt")["offices"]
        return share["systems"]

    before = number("")
    secret = make("system", "Hệ thống kín", "so-gddt", publication_class="khong", private=True)
    for user, expected in {"": False, "so-noi-vu": False, "so-gddt": True}.items():
        reader = seeded.get(user, "")
        systems = call("hatinh_register_show", reader)["systems"]
        assert (secret in [system["id"] for system in systems]) is expected
        assert number(reader) == before + expected
    with pytest.raises(tk.ObjectNotFound):
        call("hatinh_register_show", id=secret)


# -- the register ----------------------------------------------------------------------------------


def test_system_is_shown_with_datasets_services_and_their_calls(seeded):
    """DB001 has the datasets of LGSP, each with its service; what is counted is shown."""
    found = call("hatinh_register_show", id=package_id(REGISTER, "DB001"))
    assert (found["counted_from"], found["counted_to"]) == ("2026-10-22", "2026-11-20")
    (system,) = found["systems"]
    services = {s["id"]: s for dataset in system["datasets"] for s in dataset["services"]}
    places = services[package_id("lgsp", "lgsp-don-vi-hanh-chinh:api")]
    assert (places["calls"], places["last_call"]) == (90, "2026-11-20")
    assert system["calls"] == sum(service["calls"] for service in services.values())


def test_coverage_counts_approved_exceptions_only(seeded):
    """An exception with approver and day leaves the denominator; a mere claim does not."""
    patch(REGISTER, "DB028", lgsp_exception="Phần mềm thuê ngoài", lgsp_approval="Giám đốc Sở")
    approval = "Chủ tịch UBND tỉnh, Quyết định 12/QĐ-UBND ngày 03/02/2026"
    patch(REGISTER, "DB029", lgsp_exception="Phần mềm thuê ngoài", lgsp_approval=approval)
    (share,) = call("hatinh_register_coverage", organization="so-gddt")["offices"]
    excused, claimed = ([s["id"] for s in share[k]] for k in ("exceptions", "claimed"))
    assert excused == [package_id(REGISTER, "DB029")]
    assert claimed == [package_id(REGISTER, "DB028")]
    assert share["denominator"] == share["systems"] - 1


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("findings", {"kind": "khac"}),
        ("findings", {"state": "nua"}),
        ("findings", {"limit": "nhiều"}),
        ("findings", {"limit": 1001}),
        ("show", {"organization": "khong-co"}),
    ],
)
def test_nonsense_is_refused(seeded, action, parameters):
    """A wrong filter is told, not taken for none."""
    with pytest.raises(tk.ValidationError):
        call(f"hatinh_register_{action}", **parameters)


def test_pages_and_files_are_for_everybody(seeded, app):
    """Both languages, and files whose rows are those of the API."""
    url = f"/so-dang-ky/he-thong/{package_id(REGISTER, 'DB001')}"
    for path in ("/so-dang-ky/", url, "/so-dang-ky/doi-soat?state=", "/so-dang-ky/do-phu"):
        for language in ("", "/en"):
            assert app.get(language + path).status_code == 200
    assert app.get("/so-dang-ky/he-thong/khong-co").status_code == 404
    assert app.get("/so-dang-ky/doi-soat?kind=khac").status_code == 400
    wanted = [
        found["subject"]["title"] if found["subject"] else found["about"]
        for found in findings(state="mo")
    ]
    files = {"csv": of_csv, "xlsx": of_xlsx}
    for form, read in files.items():
        header, *rows = read(app.get(f"/so-dang-ky/doi-soat.{form}").data)
        at = header.index("Bản ghi")
        assert [row[at] for row in rows] == wanted


# -- commands --------------------------------------------------------------------------------------


def test_calls_are_brought_in_whole_or_not_at_all(seeded, tmp_path):
    """A fault is told with its row, and nothing is kept; the right file is, once."""
    file = tmp_path / "goi.csv"
    file.write_text("Dịch vụ;Ngày;Số lượt gọi\nmot;20/11/2026;1.234\nhai;32/11/2026;x\n", "utf-8")
    refused = CliRunner().invoke(command, ["calls", str(file)])
    assert refused.exit_code == 1
    assert "dòng 2" in refused.output
    assert "2 faults; nothing was brought in" in refused.output
    assert model.Session.get(register.RegisterCalls, ("mot", date(2026, 11, 20))) is None
    file.write_text("Dịch vụ;Ngày;Số lượt gọi\nmot;20/11/2026;1.234\n", "utf-8")
    for _ in range(2):
        taken = CliRunner().invoke(command, ["calls", str(file), "--source", "nền tảng"])
        assert taken.output == "1 counts of 1 services\n"
    kept = model.Session.get(register.RegisterCalls, ("mot", date(2026, 11, 20)))
    assert kept is not None
    assert (kept.count, kept.source) == (1234, "nền tảng")
    assert CliRunner().invoke(command, ["reconcile"]).output.endswith("closed\n")
