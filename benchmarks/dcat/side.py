"""One process of the measurement: gives the pages of ckanext-dcat, builds the dump, or serves it.

rest                    nothing: what a process costs that has only started
page <number> <file>    what ``dcat_catalog_show`` gives, kept in a file
build                   fragments and dump, whatever is missing of them
dump <file>             the dump as a visitor gets it, kept in a file
"""

import sys
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from benchmarks.harvest.measure import obey
from ckanext.hatinh.catalog import dump


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    app = make_app(load_config(sys.argv[1]))
    client = app.test_client()

    def run(words: str) -> int:
        order, *given = words.split()
        if order == "rest":
            return 0
        if order == "dump":
            return _fetch(client, Path(given[0]))
        with app.test_request_context("/catalog.ttl"):
            done = _page(int(given[0]), Path(given[1])) if order == "page" else _build()
            model.Session.remove()
            return done

    obey(run)
    return 0


def _page(number: int, file: Path) -> int:
    given = {"page": number, "format": "ttl"}
    told = tk.get_action("dcat_catalog_show")({}, given)
    return file.write_text(told, encoding="utf-8")


def _build() -> int:
    return dump.build().datasets


def _fetch(client: Any, file: Path) -> int:
    answer = client.get("/catalog/dump.ttl")
    with file.open("wb") as stream:
        for block in answer.iter_encoded():
            stream.write(block)
    return file.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
