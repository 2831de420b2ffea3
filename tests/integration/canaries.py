"""Nonsense words and ids that stand for what must stay hidden, and how an answer shows them.

Each word is looked for as it may come out: with or without its marks, in any case, as an escape of
JSON, HTML or an address, and inside packed files.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from hatinh.text import fold

CALL = "hoàngyến"
"""A word that goes with every canary, so that a search for it finds them all."""
BEGINS = "Khuỵx"
"""What every canary begins with, for whatever completes words."""

_LETTERS = "bdghklmnpqrstvz"
_FOLDED = re.compile(r"khuyx([a-z])([a-z])ong")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Canaries:
    """Gives each kind of hidden thing its own word, and knows words and ids again."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.ids: dict[str, str] = {}
        """The kind of thing that bears an id."""

    def every(self) -> set[str]:
        """All kinds, of words and of ids."""
        return {*self.kinds, *self.ids.values()}

    def word(self, kind: str) -> str:
        """The word of a kind, with Vietnamese letters: ``Khuỵxbdơng``."""
        if kind not in self.kinds:
            self.kinds.append(kind)
        first, second = divmod(self.kinds.index(kind), len(_LETTERS))
        return f"{BEGINS}{_LETTERS[first]}{_LETTERS[second]}ơng"

    def text(self, kind: str) -> str:
        """The word of a kind within a sentence that a search finds."""
        return f"{CALL} {self.word(kind)}"

    def plain(self, kind: str) -> str:
        """The word of a kind in the letters that names and addresses have."""
        return fold(self.word(kind))

    def found(self, answer: bytes) -> set[str]:
        """The kinds whose words or ids are in an answer."""
        parts = list(texts(answer))
        words = {match.groups() for part in parts for match in _FOLDED.finditer(part)}
        places = [_LETTERS.index(a) * len(_LETTERS) + _LETTERS.index(b) for a, b in words]
        ids = {id_ for part in parts for id_ in _ID.findall(part)} & self.ids.keys()
        return {self.kinds[place] for place in places} | {self.ids[id_] for id_ in ids}


def texts(answer: bytes) -> Iterator[str]:
    """An answer, or the files within it when it is packed, as folded text."""
    if answer.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(answer)) as packed:
            for name in packed.namelist():
                yield fold(name)
                yield from texts(packed.read(name))
        return
    text = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), answer.decode("utf-8", "replace"))
    yield fold(unquote(unescape(text)))
