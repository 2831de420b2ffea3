"""Typed readers of this plugin's settings."""

import os
from pathlib import Path

import ckan.plugins.toolkit as tk

from harvesters.config import load
from harvesters.source import SourceConfig


def sources() -> dict[str, SourceConfig]:
    """The configured sources by name. Raises :class:`hatinh.errors.SchemaError` when the file is
    wrong."""
    path = Path(tk.config["ckanext.hatinh.harvest.sources"])
    return {source.name: source for source in load(path, os.environ)}
