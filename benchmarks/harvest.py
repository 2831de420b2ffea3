"""Harvest: our line beside a harvester that stands on CKAN's stock calls.

Both write the same synthetic datasets (bulk-made for the benchmark: ten rows of CSV a resource)
into the same portal with all our plugins loaded, turn by turn. Stock calls ``package_create`` or
``package_update`` for each record, as the common harvesters do. Ours also reads, fetches and
checks the tables, scores the record and keeps its account, so the ratio is on the low side.
"""

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
import pysolr
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.types import Context
from sqlalchemy import event

import schemas
from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.harvest.runner import run_source
from ckanext.hatinh.shared.mapping import package_id, to_package
from ckanext.hatinh.shared.vocabulary import dictionary, vocabulary
from harvesters.pipeline import Judge, candidates
from harvesters.source import SourceConfig
from hatinh.dataset import Draft, Resource
from hatinh.quality import load_formula
from hatinh.text import Text, slug

RECORDS = 40
ROUNDS = 5
RESOURCES = 3
FIELDS: dict[str, Any] = {
    "publisher": "so-gddt",
    "themes": ["HT05"],
    "keywords": ["giáo dục", "thống kê", "trường học", "giáo viên", "học sinh"],
    "licence": "CC-BY-4.0",
    "frequency": "nam",
    "data_layer": "tong_hop",
    "sharing_level": "mo",
    "publication_class": "cong_khai",
    "pii_class": "none",
    "importance_class": "khac",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
}
TABLE = ("ma_truong,so_hoc_sinh\n" + "".join(f"T{n:03},{n * 7}\n" for n in range(10))).encode()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A source whose records and files are at hand."""

    name: str

    def drafts(self) -> Iterator[Draft]:
        """The synthetic records."""
        for number in range(RECORDS):
            title = f"Bộ dữ liệu đo {self.name} số {number}"
            files = [
                {
                    "guid": f"{n}",
                    "name": f"Bảng {n}",
                    "url": f"http://bench.example/{number}/{n}.csv",
                }
                for n in range(RESOURCES)
            ]
            yield Draft(f"r{number}", FIELDS | {"title": title, "notes": title}, files)

    def content(self, resource: Resource) -> bytes:
        """The same small table for every resource."""
        return TABLE


@dataclass
class Cost:
    """What a batch took."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)


@contextmanager
def measured() -> Iterator[Cost]:
    """Time, SQL statements, commits and Solr requests of what runs inside."""
    cost, engine, send = Cost(), model.meta.engine, pysolr.Solr._send_request

    def statement(*_args: Any) -> None:
        cost.counts["sql"] += 1

    def commit(*_args: Any) -> None:
        cost.counts["commits"] += 1

    def request(self: pysolr.Solr, method: str, *args: Any, **kwargs: Any) -> Any:
        cost.counts["solr"] += 1
        return send(self, method, *args, **kwargs)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    pysolr.Solr._send_request = request
    started = time.perf_counter()
    try:
        yield cost
    finally:
        cost.seconds = time.perf_counter() - started
        pysolr.Solr._send_request = send
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def stock(action: str, packages: list[dict[str, Any]], user: str) -> Cost:
    """Write packages one by one with CKAN's own call, each committed by itself."""
    with measured() as cost:
        for package in packages:
            tk.get_action(action)(Context(user=user), deepcopy(package))
    return cost


def ours(config: SourceConfig, judge: Judge, user: str) -> Cost:
    """One run of our harvest."""
    with measured() as cost:
        result = run_source(config, lambda source: Shelf(source.name), judge, user)
    if sum(result.counts.values()) != RECORDS or result.error:
        raise SystemExit(f"the run went wrong: {result}")
    return cost


def packages_of(name: str, judge: Judge) -> list[dict[str, Any]]:
    """The records of a shelf as package dicts, for the stock calls."""
    themes = dictionary().code_lists["themes"]
    made = []
    for candidate in candidates(Shelf(name), judge, {}):
        if candidate.dataset is None:
            raise SystemExit(f"a synthetic record is refused: {candidate.problems}")
        package = to_package(candidate.dataset, package_id(name, candidate.guid), themes)
        made.append(package | {"name": slug(candidate.title)})
    return made


def rounds(user: str) -> dict[str, list[Cost]]:
    """All batches, turn by turn, so that the machine's moods hit both alike."""
    judge = Judge(vocabulary(), load_formula(schemas.ROOT / "quality.yaml"))
    costs: dict[str, list[Cost]] = {}

    run = uuid4().hex[:6]  # an earlier run's data may still be there
    for number in range(ROUNDS):
        packages = packages_of(f"stock-{run}-{number}", judge)
        config = source(f"ours-{run}-{number}")
        turns = {
            "stock first": partial(stock, "package_create", packages, user),
            "ours first": partial(ours, config, judge, user),
            "stock again": partial(stock, "package_update", packages, user),
            "ours again": partial(ours, config, judge, user),
        }
        for name, turn in turns.items():
            costs.setdefault(name, []).append(turn())
    return costs


def source(name: str) -> SourceConfig:
    """A configured source of that name."""
    return SourceConfig(name, "bench", Text("đo"), "http://bench.example/", "so-gddt")


def figures(costs: dict[str, list[Cost]]) -> dict[str, object]:
    """Ratios of medians with their range over the rounds, and counts for each record."""
    found: dict[str, object] = {"records": RECORDS, "resources": RESOURCES, "rounds": ROUNDS}
    for run in ("first", "again"):
        pairs = zip(costs[f"stock {run}"], costs[f"ours {run}"], strict=True)
        ratios = sorted(theirs.seconds / mine.seconds for theirs, mine in pairs)
        low, high = ratios[0], ratios[-1]
        found[f"{run}: stock/ours, seconds"] = (
            f"x{statistics.median(ratios):.1f} [{low:.1f}-{high:.1f}]"
        )
        for name in ("sql", "commits", "solr"):
            theirs, mine = (
                costs[f"{who} {run}"][-1].counts[name] / RECORDS for who in ("stock", "ours")
            )
            found[f"{run}: {name} for each record, stock -> ours"] = f"{theirs:.2f} -> {mine:.2f}"
    return found


def main() -> int:
    """Print the figures as JSON; services and ini are given."""
    app = make_app(load_config(sys.argv[1]))
    with app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        load_all(user)
        json.dump(figures(rounds(user)), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
