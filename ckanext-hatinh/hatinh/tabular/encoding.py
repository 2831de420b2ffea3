"""Which encoding a text file of a Vietnamese office is in, and the file as UTF-8.

Unicode is recognised by its own marks. What is no Unicode is one of three old encodings, all of
which accept nearly any byte; the one that makes Vietnamese out of the bytes is taken. How likely
two letters stand side by side is counted from the province's own texts (``legacy/bigrams.csv``).
"""

import codecs
import csv
import math
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

from hatinh.errors import UnreadableTableError

LEGACY = Path(__file__).parent / "legacy"
"""``tcvn3.csv`` and ``vni.csv``: bytes in hexadecimal and their text."""

CHUNK = 1 << 20
_SAMPLE = 1 << 16
"""Bytes of lines beyond ASCII that an old encoding is told by."""

_LEAST_LIKELY = -10.0
"""Mean log-likelihood of a pair of letters below which a text is no Vietnamese."""

_WORDS = re.compile(r"[^\W\d_]+|[^\x00-\x7f]")
_MAGIC = {
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\xd0\xcf\x11\xe0": "XLS or DOC",
    b"\x1f\x8b": "GZIP",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def as_utf8(name: str, file: BinaryIO, max_line: int, stack: ExitStack) -> tuple[BinaryIO, str]:
    """The file as UTF-8 with LF or CR LF lines, at its first letter; and the encoding it had.

    A file that is so already is given back itself; others are converted to a temporary file,
    which goes with ``stack``.
    Raises :class:`UnreadableTableError` for what is no text, or has a line over ``max_line``.
    """
    encoding, start = recognise(name, file, max_line)
    file.seek(start)
    if encoding == "utf-8" and not _only_carriage_returns(file, start):
        return file, encoding
    out = stack.enter_context(_temporary())
    for text in _decoded(name, file, encoding, max_line):
        out.write(text.encode("utf-8"))
    out.seek(0)
    return out, encoding


@contextmanager
def _temporary() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as out:
        yield cast(BinaryIO, out)


def recognise(name: str, file: BinaryIO, max_line: int) -> tuple[str, int]:
    """The encoding of a file and the offset of its first letter."""
    file.seek(0)
    head = file.read(4096)
    if not head.strip():
        raise UnreadableTableError(name, "no cell has a value", "file-empty")
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise UnreadableTableError(name, f"not text but {kind}", "file-binary")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            if encoding != "utf-8":
                _guard_utf16(name, file, encoding, max_line)
            return encoding, len(bom)
    if b"\0" in head:
        encoding = "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
        _guard_utf16(name, file, encoding, max_line)
        return encoding, 0
    sample = _sample(name, file, max_line)
    return ("utf-8" if _is_utf8(sample) else old_encoding(name, sample)), 0


def _sample(name: str, file: BinaryIO, max_line: int) -> bytes:
    """The first lines beyond ASCII, by which the encoding is told; those after them must keep it.

    Refuses bytes that are no text and lines without end, as far as it reads.
    """
    sample, held = b"", b""
    file.seek(0)
    while len(sample) < _SAMPLE and (chunk := file.read(CHUNK)):
        if b"\0" in chunk:
            raise UnreadableTableError(name, "not text: it has zero bytes", "file-binary")
        held += chunk
        end = max(held.rfind(b"\n"), held.rfind(b"\r")) + 1
        if len(held) - end > max_line:
            raise _too_long(name, max_line)
        sample += _beyond_ascii(held[:end])
        held = held[end:]
    return sample + _beyond_ascii(held)


def _beyond_ascii(text: bytes) -> bytes:
    """Its lines that have letters beyond ASCII, up to the size of a sample."""
    if text.isascii():
        return b""
    found = b""
    for line in text.splitlines(keepends=True):
        if not line.isascii():
            found += line
            if len(found) >= _SAMPLE:
                break
    return found


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guard_utf16(name: str, file: BinaryIO, encoding: str, max_line: int) -> None:
    """Refuse what is no UTF-16, and lines without end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    length = 0
    file.seek(0)
    while chunk := file.read(CHUNK):
        length = _line_length(chunk, length)
        if length > 2 * max_line:
            raise _too_long(name, max_line)
        _decode(name, decoder, chunk)
    _decode(name, decoder, b"", final=True)


def _decode(
    name: str, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False
) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as err:
        raise UnreadableTableError(name, f"broken UTF-16: {err}", "encoding-unknown") from err


def _too_long(name: str, max_line: int) -> UnreadableTableError:
    return UnreadableTableError(name, f"a line over {max_line} letters", "line-too-long")


def _line_length(chunk: bytes, before: int) -> int:
    """Bytes of the longest line that this chunk ends or goes on with, counting from ``before``."""
    last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    return before + len(chunk) if last < 0 else len(chunk) - last - 1


def _only_carriage_returns(file: BinaryIO, start: int) -> bool:
    """Whether lines end as they did on old Macs."""
    head = file.read(CHUNK)
    file.seek(start)
    return b"\r" in head and b"\n" not in head


# -- old encodings ------------------------------------------------------------------------------


def old_encoding(name: str, sample: bytes) -> str:
    """Which of ``OLD`` makes Vietnamese of bytes that are no Unicode.

    Raises :class:`UnreadableTableError` when none does.
    """
    likely = {encoding: likelihood(decode(sample)) for encoding, decode in OLD.items()}
    best = max(likely, key=lambda encoding: likely[encoding])
    if likely[best] < _LEAST_LIKELY:
        raise UnreadableTableError(
            name, "neither UTF-8, UTF-16, Windows-1258, TCVN3 nor VNI text", "encoding-unknown"
        )
    return best


def decode_1258(body: bytes) -> str:
    """Windows-1258 has no composed letters with tones, so they are composed here."""
    return unicodedata.normalize("NFC", body.decode("cp1258", "replace"))


def decode_tcvn3(body: bytes) -> str:
    """TCVN 5712 (ABC): one byte a letter; capitals with tones were a matter of the font."""
    return body.decode("latin-1").translate(_tcvn3())


def decode_vni(body: bytes) -> str:
    """VNI for Windows: a letter of ASCII, then a byte for its marks."""
    pairs, pattern = _vni()
    return pattern.sub(lambda match: pairs[match[0]], body.decode("latin-1"))


OLD: Mapping[str, Callable[[bytes], str]] = {
    "windows-1258": decode_1258,
    "tcvn3": decode_tcvn3,
    "vni": decode_vni,
}


def likelihood(text: str) -> float:
    """Mean log-likelihood of the pairs of letters that have one beyond ASCII; higher is better."""
    known, least = _bigrams()
    pairs = [
        known.get(pair, least)
        for word in _WORDS.findall(text.lower())
        if not word.isascii()
        for pair in map("".join, zip(f"_{word}", f"{word}_", strict=True))
        if not pair.isascii()
    ]
    return sum(pairs) / len(pairs) if pairs else -math.inf


def _decoded(name: str, file: BinaryIO, encoding: str, max_line: int) -> Iterator[str]:
    """The text by pieces that end with a line, old Mac ends as new ones."""
    decode = OLD.get(encoding)
    if decode is not None:
        while line := file.readline(max_line):
            yield decode(line)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    while chunk := file.read(CHUNK):
        text = held + decoder.decode(chunk)
        held = text[-1:] if text.endswith("\r") else ""
        yield _line_feeds(text[: len(text) - len(held)], encoding, name)
    yield _line_feeds(held, encoding, name)


def _line_feeds(text: str, encoding: str, name: str) -> str:
    if encoding.startswith("utf-16") and "\0" in text:
        raise UnreadableTableError(name, "not text: it has zero letters", "file-binary")
    return re.sub(r"\r(?!\n)", "\n", text)


@cache
def _tcvn3() -> Mapping[int, str]:
    return {ord(code): text for code, text in _letters("tcvn3.csv").items()}


@cache
def _vni() -> tuple[Mapping[str, str], re.Pattern[str]]:
    letters = _letters("vni.csv")
    longest_first = sorted(letters, key=len, reverse=True)
    return letters, re.compile("|".join(map(re.escape, longest_first)))


def _letters(file: str) -> dict[str, str]:
    rows = _rows(file)
    return {bytes.fromhex(row["bytes"]).decode("latin-1"): row["text"] for row in rows}


@cache
def _bigrams() -> tuple[Mapping[str, float], float]:
    counts = {row["bigram"]: int(row["count"]) for row in _rows("bigrams.csv")}
    total = sum(counts.values())
    known = {pair: math.log(count / total) for pair, count in counts.items()}
    return known, math.log(0.1 / total)


def _rows(file: str) -> list[dict[str, str]]:
    with (LEGACY / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
