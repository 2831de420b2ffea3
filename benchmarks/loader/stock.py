"""The stock side: ckanext-xloader, unmodified, in an environment of its own.

It is given the file on its disk; what its job does before (fetch the file over HTTP, hash it) and
after (write the dataset again) is left out, to its favour. Its table can be searched completely
when every row has its words, and is done when all its indexes are there.
"""

import importlib
import logging
import sys
import time
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from benchmarks.loader.obeying import obey

loader: Any = importlib.import_module("ckanext.xloader.loader")  # not in our own environment

LOGGER = logging.getLogger("xloader")


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    app = make_app(load_config(sys.argv[1]))
    LOGGER.setLevel(logging.ERROR)
    with app.test_request_context():
        obey(_load)
    return 0


def _load(name: str, path: str, types: bool = False) -> dict[str, Any]:
    """Load a file into the table of a resource, which is made at its first load.

    With ``types`` it guesses them (``ckanext.xloader.use_type_guessing``) and ends with indexes.
    """
    resource = _resource(name)
    began = time.perf_counter()
    load = loader.load_table if types else loader.load_csv
    fields = load(path, resource, mimetype="text/csv", logger=LOGGER)
    loader.calculate_record_count(resource_id=resource, logger=LOGGER)
    searchable = time.perf_counter()
    if not types:
        loader.create_column_indexes(fields=fields, resource_id=resource, logger=LOGGER)
    done = time.perf_counter()
    return {"searchable": searchable - began, "done": done - began}


def _resource(name: str) -> str:
    found = model.Resource.get(name)
    if found is None:
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        context: Any = {"user": user, "ignore_auth": True}
        file = {"id": name, "url": f"{name}.csv", "format": "CSV"}
        wanted = {"name": f"bang-{name}", "resources": [file]}
        tk.get_action("package_create")(context, wanted)
    return name


if __name__ == "__main__":
    sys.exit(main())
