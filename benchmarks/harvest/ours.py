"""Our side: the engine as a worker runs it, over the network, from the queue to the index.

``python -m benchmarks.harvest.ours INI [helper]``: with ``helper`` it is the portal's second
worker, which has no run of its own: each line on standard input begins its work, the next ends it.
"""

import os
import sys
import threading

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.cli import load_config
from ckan.config.middleware import make_app

from benchmarks.harvest.measure import obey
from ckanext.hatinh.catalog.load import load_all
from ckanext.hatinh.harvest import queue
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.listening import Listener
from ckanext.hatinh.harvest.model.run import RunState, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.watch import Shutdown
from ckanext.hatinh.shared.workers import this_worker

OWNER = "so-gddt"
KINDS = {"json": "ckan", "rdf": "dcat"}
LONGEST_WAIT = 0.5
"""Seconds after which a helper hears that its work is over; of new work it hears at once."""


def main() -> int:
    """Obey until standard input ends. Arguments: the ini file."""
    app = make_app(load_config(sys.argv[1]))
    with app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        if model.Group.get(OWNER) is None:
            load_all(user)
        engine = Engine(Shutdown())
        os.nice(19)  # as the portal starts its workers
        helps = sys.argv[2:] == ["helper"]
        obey(lambda words: _help(engine) if helps else _run(engine, *words.split()))
    return 0


def _help(engine: Engine) -> int:
    """Look for work as an idle worker does, until standard input has a line."""
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        ended.set()

    threading.Thread(target=listen).start()
    with Listener(engine.shutdown) as listener:
        while not ended.is_set():
            helped = engine.help()
            model.Session.remove()
            if not helped:
                listener.wait(LONGEST_WAIT)
    return 0


def _run(engine: Engine, name: str, kind: str, url: str, look: str = "") -> int:
    """One run of a source, made at its first; gives how many packages were written."""
    _ensure_source(name, kind, url)
    run_id = queue.enqueue(name, "command", "benchmark", full=look == "full")
    claimed = queue.claim(this_worker(), [run_id])
    if claimed is None:
        raise SystemExit("another worker took the run")
    engine.execute(claimed)
    model.Session.remove()
    ended = run_by_id(run_id)
    if ended is None or ended.state != RunState.COMPLETE or ended.counts.get("rejected"):
        raise SystemExit(f"our run went wrong: {ended and ended.as_dict()}")
    return ended.counts.get("created", 0) + ended.counts.get("updated", 0)


def _ensure_source(name: str, kind: str, url: str) -> None:
    if model.Session.get(HarvestSource, name) is None:
        row = HarvestSource(name=name, kind=KINDS[kind], url=url, owner=OWNER, origin="page")
        row.title, row.allow_private, row.defaults, row.options = {"vi": name}, True, {}, {}
        model.Session.add(row)
        model.Session.commit()


if __name__ == "__main__":
    sys.exit(main())
