"""kill -9 of each part in the middle of a harvest, then a new start: the same final state.

Every portal here is a whole one with its own data directory. The reference is a portal that
nobody disturbed; the others begin from a copy of the same prepared, empty portal.
"""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services import instance
from services.postgres import Postgres
from services.process import PidFile
from services.settings import ROOT, Ports, Settings
from services.testing import free_ports, portal_environment

pytestmark = pytest.mark.slow

VICTIMS = ("postgres", "valkey", "solr", "web", "worker", "data", "harvest", "supervisor")
SECONDS = 240
CHANGING = {
    *("metadata_created", "metadata_modified", "created", "last_modified"),
    "creator_user_id",  # the account of the harvest gets a random id in each portal
    "datastore_active",  # the data worker comes to a file when it has time
}
LONGER = re.compile(r"-[0-9a-f]{8}$")
"""Of two records with one title the one that comes first has the shorter name, and workers that
harvest two sources side by side come in any order."""

OFFLINE = {
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"),
}
RECORDS = "SELECT source, guid, package_id, hash FROM hatinh_harvest_record ORDER BY 1, 2"
OUTBOX = "SELECT count(*) FROM hatinh_harvest_outbox"
ACTIVE = "SELECT id FROM package WHERE state = 'active' ORDER BY 1"

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class State:
    """What a portal holds after a harvest, without what differs from run to run."""

    records: list[str]
    packages: dict[str, Any]
    files: dict[str, str]
    indexed: list[str]
    waiting: str


class Portal:
    """A portal of its own, started, killed and asked from outside."""

    def __init__(self, var: Path, ports: Ports) -> None:
        self.var = var
        # No start but the first needs a network: there is none here but the machine itself.
        self.environment = {**portal_environment(var, ports), **OFFLINE}
        self.settings = Settings.from_environment(self.environment)
        self.postgres = Postgres(self.settings)

    def call(self, *verb: str) -> None:
        command = [sys.executable, "-m", "services", *verb]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=SECONDS)

    def start_and_kill(self, victim: str, records: int) -> None:
        """Start, kill one part once so many records are in, let the rest come to its end."""
        command = [sys.executable, "-m", "services", "run"]
        running = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        try:
            wait_until(
                lambda: running.poll() is not None or self.harvested() >= records,
                "the harvest to be under way",
            )
            assert running.poll() is None, "the start ended before it could be disturbed"
            os.kill(self.pid_of(victim), signal.SIGKILL)
            wait_until(
                lambda: running.poll() is not None or (self.settings.run / "ready").exists(),
                "the disturbed start to end",
            )
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGTERM)
            running.wait(SECONDS)

    def pid_of(self, part: str) -> int:
        if part == "supervisor":
            pid = instance.holder(self.settings)
            assert pid is not None
            return pid
        record = PidFile.read(self.settings.run / f"{part}.pid")
        assert record is not None
        return record.pid

    def harvested(self) -> int:
        """Records in the database, 0 before there is a harvest."""
        if not (self.settings.run / "harvest.pid").exists():
            return 0
        return len(self.rows(RECORDS))

    def rows(self, query: str) -> list[str]:
        return self.postgres.psql("ckan", query).splitlines()

    def ask(self, action: str) -> Any:
        url = f"{self.settings.site_url}/api/3/action/{action}"
        with _direct.open(url, timeout=60) as answer:
            return json.load(answer)["result"]

    def state(self) -> State:
        """Read when everything serves and the index has had its second."""
        wait_until(lambda: self.indexed() == self.rows(ACTIVE), "the index to equal the database")
        return State(
            records=self.rows(RECORDS),
            packages={i: lasting(self.ask(f"package_show?id={i}")) for i in self.rows(ACTIVE)},
            files=self.files(),
            indexed=self.indexed(),
            waiting=self.rows(OUTBOX)[0],
        )

    def files(self) -> dict[str, str]:
        stored = self.var / "storage" / "resources"
        return {
            str(path.relative_to(stored)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in stored.rglob("*")
            if path.is_file()
        }

    def indexed(self) -> list[str]:
        query = "select?q=entity_type:package&fl=id&rows=10000"
        with _direct.open(f"{self.settings.solr_url}/{query}", timeout=30) as answer:
            return sorted(found["id"] for found in json.load(answer)["response"]["docs"])


def lasting(value: Any) -> Any:
    """Of a dataset as the API shows it, what does not differ from run to run."""
    if isinstance(value, dict) and "vocabulary_id" in value:
        return value["name"]  # a tag gets a random number when it is first used
    if isinstance(value, dict):
        return {key: lasting(inner) for key, inner in value.items() if key not in CHANGING}
    if isinstance(value, str):
        return LONGER.sub("", value)
    return [lasting(inner) for inner in value] if isinstance(value, list) else value


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two values differ, so that a failure names the place."""
    if isinstance(one, State):
        one, other = vars(one), vars(other)
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [d for k in keys for d in differences(one.get(k), other.get(k), f"{path}.{k}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{path}[{i}]")]
    return [] if one == other else [f"{path}: {one!r} != {other!r}"]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, f"waited {SECONDS} s for {what}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def ports() -> Ports:
    return free_ports()


@pytest.fixture(scope="module")
def prepared(ports: Ports) -> Iterator[Path]:
    """The data directory of a migrated portal that has not harvested yet."""
    # Not pytest's own directory: PostgreSQL must be able to walk to it as another account.
    home = Path(f"/var/tmp/hatinh-faults-{os.getpid()}")
    home.mkdir(mode=0o755)
    try:
        portal = Portal(home / "prepared", ports)
        portal.call("start", "--no-harvest")
        portal.call("stop")
        yield portal.var
    finally:
        shutil.rmtree(home)


@pytest.fixture
def portal(prepared: Path, ports: Ports) -> Iterator[Portal]:
    """A portal on a copy of the prepared data; stopped and removed afterwards."""
    with copy_of(prepared, prepared.with_name("disturbed"), ports) as disturbed:
        yield disturbed


@pytest.fixture(scope="module")
def reference(prepared: Path, ports: Ports) -> State:
    """The state after an undisturbed harvest."""
    with copy_of(prepared, prepared.with_name("reference"), ports) as undisturbed:
        undisturbed.call("start")
        return undisturbed.state()


@contextmanager
def copy_of(prepared: Path, var: Path, ports: Ports) -> Iterator[Portal]:
    subprocess.run(["cp", "-a", str(prepared), str(var)], check=True)
    copy = Portal(var, ports)
    try:
        yield copy
    finally:
        copy.call("stop")
        shutil.rmtree(var)


def test_undisturbed_harvest_fills_the_portal(reference: State) -> None:
    """The reference is worth comparing with."""
    assert len(reference.packages) > 70
    assert len(reference.files) > 20
    assert reference.waiting == "0"


@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_part_costs_nothing_after_the_next_start(
    victim: str, portal: Portal, reference: State
) -> None:
    """Nothing lost, nothing twice: the same datasets, files and index documents."""
    after = random.Random(victim).randrange(1, len(reference.records) - 5)
    portal.start_and_kill(victim, after)
    portal.call("start")
    assert differences(portal.state(), reference) == []
