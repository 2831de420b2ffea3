"""Libraries of indicators and of questions that can be replaced: YAML that becomes one SELECT."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.text import Text

GRADES = "ABCD"

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Library:
    """A library: what it is called, what asks for it, and the SELECT of all its entries.

    ``proposed`` ones are nobody's law.
    """

    title: Text
    version: str
    source: str
    grade: str
    proposed: bool
    entries: tuple[str, ...]
    sql: str


def load_indicators(path: Path) -> Library:
    """A library of indicators (bộ chỉ số; REQ-81, 87). Raises :class:`SchemaError`."""
    return _load(path, "indicators", _indicators)


def load_maturity(path: Path) -> Library:
    """A questionnaire of maturity (mức trưởng thành; REQ-86). Raises :class:`SchemaError`."""
    return _load(path, "questions", _questions)


def _load(path: Path, key: str, select: Callable[[Mapping[str, Any]], str]) -> Library:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        library = Library(
            title=Text(**data["title"]),
            version=str(data["version"]),
            source=data["source"],
            grade=data["grade"],
            proposed=bool(data["proposed"]),
            entries=tuple(str(entry["id"]) for entry in data[key]),
            sql=select(data),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OSError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    if library.grade not in GRADES or len({*library.entries}) != len(library.entries):
        raise SchemaError(path.name, "a grade that there is not, or an id that stands twice")
    return library


# -- indicators --------------------------------------------------------------------------------


def _indicators(data: Mapping[str, Any]) -> str:
    entries: Sequence[Entry] = data["indicators"]
    lines = "\nUNION ALL\n".join(_indicator(at, entry) for at, entry in enumerate(entries, 1))
    return f"""{_with(entries)}
all_of(position, indicator, group_vi, group_en, title_vi, title_en, scale, target, grade, n, d) AS (
{lines}
)
SELECT indicator, group_vi, group_en, title_vi, title_en, n AS counted, d AS "of",
    (2 * scale * n + d) / (2 * d) AS value, target, grade
FROM all_of ORDER BY position
"""


def _indicator(at: int, entry: Entry) -> str:
    if entry["grade"] not in GRADES or entry["unit"] not in ("score", "percent"):
        raise ValueError(f"{entry['id']}: a grade or unit that there is not")
    scale = 1 if entry["unit"] == "score" else 10000
    target = int(entry["target"]) if entry.get("target") is not None else "NULL"
    words = (entry["id"], *_both(entry["group"]), *_both(entry["title"]))
    stated = ", ".join(map(_quoted, words))
    return f"SELECT {at}, {stated}, {scale}, {target}, {_quoted(entry['grade'])}, n, d FROM x{at}"


# -- maturity ----------------------------------------------------------------------------------

_LEVELS = 5


def _questions(data: Mapping[str, Any]) -> str:
    entries: Sequence[Entry] = data["questions"]
    lines = "\nUNION ALL\n".join(_question(at, entry) for at, entry in enumerate(entries, 1))
    bands = sorted(data["bands"].items(), key=lambda band: int(band[1]))
    named = ", ".join(f"({_quoted(code)}, {int(least)})" for code, least in bands)
    steps = " + ".join(f"(value >= s{step})" for step in range(1, _LEVELS + 1))
    return f"""{_with(entries)}
all_of(position, question, area_vi, area_en, title_vi, title_en, s1, s2, s3, s4, s5, n, d) AS (
{lines}
),
shares AS (
    SELECT *, (20000 * n + d) / (2 * d) AS value FROM all_of
),
levels AS (
    SELECT 0 AS part, position, question, area_vi, area_en, title_vi, title_en, n, d, value,
        100 * ({steps}) AS level
    FROM shares
),
lines AS (
    SELECT * FROM levels
    UNION ALL
    SELECT 1, 0, '', 'Mức chung', 'The whole', '', '', NULL, NULL, NULL,
        (2 * sum(level) + count(level)) / (2 * count(level))
    FROM levels
),
bands(code, least) AS (VALUES {named})
SELECT l.part, l.question, l.area_vi, l.area_en, l.title_vi, l.title_en, l.n AS counted,
    l.d AS "of", l.value, l.level, c.title_vi AS name_vi, c.title_en AS name_en
FROM lines l
LEFT JOIN codes c ON c.list = 'maturity_levels' AND c.code = (
    SELECT code FROM bands WHERE least <= l.level ORDER BY least DESC LIMIT 1
)
ORDER BY l.part, l.position
"""


def _question(at: int, entry: Entry) -> str:
    steps = [int(step) for step in entry["steps"]]
    if len(steps) != _LEVELS or steps != sorted(steps):
        raise ValueError(f"{entry['id']}: there are five steps, each higher than the last")
    words = (entry["id"], *_both(entry["area"]), *_both(entry["title"]))
    stated = ", ".join(map(_quoted, words))
    return f"SELECT {at}, {stated}, {', '.join(map(str, steps))}, n, d FROM x{at}"


# -- both --------------------------------------------------------------------------------------


def _with(entries: Sequence[Entry]) -> str:
    """The entries' own SELECTs as ``x1(n, d)``, ``x2(n, d)``, below the parts that they need."""
    parts = sorted({part for entry in entries for part in entry.get("with", ())})
    needed = [f"{{{part}}}" for part in parts]
    asked = [f"x{at}(n, d) AS ({entry['sql']})" for at, entry in enumerate(entries, 1)]
    return "WITH " + ",\n".join([*needed, *asked]) + ","


def _both(text: Mapping[str, str]) -> Iterable[str]:
    return text["vi"], text["en"]


def _quoted(words: str) -> str:
    return "'" + str(words).replace("'", "''") + "'"
