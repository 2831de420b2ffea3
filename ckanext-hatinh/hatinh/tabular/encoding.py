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

_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")
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
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise UnreadableTableError(name, f"not text but {kind}", "file-binary")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    if b"\0" in head:
        return ("utf-16-le" if head[1:2] == b"\0" else "utf-16-be"), 0
    sample = _sample(name, file, max_line)
    return ("utf-8" if _is_utf8(sample) else old_encoding(name, sample)), 0


def _sample(name: str, file: BinaryIO, max_line: int) -> bytes:
    """The first lines beyond ASCII, by which the encoding is told; those after them must keep it.

    Refuses bytes that are no text and lines without end, as far as it reads.
    """
    sample = b""
    file.seek(0)
    for lines in _whole_lines(name, file, max_line):
        if b"\0" in lines:
            raise UnreadableTableError(name, "not text: it has zero bytes", "file-binary")
        sample += _beyond_ascii(lines)
        if len(sample) >= _SAMPLE:
            break
    return sample


def _whole_lines(name: str, file: BinaryIO, max_line: int) -> Iterator[bytes]:
    """The rest of a file by pieces of whole lines. Refuses lines without end."""
    held = b""
    while chunk := file.read(CHUNK):
        held += chunk
        end = max(held.rfind(b"\n"), held.rfind(b"\r")) + 1
        if len(held) - end > max_line:
            raise _too_long(name, max_line)
        yield held[:end]
        held = held[end:]
    yield held


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


def _too_long(name: str, max_line: int) -> UnreadableTableError:
    return UnreadableTableError(name, f"a line over {max_line} letters", "line-too-long")


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
    """The text by pieces, old Mac line ends as new ones."""
    decode = OLD.get(encoding)
    if decode is None:
        texts = _unicode(name, file, encoding, max_line)
    else:
        # No letter goes over a line end, so each piece can be decoded by itself.
        texts = map(decode, _whole_lines(name, file, max_line))
    held = ""
    for more in texts:
        text = held + more
        held = "\r" if text.endswith("\r") else ""
        yield _CARRIAGE_RETURN.sub("\n", text[: len(text) - len(held)])
    yield held and "\n"


def _unicode(name: str, file: BinaryIO, encoding: str, max_line: int) -> Iterator[str]:
    """The text by pieces. Refuses what the encoding does not allow, and lines without end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    length, chunk = 0, b"-"
    while chunk:
        chunk = file.read(CHUNK)
        try:
            text = decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as err:
            why = f"broken {encoding.upper()}: {err}"
            raise UnreadableTableError(name, why, "encoding-unknown") from err
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        length = len(text) - end if end else length + len(text)
        if length > max_line:
            raise _too_long(name, max_line)
        yield text


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
