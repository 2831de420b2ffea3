"""The promises of the engine: nothing lost, nothing doubled, nothing removed unasked."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.types import Context
from sqlalchemy import event

from ckanext.hatinh.harvest import config, indexing, leases, queue, sources, worker
from ckanext.hatinh.harvest.engine import MAX_CLAIMS
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.harvest.leases import Silence
from ckanext.hatinh.harvest.model.outbox import HarvestOutbox, stage_stale
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.record import HarvestRecord
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, run_by_id, runs
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.queue import LostLeaseError, RefusedError
from ckanext.hatinh.harvest.watch import StopWorkError, TurnOverError
from ckanext.hatinh.shared.mapping import package_id, resource_id
from harvesters.errors import UnreachableSourceError
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
OTHER = replace(CONFIG, name="ke-khac")
FILE = "http://127.0.0.1:1/bang.csv"


def draft(number: int, **changes: Any) -> Draft:
    """A good record; a public one has a file of its own."""
    fields = {
        "title": f"Bộ dữ liệu số {number}",
        "notes": "Số liệu theo năm học.",
        "publisher": "so-gddt",
        "themes": ["HT05"],
        "keywords": ["giáo dục", f"nhóm {number % 7}"],
        "licence": "CC-BY-4.0",
        "frequency": "nam",
        "data_layer": "tong_hop",
        "sharing_level": "mo",
        "publication_class": "co_dieu_kien",
        "pii_class": "none",
        "importance_class": "khac",
        "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Văn phòng Sở",
    }
    file = {"guid": f"tep-{number}", "url": f"{FILE}?{number}", "format": "CSV", "name": "Bảng"}
    return Draft(f"bo-{number}", fields | changes, [file], f"row {number}")


def public(number: int, **changes: Any) -> Draft:
    """A record whose file the portal stores."""
    return draft(number, publication_class="cong_khai", **changes)


def shown(guid: str, source: str = CONFIG.name) -> dict[str, Any]:
    """A dataset as the API shows it from the database."""
    return shown_as_stored(package_id(source, guid))


def shown_as_stored(id_: str) -> dict[str, Any]:
    """A dataset as the API shows it when it asks the database, not the index."""
    context: Any = {"ignore_auth": True, "use_cache": False}
    return tk.get_action("package_show")(context, {"id": id_})


def everything() -> dict[str, dict[str, Any]]:
    """Every dataset, deleted ones too, as the API shows it."""
    ids = model.Session.scalars(sa.select(model.Package.id).order_by(model.Package.id)).all()
    return {id_: shown_as_stored(id_) for id_ in ids}


def active() -> set[str]:
    """Ids of the datasets that people see."""
    query = sa.select(model.Package.id).where(model.Package.state == "active")
    return set(model.Session.scalars(query))


def solr() -> dict[str, dict[str, Any]]:
    """The documents of the index by id, without what is new at each indexing."""
    answer = requests.get(
        f"{tk.config['solr_url']}/select",
        {"q": "*:*", "rows": 1000, "fq": "entity_type:package"},
        timeout=10,
    )
    documents = answer.json()["response"]["docs"]
    return {document["id"]: lasting(document) for document in documents}


def lasting(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what is new at each indexing; extras have no order."""
    package = json.loads(document["data_dict"])
    package["extras"].sort(key=itemgetter("key"))
    new = {"indexed_ts", "_version_"}
    return {k: v for k, v in document.items() if k not in new} | {"data_dict": package}


def counts(run: HarvestRun) -> dict[str, int]:
    """What became of the records, without what did not happen."""
    return {name: number for name, number in run.counts.items() if number}


