"""JSON of strangers: no constants that are no JSON, no characters that cannot be stored."""

import codecs
import json
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import accumulate
from typing import Any, NoReturn

from harvesters.decoding import text_of
from hatinh.errors import UnreadableTableError
from hatinh.tabular.json_items import JsonText

_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\xed[\xa0-\xbf]|\0")
"""How halves of characters and NUL are written; most documents have none."""

_NO_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse_json(raw: bytes) -> Any:
    """The value, from UTF-8, UTF-16, UTF-32 or an old Vietnamese encoding.

    Raises ``ValueError``, and ``RecursionError`` when it is nested too deep.
    """
    try:
        value = json.loads(raw, parse_constant=_no_constant)
    except UnicodeDecodeError:
        value = json.loads(text_of(raw), parse_constant=_no_constant)
    return _storable(value) if _SUSPECT.search(raw) else value


def depth(raw: bytes) -> int:
    """How many lists and objects stand within each other, at most; of UTF-8, without parsing."""
    # Escaped quotes end no string; an escaped backslash escapes nothing.
    plain = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    outside = b"".join(plain.translate(None, _NO_STRUCTURE).split(b'"')[::2])
    return max(accumulate(map(_STEPS.__getitem__, outside)), default=0)


def members(raw: bytes) -> Iterator[tuple[str, Any]]:
    """The members of an object, and of a list each item, one at a time in memory.

    A member that is an empty list is given as one. Numbers are as they are written.
    Raises ``ValueError``, be it after the last good item.
    """
    clean = _storable if _SUSPECT.search(raw) else _as_it_is
    text = JsonText("document", BytesIO(_unicode(raw)))
    try:
        text.expect("{")
        while not text.take("}"):
            name = text.value()
            text.expect(":")
            for item in _items(text):
                yield str(name), clean(item)
            if not text.take(",") and text.peek() != "}":
                raise text.broken("no comma")
        if text.peek():
            raise text.broken("something after the end")
    except UnreadableTableError as err:
        raise ValueError(err.why) from err


def _items(text: JsonText) -> Iterator[Any]:
    if text.peek() != "[":
        yield text.value()
        return
    empty = True
    for item in text.items():
        empty = False
        yield item
    if empty:
        yield []


def _unicode(raw: bytes) -> bytes:
    """The document as it is, or from an old encoding."""
    try:
        codecs.decode(raw, json.detect_encoding(raw[:4]))
    except UnicodeDecodeError:
        return text_of(raw).encode()
    return raw


def _as_it_is(value: Any) -> Any:
    return value


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
