"""How a measured process is told what to do: a line of JSON, answered by a line of JSON.

Loaded by both sides, so it knows nothing of ours.
"""

import json
import sys
from collections.abc import Callable
from typing import Any


def obey(act: Callable[..., dict[str, Any]]) -> None:
    """Do what each line of standard input says, until it ends."""
    say({"ready": True})
    for line in sys.stdin:
        say(act(**json.loads(line)))


def say(answer: dict[str, Any]) -> None:
    """One line to the process that asked."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
