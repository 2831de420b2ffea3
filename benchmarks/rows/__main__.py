"""Pages of a filtered table over HTTP beside the bare SQL of the same page.

``python -m benchmarks.rows INI [--rows N] [--rounds N] [--keep FILE]``; ``make bench`` takes the
small size, the promise is of a million rows. The table is loaded by our loader; the web server is
the portal's. Every question is asked of all sides before the next one.
"""

import argparse
import configparser
import http.client
import json
import os
import platform
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from statistics import median
from subprocess import Popen
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg2

from benchmarks.loader.__main__ import table_file, worker
from benchmarks.rows.questions import PAGE, Question, questions

ROOT = Path(__file__).parents[2]
ROWS, ROUNDS = 20_000, 1
EACH = 30
"""Questions of a kind in a round."""

Times = defaultdict[str, defaultdict[str, list[float]]]


def main() -> int:
    """Print the figures as JSON; services and ini are given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rows")
    parser.add_argument("ini", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", type=Path, help="a file that the figures are written to as well")
    wanted = parser.parse_args()
    setting = _setting(wanted)
    table = _loaded(wanted)
    with _serving(wanted.ini) as site, _reading(wanted.ini) as connection:
        sides = _sides(site, connection, table)
        times, same = _asked(sides, wanted)
    figures = {"setting": setting, "same answers": same, **_figures(times)}
    if wanted.keep:
        wanted.keep.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    return 0


# -- the sides ------------------------------------------------------------------------------------


def _loaded(wanted: argparse.Namespace) -> str:
    """A new table with so many rows; gives its name."""
    table = str(uuid4())
    with tempfile.TemporaryDirectory(prefix="hatinh-bench-") as folder:
        file = table_file(Path(folder) / "1.csv", wanted.rows, 1)
        with worker(Path(sys.executable), "ours", wanted.ini) as ours:
            ours.ask(name=table, path=str(file))
    return table


@contextmanager
def _serving(ini: Path) -> Iterator[http.client.HTTPConnection]:
    """The portal's web server with one process; gives a connection that stays open."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "services.wsgi:application"),
        *("--config", str(ROOT / "services" / "gunicorn_conf.py"), "--access-logfile", os.devnull),
        *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4"),
    ]
    told = {"CKAN_INI": str(ini.resolve()), "PORTAL_VAR": str(ini.resolve().parent)}
    with Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=sys.stderr) as server:
        try:
            yield _ready(port)
        finally:
            server.terminate()


def _ready(port: int) -> http.client.HTTPConnection:
    for _ in range(600):
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            site.request("GET", "/api/3")
            site.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return site
    raise SystemExit("the web server does not answer")


@contextmanager
def _reading(ini: Path) -> Iterator[Any]:
    """A connection of the role that may only read, as the portal uses it."""
    ours = configparser.RawConfigParser()
    ours.read(ini)
    connection = psycopg2.connect(ours["app:main"]["ckan.datastore.read_url"])
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _sides(
    site: http.client.HTTPConnection, connection: Any, table: str
) -> Mapping[str, Callable[[Question], Any]]:
    """Each answers a question; of two of them the keys and the total are compared."""
    here = f"/dataset/bang-{table}/resource/{table}"

    def sql(statement: str, values: Mapping[str, Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def page(question: Question) -> list[str]:
        return [row[1] for row in sql(*question.page(table))]

    def search(question: Question) -> Any:
        asked = {"resource_id": table, **question.asked()}
        answer = json.loads(_got(site, "/api/3/action/datastore_search", asked))["result"]
        return [row["ma"] for row in answer["records"]], answer["total"]

    return {
        "bare page": page,
        "bare page and count": lambda q: (page(q), sql(*q.count(table))[0][0]),
        "datastore_search": search,
        "datastore_search without total": lambda q: _got(
            site,
            "/api/3/action/datastore_search",
            {"resource_id": table, "include_total": "false", **q.asked()},
        ),
        "rows.json": lambda q: _got(site, f"{here}/rows.json", q.asked()),
        "table page": lambda q: _got(site, f"{here}/bang", q.form()),
        "empty request": lambda _q: _got(site, "/api/3/action/status_show", {}),
    }


def _got(site: http.client.HTTPConnection, path: str, asked: Mapping[str, Any]) -> bytes:
    site.request("GET", f"{path}?{urlencode(asked, doseq=True)}")
    answer = site.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} {asked}: {answer.status} {body[:500]!r}")
    return body


# -- the measuring --------------------------------------------------------------------------------


def _asked(
    sides: Mapping[str, Callable[[Question], Any]], wanted: argparse.Namespace
) -> tuple[Times, bool]:
    """Seconds of every side by kind of question, and whether both gave the same rows and totals."""
    times: Times = defaultdict(lambda: defaultdict(list))
    same = True
    for kind, question in questions(1, wanted.rows, seed=0):  # fills caches of both
        del kind
        for ask in sides.values():
            ask(question)
    for number in range(wanted.rounds):
        for kind, question in questions(EACH, wanted.rows, seed=number + 1):
            answers = {}
            for side, ask in sides.items():
                begun = time.perf_counter()
                answers[side] = ask(question)
                times[side][kind].append(time.perf_counter() - begun)
            same &= answers["bare page and count"] == answers["datastore_search"]
    return times, same


def _figures(times: Times) -> dict[str, Any]:
    pairs = {
        "datastore_search": "bare page and count",
        "datastore_search without total": "bare page",
        "rows.json": "bare page",
        "table page": "bare page and count",
    }
    figures: dict[str, Any] = {}
    for side, bare in pairs.items():
        figures[f"{side} ÷ {bare}"] = _compared(times[side], times[bare])
    figures["empty request (status_show), ms"] = _milliseconds(_all(times["empty request"]))
    return figures


def _compared(side: Mapping[str, list[float]], bare: Mapping[str, list[float]]) -> dict[str, Any]:
    """Ratio of the 95th percentiles over all questions, and each kind by itself."""
    kinds = {
        kind: {
            "ratio of p95": round(_p95(side[kind]) / _p95(bare[kind]), 2),
            "bare_ms": _milliseconds(bare[kind]),
            "http_ms": _milliseconds(side[kind]),
        }
        for kind in bare
    }
    return {
        "ratio": round(_p95(_all(side)) / _p95(_all(bare)), 2),
        "bare_ms": _milliseconds(_all(bare)),
        "http_ms": _milliseconds(_all(side)),
        "kinds": kinds,
    }


def _all(kinds: Mapping[str, list[float]]) -> list[float]:
    return [seconds for one in kinds.values() for seconds in one]


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[ceil(len(seconds) * 0.95) - 1]


def _milliseconds(seconds: list[float]) -> dict[str, float]:
    shares = {"median": median(seconds), "p95": _p95(seconds)}
    return {name: round(1000 * value, 1) for name, value in shares.items()}


def _setting(wanted: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": wanted.rows,
        "rounds": wanted.rounds,
        "questions_of_a_kind": EACH,
        "rows_of_a_page": PAGE,
        "processors": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
