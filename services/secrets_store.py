"""Generated secrets: one file each under var/secrets, mode 600, made at the first start."""

import os
import secrets
from pathlib import Path


def secret(path: Path, size: int = 32) -> str:
    """Return the secret of a file, generating it when there is none.

    URL-safe characters, so that it stands in a URL and in an ini file unquoted.
    """
    if path.is_file() and path.stat().st_size:
        return path.read_text().strip()
    value = secrets.token_urlsafe(size)
    write_private(path, value + "\n")
    return value


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
