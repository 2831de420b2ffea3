"""Loads: our data worker beside unmodified ckanext-xloader 2.6.0.

``python -m benchmarks.loader INI [--rows N] [--rounds N] [--types] [--keep FILE]``; ``make bench``
takes the small size, the promise is of a million rows. With ``--types`` xloader guesses types,
which it does not by default; its table is then nearer to ours. Both sides stand on the same
PostgreSQL and load the same files from the same disk, turn by turn. Each is one process that was
started before.
"""

import argparse
import configparser
import csv
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen
from typing import Any
from uuid import uuid4

import psycopg2
from psycopg2.sql import SQL, Identifier

from benchmarks.harvest.stock_site import Stock, make_stock_site
from benchmarks.tables import HEADER, promise, rows
from services.postgres import READER

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
XLOADER = Stock("ckan_stock_loader", "bench-loader", HERE, HERE / "stock.ini", has_datastore=True)
ROWS, ROUNDS = 20_000, 1
SETTLING = "CHECKPOINT"

Answer = dict[str, Any]


class Worker:
    """A process that does what it is told and says what came of it."""

    def __init__(self, process: "Popen[str]") -> None:
        self._process = process
        self.answer()

    def ask(self, **words: object) -> Answer:
        """Tell it something and wait for the answer."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(words) + "\n")
            self._process.stdin.flush()
        return self.answer()

    def answer(self) -> Answer:
        """Wait for what it says."""
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise SystemExit(f"{self._process.args} ended")
        return json.loads(line)


class Side:
    """One of the two: its worker, what it is told with every file, and how its tables are read."""

    def __init__(self, worker: Worker, url: str, **told: object) -> None:
        self._worker = worker
        self._told = told
        self.url = url

    def load(self, table: str, file: Path) -> Answer:
        """Have it load a file into a table."""
        return self._worker.ask(name=table, path=str(file), **self._told)

    def content(self, table: str) -> str:
        """One number for all rows of a table as texts, in their order."""
        columns = SQL(", ").join(
            SQL("coalesce({}::text, '')").format(Identifier(c)) for c in HEADER
        )
        query = SQL("SELECT md5(string_agg(md5(concat_ws('|', {})), '' ORDER BY _id)) FROM {}")
        with psycopg2.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(query.format(columns, Identifier(table)))
            return (cursor.fetchone() or ("",))[0]


def main() -> int:
    """Print the figures as JSON; services and ini are given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loader")
    parser.add_argument("ini", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--types", action="store_true", help="have xloader guess types")
    parser.add_argument("--keep", type=Path, help="a file that the figures are written to as well")
    wanted = parser.parse_args()
    figures = {"setting": _setting(wanted), **_compared(wanted)}
    if wanted.keep:
        wanted.keep.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    return 0


def _compared(wanted: argparse.Namespace) -> dict[str, Any]:
    site = make_stock_site(wanted.ini, "true", XLOADER)
    ours = configparser.RawConfigParser()
    ours.read(wanted.ini)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hatinh-bench-")))
        files = [table_file(folder / f"{seed}.csv", wanted.rows, seed) for seed in (1, 2)]
        reader = stack.enter_context(worker(Path(sys.executable), "reader"))
        sides = {
            "ours": Side(
                stack.enter_context(worker(Path(sys.executable), "ours", wanted.ini)),
                ours["app:main"]["ckan.datastore.read_url"],
            ),
            "xloader": Side(
                stack.enter_context(worker(site.python, "stock", site.ini)),
                site.postgres.url(READER, site.postgres.datastore),
                types=wanted.types,
            ),
        }
        turns: defaultdict[str, list[Answer]] = defaultdict(list)
        for number in range(wanted.rounds):
            table = str(uuid4())
            order = sorted(sides, reverse=bool(number % 2))
            for name in order:
                site.postgres.psql("postgres", SETTLING)
                first = sides[name].load(table, files[0])
                turns[f"first load, {name}"].append(first)
                site.postgres.psql("postgres", SETTLING)
                turns[f"another file, {name}"].append(
                    _watched(sides[name], reader, table, files[1], wanted.rows)
                )
            contents = {side.content(table) for side in sides.values()}
            turns["same"].append({"same": len(contents) == 1})
    return _figures(turns)


def _watched(side: Side, reader: Worker, table: str, file: Path, rows: int) -> Answer:
    """Load another file into a table while somebody reads it."""
    reader.ask(url=side.url, table=table, rows=rows)
    return side.load(table, file) | reader.ask()


def table_file(path: Path, count: int, seed: int) -> Path:
    """A table without faults; its places are communes, never the province."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for row in rows(count, promise(), faulty=0, seed=seed):
            writer.writerow([row[0], row[1].zfill(5).replace("00042", "18073"), *row[2:]])
    return path


@contextmanager
def worker(python: Path, module: str, *arguments: Path) -> Iterator[Worker]:
    """A process of ``benchmarks.loader``, ready to be asked."""
    command = [str(python), "-m", f"benchmarks.loader.{module}", *map(str, arguments)]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield Worker(process)
        process.communicate()


def _figures(turns: dict[str, list[Answer]]) -> dict[str, Any]:
    figures: dict[str, Any] = {"same rows": all(each["same"] for each in turns.pop("same"))}
    for turn in ("first load", "another file"):
        theirs, ours = turns[f"{turn}, xloader"], turns[f"{turn}, ours"]
        for moment in ("searchable", "done"):
            figures[f"{turn}, until {moment}"] = _ratio(theirs, ours, moment)
    for name in ("ours", "xloader"):
        watched = turns[f"another file, {name}"]
        for kind in ("inconsistent_seconds", "longest_look_ms"):
            figures[f"{name}: {kind}"] = max(each[kind] for each in watched)
    figures["ours: steps of the last load"] = turns["another file, ours"][-1]["steps"]
    return figures


def _ratio(theirs: list[Answer], ours: list[Answer], moment: str) -> dict[str, Any]:
    """Seconds of both sides, and their ratio round by round."""
    ratios = [a[moment] / b[moment] for a, b in zip(theirs, ours, strict=True)]
    return {
        "ratio": round(median(ratios), 1),
        "range": [round(min(ratios), 1), round(max(ratios), 1)],
        "xloader_seconds": round(median(each[moment] for each in theirs), 2),
        "our_seconds": round(median(each[moment] for each in ours), 2),
    }


def _setting(wanted: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": wanted.rows,
        "rounds": wanted.rounds,
        "xloader guesses types": wanted.types,
        "processors": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "xloader": "2.6.0",
    }


if __name__ == "__main__":
    sys.exit(main())
