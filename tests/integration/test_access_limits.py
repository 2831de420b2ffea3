"""Limits of calls, counted in a real Valkey: who is refused when, and what is free."""

import logging
import secrets
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

from ckanext.hatinh.access import limits
from ckanext.hatinh.access.limits import Counter
from hatinh.access.limit import Allowance, Answer, Caller

pytestmark = pytest.mark.usefixtures("with_plugins")

SETTING = "ckanext.hatinh.access"
CALL = "/api/3/action/package_show?id=khong-co"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SLOW = Allowance("open", per_minute=1, burst=3)
"""Units come back so slowly that no test waits for one."""
DEAD = "redis://127.0.0.1:1/0"


def caller(allowance: Allowance = SLOW) -> Caller:
    """Somebody who never called before."""
    return Caller(secrets.token_hex(8), allowance)


def spent(counter: Counter, who: Caller, cost: int = 1) -> Answer:
    """What became of a request that was counted."""
    answer = counter.spend(who, cost)
    assert answer is not None
    return answer


@pytest.fixture
def counter(with_plugins: None) -> Counter:
    """A counter such as each worker has one."""
    return Counter.at(tk.config["ckan.redis.url"], "thu")


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch, ckan_config: Any, with_plugins: None) -> Iterator[Any]:
    """Limits are on, and so low that a test reaches them: ten units; gives the settings."""
    for name, value in {
        "limits": True,
        "open_per_minute": 1,
        "token_per_minute": 1,
        "government_per_minute": 1,
        "trusted_hops": 1,
    }.items():
        monkeypatch.setitem(ckan_config, f"{SETTING}.{name}", value)
    limits.check_settings()
    yield ckan_config
    monkeypatch.undo()
    limits.check_settings()


def client() -> dict[str, str]:
    """Headers of a client behind the trusted proxy with an address that never called before."""
    low = secrets.randbits(96)
    return {"X-Forwarded-For": str(ip_address((0x20010DB8 << 96) + low))}


def used_up(app: Any, headers: dict[str, str], path: str = CALL) -> Any:
    """Call until the refusal; gives it."""
    for _ in range(11):
        answer = app.get(path, headers=headers)
        if answer.status_code == 429:
            return answer
    raise AssertionError("nobody refused")


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that lets everybody in and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


# -- counting -----------------------------------------------------------------------------------


def test_burst_is_let_in_and_no_more(counter):
    """What remains falls to nought; a refusal costs nothing and says how long to wait."""
    who = caller()
    answers = [spent(counter, who) for _ in range(5)]
    assert [a.allowed for a in answers] == [True, True, True, False, False]
    assert [a.remaining for a in answers] == [2, 1, 0, 0, 0]
    assert 0 < answers[4].wait <= answers[3].wait <= 60_000_000
    assert answers[4].reset <= 180_000_000


def test_units_come_back_at_the_steady_rate(counter):
    """A unit each hundredth of a second: whoever waits so long is let in, again and again."""
    who = caller(Allowance("open", per_minute=6000, burst=1))
    for _ in range(5):
        while not spent(counter, who).allowed:
            time.sleep(0.002)
    began = time.monotonic()
    let_in = 0
    while let_in < 20:
        answer = spent(counter, who)
        let_in += answer.allowed
        time.sleep(answer.wait / 1_000_000)
    assert time.monotonic() - began >= 0.19


def test_dear_request_is_refused_where_a_cheap_one_is_not(counter):
    """Two units left pay for no export; what was refused was not taken."""
    who = caller()
    assert spent(counter, who).allowed
    refused = spent(counter, who, 3)
    assert (refused.allowed, refused.remaining) == (False, 2)
    assert spent(counter, who, 2).allowed


def test_two_workers_share_one_count(counter):
    """Each has its own connection; the units are the same."""
    other = Counter.at(tk.config["ckan.redis.url"], "thu")
    who = caller()
    assert [spent(w, who).remaining for w in (counter, other, counter)] == [2, 1, 0]
    assert not spent(other, who).allowed


def test_sites_in_one_valkey_count_apart(counter):
    """A test portal takes nothing from the real one."""
    other = Counter.at(tk.config["ckan.redis.url"], "khac")
    who = caller()
    assert spent(counter, who, 3).remaining == 0
    assert spent(other, who, 3).allowed


def test_clock_set_back_locks_nobody_out_for_long(counter):
    """What Valkey kept of the future is worth a whole burst at most."""
    who = caller()
    spent(counter, who)
    store = connect_to_redis()
    store.set(f"ckan:thu:limit:{who.key}", str(int((time.time() + 10**7) * 10**6)))
    refused = spent(counter, who)
    assert not refused.allowed
    assert refused.wait <= 60_000_000


def test_counts_go_when_all_units_are_back(counter):
    """Callers who went away take no memory."""
    who = caller()
    spent(counter, who)
    lives = connect_to_redis().pttl(f"ckan:thu:limit:{who.key}")
    assert 0 < lives <= 62_000


# -- Valkey away --------------------------------------------------------------------------------


def test_without_valkey_everybody_is_let_in_and_it_is_told_once(heard):
    """It is asked again after a pause only, and its return is told, too."""
    now = [0.0]
    counter = Counter.at(DEAD, "thu", clock=lambda: now[0])
    with heard.at_level(logging.WARNING):
        assert [counter.spend(caller(), 1) for _ in range(3)] == [None] * 3
        now[0] = limits.PAUSE + 1
        assert counter.spend(caller(), 1) is None
        assert len(heard.records) == 1
        counter.spend_there = Counter.at(tk.config["ckan.redis.url"], "thu").spend_there
        now[0] = 2 * limits.PAUSE + 2
        assert spent(counter, caller()).allowed
    assert len(heard.records) == 2


