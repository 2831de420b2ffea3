"""Use is counted without a word of who used what, and nothing waits for it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from click.testing import CliRunner
from redis.exceptions import RedisError
from sqlalchemy import event
from two_offices import OTHER, OWN, Portal, two_offices

from ckanext.hatinh.audit import use
from ckanext.hatinh.audit.cli import audit
from ckanext.hatinh.shared.vocabulary import today

pytestmark = pytest.mark.usefixtures("portal")

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0"}
ROBOT = {"User-Agent": "Mozilla/5.0 (compatible; Tim-kiem-bot/1.0)"}


@pytest.fixture
def here(app: Any) -> Iterator[Portal]:
    """Two offices, of which one is open to the public, and no use yet."""
    made = two_offices(app)
    patch = {"id": made.offices[OWN].dataset, "private": False}
    tk.get_action("package_patch")({"user": made.sysadmin}, patch)
    forget()
    yield made
    forget()


def forget() -> None:
    """Drop what other tests have counted."""
    counters = use.counters_of(tk.config["ckan.site_id"])
    connect_to_redis().delete(counters, f"{counters}:aside")


def shown(here: Portal, office: str = OWN, **given: Any) -> dict[str, Any]:
    """What the API tells everybody, after the counts are written down."""
    use.write_down()
    user = "" if office == OWN else here.sysadmin
    asked = {"id": here.offices[office].dataset, **given}
    return tk.get_action("hatinh_use_show")({"user": user}, asked)


def name_of(dataset: str) -> str:
    """The name under which a dataset's page is."""
    found = model.Package.get(dataset)
    assert found is not None
    return found.name


def visit(here: Portal, path: str, headers: dict[str, str] = PERSON, **given: Any) -> int:
    """Ask for an address; the status of its answer."""
    method = here.app.post if given else here.app.get
    return method(path, headers=headers, follow_redirects=False, **given).status_code


def test_views_downloads_and_calls_are_counted_by_day(here: Portal) -> None:
    """Each by the addresses and actions of the list."""
    own = here.offices[OWN]
    name = name_of(own.dataset)
    file = f"/dataset/{name}/resource/{own.resource}"
    for _ in range(3):
        assert visit(here, f"/dataset/{name}") == 200
    assert visit(here, f"/en/dataset/{name}") == 200
    assert visit(here, f"{file}/download/a.csv") == 302
    assert visit(here, f"{file}/rows.csv") == 200
    assert visit(here, f"{file}/rows.json") == 200
    search = "/api/3/action/datastore_search"
    assert visit(here, f"{search}?resource_id={own.resource}") == 200
    assert visit(here, search, json={"resource_id": own.resource}) == 200
    told = shown(here)
    day = {"day": today().isoformat(), "views": 4, "downloads": 2, "calls": 3}
    assert told["days"] == [day]
    assert told["totals"] == {"views": 4, "downloads": 2, "calls": 3}
    visit(here, f"/dataset/{name}")
    assert shown(here)["totals"]["views"] == 5


def test_what_is_no_use_is_not_counted(here: Portal) -> None:
    """Robots, pages fetched ahead, heads, refusals, faults, other pages."""
    own, other = here.offices[OWN], here.offices[OTHER]
    name = name_of(own.dataset)
    visit(here, f"/dataset/{name}", ROBOT)
    visit(here, f"/dataset/{name}", {"User-Agent": ""})
    visit(here, f"/dataset/{name}", {**PERSON, "Sec-Purpose": "prefetch;prerender"})
    here.app.test_client().head(f"/dataset/{name}", headers=PERSON)
    assert visit(here, f"/dataset/{other.dataset}") == 404
    assert visit(here, f"/api/3/action/datastore_search?resource_id={other.resource}") == 403
    assert visit(here, f"/api/3/action/datastore_search?resource_id={own.resource}&limit=x") == 409
    visit(here, f"/dataset/{name}/resource/{own.resource}")
    visit(here, "/dataset/")
    assert shown(here)["days"] == shown(here, OTHER)["days"] == []


