"""DuckDB within limits: a database in memory that spills to a folder of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection
else:
    Connection = object

MEMORY = "160MB"
THREADS = 2
"""Segments read at a time, each by one thread."""


class Engine:
    """A database that is opened when first asked for, so small tables never pay for it."""

    def __init__(self) -> None:
        self._open = False

    @cached_property
    def folder(self) -> Path:
        """Where it may write; it goes with the engine."""
        return Path(self._directory.name)

    @cached_property
    def _directory(self) -> "tempfile.TemporaryDirectory[str]":
        self._open = True
        return tempfile.TemporaryDirectory(prefix="hatinh-check-")

    @cached_property
    def connection(self) -> Connection:
        """The database."""
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": 1,
            "temp_directory": str(self.folder / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        return _library().connect(":memory:", config=settings)

    @cached_property
    def error(self) -> type[Exception]:
        """What the database raises for a file that it cannot read."""
        return _library().Error

    def close(self) -> None:
        """Forget everything."""
        if "connection" in self.__dict__:
            self.connection.close()
        if self._open:
            self._directory.cleanup()


def _library() -> Any:
    """DuckDB: large, and most tables never need it."""
    return import_module("duckdb")


@contextmanager
def open_engine() -> Iterator[Engine]:
    """An engine that is closed at the end."""
    engine = Engine()
    try:
        yield engine
    finally:
        engine.close()
