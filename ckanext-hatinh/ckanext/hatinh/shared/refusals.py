"""Problems as the answer of an action: the error that tells them all, in the reader's language."""

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

from ckanext.hatinh.shared.vocabulary import problem_texts
from hatinh.messages import describe
from hatinh.problem import Problem, refuses


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ``ValidationError`` when any of the problems is an error."""
    listed = list(problems)
    if refuses(listed):
        core.Session.rollback()
        raise refusal(listed)


def refusal(problems: Iterable[Problem]) -> tk.ValidationError:
    """The error that tells all problems, in words and as values."""
    told = [in_words(problem) for problem in problems]
    summary = {f"{number}": words["title"] for number, words in enumerate(told, 1)}
    errors: dict[str, Any] = {"problems": told}
    return tk.ValidationError(errors, error_summary=summary)


def in_words(problem: Problem) -> dict[str, Any]:
    """The JSON form of a problem with ``title`` and ``mend`` in the reader's language."""
    title, mend = describe(problem, language(), problem_texts())
    return problem.as_dict() | {"title": title, "mend": mend}


def language() -> str:
    """The reader's language; jobs and commands have no reader."""
    return tk.h.lang() if tk.request else "vi"
