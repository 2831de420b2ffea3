"""Check of tables: beside frictionless in the same run, the same findings, and the memory.

``python -m benchmarks.check [INI] [--rows N] [--sheet-rows N]``; the full size of the promise is a
million rows and a sheet of 200,000. Every check runs in a process of its own; the time to start
it is not counted, for neither side. Memory is that of all processes of a check together, shared
pages once (PSS), looked at every 20 ms in one more run, which is not timed.
"""

import argparse
import hashlib
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.tables import AT, HEADER, LISTS, Promise, promise, write_csv, write_xlsx
from hatinh.dictionary.check import Standard, check_file

ROWS, SHEET_ROWS = 100_000, 10_000
ROUNDS = 3
TIMES_LARGER = 2

Finding = tuple[int, str, str]
"""Row below the header, column, rule."""

RULE_OF = {
    "required": "cell-empty",
    "enum": "cell-code-unknown",
    "pattern": "cell-pattern",
    "maxLength": "cell-too-long",
    "minimum": "cell-out-of-range",
    "maximum": "cell-out-of-range",
}
"""Frictionless' constraints and the rules here that say the same."""


def main() -> int:
    """Measure, or be one of the measured processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ini", nargs="?")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--sheet-rows", type=int, default=SHEET_ROWS)
    parser.add_argument("--measure", nargs=2, metavar=("WHO", "FILE"))
    wanted = parser.parse_args()
    if wanted.measure:
        who, file = wanted.measure
        figures = _measured(who, Path(file))
    else:
        with tempfile.TemporaryDirectory(prefix="hatinh-bench-") as folder:
            figures = _compared(Path(folder), wanted.rows, wanted.sheet_rows)
    json.dump(figures, sys.stdout, indent=2, ensure_ascii=False)
    return 0


def _compared(folder: Path, rows: int, sheet_rows: int) -> dict[str, Any]:
    known = promise()
    table, clean, large = folder / "table.csv", folder / "clean.csv", folder / "large.csv"
    half, sheet = folder / "half.csv", folder / "table.xlsx"
    write_csv(table, rows, known)
    write_csv(clean, ROWS, known, faulty=0)
    write_csv(half, ROWS, known, faulty=0.5)
    write_csv(large, rows * TIMES_LARGER, known)
    write_xlsx(sheet, sheet_rows, known)
    figures = {"rows": rows, "rows of the sheet": sheet_rows}
    figures |= _pair("CSV, 1 % faulty", table)
    figures |= _pair("XLSX, 1 % faulty", sheet)
    for name, file in (("0 %", clean), ("50 %", half)):
        figures[f"CSV, {name} faulty: cells a second"] = round(len(HEADER) * ROWS / _times(file)[0])
    figures[f"CSV, {TIMES_LARGER} times larger: peak memory, MB"] = _memory(large)
    return figures


def _pair(name: str, file: Path) -> dict[str, Any]:
    seconds, ours = _times(file)
    theirs = _run("frictionless", file)
    return {
        f"{name}: frictionless ÷ ours": round(theirs["seconds"] / seconds, 1),
        f"{name}: ours, seconds": round(seconds, 2),
        f"{name}: frictionless, seconds": round(theirs["seconds"], 2),
        f"{name}: findings": ours["findings"],
        f"{name}: same findings": ours["digest"] == theirs["digest"],
        f"{name}: peak memory, MB": _memory(file),
    }


def _times(file: Path) -> tuple[float, dict[str, Any]]:
    """The median time of our check, and what one of the runs told."""
    told = [_run("ours", file) for _ in range(ROUNDS)]
    return median(run["seconds"] for run in told), told[0]


def _run(who: str, file: Path) -> dict[str, Any]:
    done = subprocess.run(_command(who, file), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _command(who: str, file: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.check", "--measure", who, str(file)]


def _memory(file: Path) -> int:
    """The most that our check and the processes which it starts had together, in MB."""
    most = 0
    with subprocess.Popen(_command("ours", file), stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            most = max(most, sum(map(_held, _family(running.pid))))
            time.sleep(0.02)
    return most // 1024


def _family(process: int) -> list[Path]:
    """A process and all that it has started, directly or not."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            parents[int(folder.name)] = int(stat[1])
    family = [process]
    for member in family:
        family.extend(child for child, parent in parents.items() if parent == member)
    return [Path("/proc") / str(member) for member in family]


def _held(process: Path) -> int:
    """Kilobytes that a process holds; of pages shared by several its part."""
    with suppress(OSError):
        lines = (process / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


# -- inside a measured process ------------------------------------------------------------------


def _measured(who: str, file: Path) -> dict[str, Any]:
    known = promise()
    seconds, findings = (_ours if who == "ours" else _frictionless)(file, known)
    text = "\n".join(f"{row} {column} {rule}" for row, column, rule in sorted(findings))
    return {
        "seconds": seconds,
        "findings": len(findings),
        "digest": hashlib.sha256(text.encode()).hexdigest(),
    }


def _ours(file: Path, known: Promise) -> tuple[float, set[Finding]]:
    found: list[Finding] = []
    start = time.perf_counter()
    with file.open("rb") as opened:
        check_file(
            file.name,
            file.suffix[1:],
            opened,
            Standard(known.schema, known.dictionary, AT),
            lambda violation: found.append((violation.row, violation.column, violation.rule)),
        )
    seconds = time.perf_counter() - start
    same = {"key-empty": "cell-empty"}
    return seconds, {(row, column, same.get(rule, rule)) for row, column, rule in found}


def _frictionless(file: Path, known: Promise) -> tuple[float, set[Finding]]:
    theirs: Any = importlib.import_module("frictionless")
    schema = theirs.Schema.from_descriptor(
        {"fields": [_field(name, known) for name in HEADER], "primaryKey": ["ma"]}
    )
    table = theirs.Resource(path=file.name, basepath=str(file.parent), schema=schema)
    start = time.perf_counter()
    report = theirs.validate(table, limit_errors=10**9)
    seconds = time.perf_counter() - start
    found = set(_named(report.tasks[0].errors))
    blank = {(row, "ma", "key-duplicated") for row, _, rule in found if rule == "cell-empty"}
    return seconds, found - blank  # to us a blank key is blank, and repeats nothing


def _field(name: str, known: Promise) -> dict[str, Any]:
    column = next(column for column in known.schema.columns if column.name == name)
    element = known.dictionary.elements[name]
    types = {"integer": "integer", "decimal": "number", "date": "date"}
    limits = {
        "required": column.required or None,
        "pattern": element.pattern or None,
        "maxLength": element.max_length,
        "minimum": None if element.minimum is None else int(element.minimum),
        "maximum": None if element.maximum is None else int(element.maximum),
        "enum": known.codes(name) if name in LISTS else None,
    }
    constraints = {key: value for key, value in limits.items() if value is not None}
    return {"name": name, "type": types.get(element.datatype, "string"), "constraints": constraints}


def _named(errors: Iterable[Any]) -> Iterable[Finding]:
    """Frictionless' errors by our names of rules; a row of it counts the header."""
    for error in errors:
        if error.type == "type-error":
            yield error.row_number - 1, error.field_name, "cell-type"
        elif error.type == "constraint-error":
            constraint = error.note.split('"')[1]
            yield error.row_number - 1, error.field_name, RULE_OF[constraint]
        elif error.type == "primary-key":
            yield error.row_number - 1, "ma", "key-duplicated"
        else:
            yield error.row_number - 1, getattr(error, "field_name", ""), error.type


if __name__ == "__main__":
    sys.exit(main())
