"""Letters that are beyond doubt, and sets of them as patterns that two engines read alike.

A letter is beyond doubt when it is printable, composed, and no part of another letter: text made
of such letters alone is what cleaning would leave of it. What Python's expressions say of them is
asked from Python itself, letter by letter, so that no engine need agree with another.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby

_SURE = (
    (0x21, 0x7E),
    (0xA1, 0xAC),
    (0xAE, 0x24F),
    (0x1E00, 0x1EFF),
    (0x2013, 0x2014),
    (0x2018, 0x2019),
    (0x201C, 0x201D),
    (0x2026, 0x2026),
)
SURE = "".join(chr(code) for first, last in _SURE for code in range(first, last + 1))
"""Latin with all its Vietnamese letters, digits, signs, and the marks that offices print."""

NOTHING = r"[^\s\S]"
"""A pattern that no text has."""

_TOKENS = re.compile(
    r"(?P<letter>\[\^?\]?(?:\\.|[^\\\]])*\]|\\[dDsSwW]|\\[^A-Za-z0-9]|\.|[^\\()|*+?{}^$\[])"
    r"|(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})(?![?+])"
    r"|(?P<group>\((?:\?:)?(?!\?))|(?P<close>\))|(?P<bar>\|)|(?P<end>[$^])"
)
_REPEATED = 200
"""Times that a part may be repeated; more would make a pattern too large."""


@cache
def one_of(letters: str) -> str:
    """The pattern of one of these letters; in the subset that RE2 and Python share."""
    codes = sorted(set(map(ord, letters)))
    if not codes:
        return NOTHING
    runs = groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0])
    return f"[{''.join(_span([code for _, code in run]) for _, run in runs)}]"


def _span(codes: list[int]) -> str:
    first, last = (re.escape(chr(code)) for code in (codes[0], codes[-1]))
    return first if len(codes) == 1 else f"{first}-{last}"


def within(pattern: str, letters: str) -> str | None:
    """The texts of these letters in which Python's ``search`` finds a pattern, as a pattern.

    ``None`` for what is not plain: references, looking around, and anchors within.
    """
    tokens = _tokens(pattern)
    if tokens is None:
        return None
    parts = [_searched(part, letters) for part in _alternatives(tokens)]
    known = [part for part in parts if part is not None]
    return "|".join(known) if len(known) == len(parts) else None


Token = tuple[str, str]
"""What it is, by the name of its group in :data:`_TOKENS`, and how it is written."""


def _tokens(pattern: str) -> list[Token] | None:
    found: list[Token] = []
    at = 0
    while at < len(pattern):
        match = _TOKENS.match(pattern, at)
        if match is None or _foreign(match[0]):
            return None
        found.append((match.lastgroup or "", match[0]))
        at = match.end()
    return found


def _foreign(token: str) -> bool:
    """Whether engines may differ about it, or it is too large."""
    if token.startswith("["):
        return any(odd in token[1:] for odd in ("[", "&&", "--", "||", "~~", "\\b", "\\x", "\\u"))
    return token.startswith("{") and any(int(n) > _REPEATED for n in re.findall(r"\d+", token))


def _alternatives(tokens: list[Token]) -> Iterator[list[Token]]:
    """The parts between bars that stand in no group."""
    part: list[Token] = []
    depth = 0
    for kind, text in tokens:
        depth += (kind == "group") - (kind == "close")
        if kind == "bar" and not depth:
            yield part
            part = []
        else:
            part.append((kind, text))
    yield part


def _searched(part: list[Token], letters: str) -> str | None:
    """One alternative, open at its ends unless it is anchored there."""
    anything = f"{one_of(letters)}*"
    start = "" if part[:1] == [("end", "^")] else anything
    end = "" if part[-1:] == [("end", "$")] else anything
    inner = part[not start : len(part) - (not end)]
    if any(kind == "end" for kind, _ in inner):
        return None
    return f"{start}(?:{''.join(_portable(kind, text, letters) for kind, text in inner)}){end}"


def _portable(kind: str, text: str, letters: str) -> str:
    if kind == "letter":
        return one_of(_taken(text, letters))
    return "(?:" if kind == "group" else text


@cache
def _taken(letter: str, letters: str) -> str:
    """Those letters that a part of a pattern takes."""
    takes = re.compile(letter).fullmatch
    return "".join(each for each in letters if takes(each))
