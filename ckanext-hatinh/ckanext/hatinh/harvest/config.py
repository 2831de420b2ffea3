"""Typed readers of this plugin's settings."""

import os
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk

from harvesters.config import load
from harvesters.source import SourceConfig

Environment = frozenset[tuple[str, str]]


def sources() -> dict[str, SourceConfig]:
    """The sources of the file by name. Raises :class:`hatinh.errors.SchemaError` when the file is
    wrong."""
    path = Path(tk.config["ckanext.hatinh.harvest.sources"])
    return dict(_read(path, path.stat().st_mtime_ns, frozenset(os.environ.items())))


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int, environment: Environment) -> dict[str, SourceConfig]:
    return {source.name: source for source in load(path, dict(environment))}


def metrics_token() -> str:
    """The word with which ``/metrics`` is read from elsewhere; empty for nobody."""
    return tk.config["ckanext.hatinh.harvest.metrics_token"]