def test_nothing_is_kept_of_who_used_it(here: Portal) -> None:
    """The counters hold a day, a kind, a dataset and a number; the command writes them down."""
    own = here.offices[OWN]
    name = name_of(own.dataset)
    known = {"X-Forwarded-For": "203.0.113.77", "Referer": "https://kin.example.vn/", **PERSON}
    visit(here, f"/dataset/{name}?q=bi-mat", known)
    held = connect_to_redis().hgetall(use.counters_of(tk.config["ckan.site_id"]))
    assert held == {f"{today().isoformat()}|views|{name}".encode(): b"1"}
    assert CliRunner().invoke(audit, ["use"]).output == "1 uses written down\n"
    assert CliRunner().invoke(audit, ["use"]).output == "0 uses written down\n"
    rows = model.Session.execute(sa.text("SELECT to_jsonb(u) FROM hatinh_use_day u")).scalars()
    assert [set(row) for row in rows] == [{"package_id", "day", "views", "downloads", "calls"}]


def test_serving_waits_for_nothing(here: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting asks PostgreSQL nothing. While Valkey is away pages are served and nothing is
    counted; it is not asked again at once."""
    own, seen = here.offices[OWN], []
    name = name_of(own.dataset)

    def hear(*told: Any) -> None:
        seen.append(told[2])

    with here.app.flask_app.test_request_context(f"/dataset/{name}", headers=PERSON):
        event.listen(sa.Engine, "before_cursor_execute", hear)
        use.note(here.app.flask_app.make_response("x"))
        event.remove(sa.Engine, "before_cursor_execute", hear)
    assert seen == []
    counter = use.Counter.at("redis://127.0.0.1:1/0", "x", clock=lambda: 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(use, "_counter", lambda *_: counter)
        assert visit(here, f"/dataset/{name}") == 200
        assert counter.away_until == 1.0 + use.PAUSE
        assert visit(here, f"/dataset/{name}") == 200
        patch.setattr(use, "connect_to_redis", lambda: counter.valkey)
        use.duty()
    assert shown(here)["totals"]["views"] == 1


def test_writer_that_is_cut_off_counts_nothing_twice_and_loses_nothing(
    here: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its commit all is added by the next one; after it nothing is added again."""
    own = here.offices[OWN]
    name = name_of(own.dataset)
    visit(here, f"/dataset/{name}")

    def break_off(*_: Any) -> None:
        raise RedisError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(use, "_add", break_off)
        with pytest.raises(RedisError):
            use.write_down()
    model.Session.rollback()
    visit(here, f"/dataset/{name}")
    with monkeypatch.context() as patch:
        patch.setattr(use, "_forget", break_off)
        with pytest.raises(RedisError):
            use.write_down()
    model.Session.remove()
    assert use.write_down() == 0
    assert shown(here)["totals"]["views"] == 2
    assert shown(here)["totals"]["views"] == 2


def test_use_is_told_to_whoever_sees_the_dataset(here: Portal) -> None:
    """To whoever sees the dataset: the last year unless others are named. A purged dataset takes
    its counts along."""
    asked = tk.get_action("hatinh_use_show")
    with pytest.raises(tk.NotAuthorized):
        asked({"user": factories.User()["name"]}, {"id": here.offices[OTHER].dataset})
    with pytest.raises(tk.ObjectNotFound):
        asked({"user": ""}, {"id": "khong-co"})
    with pytest.raises(tk.ValidationError):
        asked({"user": ""}, {})
    answer = here.app.get(f"/api/3/action/hatinh_use_show?id={here.offices[OWN].dataset}")
    assert json.loads(answer.data)["result"]["days"] == []
    own, day = here.offices[OWN], today()
    for ago in (0, 10, 400):
        row = use.UseDay(
            package_id=own.dataset, day=day - timedelta(ago), views=1, downloads=0, calls=0
        )
        model.Session.add(row)
    model.Session.commit()
    assert len(shown(here)["days"]) == 2
    assert len(shown(here, since="2020-01-01")["days"]) == 3
    until = (day - timedelta(5)).isoformat()
    assert [it["day"] for it in shown(here, until=until)["days"]] == [
        (day - timedelta(10)).isoformat()
    ]
    tk.get_action("dataset_purge")({"ignore_auth": True, "user": ""}, {"id": own.dataset})
    assert model.Session.query(use.UseDay).count() == 0
