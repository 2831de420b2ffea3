"""Taking runs back, what is kept for it, and what is swept away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import config, notices, queue, sources, tidying, undoing, worker
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.harvest.model.outcome import PLANNED, outcomes
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.queue import RefusedError
from ckanext.hatinh.shared.mapping import package_id, resource_id
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
FILE = "http://127.0.0.1:1/bang.csv"
OLD, NEW, THEIRS = b"a,b\n1,2\n", b"a,b\n3,4\n", b"a,b\n5,6\n"


def draft(number: int, **changes: Any) -> Draft:
    """A good record whose file the portal stores."""
    fields = {
        "title": f"Bộ dữ liệu số {number}", "notes": "Số liệu.", "publisher": "so-gddt",
        "themes": ["HT05"], "keywords": ["giáo dục"], "licence": "CC-BY-4.0", "frequency": "nam",
        "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "cong_khai",
        "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Văn phòng Sở",
    }  # fmt: skip
    file = {"guid": f"tep-{number}", "url": f"{FILE}?{number}", "format": "CSV", "name": "Bảng"}
    return Draft(f"bo-{number}", fields | changes, [file], f"row {number}")


def files(body: bytes) -> dict[str, bytes]:
    """What the source serves: the same bytes at each address."""
    return {f"{FILE}?{number}": body for number in range(9)}


def shown(number: int) -> dict[str, Any]:
    """A dataset as the database has it."""
    id_ = package_id(CONFIG.name, f"bo-{number}")
    return tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": id_})


def as_person(action: str, number: int, **changes: Any) -> None:
    """Somebody does something to a dataset in the portal."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    id_ = package_id(CONFIG.name, f"bo-{number}")
    tk.get_action(action)({"user": user, "ignore_auth": True}, {"id": id_, **changes})


def file_of(number: int) -> Path:
    """Where the portal keeps the file of a record."""
    return stored_path(resource_id(package_id(CONFIG.name, f"bo-{number}"), f"tep-{number}"))


def state_of(run_id: str) -> str:
    """How far a run is."""
    run = run_by_id(run_id)
    assert run is not None
    return run.state


@pytest.fixture
def changed(harvest: Any, shelf: Any) -> HarvestRun:
    """A run that has changed datasets 0 and 1 with their files, and made dataset 2 and 3."""
    harvest(CONFIG, shelf([draft(0), draft(1)], files(OLD)))
    second = [draft(n, title=f"Khác {n}") for n in range(4)]
    run = harvest(CONFIG, shelf(second, files(NEW)), full=True)
    assert (run.counts["updated"], run.counts["created"]) == (2, 2)
    return run


# -- people -----------------------------------------------------------------------------------


def test_edit_between_request_and_rollback_stays_and_is_told(
    changed: HarvestRun, harvest: Any
) -> None:
    """What was looked at when it was asked for is looked at again when it is done."""
    queue.rollback(changed.id, "test")
    as_person("package_patch", 0, contact="Người sửa")
    as_person("package_patch", 2, contact="Người khác sửa")
    undone = harvest.go_on(changed.id, CONFIG)
    assert undone.state == RunState.ROLLED_BACK
    assert undone.error == {"code": "rollback-partly", "kept": 2}
    assert (shown(0)["contact"], shown(0)["title"]) == ("Người sửa", "Khác 0")
    assert (shown(1)["title"], shown(2)["state"]) == ("Bộ dữ liệu số 1", "active")
    assert shown(3)["state"] == "deleted"
    assert [file_of(n).read_bytes() for n in range(2)] == [NEW, OLD]
    told = {o.guid: [p["code"] for p in o.problems] for o in outcomes(changed.id)}
    assert {guid for guid, codes in told.items() if "rollback-kept-edit" in codes} == {
        "bo-0", "bo-2",
    }  # fmt: skip


def test_officers_hear_of_a_rollback_that_left_something_out(
    changed: HarvestRun, harvest: Any
) -> None:
    """Nobody must find out by chance that a dataset is not what it was."""
    queue.rollback(changed.id, "test")
    as_person("package_delete", 1)
    harvest.go_on(changed.id, CONFIG)
    assert shown(1)["state"] == "deleted"
    admin = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    (told,) = notices.of_user(admin, 9)
    assert (told["kind"], told["run_id"]) == ("partly", changed.id)


