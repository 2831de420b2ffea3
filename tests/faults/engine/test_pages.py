"""What a citizen and an officer see while the index or Valkey is away or full."""

from collections.abc import Callable
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import pytest
from bench import Bench, drafts, shelf
from ckan.tests.helpers import CKANTestApp
from scripted import ChaosProxy, RawServer, answer, bounded, saying

from ckanext.hatinh.shared.mapping import package_id

FIRST = drafts(range(4))
SEARCHES = ("/", "/dataset/", "/dataset/?q=tr%C6%B0%E1%BB%9Dng", "/organization/so-gddt",
            "/group/giao-duc-va-dao-tao", "/system/", "/en/dataset/")  # fmt: skip
SILENCE = 0.3
"""Seconds that the portal waits here for an index that is silent (30 in its configuration)."""
QUESTIONS = 3
"""Requests to the index that a page makes at most before it gives up, or goes on without."""
SPILT = ("Traceback", "SolrConnectionError", "SearchError", "pysolr", "127.0.0.1", 'File "')
"""Words of a program, which no citizen should read."""
LOADING = b'{"error":{"msg":"SolrCore is loading","code":503}}'
FULL = b'{"error":{"msg":"No space left on device","code":500}}'


@pytest.fixture
def indexes(chaos: Callable[..., ChaosProxy], raw: Callable[..., RawServer]) -> list[str]:
    """Addresses of indexes that refuse, break off, are silent, load their core, have no room."""
    broken = [{"refuse": True}, {"reset_after": 0}, {"deaf": True}]
    there = urlsplit(tk.config["solr_url"]).port
    said = [answer(LOADING, status=503), answer(FULL, status=500)]
    servers = [*(chaos(there, **fault) for fault in broken), *(raw(saying(one)) for one in said)]
    return [f"{server.url}{urlsplit(tk.config['solr_url']).path}" for server in servers]


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
    assert "public" not in found.headers["Cache-Control"]
    assert f'lang="{"en" if page.startswith("/en/") else "vi"}"' in found.text
    assert 'class="ht-error' in found.text
    assert not [word for word in SPILT if word in found.text], page


def shows_the_dataset(app: CKANTestApp, id_: str, title: str) -> None:
    """Whoever has its address reads it, and so does a program."""
    with bounded(QUESTIONS * SILENCE + 2):
        assert title in app.get(f"/dataset/{id_}", status=200).text
    given = app.get(f"/api/3/action/package_show?id={id_}", status=200).json
    assert given["result"]["title"] == title
