"""DCAT: the whole catalogue from our dump, and page by page from ckanext-dcat.

``python -m benchmarks.dcat INI [--datasets N] [--rounds N] [--pages N] [--keep FILE]``; ``make
bench`` takes a small size. Synthetic datasets (those of the harvest suite) are harvested first.
Both sides are our portal with our profile, so that their graphs can be compared: a page is what
``dcat_catalog_show`` of ckanext-dcat gives, the dump is ``/catalog/dump.ttl`` as a visitor gets
it. With ``--pages`` only so many pages are read, spread evenly over all; the time of all follows
from theirs, and the graphs of their records are compared. Making the dump and giving it out are
measured for themselves, each in a fresh process at a quarter and at all of the datasets: their
memory must not grow with them.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from math import ceil
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen
from typing import Any

import pyoxigraph as ox

from benchmarks.harvest.province import Province
from benchmarks.harvest.server import Pages, serving

ROOT = Path(__file__).parents[2]
PAGE = 100
CATALOGUE = "https://data.hatinh.gov.vn/"
DATASET = ox.NamedNode("http://www.w3.org/ns/dcat#Dataset")
HYDRA = "http://www.w3.org/ns/hydra/core#"


def main() -> int:
    """Measure and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dcat")
    parser.add_argument("ini", type=Path)
    parser.add_argument("--datasets", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pages", type=int, help="of ckanext-dcat; all of them unless said")
    parser.add_argument("--keep", type=Path, help="a file that the figures are written to as well")
    wanted = parser.parse_args()
    setting = _setting(wanted)
    with tempfile.TemporaryDirectory() as scratch, serving() as pages:
        figures = {"setting": setting, **_measured(wanted, pages, Path(scratch))}
    if wanted.keep:
        wanted.keep.write_text(json.dumps(figures, indent=2) + "\n")
    json.dump(figures, sys.stdout, indent=2)
    return 0


def _measured(wanted: argparse.Namespace, pages: Pages, scratch: Path) -> dict[str, object]:
    seed = int(time.time()) % 1_000_000
    quarter = wanted.datasets // 4
    _harvest(wanted.ini, pages, Province(quarter, seed, pages.base))
    few = _made_and_served(wanted.ini, scratch)
    _harvest(wanted.ini, pages, Province(wanted.datasets - quarter, seed + 1, pages.base))
    whole = _made_and_served(wanted.ini, scratch)
    unchanged = _once(wanted.ini, "build")
    peaks = _peaks(wanted.ini, {quarter: few, wanted.datasets: whole})  # while this is small:
    # a process begins with the peak of the one that started it
    datasets = int(whole["build"]["written"])
    pages_in_all = ceil(datasets / PAGE)
    numbers = _spread(pages_in_all, wanted.pages or pages_in_all)
    read, ours = _read(wanted, scratch, numbers)
    stock = [seconds * pages_in_all / len(numbers) for seconds in read]
    ratios = [theirs / own for theirs, own in zip(stock, ours, strict=True)]
    return {
        "datasets": datasets,
        "dump_mb": round(whole["served"]["written"] / 1e6, 1),
        "pages": pages_in_all,
        "pages_read": len(numbers),
        "pages_seconds": round(median(stock), 2),
        "dump_seconds": round(median(ours), 3),
        "pages ÷ dump": {
            "ratio": round(median(ratios), 1),
            "range": [round(min(ratios), 1), round(max(ratios), 1)],
        },
        "same graph": _same(scratch),
        "cold_build_seconds": round(few["build"]["seconds"] + whole["build"]["seconds"], 1),
        "unchanged_build_seconds": round(unchanged["seconds"], 2),
        "peak_mb": peaks,
    }


def _made_and_served(ini: Path, scratch: Path) -> dict[str, dict[str, Any]]:
    """What it costs to bring the dump up to date, and to give it to a visitor."""
    return {
        "build": _once(ini, "build"),
        "served": _once(ini, f"dump {scratch / 'dump.ttl'}"),
    }


def _peaks(ini: Path, costs: dict[int, dict[str, dict[str, Any]]]) -> dict[str, int]:
    """The most memory of a process: at rest, and of each work at each number of datasets."""
    found = {"at rest": _once(ini, "rest")}
    for datasets, works in costs.items():
        found |= {f"{work}, {datasets} datasets": cost for work, cost in works.items()}
    return {name: round(cost["peak_mb"]) for name, cost in found.items()}


def _setting(wanted: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": wanted.rounds,
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("ckan", "ckanext-dcat", "pyoxigraph", "rdflib")},
    }


