"""What must hold after every fault (I1 to I11), asked of the real database, index and disk."""

import hashlib
import json
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from operator import itemgetter
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib import search

from ckanext.hatinh.harvest import indexing
from ckanext.hatinh.harvest.model.run import ENDED, HarvestRun, RunState
from ckanext.hatinh.shared.mapping import package_id
from harvesters.plan import OUTCOMES
from hatinh.dataset import Draft

SECRET = "mat-khau-khong-duoc-lo-ra"
RESTING = {state.value for state in (*ENDED, RunState.WAITING)}
NOT_GIVEN = {"gone", "archived"}
MEGABYTES = 600
"""Memory that a worker here ever has at most: CKAN, pytest and what a small source costs."""
CALLED = re.compile(r"^calls ([0-9a-f.:]+)$", re.MULTILINE)
PUBLIC_OF_RUN = {"id", "source", "state", "started", "finished", "counts"}
PUBLIC_OF_SOURCE = {
    "name", "kind", "title", "owner", "active", "health", "last_run",
}  # fmt: skip
NEW_EACH_TIME = {"indexed_ts", "_version_"}

DOUBLED = """
    SELECT source, guid, count(*) FROM hatinh_harvest_record r JOIN package p ON p.id = r.package_id
    WHERE p.state = 'active' GROUP BY 1, 2 HAVING count(*) > 1
"""
STRAY = """
    SELECT p.id FROM package p LEFT JOIN hatinh_harvest_record r ON r.package_id = p.id
    WHERE p.state = 'active' AND r.guid IS NULL
"""
LOST = """
    SELECT r.guid FROM hatinh_harvest_record r LEFT JOIN package p ON p.id = r.package_id
    WHERE r.state IN ('live', 'gone') AND p.state IS DISTINCT FROM 'active'
"""
FEW = "extras ->> 'publication_class' = 'khong'"
FOR_ALL = f"SELECT id FROM package WHERE state = 'active' AND NOT {FEW}"
NOT_FOR_ALL = f"""
    SELECT p.id, r.id FROM package p LEFT JOIN resource r
        ON r.package_id = p.id AND r.state = 'active' AND r.url_type = 'upload'
    WHERE p.state = 'active' AND p.{FEW}
"""
DELETED = "SELECT count(*) FROM package WHERE state <> 'active'"
ALLOWED = "SELECT count(*) FROM hatinh_harvest_record WHERE state = 'archived'"
PARTS = ("package", "resource", "package_tag", "member", "activity", "hatinh_quality_score")
LEDGER = "SELECT to_jsonb(t)::text FROM hatinh_harvest_{} t"
LEDGERS = ("source", "run", "outcome", "record", "outbox", "notice")
STORED = """
    SELECT r.id, r.hash FROM resource r JOIN package p ON p.id = r.package_id
    WHERE p.state = 'active' AND r.state = 'active' AND r.url_type = 'upload'
"""


