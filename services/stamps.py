"""Stamps: a file that holds the fingerprint of what a step was done for, so it is done once."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *texts: str) -> str:
    """SHA-256 over the names and contents of files (missing ones count as such) and texts."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0")
        digest.update(file.read_bytes() if file.is_file() else b"missing")
        digest.update(b"\0")
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


class Stamp:
    """Remembers in `path` for which fingerprint a step was last completed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def matches(self, value: str) -> bool:
        return self.path.is_file() and self.path.read_text() == value

    def set(self, value: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(value)
