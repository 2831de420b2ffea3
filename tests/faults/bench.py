"""What a test of the engine's faults works with: a source at hand, workers, and the invariants."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ckan import model
from forked import Fuse, Workers
from harvesting import Harvest, Shelf
from invariants import SECRET, Invariants, held, written

from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, run_by_id
from ckanext.hatinh.harvest.secrets import seal
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
FILE = "http://127.0.0.1:1/bang.csv"
FIELDS: dict[str, Any] = {
    "notes": "Số liệu theo năm học.", "publisher": "so-gddt", "themes": ["HT05"],
    "keywords": ["giáo dục"], "licence": "CC-BY-4.0", "frequency": "nam",
    "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "co_dieu_kien",
    "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
}  # fmt: skip
VISIBLE = {
    0: {"publication_class": "cong_khai"},
    3: {"publication_class": "khong", "sharing_level": "dung_chung"},
}
LOGGERS = ("", "ckan", "ckanext")

BOUND = 60.0
"""Seconds within which every worker ends."""


def draft(number: int, **changes: Any) -> Draft:
    """A good record; every fourth is public, and its file is stored; every fourth is for few."""
    own = {"title": f"Bộ dữ liệu số {number}", **VISIBLE.get(number % 4, {})}
    url = f"{FILE}?{number}&{changes.get('title', '')}"
    file = {"guid": f"tep-{number}", "url": url, "format": "CSV", "name": "Bảng"}
    return Draft(f"bo-{number}", FIELDS | own | changes, [file], f"row {number}")


def drafts(numbers: Iterable[int], **changes: Any) -> list[Draft]:
    """A record for each number."""
    return [draft(number, **changes) for number in numbers]


def shelf(records: Sequence[Draft], **options: Any) -> Shelf:
    """A source with these records; each address has a file of its own."""
    urls = [record.resources[0]["url"] for record in records]
    return Shelf(list(records), {url: f"ma,ten\n1,{url}\n".encode() for url in urls}, **options)


def counted(run: HarvestRun) -> dict[str, int]:
    """What became of the records, without what did not happen."""
    return {name: number for name, number in run.counts.items() if number}


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to become true."""
    late = time.monotonic() + BOUND
    while not condition():
        assert time.monotonic() < late, what
        model.Session.remove()
        time.sleep(0.02)


@dataclass
class Bench:
    """A portal without datasets, workers that may be killed, and what must hold afterwards."""

    harvest: Harvest
    workers: Workers
    invariants: Invariants

    def queued(self, name: str = CONFIG.name, **row: Any) -> str:
        """Ask for a run of a source, which has a secret."""
        sealed: dict[str, Any] = {"secrets": seal({"client_secret": SECRET})}
        return self.harvest.queued(replace(CONFIG, name=name), **sealed | row)

    def ran(self, source: Shelf, name: str = CONFIG.name, **row: Any) -> HarvestRun:
        """Run a source here and now."""
        run_id = self.queued(name, **row)
        return self.harvest.go_on(run_id, replace(CONFIG, name=name), source)

    def worked(self, source: Shelf, fuse: Fuse | None = None, **options: Any) -> int:
        """Let a worker empty the queue, or come to its end; gives its exit code."""
        return self.workers.start(source, fuse, **options).ended(BOUND)

    def run(self, run_id: str) -> HarvestRun:
        """A run as it is now."""
        found = run_by_id(run_id)
        assert found is not None
        return found

    def state_of(self, run_id: str) -> str:
        """Where a run stands; asked again and again, it keeps no transaction open."""
        found = self.run(run_id).state
        model.Session.remove()
        return found

    def landed(self, run_id: str, expected: dict[str, int], records: Sequence[Draft]) -> None:
        """The run is complete with these outcomes, and the portal holds these records."""
        run = self.run(run_id)
        assert (run.state, run.error) == (RunState.COMPLETE, None)
        assert counted(run) == expected
        held(run.source, records)
        self.invariants.check()

    def writes_nothing_again(self, source: Shelf, name: str = CONFIG.name) -> None:
        """I3: the same input, judged anew, changes no row of a dataset."""
        before = written()
        again = self.ran(source, name, full=True)
        assert again.state == RunState.COMPLETE
        assert {*counted(again)} <= {"unchanged", "rejected"}, again.counts
        assert written() == before


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Write all that this process and its children log into one file, too."""
    handler, former = logging.FileHandler(path), {}
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).disabled = False  # migrations turn some off
    for name in LOGGERS:
        logger = logging.getLogger(name)
        former[logger] = logger.handlers, logger.level
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        for logger, (handlers, level) in former.items():
            logger.handlers = handlers
            logger.setLevel(level)
        handler.close()
