"""Scores made again from what is kept: on a change, on a new day, after a kill; and their past."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchIndexError
from ckan.types import Context
from click.testing import CliRunner
from forked import KILLED, Fuse, Workers, watch_moments
from harvesting import Harvest, Shelf
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from tables import CLASSIFIED, Desk

from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.quality import model_due, model_evidence, rescoring
from ckanext.hatinh.quality.cli import quality
from ckanext.hatinh.quality.model_due import QualityDue, Task
from ckanext.hatinh.quality.rescoring_records import records
from ckanext.hatinh.shared.mapping import from_package, package_id
from ckanext.hatinh.shared.vocabulary import dictionary, today
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
FILE = "http://127.0.0.1:1/bang.csv"
PACKAGE = package_id(CONFIG.name, "bo-1")
SCHEMA = {
    "columns": [
        {"name": "cap", "element": "CapHoc", "key": True},
        {"name": "so", "element": "SoLuong", "required": True},
    ]
}
SCORED = (
    "kind", "title", "notes", "publisher", "themes", "licence", "frequency", "places",
    "publication_class", "modified", "issued", "legal_basis", "contact", "details",
)  # fmt: skip
ROWS = "cap,so\nTHPT,12\nTHCS,x\nTH,\nMN,y\n"


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Starts workers, which end with the test."""
    found = Workers()
    yield found
    found.end()


def ask(action: str, **given: Any) -> Any:
    """An action as anybody calls it."""
    return tk.get_action(action)(Context(user="", ignore_auth=False), given)


def edit(package: str, **fields: Any) -> None:
    """Change a record."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("package_patch")(Context(user=user), {"id": package, **fields})


def waiting(task: Task = Task.SCORE) -> list[str]:
    """What is on the list."""
    query = sa.select(QualityDue.package_id).where(QualityDue.task == task.value)
    return list(model.Session.scalars(query.order_by(QualityDue.id)))


def draft(**changes: Any) -> Draft:
    """A public record with one table."""
    fields: dict[str, Any] = {
        "title": "Bộ một", "notes": "Số liệu theo năm học.", "publisher": "so-gddt",
        "themes": ["HT05"], "licence": "CC-BY-4.0", "frequency": "nam", "modified": "2026-09-01",
        "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "cong_khai",
        "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Văn phòng Sở", "places": ["Không Có Xã Này"], "keywords": ["trường", "lớp"],
    }  # fmt: skip
    file = {"guid": "tep-1", "url": FILE, "format": "CSV", "name": "Bảng", "schema": SCHEMA}
    return Draft("bo-1", fields | changes, [file], "row 1")


def test_record_made_by_hand_is_scored_with_the_rows_of_its_table(desk: Desk) -> None:
    """Who publishes in the form is measured like a source: the loader tells what it found."""
    desk.upload(ROWS, schema=json.dumps(SCHEMA))
    rescoring.work_off()
    before = ask("hatinh_score_show", id=desk.dataset)
    assert before["dimensions"]["dung"] is None
    desk.load()
    rescoring.work_off()
    score = ask("hatinh_score_show", id=desk.dataset)
    assert score["dimensions"]["dung"] < 100
    (file,) = score["files"]
    assert file["dimensions"]["dung"] == score["dimensions"]["dung"]
    found = ask("hatinh_score_places", id=desk.dataset, rule="cell-type")
    assert [(place["column"], place["row"]) for place in found["places"]] == [("so", 2), ("so", 4)]
    assert [place["value"] for place in found["places"]] == ["x", "y"]
    empty = ask("hatinh_score_places", id=desk.dataset, rule="cell-empty")
    assert [(place["column"], place["row"]) for place in empty["places"]] == [("so", 3)]


def test_file_that_is_no_table_costs_its_record(desk: Desk) -> None:
    """A workbook that nobody can open is not usable; mended, it is."""
    table = desk.upload(b"\x00\x01", "bang.xlsx")
    desk.load()
    rescoring.work_off()
    lost = ask("hatinh_score_places", id=desk.dataset, rule="file-unusable")
    assert [place["resource_id"] for place in lost["places"]] == [table]
    desk.do("resource_patch", {"id": table, "format": "CSV"})
    desk.replace(table, "a,b\n1,2\n")
    desk.load()
    rescoring.work_off()
    with pytest.raises(tk.ObjectNotFound):
        ask("hatinh_score_places", id=desk.dataset, rule="file-unusable")


def test_change_is_on_the_list_with_its_transaction(desk: Desk) -> None:
    """A record is due when its change is committed, and not when it was refused."""
    rescoring.work_off()
    edit(desk.dataset, contact="Phòng Số hoá")
    assert waiting() == [desk.dataset]
    with pytest.raises(tk.ValidationError):
        edit(desk.dataset, frequency="khong-co-ma-nay")
    model.Session.rollback()
    assert waiting() == [desk.dataset]


def test_mended_record_scores_more_and_is_not_changed_by_that(desk: Desk) -> None:
    """A field is filled, the score rises within the worker's turn; the record stays as it was."""
    edit(desk.dataset, approved_by="")
    rescoring.turn()
    before = ask("hatinh_score_show", id=desk.dataset)
    edit(desk.dataset, approved_by="Giám đốc Sở", contact_email="so@hatinh.gov.vn")
    package = ask("package_show", id=desk.dataset)
    rescoring.turn()
    after = ask("hatinh_score_show", id=desk.dataset)
    assert after["dimensions"]["du"] > before["dimensions"]["du"]
    assert ask("package_show", id=desk.dataset) == package
    past = ask("hatinh_score_history", id=desk.dataset)
    assert [entry["total"] for entry in past][-2:] == [before["total"], after["total"]]
    assert {entry["day"] for entry in past} == {today().isoformat()}


