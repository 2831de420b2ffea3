"""Harvest: our engine beside unmodified ckanext-harvest 1.6.3 and ckanext-dcat 2.4.4.

``python -m benchmarks.harvest INI [--records N] [--stock-records N] [--rounds N] [--kinds ...]
[--rows true false] [--files] [--large N] [--search N] [--workers N] [--keep FILE]``; ``make bench``
takes the small sizes. Both sides stand on the same PostgreSQL, Valkey and Solr and read the same
records from the same server on loopback, turn by turn. Stock is one process that gathers and
fetches, ours are the two workers that the portal has; all were started before. Each round has
records of its own.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from benchmarks.harvest.figures import compare, percentile
from benchmarks.harvest.province import Province
from benchmarks.harvest.server import Pages, serving
from benchmarks.harvest.stock_site import make_stock_site

ROOT = Path(__file__).parents[2]
IDLE = 20.0  # seconds that a citizen searches while nothing else runs
KINDS = {
    "json": ("json", '{"force_all":true}'),
    "json-dates": ("json", ""),
    "rdf": ("rdf", ""),
}
"""Format, and the configuration of the stock source. By default the stock CKAN harvester trusts the
dates of a remote CKAN and asks for newer datasets only, as long as no record ever had an error;
``force_all`` is what it must be told for any other source, and what it does after an error."""


@dataclass(frozen=True)
class Worker:
    """One side: a process that harvests what it is told and says what it cost."""

    process: "Popen[str]"

    def ask(self, words: str) -> dict[str, Any]:
        """Tell it something and wait for the answer."""
        self.tell(words)
        return self.answer()

    def tell(self, words: str) -> None:
        """Tell it something."""
        if self.process.stdin is not None:
            self.process.stdin.write(f"{words}\n")
            self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for what it says."""
        line = self.process.stdout.readline() if self.process.stdout is not None else ""
        if not line:
            raise SystemExit(f"{self.process.args} ended")
        return json.loads(line)


@dataclass(frozen=True)
class Team:
    """Our side: a worker with a run, and workers beside it that may help."""

    holder: Worker
    helpers: list[Worker]

    def ask(self, words: str) -> dict[str, Any]:
        """A run; what it cost all of them together."""
        for helper in self.helpers:
            helper.tell("begin")
        cost = self.holder.ask(words)
        for other in [helper.ask("end") for helper in self.helpers]:
            cost |= {name: cost[name] + other[name] for name in ("sql", "commits", "solr", "cpu")}
            cost["peak_mb"] = max(cost["peak_mb"], other["peak_mb"])
        return cost


@dataclass(frozen=True)
class Turn:
    """One run on both sides: what the source holds, and how each side is asked."""

    name: str
    changed: bool = False
    etags: bool = True
    ours: str = ""


TURNS = (
    Turn("first import"),
    Turn("unchanged, the source says so (304)"),
    Turn("unchanged, the source says nothing", etags=False),
    Turn("unchanged, everything looked at anew", etags=False, ours="full"),
    Turn("5 % changed", changed=True),
)


def main() -> int:
    """Print the figures as JSON; services and ini are given. ``--keep`` writes each as it comes."""
    wanted = _arguments()
    with ExitStack() as stack:
        ours = stack.enter_context(_team(wanted.ini, wanted.workers))
        pages = stack.enter_context(serving())
        figures: dict[str, object] = {"setting": _setting(wanted)}
        for solr_commit in wanted.rows:
            site = make_stock_site(wanted.ini, solr_commit)
            with _worker(site.python, "stock", site.ini) as stock:
                for kind in wanted.kinds:
                    title = f"{kind}, stock with solr_commit = {solr_commit}"
                    figures[title] = _sides(wanted, pages, stock, ours, kind, solr_commit)
                    _keep(wanted, figures)
        if wanted.large:
            figures["a large source"] = _large(wanted, pages, ours)
            _keep(wanted, figures)
        if wanted.search:
            figures["search during a harvest"] = _search(wanted, pages, ours)
            _keep(wanted, figures)
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    return 0


def _keep(wanted: argparse.Namespace, figures: dict[str, object]) -> None:
    if wanted.keep:
        wanted.keep.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harvest")
    parser.add_argument("ini", type=Path)
    parser.add_argument("--records", type=int, default=60)
    parser.add_argument("--stock-records", type=int, help="a slice for the stock side")
    # A portal refuses a dataset that another source has: a new run needs new records.
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="of our side; the portal has two")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["json", "rdf"])
    help_rows = "ckan.search.solr_commit of the stock side"
    parser.add_argument("--rows", nargs="*", default=["true", "false"], help=help_rows)
    parser.add_argument("--keep", type=Path, help="a file that is written after every part")
    parser.add_argument("--files", action="store_true", help="our side also fetches every file")
    parser.add_argument("--large", type=int, help="records of a source, to see the memory")
    parser.add_argument("--search", type=int, help="records harvested while a citizen searches")
    return parser.parse_args()


# -- both sides, turn by turn -----------------------------------------------------------------


def _sides(
    wanted: argparse.Namespace, pages: Pages, stock: Worker, ours: Team, kind: str, commit: str
) -> dict[str, object]:
    costs: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for number in range(wanted.rounds):
        # Seeds differ by round, kind and row: no record is ever harvested twice as a new one.
        seed = wanted.seed * 1000 + number * 10 + 2 * [*KINDS].index(kind) + (commit == "true")
        name = f"do-{os.getpid()}-{seed}"
        sides = [
            ("stock", stock, _stock_size(wanted, kind)),
            ("ours", ours, wanted.records),
        ]
        for who, worker, size in sides if number % 2 == 0 else reversed(sides):
            for turn in TURNS:
                _fill(pages, Province(size, seed, pages.base, turn.changed), turn, kind)
                cost = worker.ask(_words(who, f"{name}-{kind}", kind, pages, turn))
                if turn is TURNS[0] and cost["written"] != size:
                    raise SystemExit(f"{who} wrote {cost['written']} of {size} records")
                costs[turn.name, who].append(_per_record(cost, size))
        if wanted.files and kind == "json":
            costs["first import with files", "ours"].append(_with_files(pages, ours, wanted, seed))
    return {turn: _figures(costs, turn) for turn, who in [*costs] if who == "ours"}


