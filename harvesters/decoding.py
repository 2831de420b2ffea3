"""Text of strangers as UTF-8: by its own marks, never by what the server says of it.

Servers send one charset for all their files; a byte-order mark, a declaration in the document
and the bytes themselves are the better witnesses.
"""

import codecs
import json
import re

from hatinh.errors import UnreadableTableError
from hatinh.tabular.encoding import OLD, old_encoding

SAMPLE = 1 << 16
DECLARATION = re.compile(
    rb"^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']"
)
XML_HEAD = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
PROLOG = re.compile(r"(?:\s|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->)*+", re.ASCII)


def text_of(body: bytes) -> str:
    """The text of a document in UTF-8, UTF-16, UTF-32 or an old Vietnamese encoding.

    Raises ``ValueError`` for what is none of them.
    """
    encoding = json.detect_encoding(body[:4])
    try:
        return body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        if not encoding.startswith("utf-8"):
            raise
    return OLD[_old(body)](body)


def xml_text_of(body: bytes) -> str:
    """The text of an XML document without its declaration, which speaks of the bytes.

    Raises ``ValueError`` for bytes that are not as declared, and for a DOCTYPE: entities can eat
    memory and name files.
    """
    encoding = json.detect_encoding(body[:4])
    declared = DECLARATION.match(body) if encoding == "utf-8" else None
    text = body.decode(_codec(declared[1].decode()) if declared else encoding)
    text = XML_HEAD.sub("", text, count=1)
    if text.startswith("<!DOCTYPE", _end_of_prolog(text)):
        raise ValueError("the XML has a DOCTYPE")
    return text


def _end_of_prolog(text: str) -> int:
    found = PROLOG.match(text)
    return found.end() if found else 0


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as err:
        raise ValueError(f"unknown encoding {name}") from err


def _old(body: bytes) -> str:
    sample = b" ".join(word for word in body[: 1 << 20].split() if not word.isascii())
    try:
        return old_encoding("text", sample[:SAMPLE])
    except UnreadableTableError as err:
        raise ValueError(err.why) from err
