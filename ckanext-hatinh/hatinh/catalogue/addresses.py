"""Addresses that people typed, as they may stand in RDF, XML and JSON; or none."""

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

SCHEMES = frozenset({"http", "https", "ftp", "ftps"})
_MAIL = re.compile(r"[\w.+'&=~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_HOST = re.compile(r"[\w.-]+", re.ASCII)
_NO_CODE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "!$%&'()*+,/:;=?@~"
"""Signs that may stand after the host as they are; a ``%`` is one that its author wrote."""


def address(said: str | None) -> str:
    """The address with every sign quoted that IRIs may not have (RFC 3987); empty when it is none.

    A host in letters beyond ASCII is named as the DNS names it.
    """
    try:
        parts = urlsplit(_NO_CODE.sub("%25", (said or "").strip()))
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme not in SCHEMES or not host:
        return ""
    after = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, *after))


def _host(parts: SplitResult) -> str:
    """User, host and port as they may stand in an address. Raises ``ValueError``."""
    user, at, _ = parts.netloc.rpartition("@")
    name = parts.hostname or ""
    if ":" in name:
        name = f"[{name}]"
    elif name:
        name = name.encode("idna").decode()
        if not _HOST.fullmatch(name):
            return ""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{quote(user, safe='!$%&*+,:;=~')}{at}{name}{port}" if name else ""


def mail_address(said: str | None) -> str:
    """A mail address without ``mailto:``; empty when it is none."""
    words = (said or "").strip().removeprefix("mailto:")
    return words if _MAIL.fullmatch(words) else ""
