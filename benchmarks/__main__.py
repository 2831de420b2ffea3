"""``make bench``: start private services, run every suite, print and keep the figures."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.settings import Settings
from services.testing import services_of_tests, settings_of_tests

SUITES = ("harvest", "check", "feeds", "loader", "dcat", "rows", "report")
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the suites one after the other; 1 when one of them failed."""
    settings = Settings.from_environment(os.environ)
    own = replace(settings_of_tests(settings), var=settings.tools / "bench")
    RESULTS.mkdir(exist_ok=True)
    failed = 0
    with services_of_tests(own) as started:
        ini = str(started.settings.ini)
        for suite in SUITES:
            command = [sys.executable, "-m", f"benchmarks.{suite}", ini]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            failed |= done.returncode
            if done.returncode == 0:
                _show(suite, json.loads(done.stdout))
    return 1 if failed else 0


def _show(suite: str, figures: dict[str, object]) -> None:
    (RESULTS / f"{suite}.json").write_text(json.dumps(figures, indent=2) + "\n")
    sys.stdout.write(f"\n{suite}\n")
    for name, value in figures.items():
        shown = _ratios(value) if isinstance(value, dict) else value
        sys.stdout.write(f"  {name:<52} {shown}\n")


def _ratios(figures: dict[str, Any]) -> dict[str, object]:
    """The ratios alone, of figures that have parts."""
    parts = {name: part for name, part in figures.items() if isinstance(part, dict)}
    return {name: f"×{part['ratio']}" for name, part in parts.items() if "ratio" in part} or figures


if __name__ == "__main__":
    sys.exit(main())
