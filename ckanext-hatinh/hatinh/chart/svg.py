"""The parts that every chart is made of, as SVG text."""

from collections.abc import Iterable
from html import escape
from zlib import crc32

from hatinh.chart.chart import Chart

INK, SOFT, LINE = "#17292a", "#4c5f60", "#cfdcd9"
COLOURS = ("#0b6b66", "#b4531a", "#3b68ad", "#8a3b8f", "#66771c", "#a3271f", "#5c6b6b")
"""Each stands out from white by 3:1 or more; names stand beside, never colour alone."""
LETTER = 14
"""Height of letters in pixels; a chart is drawn as wide as it is shown."""
_WIDE = 0.58
"""Mean width of a letter, of its height."""


def attributes(**values: object) -> str:
    """Attributes of an element; ``_`` in a name stands for ``-``."""
    pairs = ((name.rstrip("_").replace("_", "-"), value) for name, value in values.items())
    return "".join(f' {name}="{escape(_plain(value))}"' for name, value in pairs)


def element(name: str, words: str = "", **values: object) -> str:
    """An element with text inside; the text is escaped here."""
    return f"<{name}{attributes(**values)}>{escape(words)}</{name}>"


def text(words: str, x: float, y: float, **values: object) -> str:
    """A text at a point of its base line."""
    return element("text", words, x=x, y=y, **{"fill": INK, "font_size": LETTER, **values})


def titled(name: str, title: str, **values: object) -> str:
    """A shape that says what it is when it is pointed at."""
    return f"<{name}{attributes(**values)}>{element('title', title)}</{name}>"


def shortened(words: str, width: float) -> str:
    """A text that fits into so many pixels."""
    letters = max(int(width / (LETTER * _WIDE)), 2)
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def picture(chart: Chart, width: int, height: float, parts: Iterable[str]) -> str:
    """The whole picture, with its title and description for those who do not see it."""
    key = f"ht-chart-{crc32(chart.title.encode()):08x}-{width}"
    head = attributes(
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {_plain(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{key} {key}-words",
        font_family="inherit",
    )
    title = element("title", chart.title, id=key)
    words = element("desc", chart.description, id=f"{key}-words")
    return f"<svg{head}>{title}{words}{''.join(parts)}</svg>"


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