def test_score_that_stays_makes_no_history(desk: Desk) -> None:
    """Measured again, and nothing new: nothing to remember."""
    rescoring.work_off()
    before = ask("hatinh_score_history", id=desk.dataset)
    edit(desk.dataset, contact="Phòng Tổ chức")
    rescoring.work_off()
    assert ask("hatinh_score_history", id=desk.dataset) == before != []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hatinh_quality_history SET total = 100",
        "DELETE FROM hatinh_quality_history",
        "UPDATE hatinh_quality_history SET day = '2020-01-01'",
    ],
)
def test_history_refuses_to_be_changed(desk: Desk, statement: str) -> None:
    """What a record scored stays what it was, whoever is at the database."""
    rescoring.work_off()
    with pytest.raises(IntegrityError):
        model.Session.execute(sa.text(statement))
    model.Session.rollback()


def test_history_outlives_its_record(desk: Desk) -> None:
    """A purged record keeps its place in past rankings; its score and evidence go."""
    rescoring.work_off()
    tk.get_action("dataset_purge")(Context(ignore_auth=True), {"id": desk.dataset})
    assert len(scores.history(desk.dataset)) == 1
    assert scores.find(desk.dataset) is None
    assert rescoring.work_off() == 0


def test_new_day_scores_what_ages_and_nothing_else(desk: Desk) -> None:
    """Only records whose period ends are looked at; the others keep score and day."""
    start = today()
    fields = {"owner_org": "so-nnmt", "notes_translated": {"vi": "Bảng"}, **CLASSIFIED}
    ages = desk.do("package_create", {
        "name": "bang-ngay", "title_translated": {"vi": "Bảng ngày"},
        **fields, "frequency": "ngay", "modified": start.isoformat(),
    })["id"]  # fmt: skip
    edit(desk.dataset, frequency="khi_phat_sinh")
    rescoring.work_off()
    values = []
    for days in (1, 2, 3, 4):
        day = start + timedelta(days)
        rescoring.sweep(day)
        assert set(waiting()) <= {ages}
        rescoring.work_off(day=day)
        values.append(ask("hatinh_score_show", id=ages)["dimensions"]["song"])
    assert values == [100, 100, 0, 0]
    past = ask("hatinh_score_history", id=ages)
    assert [entry["day"] for entry in past] == [str(start), str(start + timedelta(3))]
    assert ask("hatinh_score_show", id=desk.dataset)["day"] == start.isoformat()


