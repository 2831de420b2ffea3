"""Typed readers of this plugin's settings."""

import os
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk

from harvesters.config import load
from harvesters.plan import Limits
from harvesters.source import SourceConfig
from harvesters.spool import FormerFiles, Spool

PREFIX = "ckanext.hatinh.harvest."


def sources() -> dict[str, SourceConfig]:
    """The configured sources by name. Raises :class:`hatinh.errors.SchemaError` when the file is
    wrong."""
    path = Path(tk.config[PREFIX + "sources"])
    return dict(_read(path, path.stat().st_mtime_ns, frozenset(os.environ.items())))


@lru_cache(maxsize=1)
def _read(
    path: Path, _changed: int, environ: frozenset[tuple[str, str]]
) -> dict[str, SourceConfig]:
    return {source.name: source for source in load(path, dict(environ))}


def metrics_token() -> str:
    """The word with which ``/metrics`` is read from elsewhere; empty for nobody."""
    return tk.config[PREFIX + "metrics_token"]


def batch() -> int:
    """Records in one transaction."""
    return tk.config[PREFIX + "batch"]


def lease() -> timedelta:
    """How long a worker may be silent before its run is given to another."""
    return timedelta(seconds=tk.config[PREFIX + "lease_seconds"])


def grace() -> timedelta:
    """How long a dataset outlives its record at the source."""
    return timedelta(days=tk.config[PREFIX + "grace_days"])


def limits() -> Limits:
    """How much may vanish unasked."""
    share, count = tk.config[PREFIX + "guard_share"], tk.config[PREFIX + "guard_count"]
    return Limits(float(share), count)


def checks_links() -> bool:
    """Whether addresses of files that lie elsewhere are visited."""
    return tk.config[PREFIX + "check_links"]


def spool(run_id: str, attempt: int = 0) -> Spool:
    """Where a run keeps what it has gathered; ``attempt`` is the token of whoever reads."""
    return Spool(_spool_folder() / "runs" / run_id, attempt)


def spooled_runs() -> list[str]:
    """Ids of the runs that keep, or have left, a spool."""
    folder = _spool_folder() / "runs"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def former_files(run_id: str) -> FormerFiles:
    """Where the files that a run replaced are kept."""
    return FormerFiles(_spool_folder() / "former" / run_id)


def _spool_folder() -> Path:
    configured = tk.config[PREFIX + "spool"]
    return Path(configured or Path(tk.config["ckan.storage_path"]) / "harvest")
