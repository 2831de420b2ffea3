"""Records that break what they touch, people who edit meanwhile, rules that change, old lies."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from bench import BOUND, CONFIG, FIELDS, Bench, counted, drafts, shelf
from ckan import model
from forked import Fuse
from invariants import rows, written
from scripted import Conversation, RawServer, answer
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.harvest import engine, queue
from ckanext.hatinh.harvest.config import spool
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.shared.mapping import package_id, resource_id
from harvesters.source import SourceConfig
from hatinh import dataset

FIRST = drafts(range(10))
POISON, POISONED = "Bộ dữ liệu số 4", "bo-4"
LOCKED = "sql SAVEPOINT"
"""Comes after a batch has locked what it writes over."""


# -- poisonous records (F19) ------------------------------------------------------------------


def divide() -> None:
    """A statement that the database refuses: the transaction is spoilt."""
    model.Session.execute(sa.text("SELECT 1/0"))


def repeat() -> None:
    """A row that breaks a constraint."""
    name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    model.Session.execute(sa.text('INSERT INTO "user" SELECT * FROM "user" WHERE name = :n'),
                          {"n": name})  # fmt: skip


def object_to() -> None:
    """A trigger that refuses a row, and a plugin that does not hear of it."""
    with suppress(DBAPIError):
        model.Session.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'no'; END $$"))
    model.Session.execute(sa.text("SELECT 1"))


def overflow() -> None:
    """A value that fits no row of an index."""
    long = "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 200) n)"
    model.Session.execute(
        sa.text(f"INSERT INTO hatinh_harvest_record (source, guid) SELECT 'x', {long}")
    )


def recurse() -> None:
    """Too deep."""
    recurse()


def crash() -> None:
    """A mistake of a programmer."""
    raise KeyError("gãy")


def refuse() -> None:
    """A plugin that refuses late."""
    raise tk.ValidationError({"title": ["không nhận"]})


@pytest.mark.parametrize(
    ("hook", "fault"),
    [
        ("validate", crash),
        ("validate", divide),
        *(("after_dataset_create", fault) for fault in (crash, divide, repeat, refuse)),
        *(("after_dataset_create", fault) for fault in (object_to, overflow)),
        ("before_dataset_index", divide),
        ("before_dataset_index", recurse),
    ],
)
def test_f19_record_that_breaks_a_plugin_costs_itself_alone(
    hook: str, fault: Callable[[], None], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the plugin raises, wherever; once it is mended the record comes in."""
    source = shelf(FIRST)
    with monkeypatch.context() as patch:
        poison(patch, hook, fault)
        run = bench.ran(source)
    assert (run.state, counted(run)) == ("complete", {"created": 9, "rejected": 1}), run.error
    told = outcomes(run.id, "rejected")[0].problems[-1]["code"]
    assert told in ("package-crashed", "package-refused")
    assert not stored_path(resource_id(package_id(CONFIG.name, POISONED), "tep-4")).is_file()
    bench.invariants.check()
    assert counted(bench.ran(source)) == {"created": 1, "unchanged": 9}
    bench.writes_nothing_again(source)


def poison(patch: pytest.MonkeyPatch, hook: str, fault: Callable[[], None]) -> None:
    """Have a plugin break over one record."""
    name = "scheming_datasets" if hook == "validate" else "hatinh_catalog"
    owner: Any = p.get_plugin(name)
    real = getattr(owner, hook)

    def broken(*given: Any) -> Any:
        if any(isinstance(item, dict) and item.get("title") == POISON for item in given):
            fault()
        return real(*given)

    patch.setattr(owner, hook, broken)


