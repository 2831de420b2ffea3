"""Which addresses the portal may call: checked after resolution, and then called as checked.

A source is somebody else's text. Without these rules a link in it could make the portal read
services that only the portal can reach, and publish what they say.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")

Resolver = Callable[[str, int], Iterable[str]]
"""Addresses of a host; raises ``OSError`` or ``UnicodeError`` when it has none."""


class RefusedAddressError(ValueError):
    """The address breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: ``address`` is the IP to connect to, ``host`` the name to speak of."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay equal for credentials to be sent on."""
        return self.scheme, self.host, self.port


def resolve_host(host: str, port: int) -> list[str]:
    """The system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def check_address(url: str, resolve: Resolver, private_hosts: frozenset[str]) -> Target:
    """The target of a URL. ``private_hosts`` (``host:port``) may lie in a private network.

    Raises :class:`RefusedAddressError`, and what the resolver raises.
    """
    scheme, host, port, path = _parts(url)
    addresses = [ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    private = f"{host}:{port}" in private_hosts
    # A name with one forbidden address among good ones is a trick, not a choice.
    if refused := [str(ip) for ip in addresses if not _allowed(ip, private)]:
        raise RefusedAddressError(f"{host} is {refused[0]}, in a network of its own")
    if not addresses:
        raise RefusedAddressError(f"{host} has no address")
    return Target(scheme, host, port, path, str(addresses[0]))


def host_and_port(url: str) -> str:
    """``host:port`` of a URL, with the port written out."""
    _, host, port, _ = _parts(url)
    return f"{host}:{port}"


def joined(base: str, link: str) -> str:
    """The address that a link leads to; a link that can be none stays what it is."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def same_server(one: str, other: str) -> bool:
    """Whether both addresses are of one server; not when one of them is no address."""
    try:
        return urlsplit(one)[:2] == urlsplit(other)[:2]
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, str, int, str]:
    if any((c.isspace() and c != " ") or not c.isprintable() for c in url):
        raise RefusedAddressError("it has control characters")
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as err:
        raise RefusedAddressError(str(err)) from err
    if parts.scheme not in PORTS:
        raise RefusedAddressError(f"scheme {parts.scheme or 'missing'}, not http or https")
    if not host:
        raise RefusedAddressError("it names no host")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError("it has a user or password")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or PORTS[parts.scheme], quote(path, safe="%/?:@!$&'()*+,;=~[]")


def _allowed(ip: IPv4Address | IPv6Address, private: bool) -> bool:
    ip = _carried(ip)
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    return ip.is_global or private


def _carried(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, in any of the notations that do that."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