def edit(guid: str, **changes: Any) -> None:
    """Somebody changes a dataset in the portal."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    id_ = package_id(CONFIG.name, guid)
    tk.get_action("package_patch")({"user": user}, {"id": id_, **changes})


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collects what is sent to the database, and «COMMIT»."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split())[:90])

    def commit(_conn: Any) -> None:
        seen.append("COMMIT")

    event.listen(model.meta.engine, "before_cursor_execute", note)
    event.listen(model.meta.engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)
        event.remove(model.meta.engine, "commit", commit)


# -- what is the same -------------------------------------------------------------------------


def test_same_records_cost_a_handful_of_statements_and_write_no_dataset(
    harvest: Any, shelf: Any
) -> None:
    """The ledger of an unchanged run is written at once, however many records there are."""
    source = shelf([draft(n, themes=[]) for n in range(120)])
    first = harvest(CONFIG, source)
    assert counts(first) == {"created": 120}
    before = everything()
    with statements() as seen:
        second = harvest(CONFIG, source)
    assert counts(second) == {"unchanged": 120}
    assert second.state == RunState.COMPLETE
    assert everything() == before
    assert len([s for s in seen if s != "COMMIT"]) <= 60, seen
    assert seen.count("COMMIT") <= 15, seen
    told = outcomes(second.id)
    assert len(told) == 120
    assert {problem["code"] for problem in told[0].problems} == {"theme-missing"}


def test_full_run_of_same_records_judges_all_and_writes_nothing(harvest: Any, shelf: Any) -> None:
    """Once a week nothing is believed, and still nothing is written (F34)."""
    source = shelf([public(n) for n in range(3)], {f"{FILE}?{n}": b"a,b\n1,2\n" for n in range(3)})
    harvest(CONFIG, source)
    source.files[f"{FILE}?1"] = b"a,b\n1,3\n"
    assert counts(harvest(CONFIG, source)) == {"unchanged": 3}
    full = harvest(CONFIG, source, full=True)
    assert counts(full) == {"unchanged": 2, "updated": 1}


def test_changed_settings_of_a_source_have_all_judged_again(harvest: Any, shelf: Any) -> None:
    """A new default or a new mapping is a new reading of the same words (F30)."""
    source = shelf([draft(n, contact="") for n in range(3)])
    first = replace(CONFIG, defaults={"contact": "Phòng cũ"})
    harvest(first, source)
    changed = harvest(replace(CONFIG, defaults={"contact": "Phòng mới"}), source)
    assert counts(changed) == {"updated": 3}
    assert [change["field"] for change in outcomes(changed.id)[0].diff] == ["contact"]


def test_counts_add_up_to_the_records_of_the_source(harvest: Any, shelf: Any) -> None:
    """New, changed, same, refused and conflicting records are all there are (I6)."""
    harvest(CONFIG, shelf([draft(1), draft(2), draft(3)]))
    mixed = [draft(1), draft(2, title="Khác"), draft(4), draft(5, publisher=""), draft(4)]
    run = harvest(CONFIG, shelf([*mixed, draft(3)]))
    assert counts(run) == {"unchanged": 2, "updated": 1, "created": 1, "rejected": 2}
    assert run.total == 6


def test_refused_record_stays_refused_and_its_dataset_stays(harvest: Any, shelf: Any) -> None:
    """The last good version is kept; the problems are told at each run until it is mended."""
    harvest(CONFIG, shelf([draft(1)]))
    bad = shelf([draft(1, publisher="")])
    for _ in range(2):
        run = harvest(CONFIG, bad)
        assert counts(run) == {"rejected": 1}
        assert [p["code"] for p in outcomes(run.id)[0].problems] == ["publisher-missing"]
    assert len(active()) == 1
    assert counts(harvest(CONFIG, shelf([draft(1, title="Đã sửa")]))) == {"updated": 1}


# -- the guard --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        ([draft(n) for n in range(8)], "guard-many-gone"),
        ([], "guard-empty"),
        ([draft(n) for n in range(100, 120)], "guard-ids-changed"),
    ],
    ids=["shrinks by 60 %", "is empty", "has new ids"],
)
def test_source_that_loses_its_records_waits_for_a_person(
    left: list[Draft], reason: str, harvest: Any, shelf: Any
) -> None:
    """Nothing is removed or written, and one run asks (F09, F10)."""
    harvest(CONFIG, shelf([draft(n) for n in range(20)]))
    before = everything()
    for _ in range(2):
        run = harvest(CONFIG, shelf(left))
        assert run.state == RunState.WAITING
        assert reason in {r["code"] for r in run.guard}
        assert outcomes(run.id, "gone")[0].title.startswith("Bộ dữ liệu số")
    assert everything() == before
    assert [r.state for r in runs(CONFIG.name, 9)].count(RunState.WAITING) == 1


def test_source_that_fails_removes_nothing(harvest: Any, shelf: Any) -> None:
    """A list that breaks off in the middle is no list (F01)."""
    source = shelf([draft(n) for n in range(4)])
    harvest(CONFIG, source)
    source.fails_after = 2
    run = harvest(CONFIG, source)
    assert (run.state, run.error and run.error["code"]) == ("failed", "source-unreachable")
    assert len(active()) == 4
    assert outcomes(run.id) == []


def test_approved_removals_are_gone_then_archived_and_come_back(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What vanished stays for the grace period, is then deleted softly, and can come back."""
    whole, left = [draft(n) for n in range(4)], shelf([draft(n) for n in range(2)])
    harvest(CONFIG, shelf(whole))
    run = harvest(CONFIG, left)
    queue.approve(run.id, "test")
    assert counts(harvest.go_on(run.id, CONFIG, left)) == {"unchanged": 2, "gone": 2}
    assert len(active()) == 4
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.grace_days", 0)
    archived = harvest(CONFIG, left)
    assert counts(archived) == {"unchanged": 2, "archived": 2}
    assert active() == solr().keys() == {package_id(CONFIG.name, f"bo-{n}") for n in range(2)}
    assert counts(harvest(CONFIG, left)) == {"unchanged": 2}
    back = harvest(CONFIG, shelf(whole))
    assert counts(back) == {"unchanged": 2, "restored": 2}
    assert len(active()) == len(solr()) == 4
    assert shown("bo-3")["groups"] != []


