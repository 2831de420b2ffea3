"""The stock side: CKAN with ckanext-harvest and ckanext-dcat, unmodified, in an environment
of its own.

A run makes a job, sends it to the queue and lets the extension's own consumers gather, fetch
and import, as its two worker processes do; here one after the other in one process, so that
nothing but the work is counted.
"""

import importlib
import sys
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from benchmarks.harvest.measure import obey

queue: Any = importlib.import_module("ckanext.harvest.queue")  # not in our own environment

OWNER = "so-gddt"


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    app = make_app(load_config(sys.argv[1]))
    with app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        _ensure_organization(user)
        queue.purge_queues()
        obey(lambda words: _run(user, *words.split()))
    return 0


def _ensure_organization(user: str) -> None:
    if model.Group.get(OWNER) is None:
        context: Any = {"user": user, "ignore_auth": True}
        tk.get_action("organization_create")(context, {"name": OWNER, "title": OWNER})


def _run(user: str, name: str, kind: str, url: str, config: str = "") -> int:
    """One job of a source, made at its first run; gives how many packages were written."""
    source = _source(user, name, kind, url, config)
    context: Any = {"user": user, "ignore_auth": True}
    job = tk.get_action("harvest_job_create")(context, {"source_id": source, "run": True})
    _consume(queue.get_gather_consumer(), queue.get_gather_queue_name(), queue.gather_callback)
    _consume(queue.get_fetch_consumer(), queue.get_fetch_queue_name(), queue.fetch_callback)
    context = {"user": user, "ignore_auth": True}
    tk.get_action("harvest_jobs_run")(context, {"source_id": source})
    context = {"user": user, "ignore_auth": True}
    stats = tk.get_action("harvest_job_show")(context, {"id": job["id"]})["stats"]
    if stats["errored"]:
        raise SystemExit(f"the stock run went wrong: {stats}")
    return stats["added"] + stats["updated"]


def _source(user: str, name: str, kind: str, url: str, config: str) -> str:
    found = model.Package.get(name)
    if found is not None:
        return found.id
    context: Any = {"user": user, "ignore_auth": True}
    wanted = {
        "name": name,
        "title": name,
        "url": url,
        "source_type": {"json": "ckan", "rdf": "dcat_rdf"}[kind],
        "frequency": "MANUAL",
        "owner_org": OWNER,
        "config": config,
    }
    return tk.get_action("harvest_source_create")(context, wanted)["id"]


def _consume(consumer: Any, name: str, callback: Any) -> None:
    """Take what the queue holds, as the extension's consumer does."""
    while True:
        method, header, body = consumer.basic_get(name)
        if not body:
            return
        callback(consumer, method, header, body)


if __name__ == "__main__":
    sys.exit(main())
