"""Prints kept figures as tables: ``python -m benchmarks.harvest.table FILE...``."""

import json
import sys
from pathlib import Path
from typing import Any

HEAD = (
    "| source and turn | stock ÷ ours [95 %] | records a second | SQL | commits | Solr requests |",
    "|---|---|---|---|---|---|",
)


def main() -> int:
    """Print one table for each file."""
    for name in sys.argv[1:]:
        figures = json.loads(Path(name).read_text("utf-8"))
        setting = figures.pop("setting")
        sys.stdout.write(f"\n{Path(name).name}: {setting}\n\n" + "\n".join(HEAD) + "\n")
        for title, part in figures.items():
            rows = part.items() if "records" not in part else ()
            sys.stdout.writelines(_row(title, turn, row) for turn, row in rows)
            if "records" in part:
                sys.stdout.write(f"\n{title}: {part}\n")
    return 0


def _row(title: str, turn: str, row: dict[str, Any]) -> str:
    low, high = row["interval_95"]
    counts = " | ".join(_pair(row, name) for name in ("sql", "commits", "solr"))
    pace = f"{row['stock']['records_per_second']} → {row['ours']['records_per_second']}"
    return f"| {title}: {turn} | ×{row['ratio']} [{low}–{high}] | {pace} | {counts} |\n"


def _pair(row: dict[str, Any], name: str) -> str:
    return " → ".join(f"{row[who][f'{name}_per_record']}" for who in ("stock", "ours"))


if __name__ == "__main__":
    sys.exit(main())
