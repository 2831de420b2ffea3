"""Freezing and packing however much there is: statements, pieces, locks, and a killed process."""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from sqlalchemy import event

from ckanext.hatinh.campaign import model as campaign_model
from ckanext.hatinh.campaign.model import Files, file_sizes
from hatinh.pack import verifier

pytestmark = pytest.mark.usefixtures("with_plugins")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
TITLE = {"vi": "Kiểm kê dữ liệu năm 2026"}
OFFICE = "so-gddt"
LATE = "hatinh_harvest_source"
"""A table that a snapshot reads when most of its files are stored."""


@pytest.fixture
def steward(portal: None) -> str:
    """Somebody who may take every step."""
    return factories.Sysadmin()["name"]


def call(user: str, action: str, **parameters: Any) -> Any:
    """Call an action of campaigns as somebody."""
    model.Session.rollback()
    return tk.get_action(f"hatinh_campaign_{action}")(Context(user=user), parameters)


def opened(user: str, number: int = 1) -> int:
    """An open campaign."""
    call(user, "create", title=TITLE)
    call(user, "open", number=number)
    return number


def records(user: str, *names: str) -> None:
    """Public datasets of a department."""
    for name in names:
        given = {
            "name": name,
            "title_translated": {"vi": f"Bảng {name}"},
            "notes_translated": {"vi": "Bảng số liệu"},
            "owner_org": OFFICE,
            **CLASSIFIED,
            "resources": [{"url": "https://so.example.vn/a.csv", "format": "CSV"}],
        }
        tk.get_action("package_create")(Context(user=user), given)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


def taken(user: str, number: int) -> dict[str, int]:
    """How many statements each step with a campaign takes."""
    asked = {"number": number}
    steps = {
        "freeze": asked,
        "figure": {**asked, "figure": "ranking"},
        "pack": asked,
        "snapshot": asked,
    }
    found: dict[str, int] = {}
    for step, given in steps.items():
        with statements() as seen:
            call(user, step, **given)
        found[step] = len(seen)
    return found


def test_more_records_take_no_more_statements(steward):
    """Two records or ten: freezing, a figure, the pack of the province."""
    records(steward, "bang-1", "bang-2")
    few = taken(steward, opened(steward))
    records(steward, *(f"bang-{number}" for number in range(3, 11)))
    assert taken(steward, opened(steward, 2)) == few


def test_file_in_pieces_is_the_file(steward, monkeypatch):
    """Frozen in pieces it has its hash and makes a pack that holds; one in a single piece too,
    as older snapshots have them."""
    records(steward, "bang-1", "bang-2")
    call(steward, "freeze", number=opened(steward))
    whole = dict(Files(1))
    monkeypatch.setattr(campaign_model, "PIECE", 100)
    assert dict(Files(1)) == whole
    call(steward, "freeze", number=opened(steward, 2))
    query = "SELECT max(length(body)), count(*) FROM hatinh_campaign_file WHERE campaign = 2"
    longest, pieces = model.Session.execute(sa.text(query)).one()
    assert (longest, pieces > len(whole)) == (100, True)
    for file in file_sizes(2):
        body = Files(2)[file["path"]]
        assert (file["bytes"], file["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    with pytest.raises(KeyError):
        Files(2)["data/none.csv"]


def test_page_makes_the_pack_once(app, steward):
    """A table is read for its figures and for its place in the pack, and not once more."""
    records(steward, "bang-1")
    call(steward, "freeze", number=opened(steward))
    told = call(steward, "pack", number=1)
    client, user = app.test_client(), model.User.get(steward)
    assert user is not None
    with client.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
        session["_user_id"] = user.id
    with statements() as seen:
        answer = client.get("/kiem-ke/1/goi.zip")
    assert hashlib.sha256(answer.data).hexdigest() == told["sha256"]
    assert told["name"] in answer.headers["Content-Disposition"]
    read = [statement for statement in seen if ".body" in statement]
    tables = [name for name in verifier.members(answer.data) if name.startswith("data/")]
    assert len(read) == 2 * len(tables) + len(("snapshot.json", "verifier.py"))


# -- amid a freezing -----------------------------------------------------------------------------


@contextmanager
def amid_freezing(user: str) -> Iterator[int]:
    """A process that freezes campaign 1 and stands still when most of it is stored; its id."""
    model.Session.remove()
    engine = model.Session.get_bind().engine
    with engine.connect() as holding:
        holding.execute(sa.text(f"LOCK TABLE {LATE} IN ACCESS EXCLUSIVE MODE"))
        pid = os.fork()
        if pid == 0:
            _freeze_as_child(user)
        try:
            _wait_until_it_waits(engine)
            yield pid
        finally:
            holding.rollback()
    os.waitpid(pid, 0)


def _freeze_as_child(user: str) -> None:
    try:
        model.Session.get_bind().engine.dispose(close=False)  # a socket must not be shared by two
        call(user, "freeze", number=1)
    finally:
        os._exit(0)  # whatever happened, the child must never come back into the tests


def _wait_until_it_waits(engine: sa.Engine) -> None:
    query = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{LATE}'::regclass"
    with engine.connect() as looking:
        for _ in range(600):
            if looking.scalar(sa.text(query)):
                return
            looking.rollback()
            time.sleep(0.1)
    raise AssertionError("nobody freezes")


def test_datasets_are_saved_while_a_campaign_freezes(steward):
    """What is saved meanwhile is not in the snapshot, whose view is that of its beginning."""
    records(steward, "bang-1")
    opened(steward)
    with amid_freezing(steward):
        records(steward, "bang-2")
        tk.get_action("package_patch")(Context(user=steward), {"id": "bang-1", "url": "x"})
        assert call(steward, "show", number=1)["state"] == "mo"
    assert call(steward, "show", number=1)["state"] == "chot"
    stored = Files(1)["data/records.csv"]
    assert (b"bang-1" in stored, b"bang-2" in stored) == (True, False)


def test_killed_freezing_leaves_an_open_campaign(steward):
    """Killed when most was stored: nothing is frozen, nothing is left, and it can be done again."""
    records(steward, "bang-1")
    opened(steward)
    with amid_freezing(steward) as pid:
        os.kill(pid, signal.SIGKILL)
    campaign_model.stand_still()  # waits until the database has noticed
    assert (call(steward, "show", number=1)["state"], file_sizes(1)) == ("mo", [])
    assert call(steward, "freeze", number=1)["state"] == "chot"
    assert {file["path"] for file in file_sizes(1)} > {"data/records.csv", "data/findings.csv"}