def test_approved_without_removals_does_all_the_rest(harvest: Any, shelf: Any) -> None:
    """A person may take what is new and keep what the source has lost."""
    harvest(CONFIG, shelf([draft(n) for n in range(4)]))
    left = shelf([draft(0, title="Mới"), draft(9)])
    run = harvest(CONFIG, left)
    queue.approve(run.id, "test", without_removals=True)
    done = harvest.go_on(run.id, CONFIG, left)
    assert counts(done) == {"updated": 1, "created": 1}
    assert len(active()) == 5
    assert harvest(CONFIG, left).state == RunState.WAITING


# -- conflicts --------------------------------------------------------------------------------


def test_local_edit_is_treated_as_the_source_s_policy_says(harvest: Any, shelf: Any) -> None:
    """The source wins and says so; or named fields stay; or a person is asked (F29)."""
    harvest(CONFIG, shelf([draft(1)]))
    edit("bo-1", contact="Người sửa", legal_basis="Đã sửa")
    asked = harvest(CONFIG, shelf([draft(1, title="Hai")]), policy="ask")
    assert counts(asked) == {"conflict": 1}
    assert outcomes(asked.id)[0].problems[-1]["code"] == "edited-locally"
    kept = {"policy": "keep-local", "local_fields": ["contact"]}
    assert counts(harvest(CONFIG, shelf([draft(1, title="Ba")]), **kept)) == {"updated": 1}
    package = shown("bo-1")
    assert (package["title"], package["contact"]) == ("Ba", "Người sửa")
    assert package["legal_basis"] == "Kế hoạch 731/KH-UBND"
    edit("bo-1", contact="Lần nữa")
    won = harvest(CONFIG, shelf([draft(1, title="Bốn")]), policy="source-wins")
    assert outcomes(won.id)[0].problems[-1]["code"] == "local-edit-replaced"
    assert shown("bo-1")["contact"] == "Văn phòng Sở"


def test_edit_between_plan_and_approval_is_not_lost(harvest: Any, shelf: Any) -> None:
    """What was planned is looked at again when it is written."""
    harvest(CONFIG, shelf([draft(1)]))
    source = shelf([draft(1, title="Hai")])
    run = harvest(CONFIG, source, approval="always", policy="ask")
    edit("bo-1", contact="Người sửa")
    queue.approve(run.id, "test")
    assert counts(harvest.go_on(run.id, CONFIG, source)) == {"conflict": 1}
    assert shown("bo-1")["contact"] == "Người sửa"


def test_same_dataset_from_two_sources_stays_with_the_first(harvest: Any, shelf: Any) -> None:
    """One web address is one dataset, whoever tells of it (F08)."""
    address = "https://data.example.vn/dataset/truong-hoc"
    record = replace(draft(1), guid=address)
    harvest(CONFIG, shelf([record]))
    second = harvest(OTHER, shelf([record, draft(2)]))
    assert counts(second) == {"conflict": 1, "created": 1}
    told = outcomes(second.id, "conflict")[0].problems[-1]
    assert (told["code"], told["params"]) == ("same-dataset-elsewhere", {"other": CONFIG.name})
    assert len(active()) == 2


