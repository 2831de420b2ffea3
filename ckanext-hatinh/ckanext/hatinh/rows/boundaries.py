"""The borders of communes, where the province has named a file of them."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk

from hatinh.chart.outline import Rings, read_outlines
from hatinh.errors import SchemaError

FILE, CODE = (f"ckanext.hatinh.rows.{name}" for name in ("boundaries", "boundaries_code"))


def boundaries_file() -> Path | None:
    """The file that the settings name."""
    return Path(tk.config[FILE]) if tk.config[FILE] else None


def boundaries() -> Mapping[str, Rings]:
    """The borders by code of commune; none without a file. Raises ``SchemaError``."""
    path = boundaries_file()
    if path is None:
        return {}
    try:
        return _read(path, tk.config[CODE], path.stat().st_mtime_ns)
    except OSError as err:
        raise SchemaError(FILE, str(err)) from err


@lru_cache(maxsize=1)
def _read(path: Path, key: str, _changed: int) -> Mapping[str, Rings]:
    try:
        return read_outlines(json.loads(path.read_text("utf-8-sig")), key, str(path))
    except ValueError as err:
        raise SchemaError(str(path), "is no JSON") from err
