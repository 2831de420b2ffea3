"""An inventory campaign over all records that there are: frozen, told of, packed and verified.

``python -m benchmarks.report.campaigns INI``; ``python -m benchmarks.report`` asks it for each
size. Each step is taken in a process of its own, so that its memory is that of no other: ``peak``
is the most that the process held at once, ``more`` how much of it the step added.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.types import Context
from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.report import seeding
from ckanext.hatinh.campaign import campaigns, keys, snapshots
from ckanext.hatinh.campaign.forms import form
from hatinh.campaign import program
from hatinh.pack import verifier

TITLE = {"vi": "Kiểm kê để đo", "en": "Measured inventory"}
ALONE = """\
import runpy, sys
sys.argv.pop(0)
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    if end.code:
        raise
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
"""Runs the verifier as an auditor does, and tells the most memory that it held (KiB)."""

_fork = multiprocessing.get_context("fork")


def measured(ini: Path) -> dict[str, Any]:
    """The figures of one campaign over the records that there are, from a process of its own."""
    asked = [sys.executable, "-m", "benchmarks.report.campaigns", str(ini)]
    said = subprocess.run(asked, stdout=subprocess.PIPE, check=True)
    return json.loads(said.stdout.splitlines()[-1])


def main(ini: str) -> int:
    """Print the figures as one line of JSON."""
    app = make_app(load_config(ini))
    with app.test_request_context("/"), tempfile.TemporaryDirectory() as folder:
        seeding.burden()
        json.dump(_steps(Path(folder)), sys.stdout, ensure_ascii=False)
    return 0


def _steps(folder: Path) -> dict[str, Any]:
    number = _ask("hatinh_campaign_create", title=TITLE)["number"]
    _ask("hatinh_campaign_open", number=number)
    office = seeding.busiest()
    files = {"province": folder / "tinh.zip", "an office": folder / "so.zip"}
    asked = {"number": number}
    found = {
        "freeze": _apart(lambda: _ask("hatinh_campaign_freeze", **asked)),
        "ranking": _apart(lambda: _ask("hatinh_campaign_figure", figure=form().ranking, **asked)),
        "problems": _apart(lambda: _ask("hatinh_campaign_figure", figure="problems", **asked)),
        "inventory of an office": _apart(
            lambda: _ask("hatinh_campaign_figure", figure="inventory", organization=office, **asked)
        ),
        "pack, province": _apart(lambda: _write(number, "", files["province"])),
        "pack, an office": _apart(lambda: _write(number, office, files["an office"])),
        "verify": _apart(lambda: _verify(files["province"])),
    }
    sizes = {name: path.stat().st_size for name, path in files.items()}
    sizes["snapshot"] = sum(
        file["bytes"] for file in _ask("hatinh_campaign_snapshot", **asked)["files"]
    )
    return {**found, "verify alone": _alone(files["province"], folder), "bytes": sizes}


def _ask(action: str, **given: Any) -> Any:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return tk.get_action(action)(Context(ignore_auth=True, user=user), dict(given))


def _write(number: int, office: str, file: Path) -> None:
    with file.open("wb") as out:
        out.writelines(snapshots.pack(campaigns.get(number), office))


def _verify(file: Path) -> None:
    if found := verifier.verify(file.read_bytes(), bytes.fromhex(keys.public_key())):
        raise SystemExit(str(found))


def _alone(file: Path, folder: Path) -> dict[str, float]:
    (folder / "verifier.py").write_bytes(program())
    words = ["verifier.py", file.name, "--key", keys.public_key()]
    begun = time.monotonic()
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, *words],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    seconds = time.monotonic() - begun
    return {"seconds": round(seconds, 2), "peak MB": _megabytes(said.stdout.split()[-1])}


# -- a step in a process of its own --------------------------------------------------------------


def _apart(do: Callable[[], object]) -> dict[str, float]:
    """What a step takes: seconds, seconds of the processor, memory and statements."""
    model.Session.remove()
    here, there = _fork.Pipe(duplex=False)
    child = _fork.Process(target=_take, args=(do, there))
    child.start()
    there.close()
    found = here.recv()
    child.join()
    return found


def _take(do: Callable[[], object], told: Connection) -> None:
    engine = model.Session.bind
    if isinstance(engine, Engine):
        engine.dispose(close=False)  # a socket must not be shared by two
    held, begun, busy = _held(), time.monotonic(), time.process_time()
    with statements() as seen:
        do()
    peak = _held()
    told.send(
        {
            "seconds": round(time.monotonic() - begun, 2),
            "cpu of this process": round(time.process_time() - busy, 2),
            "peak MB": peak,
            "more MB": peak - held,
            "statements": len(seen),
        }
    )


def _held() -> int:
    """The most memory (MB) that this process has held at once since it began."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return _megabytes(status.partition("VmHWM:")[2].split()[0])


def _megabytes(kibibytes: str | bytes) -> int:
    return round(int(kibibytes) * 1024 / 10**6)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are run meanwhile, in the portal's database."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(sa.Engine, "before_cursor_execute", hear)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