def test_identifier_of_another_office_s_dataset_is_not_overwritten(
    harvest: Any, shelf: Any
) -> None:
    """An identifier that is used again for other data would destroy the first (F08)."""
    harvest(CONFIG, shelf([draft(1)]))
    run = harvest(CONFIG, shelf([draft(1, publisher="so-khcn")]))
    assert counts(run) == {"conflict": 1}
    assert outcomes(run.id)[0].problems[-1]["code"] == "guid-changed-owner"


# -- faults of statements ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1/0",
        'INSERT INTO "user" SELECT * FROM "user" LIMIT 1',
        "SELECT nowhere",
        "SELECT count(*) FROM package FOR UPDATE",
        "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "SELECT set_config('lock_timeout', 'soon', true)",
    ],
)
def test_statement_that_the_database_refuses_ends_the_run(
    statement: str, harvest: Any, shelf: Any
) -> None:
    """The database is there, so waiting for it would last for ever; people see the run fail."""
    source = shelf([draft(1)], at_end=lambda: model.Session.execute(sa.text(statement)))
    run = harvest(CONFIG, source)
    assert (run.state, run.error and run.error["code"]) == ("failed", "run-crashed")
    assert counts(harvest(CONFIG, shelf([draft(1)]))) == {"created": 1}


def test_fault_whose_words_hold_what_no_text_may_hold_ends_the_run(
    harvest: Any, shelf: Any
) -> None:
    """A server chooses the words of some faults; a run that could not tell its own never ended."""

    def fail() -> None:
        raise UnreachableSourceError("shelf", "http://127.0.0.1:1/\x00", "reset")

    run = harvest(CONFIG, shelf([draft(1)], at_end=fail))
    assert (run.state, run.error and run.error["code"]) == ("failed", "source-unreachable")


def test_identifier_that_fits_no_index_is_a_refused_record(harvest: Any, shelf: Any) -> None:
    """Letters with marks take more bytes than one; the limit is one of bytes."""
    dice = random.Random(1)
    long = "".join(chr(dice.randrange(0x1EA0, 0x1EFA)) for _ in range(950))
    run = harvest(CONFIG, shelf([draft(1), replace(draft(2), guid=long)]))
    assert counts(run) == {"created": 1, "rejected": 1}
    assert outcomes(run.id, "rejected")[0].problems[-1]["code"] == "guid-too-long"
    longest = replace(draft(3), guid=long[:666])
    assert counts(harvest(CONFIG, shelf([draft(1), longest]))) == {"unchanged": 1, "created": 1}


