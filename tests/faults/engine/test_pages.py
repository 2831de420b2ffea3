"""What a citizen and an officer see while the index or Valkey is away or full."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import pytest
from bench import BOUND, Bench, drafts, shelf
from ckan.common import config
from ckan.config.middleware import make_app
from ckan.lib import redis
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from redis import Redis
from redis.exceptions import OutOfMemoryError
from scripted import ChaosProxy, RawServer, answer, bounded, saying

from ckanext.hatinh.harvest import queue
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.watch import Shutdown
from ckanext.hatinh.shared.mapping import package_id
from ckanext.hatinh.shared.workers import this_worker

FIRST = drafts(range(4))
SEARCHES = ("/", "/dataset/", "/dataset/?q=tr%C6%B0%E1%BB%9Dng", "/organization/so-gddt",
            "/group/giao-duc-va-dao-tao", "/system/", "/en/dataset/")  # fmt: skip
DESK = "/thu-thap/ban-lam-viec/"
PASSWORD = "mot-mat-khau-kha-dai"
SILENCE = 0.3
"""Seconds that the portal waits here for an index that is silent (30 in its configuration)."""
QUESTIONS = 3
"""Requests to the index that a page makes at most before it gives up, or goes on without."""
SPILT = ("Traceback", "SolrConnectionError", "SearchError", "pysolr", "127.0.0.1", 'File "')
"""Words of a program, which no citizen should read."""
NOBODY = 9
"""A port on which nobody listens."""
LOADING = b'{"error":{"msg":"SolrCore is loading","code":503}}'
FULL = b'{"error":{"msg":"No space left on device","code":500}}'


@pytest.fixture
def indexes(chaos: Callable[..., ChaosProxy], raw: Callable[..., RawServer]) -> list[str]:
    """Addresses of indexes that refuse, break off, are silent, load their core, have no room."""
    broken = [{"refuse": True}, {"reset_after": 0}, {"deaf": True}]
    there = urlsplit(tk.config["solr_url"])
    said = [answer(LOADING, status=503), answer(FULL, status=500)]
    servers = [
        *(chaos(there.port, **fault) for fault in broken),
        *(raw(saying(one)) for one in said),
    ]
    return [f"{server.url}{there.path}" for server in servers]


def test_f21_pages_of_a_portal_whose_index_is_away(
    bench: Bench, app: CKANTestApp, indexes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that search say so to a citizen; a dataset's comes from the database."""
    bench.ran(shelf(FIRST))
    monkeypatch.setitem(tk.config, "solr_timeout", SILENCE)
    for index in indexes:
        monkeypatch.setitem(tk.config, "solr_url", index)
        for page in SEARCHES:
            says_that_search_is_away(app, page)
        for draft in FIRST[:2]:
            shows_the_dataset(app, package_id("ke-thu", draft.guid), draft.fields["title"])


def says_that_search_is_away(app: CKANTestApp, page: str) -> None:
    """503 and when to come again, in the reader's language, for no cache to keep."""
    with bounded(QUESTIONS * SILENCE + 1):
        found = app.get(page)
    assert found.status_code == 503, page
    assert found.headers["Retry-After"].isdigit()
    assert "public" not in found.headers.get("Cache-Control", "")
    assert f'lang="{"en" if page.startswith("/en/") else "vi"}"' in found.text
    assert 'class="ht-error' in found.text
    assert not [word for word in SPILT if word in found.text], page


def shows_the_dataset(app: CKANTestApp, id_: str, title: str) -> None:
    """Whoever has its address reads it, and so does a program."""
    with bounded(QUESTIONS * SILENCE + 2):
        assert title in app.get(f"/dataset/{id_}", status=200).text
    given = json.loads(app.get(f"/api/3/action/package_show?id={id_}", status=200).text)
    assert given["result"]["title"] == title


# -- Valkey (F23) -----------------------------------------------------------------------------


@pytest.fixture
def officer(bench: Bench) -> dict[str, str]:
    """Somebody who signs in."""
    return {"login": factories.Sysadmin(password=PASSWORD)["name"], "password": PASSWORD}


def as_in_production() -> Any:
    """An app of its own for this process, whose sessions are in Valkey."""
    config.update({"SESSION_TYPE": "redis", "testing": False, "WTF_CSRF_ENABLED": True})
    app = make_app(config)._wsgi_app  # pyright: ignore[reportAttributeAccessIssue]
    app.testing = False
    return app


def sign_in(visitor: Any, officer: dict[str, str]) -> Any:
    """Fill in the form."""
    form = visitor.get("/user/login")
    token = re.search(r'name="_csrf_token"[^>]*content="([^"]+)', form.text)
    filled = {**officer, "_csrf_token": token[1] if token else ""}
    return form if form.status_code != 200 else visitor.post("/user/login", data=filled)


def is_full(stores: list[Redis]) -> None:
    """Valkey has no room left and throws nothing away (``noeviction``)."""
    stores[0].config_set("maxmemory", "1")
    with pytest.raises(OutOfMemoryError):
        stores[0].set("hatinh", "x")


def is_gone(stores: list[Redis]) -> None:
    """Nobody listens where Valkey was."""
    for store in stores:
        store.connection_pool.reset()
        store.connection_pool.connection_kwargs.update(port=NOBODY)


@pytest.mark.parametrize(("fault", "stays"), [(is_full, True), (is_gone, False)])
def test_f23_portal_without_valkey(
    fault: Callable[[list[Redis]], None], stays: bool, bench: Bench, officer: dict[str, str]
) -> None:
    """Citizens, programs and the harvest notice nothing; officers work on while their sessions
    can be read; who would sign in is told that nobody can."""
    run_id, store = bench.queued(), redis.connect_to_redis()
    title, page = FIRST[0].fields["title"], "/dataset/bo-du-lieu-so-0"

    def browse() -> None:
        app = as_in_production()
        early, late, citizen = (app.test_client() for _ in range(3))
        assert sign_in(early, officer).status_code == 302
        assert early.get(DESK).status_code == 200
        fault([store, app.session_interface.client])
        Engine(Shutdown(), lambda _given, _visited: shelf(FIRST)).execute(claimed(run_id))
        assert title in citizen.get(page).text
        assert [citizen.get(address).status_code for address in SEARCHES] == [200] * len(SEARCHES)
        assert citizen.get("/api/3/action/package_search").json["result"]["count"] == 3
        assert early.get(DESK).status_code == (200 if stays else 302)
        assert title in early.get(page).text
        refused = sign_in(late, officer)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert "ht-error" in refused.text
        assert not [word for word in SPILT if word in refused.text]

    try:
        assert bench.workers.fork(browse).ended(BOUND) == 0
    finally:
        store.config_set("maxmemory", "0")
    bench.landed(run_id, {"created": 4}, FIRST)


def claimed(run_id: str) -> HarvestRun:
    """A run, taken up."""
    run = queue.claim(this_worker(), [run_id])
    assert run is not None
    return run
