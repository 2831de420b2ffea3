"""Files that are uploaded and loaded here and now, for tests of the loader."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.datastore import database
from ckanext.hatinh.datastore.database import connected
from ckanext.hatinh.datastore.sweeping import sweep
from ckanext.hatinh.datastore.worker import Shutdown, take_one
from ckanext.hatinh.shared.workers import this_worker

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))


@dataclass
class Desk:
    """Uploads files to one dataset as a sysadmin, and loads them."""

    officer: str
    dataset: str

    def upload(self, body: str | bytes, name: str = "bang.csv", **fields: Any) -> str:
        """Id of a new resource with this file."""
        given = {
            "package_id": self.dataset,
            "name_translated": {"vi": "Bảng"},
            "format": name.rpartition(".")[2].upper(),
        }
        file = {"upload": _file(body, name), "url": name}
        found = self.do("resource_create", given | file | fields)
        return found["id"]

    def replace(self, resource_id: str, body: str | bytes, name: str = "bang.csv") -> None:
        """Put new bytes under a resource."""
        given = {"id": resource_id, "upload": _file(body, name), "url": name}
        self.do("resource_patch", given)

    def load(self) -> int:
        """Sweep, and load everything that waits; gives how many files were asked for."""
        found = sweep()
        while take_one(this_worker(), Shutdown()):
            pass
        return found

    def do(self, action: str, given: Mapping[str, Any]) -> Any:
        """Call an action."""
        return tk.get_action(action)(Context(user=self.officer), dict(given))

    def rows(self, table: str, **asked: Any) -> list[list[Any]]:
        """The rows of a table without their numbers."""
        found = self.do("datastore_search", {"resource_id": table, "limit": 1000, **asked})
        names = [field["id"] for field in found["fields"] if field["id"] not in ("_id", "rank")]
        return [[row[name] for name in names] for row in found["records"]]

    def state(self, resource_id: str) -> dict[str, Any]:
        """How the file was loaded."""
        return self.do("hatinh_load_show", {"resource_id": resource_id})


@pytest.fixture
def desk(portal: None, ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """A dataset whose files lie in a folder of the test."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    database.prepare()
    found = Desk(factories.Sysadmin()["name"], "")
    fields = {
        "name": "bang-thu",
        "title_translated": {"vi": "Bảng thử"},
        "notes_translated": {"vi": "Bảng để thử"},
        "owner_org": "so-nnmt",
    }
    found.dataset = found.do("package_create", fields | CLASSIFIED)["id"]
    return found


def sql(statement: str, *given: Any) -> list[Any]:
    """Run a statement on the DataStore as the user that writes."""
    with connected() as connection, connection.cursor() as cursor:
        cursor.execute(statement, given or None)
        found = cursor.fetchall() if cursor.description else []
        connection.commit()
    return found


def work_tables() -> list[str]:
    """Tables that a load left behind."""
    return [row[0] for row in sql(r"SELECT relname FROM pg_class WHERE relname ~ '^_(src|new)_'")]


@contextmanager
def reading(table: str) -> Iterator[set[tuple[int, str]]]:
    """Search a table over and over meanwhile; gives what was seen: how many rows, and their word.

    Every search must see rows with one word only.
    """
    seen: set[tuple[int, str]] = set()
    over = threading.Event()
    given = {"resource_id": table, "records_format": "lists", "limit": 5000}

    def read() -> None:
        while not over.is_set():
            found = tk.get_action("datastore_search")(Context(ignore_auth=True), dict(given))
            words = {row[-1] for row in found["records"]}
            seen.add((len(found["records"]), "|".join(sorted(words))))
            seen.add((found["total"], "|".join(sorted(words))))
            model.Session.remove()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(30)


def _file(body: str | bytes, name: str) -> FileStorage:
    return FileStorage(BytesIO(body.encode() if isinstance(body, str) else body), name)
