"""Our side: the data worker, from its queue to the last index, with check, types and profile."""

import shutil
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app
from ckan.lib.uploader import get_resource_uploader

from benchmarks.loader.obeying import obey
from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.datastore import queue
from ckanext.hatinh.datastore.model import State, newest
from ckanext.hatinh.datastore.worker import Shutdown, take_one
from ckanext.hatinh.dictionary.editions import load_first
from ckanext.hatinh.shared.workers import this_worker
from hatinh.loading import Ready

OWNER = "so-gddt"
DATASET = {
    "title_translated": {"vi": "Bảng của phép đo"},
    "notes_translated": {"vi": "Một triệu dòng"},
    "owner_org": OWNER,
    "tag_string": "phép đo",
    "publication_class": "cong_khai",
    "sharing_level": "mo",
    "pii_class": "none",
    "importance_class": "khac",
    "data_layer": "tong_hop",
    "license_id": "CC-BY-4.0",
    "frequency": "nam",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Phòng Kế hoạch",
    "modified": "2026-11-22",
    "places": ["42"],
}
PROMISE = {
    "columns": [
        {"name": "ma", "key": True},
        {"name": "ma_xa", "element": "ma_dvhc", "required": True},
        {"name": "ten"},
        {"name": "so_luong", "element": "SoLuong"},
        {"name": "ty_le"},
        {"name": "ngay", "element": "NgayCapNhat"},
        {"name": "ky"},
        {"name": "tan_suat"},
        {"name": "thu_dien_tu"},
    ]
}


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    app = make_app(load_config(sys.argv[1]))
    with app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        if model.Group.get(OWNER) is None:
            load_all(user)
        load_first()
        with Ready() as ready:
            obey(lambda name, path: _load(user, ready, name, path))
    return 0


def _load(user: str, ready: Ready, name: str, path: str) -> dict[str, Any]:
    """Load a file into the table of a resource, which is made at its first load.

    A reader waits for it, as one does for every file that a data worker finds in its queue.
    """
    ready.prepare()
    _ensure_resource(user, name)
    stored = Path(get_resource_uploader({"url_type": "upload"}).get_path(name))
    stored.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, stored)
    queue.enqueue(name, uuid4().hex)
    began, at = time.perf_counter(), time.time()
    take_one(this_worker(), Shutdown(), [name], ready.take)
    done = time.perf_counter()
    load = newest(name)
    if load is None or load.state != State.DONE:
        raise SystemExit(f"our load went wrong: {load and (load.state, load.reason)}")
    steps = {step["state"]: _moment(step["at"]) - at for step in load.steps}
    return {"searchable": steps[State.INDEXING], "done": done - began, "steps": steps}


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _ensure_resource(user: str, name: str) -> None:
    if model.Resource.get(name) is not None:
        return
    context: Any = {"user": user, "ignore_auth": True}
    file = {
        "id": name,
        "name_translated": {"vi": "Bảng"},
        "url": f"{name}.csv",
        "url_type": "upload",
        "format": "CSV",
        "schema": PROMISE,
    }
    wanted = {**DATASET, "name": f"bang-{name}", "resources": [file]}
    tk.get_action("package_create")(context, wanted)


if __name__ == "__main__":
    sys.exit(main())