def _stock_size(wanted: argparse.Namespace, kind: str) -> int:
    """A slice where each record costs about the same; never where a run costs the same whole."""
    return wanted.records if kind == "json-dates" else wanted.stock_records or wanted.records


def _figures(costs: dict[tuple[str, str], list[dict[str, Any]]], turn: str) -> dict[str, object]:
    """With files only our side works: the stock harvesters never download one."""
    theirs = costs.get((turn, "stock")) or costs["first import", "stock"]
    return compare(theirs, costs[turn, "ours"])


def _fill(pages: Pages, province: Province, turn: Turn, kind: str) -> None:
    pages.etags = turn.etags
    pages.fill(province, rdf=kind == "rdf")


def _words(who: str, name: str, kind: str, pages: Pages, turn: Turn) -> str:
    form, config = KINDS[kind]
    place = f"{pages.base}/nguon-{name}"
    url = place if form == "json" else f"{place}/catalog.ttl"
    return f"{name} {form} {url} {turn.ours if who == 'ours' else config}"


def _per_record(cost: dict[str, Any], size: int) -> dict[str, Any]:
    return cost | {"records": size, "per_record": cost["seconds"] / size}


def _with_files(pages: Pages, ours: Team, wanted: argparse.Namespace, seed: int) -> dict[str, Any]:
    pages.fill(Province(wanted.records, seed + 5, pages.base, files=True), rdf=False)
    cost = ours.ask(f"do-tep-{os.getpid()}-{seed} json {pages.base}")
    return _per_record(cost, wanted.records)


# -- a large source ---------------------------------------------------------------------------


def _large(wanted: argparse.Namespace, pages: Pages, ours: Team) -> dict[str, object]:
    """The first import of many records without resources, and one in which nothing changed."""
    pages.etags = False
    pages.fill(Province(wanted.large, wanted.seed, pages.base, linked=False), rdf=False)
    words = f"do-lon-{os.getpid()} json {pages.base}"
    first, again = ours.ask(words), ours.ask(words)
    return {
        "records": wanted.large,
        "first import, peak_mb of a worker": round(first["peak_mb"]),
        "first import, records_per_second": round(wanted.large / first["seconds"], 1),
        "unchanged, peak_mb of a worker": round(again["peak_mb"]),
        "unchanged, records_per_second": round(wanted.large / again["seconds"], 1),
    }


# -- a citizen who searches -------------------------------------------------------------------


def _search(wanted: argparse.Namespace, pages: Pages, ours: Team) -> dict[str, object]:
    """Times of searches while nothing runs, and while a source is harvested for the first time."""
    with _worker(Path(sys.executable), "citizen", wanted.ini) as citizen:
        pages.fill(Province(wanted.search, wanted.seed, pages.base), rdf=False)
        _times(citizen, _rest)  # the first searches fill caches
        idle, _ = _times(citizen, _rest)
        words = f"do-tim-{os.getpid()} json {pages.base}"
        during, cost = _times(citizen, lambda: ours.ask(words))
    slower = percentile(during, 0.95) / percentile(idle, 0.95)
    return {
        "records": wanted.search,
        "records_per_second": round(wanted.search / cost["seconds"], 1),
        "p50_idle_ms": percentile(idle, 0.5),
        "p95_idle_ms": percentile(idle, 0.95),
        "p50_during_ms": percentile(during, 0.5),
        "p95_during_ms": percentile(during, 0.95),
        "p95_ratio": round(slower, 2),
        "searches": {"idle": len(idle), "during": len(during)},
    }


def _times(
    citizen: Worker, work: Callable[[], dict[str, Any]]
) -> tuple[list[float], dict[str, Any]]:
    """How long each search took while some work was done."""
    citizen.tell("begin")
    done = work()
    return citizen.ask("end")["milliseconds"], done


def _rest() -> dict[str, Any]:
    time.sleep(IDLE)
    return {}


# -- processes and the setting ----------------------------------------------------------------


@contextmanager
def _team(ini: Path, workers: int) -> Iterator[Team]:
    """So many workers of ours."""
    with ExitStack() as stack:
        yield Team(
            stack.enter_context(_worker(Path(sys.executable), "ours", ini)),
            [
                stack.enter_context(_worker(Path(sys.executable), "ours", ini, "helper"))
                for _ in range(workers - 1)
            ],
        )


@contextmanager
def _worker(python: Path, module: str, ini: Path, *words: str) -> Iterator[Worker]:
    """A process of ``benchmarks.harvest``, ready to be asked."""
    command = [str(python), "-m", f"benchmarks.harvest.{module}", str(ini), *words]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        worker = Worker(process)
        worker.answer()
        yield worker
        process.communicate()


def _setting(wanted: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "records": wanted.records,
        "stock_records": wanted.stock_records or wanted.records,
        "rounds": wanted.rounds,
        "workers": wanted.workers,
        "seed": wanted.seed,
        "resources": "0 to 20 a record, median 5, linked",
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "ckan": version("ckan"),
        "stock": (ROOT / "benchmarks" / "requirements.txt").read_text().split()[-4:-1],
    }


if __name__ == "__main__":
    sys.exit(main())