def test_harvested_record_scores_the_same_from_the_database(harvest: Harvest) -> None:
    """Without its files and without its source a record scores what the harvest measured."""
    harvest(CONFIG, Shelf([draft()], {FILE: ROWS.encode()}))
    measured = ask("hatinh_score_show", id=PACKAGE)
    assert {loss["rule"] for loss in measured["losses"]} >= {
        "cell-type", "cell-empty", "word-unknown", "field-empty",
    }  # fmt: skip
    rescoring.sweep(every=True)
    assert rescoring.work_off() == 1
    again = ask("hatinh_score_show", id=PACKAGE)
    moment = {"measured_at": again["measured_at"]}
    assert {**measured, **moment, "problems": []} == {**again, "problems": []}
    assert sorted(map(repr, measured["problems"])) == sorted(map(repr, again["problems"]))
    assert len(ask("hatinh_score_history", id=PACKAGE)) == 1


def test_record_is_read_from_rows_as_it_is_shown(harvest: Harvest) -> None:
    """The one statement of many records gives what CKAN's own action gives of each."""
    harvest(CONFIG, Shelf([draft()], {FILE: ROWS.encode()}))
    shown = from_package(ask("package_show", id=PACKAGE), dictionary().code_lists["themes"])
    (read,) = records([PACKAGE])
    for name in SCORED:
        assert getattr(read.dataset, name) == getattr(shown, name), name
    assert sorted(read.dataset.keywords) == sorted(shown.keywords)
    assert [(r.url, r.format) for r in read.dataset.resources] == [
        (r.url.rsplit("/", 1)[-1], r.format) for r in shown.resources
    ]


def test_bound_columns_are_remembered_when_the_source_repeats_its_record(
    desk: Desk, harvest: Harvest
) -> None:
    """The loader's finding of the same bytes stays, for the file is not loaded again."""
    source = Shelf([draft()], {FILE: ROWS.encode()})
    harvest(CONFIG, source)
    desk.load()
    source.records = [draft(title="Bộ một, tên mới")]
    harvest(CONFIG, source)
    (found,) = model_evidence.of_packages([PACKAGE])[PACKAGE].files.values()
    assert found.bound
    source.records = [draft(title="Bộ một, số mới")]
    source.files[FILE] = b"cap,so\nTHPT,1\n"
    harvest(CONFIG, source)
    (found,) = model_evidence.of_packages([PACKAGE])[PACKAGE].files.values()
    assert not found.bound
    assert found.facts is not None
    assert found.facts.rows == 1


def test_band_that_changes_is_told_to_the_index(desk: Desk) -> None:
    """The filter of the search follows the score, though nobody edits the record."""
    rescoring.turn()
    band = ask("hatinh_score_show", id=desk.dataset)["band"]
    found = ask("package_search", fq=f"quality_band:{band}")
    assert [item["id"] for item in found["results"]] == [desk.dataset]
    assert (waiting(), waiting(Task.INDEX)) == ([], [])