def test_duty_that_breaks_keeps_no_run_waiting(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that breaks the mail must not keep the portal from harvesting."""
    done: list[str] = []
    monkeypatch.setattr(worker, "sweep", lambda: model.Session.execute(sa.text("SELECT 1/0")))
    monkeypatch.setattr(worker.notices, "send", lambda: done.append("sent"))
    run_id = harvest.queued(CONFIG)
    worker.work(harvest.engine(CONFIG, shelf([draft(1)])), once=True)
    found = run_by_id(run_id)
    assert found is not None
    assert (found.state, done) == ("complete", ["sent"])


# -- files ------------------------------------------------------------------------------------


def test_file_lost_between_plan_and_approval_is_told_and_fetched_anew(
    harvest: Any, shelf: Any
) -> None:
    """The former file stays with its dataset; the next run brings what the disk has lost."""
    harvest(CONFIG, shelf([public(1), draft(2)], {f"{FILE}?1": b"a,b\n1,2\n"}))
    source = shelf([public(1, title="Hai"), draft(2)], {f"{FILE}?1": b"a,b\n3,4\n"})
    run = harvest(CONFIG, source, approval="always")
    for file in (config.spool(run.id).folder / "files").iterdir():
        file.unlink()
    queue.approve(run.id, "test")
    written = harvest.go_on(run.id, CONFIG, source)
    assert counts(written) == {"updated": 1, "unchanged": 1}
    lost = outcomes(run.id, "updated")[0].problems[-1]
    assert (lost["code"], lost["value"]) == ("file-unreachable", f"{FILE}?1")
    assert (shown("bo-1")["title"], stored("bo-1")) == ("Hai", b"a,b\n1,2\n")
    assert counts(harvest(CONFIG, source, approval="guard")) == {"updated": 1, "unchanged": 1}
    assert stored("bo-1") == b"a,b\n3,4\n"
    assert counts(harvest(CONFIG, source)) == {"unchanged": 2}


# -- rollback ---------------------------------------------------------------------------------


def test_rollback_restores_every_dataset_exactly(harvest: Any, shelf: Any) -> None:
    """A hundred changed datasets, some new, some removed: the API and Solr say what they said."""
    files = {f"{FILE}?{n}": f"a,b\n{n},2\n".encode() for n in range(110)}
    harvest(CONFIG, shelf([public(n) for n in range(100)], files))
    tk.get_action("resource_view_create")(
        {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]},
        {
            "resource_id": resource_id(package_id(CONFIG.name, "bo-7"), "tep-7"),
            "view_type": "text_view",
            "title": "Xem",
        },
    )
    before, documents, records = everything(), solr(), ledger()
    changed = {url: body + b"3,4\n" for url, body in files.items()}
    other = [public(n, title=f"Khác {n}", keywords=["mới"], themes=["HT01"]) for n in range(5, 108)]
    source = shelf(other, changed)
    run = harvest(CONFIG, source)
    assert counts(run) == {"updated": 95, "created": 8, "gone": 5}
    assert solr() != documents
    queue.rollback(run.id, "test")
    undone = harvest.go_on(run.id, CONFIG, source)
    assert undone.state == RunState.ROLLED_BACK
    now = everything()
    assert {id_: now[id_] for id_ in before} == before
    assert {now[id_]["state"] for id_ in now.keys() - before.keys()} == {"deleted"}
    assert different(solr(), documents) == []
    assert ledger() == records
    assert stored("bo-50") == files[f"{FILE}?50"]


@pytest.mark.parametrize("closed", ["co_dieu_kien", "khong"])
def test_files_of_a_dataset_that_is_open_no_more_are_given_out_no_more(
    harvest: Any, shelf: Any, closed: str
) -> None:
    """Its bytes leave the portal with the class, and come back with a rollback."""
    body = b"a,b\n1,2\n"
    harvest(CONFIG, shelf([public(1)], {f"{FILE}?1": body}))
    place = stored_path(resource_id(package_id(CONFIG.name, "bo-1"), "tep-1"))
    assert shown("bo-1")["resources"][0]["url_type"] == "upload"
    source = shelf([draft(1, publication_class=closed)], {f"{FILE}?1": body})
    run = harvest(CONFIG, source)
    assert counts(run) == {"updated": 1}
    (file,) = shown("bo-1")["resources"]
    assert (file["url"], file["url_type"], file["hash"]) == (f"{FILE}?1", "", "")
    assert not place.exists()
    queue.rollback(run.id, "test")
    assert harvest.go_on(run.id, CONFIG, source).state == RunState.ROLLED_BACK
    assert shown("bo-1")["resources"][0]["url_type"] == "upload"
    assert place.read_bytes() == body


def test_rollback_is_refused_when_the_datasets_were_written_since(harvest: Any, shelf: Any) -> None:
    """By a later run, which is named, or by a person."""
    first = harvest(CONFIG, shelf([draft(1)]))
    second = harvest(CONFIG, shelf([draft(1, title="Hai")]))
    with pytest.raises(RefusedError) as refused:
        queue.rollback(first.id, "test")
    assert refused.value.code == "rollback-later-run"
    assert refused.value.params == {"runs": [second.id]}
    edit("bo-1", contact="Người sửa")
    with pytest.raises(RefusedError) as refused:
        queue.rollback(second.id, "test")
    assert refused.value.code == "rollback-edited-since"


def test_run_after_a_rollback_asks_first(harvest: Any, shelf: Any) -> None:
    """The source still gives what was taken back."""
    harvest(CONFIG, shelf([draft(1)]))
    source = shelf([draft(1, title="Hai")])
    run = harvest(CONFIG, source)
    assert counts(harvest(CONFIG, source)) == {"unchanged": 1}
    queue.rollback(run.id, "test")
    harvest.go_on(run.id, CONFIG, source)
    again = harvest(CONFIG, source)
    assert again.state == RunState.WAITING
    assert [reason["code"] for reason in again.guard] == ["guard-after-rollback"]


def different(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Fields in which documents differ."""
    keys = one.keys() | other.keys()
    pairs = ((key, one.get(key, {}), other.get(key, {})) for key in sorted(keys))
    return [f"{k}.{f}: {a.get(f)} != {b.get(f)}" for k, a, b in pairs for f in a.keys() | b.keys()
            if a.get(f) != b.get(f)]  # fmt: skip


def stored(guid: str) -> bytes:
    """The bytes that the portal keeps of a record's file."""
    number = guid.removeprefix("bo-")
    return stored_path(resource_id(package_id(CONFIG.name, guid), f"tep-{number}")).read_bytes()


def ledger() -> list[dict[str, Any]]:
    """What is remembered of all records."""
    rows = model.Session.scalars(sa.select(HarvestRecord).order_by(HarvestRecord.guid))
    columns = HarvestRecord.__table__.c.keys()
    return [{name: getattr(row, name) for name in columns} for row in rows]


# -- leases, fencing, interruption ------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees a lease that has ended takes the run up at once."""
    monkeypatch.setattr(leases, "BEATS", 0)


def test_two_requests_of_a_source_are_one_run(harvest: Any) -> None:
    """A queued run is not queued twice; a full one stays full."""
    one = harvest.queued(CONFIG)
    assert harvest.queued(CONFIG, full=True) == one
    found = run_by_id(one)
    assert found is not None
    assert found.full


def test_two_workers_never_have_one_source(harvest: Any) -> None:
    """One run of a source at a time; the other worker takes another source (F27)."""
    harvest.queued(CONFIG)
    first = queue.claim("may-khac:1:1")
    assert first is not None
    harvest.queued(CONFIG)
    assert queue.claim("may-khac:2:2") is None
    harvest.queued(OTHER)
    second = queue.claim("may-khac:2:2")
    assert second is not None
    assert second.source == OTHER.name


@pytest.mark.usefixtures("impatient")
def test_stale_worker_s_commit_is_refused(harvest: Any, shelf: Any) -> None:
    """Whoever was thought dead and comes back may change nothing any more (F20)."""
    run_id = harvest.queued(CONFIG)
    stale = queue.claim("may-khac:1:1")
    assert stale is not None
    expire(run_id)
    harvest.go_on(run_id, CONFIG, shelf([draft(1)]))
    with pytest.raises(LostLeaseError):
        queue.commit(stale)
    assert len(active()) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", [StopWorkError, TurnOverError])
def test_worker_that_has_lost_its_run_cannot_hand_it_back(
    end: type[BaseException], harvest: Any, shelf: Any
) -> None:
    """It goes on, or ends when it was asked to, and leaves the run to whoever has it now (F33)."""
    run_id = harvest.queued(CONFIG)

    def stop() -> None:
        lose(run_id)
        raise end

    with suppress(StopWorkError):
        harvest.go_on(run_id, CONFIG, shelf([draft(1)], at_end=stop))
    found = run_by_id(run_id)
    assert found is not None
    assert (found.state, found.worker) == ("gathering", "may-khac:9:9")


@pytest.mark.usefixtures("impatient")
def test_worker_that_has_lost_its_run_leaves_nothing_in_its_spool(harvest: Any, shelf: Any) -> None:
    """What another worker remembers of its own reading is not replaced (F27)."""
    source = shelf([draft(1)])
    harvest(CONFIG, source)
    run_id = harvest.queued(CONFIG)
    source.at_end = lambda: lose(run_id)
    harvest.go_on(run_id, CONFIG, source)
    assert config.spool(run_id).noted("visited") is None
    source.at_end = lambda: None
    expire(run_id)
    assert counts(harvest.go_on(run_id, CONFIG, source)) == {"unchanged": 1}


def lose(run_id: str) -> None:
    """Another worker takes a run up."""
    expire(run_id)
    assert queue.claim("may-khac:9:9", [run_id]) is not None


def test_lease_that_ends_and_is_not_renewed_gives_the_run_to_another(
    harvest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends by the database's clock, and is watched by the other worker's own (F24)."""
    seconds = 0.0
    monkeypatch.setattr(queue, "SILENCE", Silence(lambda: seconds))
    run_id = harvest.queued(CONFIG)
    holder = queue.claim("may-khac:1:1")
    assert holder is not None
    assert queue.claim("may-khac:2:2") is None
    expire(run_id)
    assert queue.claim("may-khac:2:2") is None
    seconds = 60.0
    queue.commit(holder)  # it lives: the clock was set ahead
    assert queue.claim("may-khac:2:2") is None
    expire(run_id)
    assert queue.claim("may-khac:2:2") is None
    seconds = 120.0
    taken = queue.claim("may-khac:2:2")
    assert taken is not None
    assert (taken.id, taken.token > holder.token) == (run_id, True)


@pytest.mark.usefixtures("impatient")
def test_run_that_brings_down_every_worker_is_given_up(harvest: Any) -> None:
    """A run ends, whatever it does (I4)."""
    run_id = harvest.queued(CONFIG)
    for number in range(MAX_CLAIMS):
        assert queue.claim(f"may-khac:{number}:1") is not None
        expire(run_id)
    found = harvest.go_on(run_id, CONFIG)
    assert (found.state, found.error and found.error["code"]) == ("interrupted", "run-interrupted")


def test_long_run_lets_other_sources_go_first(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source of a million records does not keep a small one waiting (F32)."""
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.batch", 4)
    monkeypatch.setattr("ckanext.hatinh.harvest.watch.TURN", 0.0)
    long, source = harvest.queued(CONFIG), shelf([draft(n) for n in range(8)])
    short = harvest.queued(OTHER)
    assert harvest.go_on(long, CONFIG, source).state == RunState.APPLYING
    first = queue.claim("may-khac:1:1")
    assert first is not None
    assert first.id == short
    assert counts(harvest.go_on(long, CONFIG, source)) == {"created": 8}


@pytest.mark.parametrize("after", [0, 1, 2])
def test_run_cut_off_between_batches_is_finished_by_the_next_worker(
    after: int, harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every record once, in however many pieces (F20, F33)."""
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.batch", 4)
    run_id, source = harvest.queued(CONFIG), shelf([draft(n) for n in range(10)])
    with monkeypatch.context() as patch:
        cut = CutOff(after)
        patch.setattr("ckanext.hatinh.harvest.watch.Watch.look", cut.look)
        with pytest.raises(StopWorkError):
            harvest.go_on(run_id, CONFIG, source)
    model.Session.remove()
    assert len(active()) == after * 4
    done = harvest.go_on(run_id, CONFIG, source)
    assert counts(done) == {"created": 10}
    assert len(active()) == len(solr()) == 10
    assert source.read == 1


class CutOff:
    """Stands for a look at the run that ends the process after so many batches."""

    def __init__(self, after: int) -> None:
        self.left = after

    def look(self) -> None:
        """Count down."""
        self.left -= 1
        if self.left < 0:
            raise StopWorkError


def test_cancelled_run_stops_within_a_batch(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written stays and can be rolled back; nothing more is (F28)."""
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.batch", 4)
    run_id, source = harvest.queued(CONFIG), shelf([draft(n) for n in range(10)])
    source.at_end = lambda: queue.cancel(run_id)
    run = harvest.go_on(run_id, CONFIG, source)
    assert run.state == RunState.CANCELLED
    assert active() == set()
    harvest(CONFIG, shelf([draft(1)]))
    assert len(active()) == 1


def catalog() -> Any:
    """A plugin that takes part in writing and indexing."""
    return p.get_plugin("hatinh_catalog")


def test_record_refused_after_its_file_was_stored_keeps_the_former_file(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row and bytes are those of the last good version, whatever breaks how late (F19)."""
    before = {f"{FILE}?{n}": b"a,b\n1,2\n" for n in range(4)}
    harvest(CONFIG, shelf([public(n) for n in range(4)], before))
    former, owner = shown("bo-3"), catalog()
    real = owner.before_dataset_index

    def broken(found: dict[str, Any]) -> Any:
        if found["title"] == "Hai 3":
            raise KeyError("gãy")
        return real(found)

    monkeypatch.setattr(owner, "before_dataset_index", broken)
    after = {url: body + b"3,4\n" for url, body in before.items()}
    run = harvest(CONFIG, shelf([public(n, title=f"Hai {n}") for n in range(4)], after))
    assert counts(run) == {"updated": 3, "rejected": 1}
    assert outcomes(run.id, "rejected")[0].problems[-1]["code"] == "package-crashed"
    assert (shown("bo-3"), stored("bo-3")) == (former, b"a,b\n1,2\n")
    assert stored("bo-2") == b"a,b\n1,2\n3,4\n"


def test_poisonous_record_is_refused_and_the_rest_lands(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that breaks over one record costs that record alone (F19)."""
    real = tk.get_action

    def poisoned(name: str) -> Any:
        def call(context: Context, data: dict[str, Any]) -> Any:
            if name == "package_create" and data["title"].endswith("số 3"):
                raise KeyError("gãy")
            return real(name)(context, data)

        return call

    monkeypatch.setattr(tk, "get_action", poisoned)
    run = harvest(CONFIG, shelf([draft(n) for n in range(6)]))
    assert counts(run) == {"created": 5, "rejected": 1}
    assert outcomes(run.id, "rejected")[0].problems[-1]["code"] == "package-crashed"


def test_plugin_that_breaks_over_a_document_holds_up_no_other(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dataset waits in the outbox with its reason, and is indexed when the plugin is mended."""
    harvest(CONFIG, shelf([draft(n) for n in range(6)]))
    guilty, owner = package_id(CONFIG.name, "bo-3"), catalog()
    real = owner.before_dataset_index

    def broken(found: dict[str, Any]) -> Any:
        if found["id"] == guilty:
            raise KeyError("gãy")
        return real(found) | {"notes": "Sau"}

    stage_stale(active())
    model.Session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(owner, "before_dataset_index", broken)
        assert indexing.drain_if_possible() == 6
    assert {d["id"] for d in solr().values() if d["notes"] == "Sau"} == active() - {guilty}
    waiting = model.Session.scalars(sa.select(HarvestOutbox)).one()
    assert (waiting.package_id, waiting.attempts, waiting.error) == (guilty, 1, "KeyError('gãy')")
    waiting.not_before = None
    model.Session.commit()
    assert indexing.drain() == 1
    assert model.Session.scalars(sa.select(HarvestOutbox)).all() == []


def test_document_that_cannot_be_sent_costs_the_run_nothing(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin may give what no request can hold: the others of its batch are indexed."""
    guilty, real = package_id(CONFIG.name, "bo-3"), indexing._send

    def send(solr: Any, documents: Any) -> None:
        if any(document["id"] == guilty for document in documents):
            raise TypeError("no text")
        real(solr, documents)

    monkeypatch.setattr(indexing, "_send", send)
    assert counts(harvest(CONFIG, shelf([draft(n) for n in range(6)]))) == {"created": 6}
    assert solr().keys() == active() - {guilty}


def test_document_that_solr_refuses_holds_up_no_other(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits in the outbox with its reason, and is tried later (F21)."""
    poison, real = package_id(CONFIG.name, "bo-3"), indexing.index_documents

    def documents(ids: Any) -> list[dict[str, Any]]:
        return [d | ({"metadata_modified": "nie"} if d["id"] == poison else {}) for d in real(ids)]

    monkeypatch.setattr(indexing, "index_documents", documents)
    monkeypatch.setattr(indexing.Sender, "send", lambda *_: None)
    harvest(CONFIG, shelf([draft(n) for n in range(6)]))
    assert solr().keys() == active() - {poison}
    waiting = model.Session.scalars(sa.select(HarvestOutbox)).one()
    assert (waiting.package_id, waiting.attempts) == (poison, 1)
    assert "400" in waiting.error


def test_due_sources_are_queued_once_and_get_a_next_time(harvest: Any) -> None:
    """The schedule is a row of the database, so no restart forgets it."""
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    run_id = harvest.queued(CONFIG, schedule="0 5 * * *", next_run=now)
    queue.cancel(run_id)
    assert sources.enqueue_due(now) == [CONFIG.name]
    assert sources.enqueue_due(now) == []
    row = model.Session.get(HarvestSource, CONFIG.name)
    assert row is not None
    assert row.next_run is not None
    assert row.next_run > now


def test_ledger_of_the_former_release_stays(
    harvest: Any, shelf: Any, migrate_db_for: Callable[..., None]
) -> None:
    """An upgrade keeps what was harvested, and ends a run that its process left open."""
    run = harvest(CONFIG, shelf([draft(1)]))
    model.Session.remove()
    migrate_db_for("hatinh_harvest", "0001", forward=False)
    model.Session.execute(sa.text("UPDATE hatinh_harvest_run SET state = 'running'"))
    model.Session.commit()
    migrate_db_for("hatinh_harvest")
    (kept,) = runs(CONFIG.name, 9)
    assert (kept.id, kept.state, counts(kept)) == (run.id, "interrupted", {"created": 1})
    assert kept.queued == kept.started
    again = harvest(CONFIG, shelf([draft(1)]))
    assert counts(again) == {"unchanged": 1}


def expire(run_id: str) -> None:
    """Let a lease end."""
    ended = sa.func.clock_timestamp() - sa.text("interval '1 second'")
    statement = sa.update(HarvestRun).where(HarvestRun.id == run_id).values(lease_until=ended)
    model.Session.execute(statement)
    model.Session.commit()
