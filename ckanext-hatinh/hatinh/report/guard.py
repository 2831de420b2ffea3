"""Keeps a spreadsheet from running a cell of ours as a formula (REQ-78)."""

import re

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")


def inert(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet might take it for a formula.

    Numbers are left alone: ``-1.234,5`` stays a number.
    """
    if text.lstrip(" ").startswith(_DANGEROUS) and not _NUMBER.fullmatch(text.strip()):
        return "'" + text
    return text