@dataclass
class Invariants:
    """Asks; each method names what it found wrong. ``log`` is what the processes wrote."""

    log: Path

    def check(self, *, removed: int = 0) -> None:
        """All but the re-run. ``removed`` datasets were taken away by a person's will."""
        model.Session.remove()
        self.nothing_lost_or_doubled(removed)
        self.every_run_rests_and_adds_up()
        self.files_are_what_their_rows_say()
        self.index_equals_database()
        self.strangers_see_what_is_for_all()
        self.workers_stay_small()
        self.only_this_machine_was_called()
        self.no_secret_is_told()
        model.Session.remove()

    def nothing_lost_or_doubled(self, removed: int) -> None:
        """I1, I2, I8."""
        assert rows(DOUBLED) == []
        assert rows(STRAY) == [], "a dataset that no record knows"
        assert rows(LOST) == [], "a record without its dataset"
        assert rows(DELETED)[0][0] <= rows(ALLOWED)[0][0] + removed, "a deletion nobody wanted"

    def every_run_rests_and_adds_up(self) -> None:
        """I4, I6: no run is stuck; those that are complete account for every record."""
        for run in model.Session.scalars(sa.select(HarvestRun)):
            assert run.state in RESTING, (run.source, run.state)
            assert run.worker == ""
            if run.state == RunState.COMPLETE:
                given = sum(run.counts.get(name, 0) for name in OUTCOMES if name not in NOT_GIVEN)
                assert given == run.total, (run.source, run.counts, run.total)

    def files_are_what_their_rows_say(self) -> None:
        """I1 for bytes: no dataset shows the hash of other bytes."""
        root = Path(tk.config["ckan.storage_path"]) / "resources"
        for id_, digest in rows(STORED):
            body = (root / id_[:3] / id_[3:6] / id_[6:]).read_bytes()
            assert hashlib.sha256(body).hexdigest() == digest, id_

    def index_equals_database(self) -> None:
        """I5: after draining, and against what CKAN itself would index."""
        indexing.drain()
        assert rows("SELECT package_id, error FROM hatinh_harvest_outbox") == []
        ids = {id_ for (id_,) in rows("SELECT id FROM package WHERE state = 'active'")}
        found = documents()
        assert found.keys() == ids
        for id_ in ids:
            search.rebuild(id_, defer_commit=True)
        fresh = documents()
        assert found == fresh

    def strangers_see_what_is_for_all(self) -> None:
        """I7: neither search, page, file nor run tells anybody what is not public."""
        found = ask("package_search", rows=1000)
        assert {package["id"] for package in found["results"]} == {id_ for (id_,) in rows(FOR_ALL)}
        for id_, file in rows(NOT_FOR_ALL):
            assert file is None, "a file that is not for all was fetched"
            with pytest.raises(tk.NotAuthorized):
                ask("package_show", id=id_)
        assert all(run.keys() == PUBLIC_OF_RUN for run in ask("hatinh_run_list", limit=100))
        assert all(source.keys() == PUBLIC_OF_SOURCE for source in ask("hatinh_source_list"))

    def workers_stay_small(self) -> None:
        """I9: what each run's worker had of memory."""
        peaks = "SELECT id, stats ->> 'peak_mb' FROM hatinh_harvest_run WHERE stats ? 'peak_mb'"
        assert [id_ for id_, peak in rows(peaks) if int(peak) > MEGABYTES] == []

    def only_this_machine_was_called(self) -> None:
        """I10: neither the tests' processes nor their workers called another machine."""
        called = set(CALLED.findall(self.log.read_text(encoding="utf-8", errors="replace")))
        assert called, "no call was recorded, not even that of the index"
        assert {host for host in called if not ip_address(host).is_loopback} == set()

    def no_secret_is_told(self) -> None:
        """I11: not in a log, nor in the harvest's own books."""
        assert SECRET not in self.log.read_text(encoding="utf-8", errors="replace")
        for name in LEDGERS:
            assert not any(SECRET in row for (row,) in rows(LEDGER.format(name))), name


def ask(action: str, /, **parameters: Any) -> Any:
    """What an action tells somebody unknown."""
    return tk.get_action(action)({"user": ""}, parameters)


def _record_call(event: str, given: tuple[Any, ...]) -> None:
    """Write down where this process, or a child of it, connects to."""
    if event == "socket.connect" and isinstance(given[1], tuple):
        logging.getLogger("calls").info("calls %s", given[1][0])


sys.addaudithook(_record_call)


def rows(query: str, **values: Any) -> list[tuple[Any, ...]]:
    """What the database answers."""
    return [tuple(row) for row in model.Session.execute(sa.text(query), values)]


def written() -> dict[str, list[tuple[Any, ...]]]:
    """A word for every row of datasets that changes whenever the row is written."""
    found = {part: rows(f"SELECT t.ctid::text, t.xmin::text FROM {part} t") for part in PARTS}
    model.Session.remove()
    return found


def held(source: str, drafts: Sequence[Draft]) -> None:
    """I1: the portal shows each of these records as its source words it."""
    ids = {package_id(source, draft.guid): draft.fields["title"] for draft in drafts}
    shown = "SELECT id, title FROM package WHERE state = 'active' AND id = ANY(:ids)"
    assert dict(rows(shown, ids=[*ids])) == ids
    model.Session.remove()


def documents() -> dict[str, dict[str, Any]]:
    """The documents of the index by id, without what is new at each indexing."""
    # CKAN's own commit does not wait until searches see it; a log that is replayed is slow.
    requests.get(f"{tk.config['solr_url']}/update", {"commit": "true"}, timeout=20)
    query = {"q": "*:*", "rows": 10000, "fq": "entity_type:package"}
    answer = requests.get(f"{tk.config['solr_url']}/select", query, timeout=10)
    return {found["id"]: _lasting(found) for found in answer.json()["response"]["docs"]}


def _lasting(document: dict[str, Any]) -> dict[str, Any]:
    package = json.loads(document["data_dict"])
    package["extras"].sort(key=itemgetter("key"))  # extras have no order
    kept = {name: value for name, value in document.items() if name not in NEW_EACH_TIME}
    return kept | {"data_dict": package}
