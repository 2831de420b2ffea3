"""From a score down to the rows: dimension → loss → problems, in the reader's language. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hatinh.dictionary.model import CodeList
from hatinh.quality import Formula

_FILE = re.compile(r"\$\.resources\[\d+\]")


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
