"""Runs a tool to its end and turns its failure into a message that names the cause."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.errors import LaunchError

NO_NETWORK = re.compile(
    r"could not resolve|name or service not known|name resolution|network is unreachable"
    r"|unknown host|dns error|connection refused|connect timed out|error sending request"
    r"|failed to establish a new connection|could not transfer artifact"
    # All that pip says of an index out of reach once it has given up trying.
    r"|from versions: none",
    re.IGNORECASE,
)
NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
TAIL = 12


def run(
    step: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    cwd: Path | None = None,
) -> None:
    """Run a tool with its output in `log`. Raise `LaunchError` naming network, disk or tool."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        start = output.tell()
        answer = subprocess.run(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=cwd, check=False
        )
    if answer.returncode != 0:
        raise diagnose(step, log.read_bytes()[start:].decode("utf-8", "replace"), log)


def diagnose(step: str, output: str, log: Path) -> LaunchError:
    """The message for a failed tool, judged by what it wrote."""
    tail = "\n".join(output.splitlines()[-TAIL:])
    if NO_SPACE.search(output):
        return LaunchError("disk-full", tail, path=log.parent)
    if NO_NETWORK.search(output):
        return LaunchError("network-missing", tail, step=step)
    return LaunchError("tool-failed", tail, step=step, log=log)


def tail(log: Path, lines: int = TAIL) -> str:
    """Last lines of a log, empty when there is none."""
    if not log.is_file():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 64 * 1024))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
