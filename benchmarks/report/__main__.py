"""Reports, boards, scores and campaigns over large catalogues, and a loop over ``package_show``.

``python -m benchmarks.report INI [--sizes N…] [--rounds N] [--keep FILE]``; ``make bench`` takes
1,000 records. What is measured is what a visitor, an officer or the data worker asks for: actions,
pages and the duties of the worker, in one process. How the catalogue is made is said in
``benchmarks/report/seeding.py``; how an inventory campaign is measured, each step in a process of
its own, in ``benchmarks/report/campaigns.py``.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.types import Context

from benchmarks.report import campaigns, seeding
from benchmarks.report.campaigns import statements
from ckanext.hatinh.quality import rescoring
from ckanext.hatinh.quality.model_due import Task, note, note_all
from ckanext.hatinh.shared.vocabulary import today

REPORTS = ("inventory", "ranking")
CHANGED = 0.01
SHOWN = 200
"""Records of the loop over ``package_show``."""
SAVED = 50
"""Records whose score is made one by one."""


def main() -> int:
    """Print the figures as JSON; services and ini are given."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report")
    parser.add_argument("ini", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a file that the figures are written to as well")
    wanted = parser.parse_args()
    app = make_app(load_config(str(wanted.ini)))
    figures: dict[str, Any] = {"setting": _setting(wanted)}
    with app.test_request_context("/"):
        rescoring.work_off()
        for size in wanted.sizes:
            _grow(size)
            found = _measured(app, wanted.rounds, figures)
            figures[f"{size} records"] = found | {"campaign": campaigns.measured(wanted.ini)}
    if wanted.keep:
        wanted.keep.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    return 0


def _grow(size: int) -> None:
    """The models are scored before they are copied; what is due by then is done."""
    seeding.grow(0)
    rescoring.sweep()
    rescoring.work_off()
    seeding.grow(size)
    seeding.burden()
    model.Session.execute(sa.text("DELETE FROM hatinh_quality_due"))
    model.Session.commit()


def _measured(app: Any, rounds: int, before: dict[str, Any]) -> dict[str, Any]:
    there = model.Session.scalar(sa.text("SELECT count(*) FROM package WHERE state = 'active'"))
    each = _shown() if "package_show" not in before else before["package_show"]
    before["package_show"] = each
    found: dict[str, Any] = {"records": there}
    for name in REPORTS:
        asked = {"id": name}
        _ask("hatinh_report_show", asked)
        begun = time.process_time()
        seconds = [_time(lambda a=asked: _ask("hatinh_report_show", a)) for _ in range(rounds)]
        cpu = (time.process_time() - begun) / rounds
        loops = {way: each[way] * (there or 0) / median(seconds) for way in ("index", "database")}
        found[name] = {
            "seconds": round(median(seconds), 3),
            "slowest": round(max(seconds), 3),
            "cpu of this process": round(cpu, 3),
            "ratio": round(loops["index"]),
            "ratio, package_show past the index": round(loops["database"]),
        }
    found["statements of pages"] = _pages(app)
    found["score on save"] = _saved()
    found["a night, 1 % changed"] = _night()
    return found


def _shown() -> dict[str, float]:
    """Seconds that ``package_show`` takes for a record: of models, which are in the index."""
    ids = seeding.models()[:SHOWN]
    found: dict[str, float] = {"records": len(ids)}
    for way, cached in (("index", True), ("database", False)):
        _ask("package_show", {"id": ids[0]}, use_cache=cached)
        seconds = _time(
            lambda c=cached: [_ask("package_show", {"id": i}, use_cache=c) for i in ids]
        )
        found[way] = round(seconds / len(ids), 5)
    return found


def _pages(app: Any) -> dict[str, int]:
    """Statements that a visitor's look at a board takes, in the portal's database."""
    busiest = seeding.busiest()
    found: dict[str, int] = {}
    for path in ("/chat-luong/", f"/chat-luong/{busiest}"):
        client = app.test_client()
        client.get(path)
        with statements() as seen:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status}")
        found[path.replace(busiest, "<office>")] = len(seen)
    return found


def _saved() -> dict[str, float]:
    """Processor time of one score: the note in the save, and the work of the data worker."""
    costs: list[float] = []
    for id_ in seeding.models()[:SAVED]:
        begun = time.process_time()
        note(id_)
        model.Session.commit()
        rescoring.work_off()
        costs.append((time.process_time() - begun) * 1000)
    return {"records": len(costs), "ms cpu": round(median(costs), 2), "most": round(max(costs), 2)}


def _night() -> dict[str, Any]:
    """Score what a day and 1 % of changes make due; the index is told of new bands afterwards."""
    changed = seeding.change(CHANGED)
    note_all(changed, Task.SCORE)
    model.Session.commit()
    begun = time.monotonic()
    day = today() + timedelta(days=1)
    moved = rescoring.sweep(day)
    scored = rescoring.work_off(day=day)
    seconds = time.monotonic() - begun
    return {
        "changed": len(changed),
        "moved by the day": moved,
        "scored": scored,
        "seconds": round(seconds, 2),
    }


def _ask(action: str, given: dict[str, Any], **context: Any) -> Any:
    return tk.get_action(action)(Context(ignore_auth=True, user="", **context), dict(given))


def _time(do: Callable[[], object]) -> float:
    model.Session.rollback()
    begun = time.monotonic()
    do()
    return time.monotonic() - begun


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
        "ckan": version("ckan"),
    }


if __name__ == "__main__":
    sys.exit(main())