def _spread(count: int, wanted: int) -> list[int]:
    """So many page numbers, evenly from the first to the last."""
    read = min(wanted, count)
    step = (count - 1) / max(read - 1, 1)
    return [1 + round(place * step) for place in range(read)]


def _read(
    wanted: argparse.Namespace, scratch: Path, numbers: list[int]
) -> tuple[list[float], list[float]]:
    """Seconds of every round: these pages, and the dump; what they gave is in ``scratch``."""
    stock, ours = [], []
    with _side(wanted.ini) as ask:
        # The first request fills caches, of both sides.
        ask(f"page {numbers[0]} {scratch / 'first.ttl'}")
        ask(f"dump {scratch / 'dump.ttl'}")
        for _ in range(wanted.rounds):
            files = [(number, scratch / f"page-{number}.ttl") for number in numbers]
            stock.append(sum(ask(f"page {number} {file}")["seconds"] for number, file in files))
            ours.append(ask(f"dump {scratch / 'dump.ttl'}")["seconds"])
    return stock, ours


def _same(scratch: Path) -> bool:
    """Whether the dump says of the pages' records what the pages say of them."""
    pages = [quad for file in sorted(scratch.glob("page-*.ttl")) for quad in _records(file)]
    roots = {quad.subject for quad in pages if quad.object == DATASET}
    both = [ox.Dataset(_reached(quads, roots)) for quads in (pages, _records(scratch / "dump.ttl"))]
    for found in both:
        found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return both[0] == both[1]


def _reached(quads: Iterable[ox.Quad], roots: Iterable[object]) -> Iterator[ox.Quad]:
    """What is said of some records, and of all that they point to."""
    about: defaultdict[object, list[ox.Quad]] = defaultdict(list)
    for quad in quads:
        about[quad.subject].append(quad)
    ahead = list(roots)
    while ahead:
        for quad in about.pop(ahead.pop(), ()):
            ahead.append(quad.object)
            yield quad


def _records(file: Path) -> Iterator[ox.Quad]:
    """What a document says of the records; blank nodes of two documents are never the same."""
    for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True):
        subject = quad.subject
        about = subject.value if isinstance(subject, ox.NamedNode) else ""
        is_paging = quad.predicate.value.startswith(HYDRA) or HYDRA in str(quad.object)
        if about != CATALOGUE and not is_paging:
            yield quad


def _harvest(ini: Path, pages: Pages, province: Province) -> None:
    pages.fill(province, rdf=False)
    name = f"dcat-{os.getpid()}-{province.seed}"
    with _worker("benchmarks.harvest.ours", ini) as ask:
        ask(f"{name} json {pages.base}/nguon-{name}")


def _once(ini: Path, order: str) -> dict[str, Any]:
    """What an order costs a process that has done nothing before."""
    with _side(ini) as ask:
        return ask(order)


@contextmanager
def _side(ini: Path) -> Iterator[Any]:
    with _worker("benchmarks.dcat.side", ini) as ask:
        yield ask


@contextmanager
def _worker(module: str, ini: Path) -> Iterator[Any]:
    command = [sys.executable, "-m", module, str(ini)]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise SystemExit("no pipe")
        lines, orders = process.stdout, process.stdin
        lines.readline()

        def ask(words: str) -> dict[str, Any]:
            orders.write(f"{words}\n")
            orders.flush()
            return json.loads(lines.readline())

        yield ask
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())