def test_f19_document_that_the_index_refuses_holds_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits with its reason; the dataset is there, and its document comes when it is mended."""
    owner: Any = p.get_plugin("hatinh_catalog")
    real = owner.before_dataset_index
    run_id, source = bench.queued(), shelf(FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(owner, "before_dataset_index", lambda found: real(found) | (
            {"metadata_modified": "nie"} if found["title"] == POISON else {}))  # fmt: skip
        assert bench.worked(source) == 0
    waiting = rows("SELECT package_id, attempts, error FROM hatinh_harvest_outbox")
    assert [(id_, tries) for id_, tries, _ in waiting] == [(package_id(CONFIG.name, POISONED), 1)]
    assert "400" in waiting[0][2]
    model.Session.execute(sa.text("UPDATE hatinh_harvest_outbox SET not_before = now()"))
    model.Session.commit()
    bench.landed(run_id, {"created": 10}, FIRST)


# -- edits meanwhile (F29) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "action", "contact"),
    [
        ({"policy": "source-wins"}, "updated", "Văn phòng Sở"),
        ({"policy": "keep-local", "local_fields": ["contact"]}, "updated", "Người sửa"),
        ({"policy": "ask"}, "conflict", "Người sửa"),
    ],
    ids=["source-wins", "keep-local", "ask"],
)
def test_f29_edit_during_a_batch_is_never_lost_unnoticed(
    policy: dict[str, Any], action: str, contact: str, bench: Bench, tmp_path: Path
) -> None:
    """It waits for the batch and then stands; the next change of the source finds it."""
    bench.ran(shelf(FIRST))
    bench.queued(**policy)
    begun = tmp_path / "begun"

    def be_slow() -> None:
        begun.touch()
        time.sleep(1.5)

    working = bench.workers.start(shelf(drafts(range(10), title="Hai")), Fuse([LOCKED], be_slow))
    while not begun.exists():
        time.sleep(0.01)
    edit("bo-1", contact="Người sửa")
    assert working.ended(BOUND) == 0
    assert contact_of("bo-1") == "Người sửa"
    run = bench.ran(shelf(drafts(range(10), title="Ba")), **policy)
    found = next(o for o in outcomes(run.id) if o.guid == "bo-1")
    assert found.action == action
    assert contact_of("bo-1") == contact
    if policy["policy"] != "keep-local":
        assert found.problems[-1]["code"] in ("local-edit-replaced", "edited-locally")
    bench.invariants.check()


def edit(guid: str, **changes: Any) -> None:
    """Somebody changes a dataset in the portal."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    id_ = package_id(CONFIG.name, guid)
    tk.get_action("package_patch")({"user": user}, {"id": id_, **changes})


def contact_of(guid: str) -> str:
    """The contact that a dataset shows."""
    context: Any = {"ignore_auth": True, "use_cache": False}
    shown = tk.get_action("package_show")(context, {"id": package_id(CONFIG.name, guid)})
    model.Session.remove()
    return shown["contact"]


# -- rules that change (F30) ------------------------------------------------------------------


def test_f30_new_mapping_has_every_record_judged_and_written_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal words, new rules: nothing is taken for unchanged."""
    source = shelf(FIRST)
    bench.ran(source)
    monkeypatch.setattr(dataset, "MAPPING_VERSION", dataset.MAPPING_VERSION + 1)
    monkeypatch.setattr(engine, "MAPPING_VERSION", dataset.MAPPING_VERSION)
    assert counted(bench.ran(source)) == {"updated": 10}
    bench.invariants.check()
    bench.writes_nothing_again(source)


def test_f30_new_dictionary_has_every_record_judged_and_none_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules that change no dataset cost no dataset."""
    source = shelf(FIRST)
    bench.ran(source)
    before = written()
    monkeypatch.setattr(engine, "_rules", lambda: "other rules")
    judged = bench.ran(source)
    assert counted(judged) == {"unchanged": 10}
    assert written() == before
    versions = rows("SELECT DISTINCT stats->>'version' FROM hatinh_harvest_run")
    assert len(versions) == 2
    bench.invariants.check()


# -- old lies (F34) ---------------------------------------------------------------------------


