"""Names of worker processes, from which it is seen whether one of this machine still lives."""

import os
import socket
from pathlib import Path

THIS_MACHINE = f"{socket.gethostname()}:"
"""What the names of this machine's workers begin with."""


def this_worker() -> str:
    """Name of this process: the machine, the process and when it began, so that it is unique."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_alive(worker: str) -> bool:
    """Whether a worker of this machine still runs."""
    _, pid, began = worker.rsplit(":", 2)
    return began == _began(int(pid))


def _began(pid: int) -> str:
    """When a process of this machine began, in ticks since the machine's start; empty if none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
