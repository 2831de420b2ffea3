"""The virtual environment: made once from requirements.lock, then our own distribution in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from services import command
from services.errors import LaunchError
from services.settings import Settings
from services.stamps import Stamp, fingerprint

STEP = "python"


def is_current(settings: Settings) -> bool:
    return _locked(settings).matches(_lock_fingerprint(settings)) and _usable(settings)


def ensure(settings: Settings) -> None:
    """Bring the environment to the lock file and our distribution into it; no-op when done."""
    lock = settings.root / "requirements.lock"
    if not lock.is_file():
        raise LaunchError("lock-missing", path=lock)
    if not is_current(settings):
        _install_lock(settings, lock)
    own = _own_fingerprint(settings)
    stamp = Stamp(settings.venv / ".own")
    if not stamp.matches(own):
        _uv(settings, "install", "--no-deps", "--no-build-isolation", "-e", str(settings.root))
        stamp.set(own)


def _install_lock(settings: Settings, lock: Path) -> None:
    log = settings.log / "python.log"
    if not _usable(settings):
        shutil.rmtree(settings.venv, ignore_errors=True)
        create = [sys.executable, "-m", "venv", str(settings.venv)]
        command.run(STEP, create, log, _environment())
        _place(settings).set(str(settings.venv))
    if not Path(settings.executable("uv")).exists():
        pip = [settings.executable("python"), "-m", "pip", "install", "-q"]
        command.run(STEP, [*pip, f"uv=={_uv_version(lock)}"], log, _environment())
    _uv(settings, "sync", "--require-hashes", str(lock))
    (settings.venv / ".own").unlink(missing_ok=True)
    _locked(settings).set(_lock_fingerprint(settings))


def _uv(settings: Settings, verb: str, *arguments: str) -> None:
    # Bytecode is compiled now: otherwise every start as another user would pay for it.
    uv = [settings.executable("uv"), "pip", verb, "-p", settings.executable("python")]
    command.run(
        STEP,
        [*uv, "--compile-bytecode", *arguments],
        settings.log / "python.log",
        _environment(),
        settings.root,
    )


def _environment() -> dict[str, str]:
    # Offices inspect their traffic with a certificate of their own, which only the system knows.
    ours = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_LINK_MODE": "copy", "UV_SYSTEM_CERTS": "1"}
    return {**os.environ, **ours}


def _uv_version(lock: Path) -> str:
    found = re.search(r"^uv==([\w.]+)", lock.read_text(), re.MULTILINE)
    if found is None:
        raise LaunchError("lock-missing", path=lock)
    return found.group(1)


def _locked(settings: Settings) -> Stamp:
    return Stamp(settings.venv / ".lock")


def _lock_fingerprint(settings: Settings) -> str:
    return fingerprint([settings.root / "requirements.lock"])


def _own_fingerprint(settings: Settings) -> str:
    return fingerprint([settings.root / "setup.py", settings.root / "pyproject.toml"])


def _place(settings: Settings) -> Stamp:
    """Where the environment was made: its programs do not work anywhere else."""
    return Stamp(settings.venv / ".place")


def _usable(settings: Settings) -> bool:
    python = settings.executable("python")
    if not _place(settings).matches(str(settings.venv)) or not Path(python).exists():
        return False
    return subprocess.run([python, "-c", ""], check=False).returncode == 0


def site_packages(settings: Settings) -> Path:
    """The only `site-packages` of the environment."""
    return next((settings.venv / "lib").glob("python3*/site-packages"))