def test_edit_waits_for_the_rollback_of_its_dataset(
    changed: HarvestRun, harvest: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From before the second look to the commit nobody else can write the dataset."""
    locked: list[bool] = []
    real = undoing.changed_since

    def look(run_id: str, package_ids: Any) -> dict[str, str]:
        with model.Session.get_bind().engine.connect() as other:
            free = sa.text("SELECT id FROM package FOR UPDATE SKIP LOCKED")
            locked.append(not set(other.scalars(free)) & {*package_ids})
        return real(run_id, package_ids)

    queue.rollback(changed.id, "test")
    monkeypatch.setattr(undoing, "changed_since", look)
    assert harvest.go_on(changed.id, CONFIG).error is None
    assert locked == [True]


@pytest.mark.parametrize(
    ("action", "number"), [("package_delete", 0), ("dataset_purge", 1)], ids=["deleted", "purged"]
)
def test_dataset_that_a_person_removed_is_not_brought_back(
    action: str, number: int, changed: HarvestRun
) -> None:
    """A removal is an edit too."""
    as_person(action, number)
    with pytest.raises(RefusedError) as refused:
        queue.rollback(changed.id, "test")
    assert refused.value.code == "rollback-edited-since"
    assert len(refused.value.params["datasets"]) == 1


# -- which runs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [RunState.INTERRUPTED, RunState.FAILED, RunState.CANCELLED])
def test_run_that_was_cut_off_can_be_rolled_back(
    state: RunState, changed: HarvestRun, harvest: Any
) -> None:
    """What it wrote stands in the portal, however it ended."""
    changed.state = state.value
    model.Session.commit()
    queue.rollback(changed.id, "test")
    assert harvest.go_on(changed.id, CONFIG).state == RunState.ROLLED_BACK
    assert shown(0)["title"] == "Bộ dữ liệu số 0"


def test_run_of_a_retired_source_can_be_rolled_back(changed: HarvestRun, harvest: Any) -> None:
    """Its datasets stay in the portal, and so does the way back."""
    sources.retire(model.Session.get_one(HarvestSource, CONFIG.name))
    model.Session.commit()
    queue.rollback(changed.id, "test")
    assert harvest.go_on(changed.id, CONFIG).state == RunState.ROLLED_BACK
    assert shown(0)["title"] == "Bộ dữ liệu số 0"


def test_run_that_changed_no_dataset_cannot_be_rolled_back(harvest: Any, shelf: Any) -> None:
    """There is nothing to undo, and the next run need not wait for a person."""
    run = harvest(CONFIG, shelf([draft(0, publisher="")]))
    with pytest.raises(RefusedError) as refused:
        queue.rollback(run.id, "test")
    assert refused.value.code == "rollback-nothing"


def test_runs_that_wrote_nothing_push_no_other_out_of_the_undoable(
    changed: HarvestRun, harvest: Any, shelf: Any
) -> None:
    """Refusals at each run take no place among the last five that can be rolled back."""
    bad = [draft(n, title=f"Khác {n}") for n in range(4)] + [draft(8, publisher="")]
    for _ in range(tidying.KEPT_UNDOABLE + 1):
        assert harvest(CONFIG, shelf(bad, files(NEW))).counts["rejected"] == 1
    queue.rollback(changed.id, "test")
    assert harvest.go_on(changed.id, CONFIG).state == RunState.ROLLED_BACK


def test_sixth_run_that_wrote_makes_the_first_final(
    changed: HarvestRun, harvest: Any, shelf: Any
) -> None:
    """What was there before is kept of five runs; the bytes of replaced files too."""
    assert config.former_files(changed.id).folder.is_dir()
    for number in range(tidying.KEPT_UNDOABLE):
        given = [draft(n, title=f"Khác {n}") for n in range(4)] + [draft(4, title=f"Lần {number}")]
        harvest(CONFIG, shelf(given, files(NEW)))
    with pytest.raises(RefusedError) as refused:
        queue.rollback(changed.id, "test")
    assert refused.value.code == "rollback-too-old"
    assert not config.former_files(changed.id).folder.exists()


def test_oldest_runs_of_a_source_are_forgotten_but_never_the_last_success(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that is read every quarter of an hour fills no table."""
    monkeypatch.setattr(tidying, "LISTED", 2)
    good = harvest(CONFIG, shelf([draft(0)]))
    failing = shelf([draft(0)])
    failing.fails_after = 0
    failed = [harvest(CONFIG, failing).id for _ in range(4)]
    kept = set(model.Session.scalars(sa.select(HarvestRun.id)))
    assert kept == {good.id, *failed[-2:]}


# -- what is left on the disk -------------------------------------------------------------------


def spools() -> set[str]:
    """Runs that have a spool."""
    return set(config.spooled_runs())


def swept() -> set[str]:
    """Runs that have a spool after a tick of the worker."""
    worker.tick()
    return spools()


@pytest.mark.parametrize("end", [queue.cancel, lambda _: None], ids=["cancelled", "superseded"])
def test_spool_of_a_plan_that_is_no_longer_wanted_is_swept(
    end: Callable[[str], None], harvest: Any, shelf: Any
) -> None:
    """A plan that waits needs its spool, and nobody needs that of one that waited."""
    source = shelf([draft(0)], files(OLD))
    first = harvest(CONFIG, source, approval="always")
    assert swept() == {first.id}
    end(first.id)
    second = harvest(CONFIG, source, approval="always")
    assert state_of(first.id) == RunState.CANCELLED
    assert swept() == {second.id}
    queue.approve(second.id, "test")
    assert harvest.go_on(second.id, CONFIG, source).state == RunState.COMPLETE
    assert swept() == set()


def test_spool_without_a_run_is_swept_and_that_of_a_run_at_work_is_not(harvest: Any) -> None:
    """Whatever a former portal or a lost database left."""
    at_work = harvest.queued(CONFIG)
    claimed = queue.claim("may-khac:1:1")
    assert claimed is not None
    for run_id in (at_work, "khong-con"):
        config.spool(run_id).begin()
    assert swept() == {at_work}
    ended = sa.update(HarvestRun).where(HarvestRun.id == at_work)
    model.Session.execute(ended.values(state=RunState.INTERRUPTED.value, finished=sa.func.now()))
    model.Session.commit()
    assert swept() == set()


@pytest.fixture
def cut_off(harvest: Any, shelf: Any) -> HarvestRun:
    """A cancelled run that has stored the file of dataset 0 and not committed its row."""
    harvest(CONFIG, shelf([draft(0)], files(OLD)))
    source = shelf([draft(0, title="Khác")], files(NEW))
    run = harvest(CONFIG, source, approval="always", full=True)
    former = config.former_files(run.id)

    resource = shown(0)["resources"][0]["id"]
    former.keep(resource, file_of(0))
    file_of(0).unlink()
    file_of(0).write_bytes(NEW)
    queue.cancel(run.id)
    assert [o.state for o in outcomes(run.id)] == [PLANNED]
    return run


def test_file_of_an_unfinished_record_is_put_back(cut_off: HarvestRun) -> None:
    """Bytes and row are of one version again."""
    swept()
    assert file_of(0).read_bytes() == OLD
    assert not config.former_files(cut_off.id).folder.exists()


def test_file_that_a_newer_run_wrote_is_not_put_back(
    cut_off: HarvestRun, harvest: Any, shelf: Any
) -> None:
    """Whoever tidies up late must not bring the bytes before last."""
    assert cut_off.id in spools()
    source = shelf([draft(0, title="Mới nhất")], files(THEIRS))
    run = harvest(CONFIG, source, approval="guard", full=True)
    assert run.counts["updated"] == 1
    swept()
    assert file_of(0).read_bytes() == THEIRS


def test_file_of_a_dataset_that_a_person_edited_meanwhile_is_not_put_back(
    cut_off: HarvestRun,
) -> None:
    """What people store is theirs."""
    as_person("package_patch", 0, contact="Người sửa")
    file_of(0).write_bytes(THEIRS)
    swept()
    assert file_of(0).read_bytes() == THEIRS
    assert cut_off.id not in spools()


# -- steps and their fences -----------------------------------------------------------------------


def test_older_plan_ends_in_the_commit_of_the_newer(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies right after its plan leaves no second plan to be approved."""
    source = shelf([draft(0)], files(OLD))
    first = harvest(CONFIG, source, approval="always")
    seen: list[str] = []
    real = queue.move

    def move(run: HarvestRun, state: RunState, **values: Any) -> None:
        real(run, state, **values)
        with model.Session.get_bind().engine.connect() as other:
            found = sa.select(HarvestRun.state).where(HarvestRun.id == first.id)
            seen.append(str(other.scalar(found)))

    monkeypatch.setattr(queue, "move", move)
    harvest(CONFIG, source, approval="always")
    assert seen == [RunState.CANCELLED]


def test_source_that_is_due_interrupts_a_long_run(
    harvest: Any, shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one worker nobody else asks for the runs of the schedule (F32)."""
    monkeypatch.setitem(tk.config, "ckanext.hatinh.harvest.batch", 2)
    monkeypatch.setattr("ckanext.hatinh.harvest.watch.TURN", 0.0)
    long, source = harvest.queued(CONFIG), shelf([draft(n) for n in range(4)])
    other = SourceConfig("ke-khac", "folder", Text("Khác"), CONFIG.url, CONFIG.owner)
    queue.cancel(harvest.queued(other, schedule="0 5 * * *", next_run=queue.now()))
    assert harvest.go_on(long, CONFIG, source).state == RunState.APPLYING
    first = queue.claim("may-khac:1:1")
    assert first is not None
    assert (first.source, first.trigger) == (other.name, "schedule")


def test_source_that_is_switched_off_interrupts_nobody(harvest: Any) -> None:
    """Its time never comes."""
    long = harvest.queued(CONFIG)
    run = run_by_id(long)
    assert run is not None
    other = SourceConfig("ke-khac", "folder", Text("Khác"), CONFIG.url, CONFIG.owner)
    queue.cancel(harvest.queued(other, active=False, next_run=queue.now()))
    assert not queue.others_wait(run)


def test_source_that_another_worker_is_asking_for_is_left_to_it(harvest: Any) -> None:
    """Two workers that look at the clock at once ask once."""
    now = queue.now()
    queue.cancel(harvest.queued(CONFIG, schedule="0 5 * * *", next_run=now))
    with model.Session.get_bind().engine.connect() as other:
        row = sa.select(HarvestSource.name).with_for_update()
        assert other.scalar(row) == CONFIG.name
        assert sources.enqueue_due(now) == []
    assert sources.enqueue_due(now) == [CONFIG.name]