def test_index_that_is_away_holds_up_no_score(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The score is kept, the document waits, and is brought up to date later."""

    def away(*_given: Any) -> None:
        raise SearchIndexError("away")

    with monkeypatch.context() as patched:
        patched.setattr(rescoring, "index_update_package", away)
        assert rescoring.turn() == 1
        assert waiting(Task.INDEX) == [desk.dataset]
    model.Session.execute(sa.update(QualityDue).values(not_before=None))
    model.Session.commit()
    rescoring.turn()
    assert waiting(Task.INDEX) == []


def test_worker_killed_at_any_moment_loses_nothing(desk: Desk, workers: Workers) -> None:
    """kill -9 before or after every statement and commit: the next worker ends the work."""
    rescoring.work_off()
    rescoring.tell_index(9)
    number, code = 0, KILLED
    while code == KILLED:
        number += 1
        edit(desk.dataset, approved_by="Giám đốc" if number % 2 else "")

        def run(number: int = number) -> None:
            watch_moments(Fuse(number=number))
            rescoring.turn()

        code = workers.fork(run).ended(60)
        model.Session.execute(sa.update(QualityDue).values(not_before=None))
        model.Session.commit()
        rescoring.turn()
        assert _is_right(desk)
        assert (waiting(), waiting(Task.INDEX)) == ([], [])
    assert code == 0
    assert number > 10


def _is_right(desk: Desk) -> bool:
    """Whether score, history and index are those of the record as it is."""
    model.Session.rollback()
    score = ask("hatinh_score_show", id=desk.dataset)
    approved = bool(ask("package_show", id=desk.dataset)["approved_by"])
    empty = {loss["path"] for loss in score["losses"] if loss["rule"] == "field-empty"}
    found = ask("package_search", fq=f"quality_band:{score['band']}")["count"]
    past = ask("hatinh_score_history", id=desk.dataset)[-1]["total"]
    return ("$.approved_by" not in empty) == approved and found == 1 and past == score["total"]


def test_statements_do_not_grow_with_the_records(desk: Desk) -> None:
    """A batch is read, scored and kept with as many statements as one record."""
    fields = {"owner_org": "so-nnmt", "notes_translated": {"vi": "Bảng"}, **CLASSIFIED}
    for number in range(4):
        named = {"name": f"bang-{number}", "title_translated": {"vi": f"Bảng {number}"}}
        desk.do("package_create", {**fields, **named})
    rescoring.work_off()
    counts = []
    for ids in ([desk.dataset], [name for (name,) in _all_ids()]):
        model_due.note_all(ids, Task.SCORE)
        model.Session.commit()
        with counted() as statements:
            assert rescoring.work_off() == len(ids)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def _all_ids() -> list[Any]:
    query = sa.select(model.Package.id).where(model.Package.state == "active")
    return list(model.Session.execute(query).all())


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)


def test_save_costs_one_statement(desk: Desk) -> None:
    """Who saves a record waits for one row on the list, and for no scoring."""
    with counted() as statements:
        edit(desk.dataset, contact="Phòng Số hoá")
    mine = [text for text in statements if "INTO hatinh_quality" in text]
    assert len(mine) == 1
    assert "hatinh_quality_due" in mine[0]


def test_command_scores_everything_or_what_is_due(desk: Desk) -> None:
    """``rescore`` does the night's work at once; ``--all`` leaves nothing out."""
    run = CliRunner().invoke
    assert run(quality, ["rescore"]).output.startswith("1 records scored")
    assert run(quality, ["rescore"]).output.startswith("0 records scored")
    assert run(quality, ["rescore", "--all"]).output.startswith("1 records scored")
    assert waiting() == waiting(Task.INDEX) == []


@pytest.mark.parametrize("days", [1, -1])
def test_command_refuses_days_that_are_not_the_newest(desk: Desk, days: int) -> None:
    """The newest score is one of a day that has come, and not older than one that is there."""
    rescoring.work_off()
    day: date = today() + timedelta(days)
    done = CliRunner().invoke(quality, ["rescore", "--day", day.isoformat()])
    assert done.exit_code != 0
    assert ask("hatinh_score_show", id=desk.dataset)["day"] == today().isoformat()


def test_page_lists_every_place(desk: Desk, app: Any) -> None:
    """From the score to each row: the page of a rule names them all, a hundred at a time."""
    rows = "cap,so\n" + "".join(f"THPT{n},x{n}\n" for n in range(130))
    desk.upload(rows, schema=json.dumps(SCHEMA))
    desk.load()
    rescoring.work_off()
    page = app.get("/en/dataset/bang-thu/chat-luong").body
    assert "Each file by itself" in page
    page = app.get("/dataset/bang-thu/chat-luong").body
    assert "/dataset/bang-thu/chat-luong/cell-type" in page
    first = app.get("/dataset/bang-thu/chat-luong/cell-type").body
    assert "dòng 1," in first or "dòng 1<" in first or "dòng 1 " in first
    assert "x0" in first
    second = app.get("/dataset/bang-thu/chat-luong/cell-type?page=2").body
    assert "dòng 130" in second
    assert "dòng 130" not in first
    assert app.get("/dataset/bang-thu/chat-luong/key-empty").status_code == 404
    assert app.get("/en/dataset/bang-thu/chat-luong/cell-type").status_code == 200
