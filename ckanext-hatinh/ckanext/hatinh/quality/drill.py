"""From a score down to the rows: dimension → loss → problems, in the reader's language. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from hatinh.dictionary.check import Places, TableFacts
from hatinh.dictionary.model import CodeList
from hatinh.dictionary.runs import count_of, rows_of
from hatinh.quality import Formula
from hatinh.text import clean

_FILE = re.compile(r"\$\.resources\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a record, with the facts of its table if it has one."""

    id: str
    facts: TableFacts | None


@dataclass(frozen=True, slots=True)
class Found:
    """The places of one loss: those of a table, or the one place that it names."""

    loss: Mapping[str, Any]
    file: str
    listed: tuple[Places, ...]

    @property
    def count(self) -> int:
        """How many places there are."""
        return sum(count_of(one.rows) or 1 for one in self.listed) if self.listed else 1

    def each(self) -> Iterator[dict[str, Any]]:
        """Every place: path, file, column and row as far as it has them."""
        if not self.listed:
            yield {"path": self.loss["path"], "resource_id": self.file, "column": "", "row": None}
        place = _file(self.loss["path"])
        for one in self.listed:
            known = {"resource_id": self.file, "column": one.column}
            if not one.rows:
                yield {"path": f"{place}.columns.{one.column}", **known, "row": None}
            for row in rows_of(one.rows):
                yield {"path": f"{place}.rows[{row}].{one.column}", **known, "row": row}

    def within(self, column: str) -> "Found | None":
        """Those in a column, if there are any; empty is any."""
        if not column:
            return self
        listed = tuple(one for one in self.listed if clean(one.column) == column)
        return replace(self, listed=listed) if listed else None


@dataclass(frozen=True, slots=True)
class Lost:
    """Where the points of one rule were lost."""

    found: tuple[Found, ...]
    values: Mapping[tuple[str, str], str]

    @property
    def count(self) -> int:
        """How many places there are in all."""
        return sum(found.count for found in self.found)

    @property
    def whole(self) -> bool:
        """Whether every place can be named."""
        return all(one.whole for found in self.found for one in found.listed)

    def within(self, file: str, column: str) -> "Lost":
        """Those in the file of an id, and in a column; empty is any."""
        found = [one for one in self.found if file in ("", one.file)]
        return replace(self, found=tuple(filter(None, (one.within(column) for one in found))))

    def some(self, limit: int, offset: int) -> list[dict[str, Any]]:
        """Some of the places, each with its value where that was kept."""
        every = ((f.loss["problem_code"], place) for f in self.found for place in f.each())
        return [
            {**place, "value": self.values.get((code, place["path"]), "")}
            for code, place in islice(every, offset, offset + limit)
        ]


def places(
    losses: Sequence[Mapping[str, Any]],
    files: Sequence[File],
    problems: Iterable[Mapping[str, Any]],
) -> Lost:
    """Where the points of these losses of one rule were lost; files in the record's order."""
    values = {(problem["code"], problem["path"]): problem["value"] for problem in problems}
    return Lost(tuple(_found(loss, files) for loss in losses), values)


def _found(loss: Mapping[str, Any], files: Sequence[File]) -> Found:
    at = _FILE.match(loss["path"])
    if at is None or int(at[1]) >= len(files):
        return Found(loss, "", ())
    file = files[int(at[1])]
    listed = file.facts.places if file.facts else ()
    return Found(loss, file.id, tuple(one for one in listed if one.rule == loss["rule"]))


def by_dimension(
    score: Mapping[str, Any],
    problems: Iterable[Mapping[str, Any]],
    formula: Formula,
    dimensions: CodeList,
    lang: str,
    place: Callable[[str], str],
) -> list[dict[str, Any]]:
    """Each dimension with its value and losses; each loss with its texts and its problems.

    ``problems`` carry their own ``title`` and ``mend`` already; ``place`` says a path in words.
    """
    found = list(problems)
    return [
        {
            "code": entry.code,
            "name": _in(entry.name.as_dict(), lang),
            "meaning": entry.description if lang == "vi" else "",
            "value": score["dimensions"].get(entry.code),
            "losses": [
                _loss(loss, found, formula, lang) | {"place": place(loss["path"])}
                for loss in score["losses"]
                if loss["dimension"] == entry.code
            ],
        }
        for entry in dimensions
        if entry.code in score["dimensions"]
    ]


def _loss(
    loss: Mapping[str, Any], problems: list[Mapping[str, Any]], formula: Formula, lang: str
) -> dict[str, Any]:
    behind = [
        problem
        for problem in problems
        if problem["code"] == loss["problem_code"] and _file(problem["path"]) == _file(loss["path"])
    ]
    texts = formula.texts.get(loss["rule"])
    if texts:
        words = {"title": _in(texts.title.as_dict(), lang), "mend": _in(texts.mend.as_dict(), lang)}
    elif behind:
        words = {"title": behind[0]["title"], "mend": behind[0]["mend"]}
    else:
        words = {"title": loss["rule"], "mend": ""}
    return dict(loss) | words | {"problems": behind}


def _file(path: str) -> str:
    """The file that a path points into; empty for a field of the record itself."""
    found = _FILE.match(path)
    return found[0] if found else ""


def _in(texts: Mapping[str, str], lang: str) -> str:
    return texts.get(lang) or texts["vi"]