def test_silent_valkey_holds_nobody_up(caplog, silent_server):
    """A server that takes calls and says nothing costs a moment, and that once."""
    counter = Counter.at(silent_server, "thu", clock=lambda: 0.0)
    began = time.monotonic()
    assert [counter.spend(caller(), 1) for _ in range(100)] == [None] * 100
    assert time.monotonic() - began < 5


def test_pages_and_calls_work_without_valkey(app, limited, monkeypatch):
    """No limit is told of, and none is kept."""
    monkeypatch.setattr(limits, "_counter", lambda _url, _site: Counter.at(DEAD, "thu"))
    headers = client()
    answers = [app.get(CALL, headers=headers) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {404}
    assert "RateLimit-Limit" not in answers[-1].headers


# -- requests -----------------------------------------------------------------------------------


def test_program_is_told_what_is_left_and_refused_in_json(app, limited):
    """Headers in both spellings on every answer; the refusal says how to go on."""
    headers = client()
    first = app.get(CALL, headers=headers)
    assert first.headers["RateLimit-Limit"] == first.headers["X-RateLimit-Limit"] == "10"
    assert first.headers["RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"] == "9"
    refused = used_up(app, headers)
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.cache_control.no_store
    assert not refused.cache_control.public
    assert refused.json["success"] is False
    assert refused.json["error"]["code"] == "rate-limit"
    assert refused.json["error"]["mend"]


@pytest.mark.parametrize(("start", "lang"), [("", "vi"), ("/en", "en")])
def test_people_are_refused_by_a_page_in_their_language(app, limited, start, lang):
    """The page of every other error, with the seconds to wait."""
    headers = client() | BROWSER
    refused = used_up(app, headers, f"{start}/gioi-thieu")
    assert refused.mimetype == "text/html"
    assert f'lang="{lang}"' in refused.text
    assert refused.headers["Retry-After"] in refused.text
    assert int(refused.headers["Retry-After"]) > 0


def test_page_costs_one_unit_and_its_parts_nothing(app, limited):
    """Styles, scripts, pictures and the health are free."""
    headers = client() | BROWSER
    free = ("/hatinh_portal/favicon.svg", "/api/3/action/status_show")
    for _ in range(5):
        assert {app.get(path, headers=headers).status_code for path in free} == {200}
    app.get("/gioi-thieu", headers=headers)
    assert app.get(CALL, headers=headers).headers["RateLimit-Remaining"] == "8"


def test_pages_are_not_marked(app, limited):
    """What is kept for many tells nothing of one."""
    assert "RateLimit-Limit" not in app.get("/gioi-thieu", headers=client() | BROWSER).headers


def test_search_costs_more_than_a_look(app, limited):
    """Two units."""
    headers = client()
    found = app.get("/api/3/action/package_search?rows=0", headers=headers)
    assert found.headers["RateLimit-Remaining"] == "8"


def test_browser_of_another_site_may_read_the_headers_and_asks_for_nothing(app, limited):
    """CORS exposes them; the question beforehand is free."""
    headers = client() | {"Origin": "https://tin.example.vn"}
    for _ in range(11):
        assert app.options(CALL, headers=headers).status_code == 200
    exposed = app.get(CALL, headers=headers).headers["Access-Control-Expose-Headers"]
    assert {"RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"} <= set(exposed.split(", "))


def test_token_counts_apart_from_the_address_and_wherever_it_is_used(app, limited, clean_db):
    """The address of a used-up token is still let in without it."""
    token = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    used_up(app, client() | token)
    headers = client()
    assert app.get(CALL, headers=headers | token).status_code == 429
    assert app.get(CALL, headers=headers).headers["RateLimit-Remaining"] == "9"


def test_guesses_of_tokens_count_against_the_address(app, limited):
    """Each wrong token is no caller of its own."""
    headers = client()
    codes = [
        app.get(CALL, headers=headers | {"Authorization": secrets.token_hex(20)}).status_code
        for _ in range(11)
    ]
    assert codes[-1] == 429


def test_forged_addresses_change_nothing(app, limited):
    """Only the entry of the trusted proxy counts; without a trusted proxy none does."""
    real = client()["X-Forwarded-For"]
    forged = [{"X-Forwarded-For": f"198.51.100.{n}, {real}"} for n in range(11)]
    assert app.get(CALL, headers=forged[0]).status_code == 404
    assert [app.get(CALL, headers=one).status_code for one in forged][-1] == 429
    limited[f"{SETTING}.trusted_hops"] = 0
    codes = [app.get(CALL, headers=client()).status_code for _ in range(11)]
    assert codes[-1] == 429


def test_government_addresses_have_their_own_class(app, limited):
    """The setting names networks; a bad one stops the portal from starting."""
    limited[f"{SETTING}.government_networks"] = "2001:db8::/32"
    limited[f"{SETTING}.government_per_minute"] = 30
    limits.check_settings()
    assert app.get(CALL, headers=client()).headers["RateLimit-Limit"] == "60"


def test_limits_can_be_switched_off(app, limited):
    """Nothing is counted then."""
    limited[f"{SETTING}.limits"] = False
    headers = client()
    answers = [app.get(CALL, headers=headers) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {404}
