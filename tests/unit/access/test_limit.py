"""Who a caller is, what requests cost, and what callers are told of their limits."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

import schemas
from hatinh.access.limit import (
    EXPOSED,
    Allowance,
    Answer,
    address_of,
    caller,
    load_limits,
    networks,
)
from hatinh.errors import SchemaError

LIMITS = load_limits(schemas.ROOT)
GOVERNMENT = (ip_network("10.49.0.0/16"), ip_network("2001:db8:49::/48"))


def key(address: str, token: str = "") -> str:
    """Whose units a call from an address counts against."""
    return caller(LIMITS, ip_address(address), token, GOVERNMENT).key


def test_more_is_given_to_tokens_and_most_to_the_government():
    """The order of the classes."""
    open_, token, government = (LIMITS.classes[name] for name in ("open", "token", "government"))
    assert open_.per_minute < token.per_minute < government.per_minute
    assert open_.burst < token.burst < government.burst


def test_token_counts_wherever_it_is_used():
    """Its key holds no address; without one the address counts."""
    assert key("192.0.2.1", "t") == key("198.51.100.7", "t") == "token:token:t"
    assert key("192.0.2.1") != key("192.0.2.2")


def test_addresses_of_one_ipv6_connection_are_one_caller():
    """Whoever has a connection chooses among 2^64 addresses of it."""
    assert key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9") != key("2001:db8:1:3::1")


@pytest.mark.parametrize("address", ["10.49.3.4", "2001:db8:49:1::7"])
def test_government_address_has_its_class_with_a_token_and_without(address):
    """Calls through the network of the offices are theirs."""
    for token in ("", "t"):
        found = caller(LIMITS, ip_address(address), token, GOVERNMENT)
        assert found.allowance.name == "government"


def test_callers_without_an_address_are_one():
    """A socket of this machine has none."""
    assert caller(LIMITS, None, "", GOVERNMENT).key == "open:address:local"


@pytest.mark.parametrize(
    ("forwarded", "hops", "found"),
    [
        ("203.0.113.9", 0, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.2", 2, "192.0.2.1"),
        ("nonsense", 1, "192.0.2.1"),
        ("203.0.113.9:4711", 1, "203.0.113.9"),
        ("[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("::ffff:203.0.113.9", 1, "203.0.113.9"),
        ("fe80::1%eth0", 1, "fe80::1"),
    ],
)
def test_only_entries_of_trusted_proxies_count(forwarded, hops, found):
    """What a client writes itself stands before them."""
    assert address_of("192.0.2.1", forwarded, hops) == ip_address(found)


def test_connection_without_an_address_has_none():
    """Nothing is made up."""
    assert address_of("", "", 0) is None


@pytest.mark.parametrize(
    ("route", "action", "units"),
    [
        ("static", "", 0),
        ("webassets.index", "", 0),
        ("hatinh_harvest_metrics.figures", "", 0),
        ("api.action", "status_show", 0),
        ("dataset.read", "", 1),
        ("", "", 1),
        ("api.action", "package_show", 1),
        ("api.action", "package_search", 2),
        ("hatinh_rows.rows", "", 10),
        ("hatinh_catalogue.whole", "", 10),
    ],
)
def test_costly_requests_cost_more(route, action, units):
    """Pages one, what a page is made of nothing, whole tables most."""
    assert LIMITS.cost(route, action) == units


def test_setting_changes_rate_and_burst_together():
    """Nought leaves a class as it is; a burst always pays for the dearest request."""
    found = LIMITS.with_numbers({"open": 600, "token": 0, "government": 1})
    assert found.classes["open"] == Allowance("open", 600, 600)
    assert found.classes["token"] == LIMITS.classes["token"]
    assert found.classes["government"] == Allowance("government", 1, LIMITS.dearest)


def test_answers_tell_the_limit_in_both_spellings():
    """Seconds are rounded up, so that whoever waits so long is let in."""
    told = Answer(Allowance("open", 60, 30), True, 12, 17_400_000, 0).headers()
    assert told["RateLimit-Limit"] == told["X-RateLimit-Limit"] == "30"
    assert told["RateLimit-Remaining"] == told["X-RateLimit-Remaining"] == "12"
    assert told["RateLimit-Reset"] == told["X-RateLimit-Reset"] == "18"
    assert set(told) == set(EXPOSED)


def test_refusal_tells_when_to_come_again():
    """At least a second."""
    told = Answer(Allowance("open", 60, 30), False, 0, 30_000_000, 1).headers()
    assert told["Retry-After"] == "1"


def test_networks_are_read_and_nonsense_is_refused():
    """IPv4 and IPv6, with spaces between."""
    assert networks("10.49.0.0/16  2001:db8:49::/48") == GOVERNMENT
    with pytest.raises(ValueError, match="mạng"):
        networks("mạng")


@pytest.mark.parametrize(
    "text",
    [
        "classes: {}",
        "classes: {open: {per_minute: 1, burst: 1}}\ncosts: []",
        (
            "classes: {open: {per_minute: 9, burst: 9}, token: {per_minute: 9, burst: 9},"
            " government: {per_minute: 9, burst: 9}}\ncosts: [{cost: 10, routes: [x]}]"
        ),
    ],
)
def test_table_that_nobody_can_count_by_is_refused(tmp_path: Path, text):
    """A class is missing, or a burst that never pays for a request."""
    (tmp_path / "rate_limits.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=r"rate_limits\.yaml"):
        load_limits(tmp_path)
