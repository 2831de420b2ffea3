"""The linters and the benchmarks."""

import os
import subprocess

from services import launch
from services.console import say
from services.settings import Settings

LINTERS = (
    ("ruff", ["ruff", "check", "."]),
    ("pyright", ["pyright", "--pythonpath", "var/venv/bin/python"]),
    ("import-linter", ["lint-imports"]),
)


def lint(settings: Settings) -> int:
    """Run every linter, also after one has complained. 1 when any did."""
    launch.prepare_python(settings)
    failed = []
    for name, words in LINTERS:
        say(f"== {name}")
        if run_tool(settings, words) != 0:
            failed.append(name)
    say(f"lint: {'FAILED ' + ' '.join(failed) if failed else 'clean'}")
    return 1 if failed else 0


def bench(settings: Settings) -> int:
    launch.prepare_python(settings)
    return run_tool(settings, ["python", "-m", "benchmarks"])


def run_tool(settings: Settings, words: list[str]) -> int:
    """Run a program of the virtual environment in the checkout. Its exit code."""
    command = [settings.executable(words[0]), *words[1:]]
    path = f"{settings.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=settings.root, env=environment, check=False).returncode
