"""``python -m hatinh.check FILE --as ELEMENTS``, also ``ckan hatinh check``; needs no portal.

Exit codes: 0 nothing wrong · 1 faults in the table · 2 wrong use, or no table at all.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hatinh.dictionary.check import Standard
from hatinh.dictionary.file_report import LISTED, FileReport, Words, report_file
from hatinh.dictionary.load import load
from hatinh.dictionary.markup import write_marked
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.errors import HatinhError, UnreadableTableError
from hatinh.messages import describe, load_texts
from hatinh.problem import warning
from schemas import ROOT

_DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("check")
@click.argument("file", type=_FILE)
@click.option("--as", "elements", help="COLUMN=ELEMENT,…  or a table schema (JSON file).")
@click.option("--schema", type=_FILE, help="A table schema (JSON file).")
@click.option("--at", type=_DAY, help="The day that the data speaks of; today if not given.")
@click.option("--type", "kind", help="CSV, XLSX, …; by the file's ending if not given.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text")
@click.option("--marked", type=click.Path(path_type=Path), help="Write a marked copy (XLSX).")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi")
@click.option("--list", "listed", default=LISTED, help="Faults that are listed one by one.")
def check(file: Path, lang: str, marked: Path | None, **wanted: Any) -> None:
    """Check the table in FILE by the province's data dictionary."""
    kind = wanted["kind"] or file.suffix[1:]
    try:
        words = Words.load(ROOT, load_texts(ROOT), lang)
        report = _reported(file, kind, _standard(**wanted), wanted["listed"], words)
        if marked:
            write_marked(marked, file, kind, report, words)
    except HatinhError as err:
        raise click.UsageError(str(err)) from err
    told = json.dumps(report.as_dict(words), ensure_ascii=False, indent=2)
    click.echo(told if wanted["format"] == "json" else as_text(report, words))
    raise SystemExit(1 if report.faulty else 0)


def _standard(
    elements: str | None, schema: Path | None, at: datetime | None, **_: object
) -> Standard:
    promised = read_schema(schema) if schema else parse_elements(elements or "")
    day = at.date() if at else datetime.now(UTC).astimezone().date()
    return Standard(promised, load(ROOT), day)


def _reported(file: Path, kind: str, standard: Standard, listed: int, words: Words) -> FileReport:
    try:
        return report_file(file, kind, standard, listed)
    except UnreadableTableError as err:
        problem = warning("table-unreadable", "$", file.name, why=err.reason)
        title, mend = describe(problem, words.lang, words.texts)
        raise click.UsageError(f"{title}. {mend}") from err


def parse_elements(words: str) -> TableSchema:
    """``Mã xã=ma_dvhc,Diện tích=DienTich`` as a schema, or the schema in a file of that name."""
    if words.endswith(".json"):
        return read_schema(Path(words))
    pairs = [part.rpartition("=") for part in words.split(",") if part.strip()]
    if any(not name.strip() or not element.strip() for name, _, element in pairs):
        raise click.UsageError(f"--as {words}: write COLUMN=ELEMENT,COLUMN=ELEMENT")
    return TableSchema(tuple(Column(name.strip(), element.strip()) for name, _, element in pairs))


def read_schema(path: Path) -> TableSchema:
    """The table schema in a JSON file."""
    try:
        return TableSchema.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as err:
        raise click.UsageError(f"{path}: {err}") from err


def as_text(report: FileReport, words: Words) -> str:
    """The report for a terminal."""
    say = words.headings
    told = report.as_dict(words)
    lines = [f"! {remark['fault']}\n  → {remark['mend']}" for remark in told["remarks"]]
    lines += [_line(one, say) for one in told["violations"]]
    more = report.failed - len(report.violations)
    if more:
        lines.append(say["not_listed"].format(count=more))
    size = f"{report.name}: {say['rows'].lower()} {told['rows']}"
    count = f"{say['places'].lower()} {report.failed}"
    return "\n".join([*lines, f"{size}, {count if report.failed else say['clean'].lower()}"])


def _line(one: Mapping[str, Any], say: Mapping[str, str]) -> str:
    place = f"{say['row']} {one['row']}, " if one["row"] else ""
    element = f" ({one['element']})" if one["element"] else ""
    value = f" “{one['value']}”" if one["value"] else ""
    where = f"{place}{say['column'].lower()} {one['column']}{element}{value}"
    return f"{where}: {one['fault']} [{one['rule']}]\n  → {one['mend']}"


if __name__ == "__main__":
    check()
