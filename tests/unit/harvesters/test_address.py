"""Which addresses the portal may call."""

from ipaddress import ip_address

import pytest

from harvesters.address import RefusedAddressError, check_address, host_and_port

NONE: frozenset[str] = frozenset()


def check(url: str, *addresses: str, private: frozenset[str] = NONE) -> str:
    """The address that would be called."""
    return check_address(url, lambda host, port: addresses, private).address


@pytest.mark.parametrize("address", ["203.162.0.1", "2405:4800::1", "64:ff9b::cba2:1"])
def test_a_public_address_is_called(address: str) -> None:
    """What everybody can reach, the portal may reach."""
    assert check("https://nguon.vn/a", address) == address


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_a_private_address_is_called_only_for_its_own_source(address: str) -> None:
    """Loopback and private networks in every notation, unless this host and port are allowed."""
    with pytest.raises(RefusedAddressError):
        check("http://nguon.vn/", address)
    with pytest.raises(RefusedAddressError):
        check("http://nguon.vn:8080/", address, private=frozenset({"nguon.vn:80"}))
    called = check("http://nguon.vn/", address, private=frozenset({"nguon.vn:80"}))
    assert ip_address(called) == ip_address(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::", "fe80::1%eth0", "ff02::1"]
)
def test_some_addresses_are_never_called(address: str) -> None:
    """The machine's own metadata service and addresses of nobody, whatever is allowed."""
    with pytest.raises(RefusedAddressError):
        check("http://nguon.vn/", address, private=frozenset({"nguon.vn:80"}))


def test_one_forbidden_address_among_good_ones_refuses_the_name() -> None:
    """A name must not be good by the luck of the draw."""
    with pytest.raises(RefusedAddressError):
        check("http://nguon.vn/", "203.162.0.1", "10.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://nguon.vn/",
        "//nguon.vn/a",
        "nguon.vn",
        "",
        "http://",
        "http:///a",
        "http://khach:mat-khau@nguon.vn/",
        "http://203.162.0.1@127.0.0.1/",
        "http://nguon.vn:99999/",
        "http://[::1/",
        "http://nguon.vn/a\r\nHost: b",
        "http://nguon.vn/\0",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    """Only http and https with a host and nothing hidden in it."""
    with pytest.raises(RefusedAddressError):
        check(url, "203.162.0.1")


def test_vietnamese_letters_in_a_path_are_encoded_once() -> None:
    """Addresses are written by people; what is encoded already stays."""
    target = check_address("http://nguon.vn/tệp%20một hai?q=xã", lambda h, p: ["203.162.0.1"], NONE)
    assert target.path == "/t%E1%BB%87p%20m%E1%BB%99t%20hai?q=x%C3%A3"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://Nguon.vn/a", "nguon.vn:80"),
        ("https://nguon.vn", "nguon.vn:443"),
        ("http://127.0.0.1:5100/x", "127.0.0.1:5100"),
    ],
)
def test_host_and_port_are_written_out(url: str, expected: str) -> None:
    """The port that a scheme implies counts as written."""
    assert host_and_port(url) == expected
