"""The five steps of open data (REQ-16)."""

from collections.abc import Iterable

from hatinh.quality.formula import Formula


def format_level(formats: Iterable[str], formula: Formula) -> int:
    """The level that the best of these formats reaches, whatever the licence; 0 without files."""
    levels = formula.open_levels
    return max((levels.formats.get(f.upper(), levels.other_formats) for f in formats), default=0)


def open_level(licence: str, formats: Iterable[str], formula: Formula) -> int:
    """Open level of a dataset, 0 to 5: without an open licence nothing is open."""
    return format_level(formats, formula) if licence in formula.open_levels.licences else 0
