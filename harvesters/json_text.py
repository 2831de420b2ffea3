"""JSON of strangers: no constants that are no JSON, no characters that cannot be stored."""

import json
import re
from typing import Any, NoReturn

_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\xed[\xa0-\xbf]|\0")
"""How halves of characters and NUL are written; most documents have none."""


def parse_json(raw: bytes) -> Any:
    """The value, from UTF-8, UTF-16 or UTF-32 with or without a mark.

    Raises ``ValueError``, and ``RecursionError`` when it is nested too deep.
    """
    value = json.loads(raw, parse_constant=_no_constant)
    return _storable(value) if _SUSPECT.search(raw) else value


def _storable(value: Any) -> Any:
    """The value with a sign in place of what neither a file nor a database can hold."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