class Catalogue:
    """A server that says truly what it has, and remembers what it was asked for."""

    def __init__(self, titles: dict[str, str]) -> None:
        self.titles, self.asked = titles, list[str]()

    def __call__(self, talk: Conversation) -> None:
        """Answer with the catalogue, with «not modified», or with a file."""
        self.asked.append(talk.asked.path)
        body, tag = self.body(talk), f'"{hash(tuple(self.titles.items()))}"'
        if talk.asked.path != "/data.json":
            talk.send(answer(b"ma,ten\n1,a\n"))
        elif talk.asked.headers.get("If-None-Match") == tag:
            talk.send(answer(b"", status=304, headers={"ETag": tag}))
        else:
            talk.send(answer(body, headers={"ETag": tag}))

    def body(self, talk: Conversation) -> bytes:
        """The catalogue; each record has a file."""
        here = f"http://{talk.asked.headers['Host']}"
        records = [
            {"identifier": guid, "title": title, "distribution": [
                {"title": "Bảng", "format": "CSV", "downloadURL": f"{here}/{guid}.csv"}]}
            for guid, title in self.titles.items()
        ]  # fmt: skip
        return json.dumps({"dataset": records}).encode()

    def asked_now(self) -> list[str]:
        """What it was asked for since the last look."""
        asked, self.asked = self.asked, []
        return asked


def test_refused_record_that_vanished_is_forgotten_and_not_modified_is_believed_again(
    bench: Bench, raw: Callable[..., RawServer]
) -> None:
    """What the source no longer gives counts no more; the run after costs one request."""
    catalogue = Catalogue({"bo-1": "Một", "bo-2": ""})
    config = at_server(raw(catalogue).url)
    assert counted(bench.harvest(config)) == {"created": 1, "rejected": 1}
    believed = bench.harvest(config)
    assert (believed.not_modified, counted(believed)) == (True, {"unchanged": 1, "rejected": 1})
    del catalogue.titles["bo-2"]
    read = bench.harvest(config)
    assert (read.not_modified, read.total, counted(read)) == (False, 1, {"unchanged": 1})
    assert outcomes(read.id, "rejected") == []
    catalogue.asked_now()
    after = bench.harvest(config)
    assert (after.not_modified, counted(after)) == (True, {"unchanged": 1})
    assert catalogue.asked_now() == ["/data.json"]
    bench.invariants.check()


def test_run_that_lost_a_file_has_the_next_one_read_the_source_again(
    bench: Bench, raw: Callable[..., RawServer]
) -> None:
    """«Not modified» would keep the portal from the file for ever."""
    catalogue = Catalogue({"bo-1": "Một"})
    config = at_server(raw(catalogue).url, publication_class="cong_khai")
    run = bench.harvest(config, approval="always")
    for file in (spool(run.id).folder / "files").iterdir():
        file.unlink()
    queue.approve(run.id, "test")
    assert counted(bench.harvest.go_on(run.id, config)) == {"created": 1}
    again = bench.harvest(config, approval="guard")
    assert (again.not_modified, counted(again)) == (False, {"updated": 1})
    assert rows("SELECT url_type FROM resource WHERE state = 'active'") == [("upload",)]
    assert bench.harvest(config).not_modified
    bench.invariants.check()


class Liar:
    """A server that says «not modified» for ever once it has been asked."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __call__(self, talk: Conversation) -> None:
        """Answer a request for the catalogue."""
        if talk.asked.headers.get("If-None-Match"):
            talk.send(answer(b"", status=304, headers={"ETag": '"1"'}))
            return
        record = {"identifier": "bo-1", "title": self.title}
        body = json.dumps({"dataset": [record]}).encode()
        talk.send(answer(body, headers={"ETag": '"1"'}))


def test_f34_tag_that_never_changes_is_found_out_within_a_week(
    bench: Bench, raw: Callable[..., RawServer]
) -> None:
    """A run a week believes nothing that the source says of changes."""
    liar = Liar("Một")
    config = at_server(raw(liar).url)
    assert counted(bench.harvest(config)) == {"created": 1}
    liar.title = "Hai"
    believed = bench.harvest(config)
    assert (believed.not_modified, counted(believed)) == (True, {"unchanged": 1})
    week = "UPDATE hatinh_harvest_source SET last_full = now() - interval '7 days'"
    model.Session.execute(sa.text(week))
    model.Session.commit()
    checked = bench.harvest(config)
    assert (checked.full, counted(checked)) == (True, {"updated": 1})
    assert rows("SELECT title FROM package") == [("Hai",)]
    bench.invariants.check()


def at_server(url: str, **fields: Any) -> SourceConfig:
    """A catalogue in one file, at this server; what its records do not say is given."""
    given = FIELDS | fields
    return replace(
        CONFIG, kind="datajson", url=f"{url}/data.json", defaults=given, allow_private=True
    )
