"""Addresses that people typed, as they may stand in RDF, XML and JSON; or none."""

import re
from urllib.parse import quote, urlsplit

SCHEMES = frozenset({"http", "https", "ftp", "ftps"})
_MAIL = re.compile(r"[\w.+'&=~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_KEPT = "!#$%&'()*+,/:;=?@[]~"
"""Signs that an address may have as they are; a ``%`` is one that its author wrote."""


def address(said: str | None) -> str:
    """The address with every sign quoted that IRIs may not have; empty when it is none."""
    words = (said or "").strip()
    try:
        parts = urlsplit(words)
    except ValueError:
        return ""
    if parts.scheme.lower() not in SCHEMES or not parts.hostname:
        return ""
    return quote(words, safe=_KEPT)


def mail_address(said: str | None) -> str:
    """A mail address without ``mailto:``; empty when it is none."""
    words = (said or "").strip().removeprefix("mailto:")
    return words if _MAIL.fullmatch(words) else ""
