"""Template helpers: scores of datasets and organisations, problems in the reader's language."""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.quality import mends, mends_shown, model
from ckanext.hatinh.shared.vocabulary import problem_texts
from hatinh.messages import describe, locate
from hatinh.problem import Problem

__all__ = [
    "hatinh_band",
    "hatinh_bands",
    "hatinh_hints",
    "hatinh_organization_scores",
    "hatinh_problem_texts",
    "hatinh_score",
    "hatinh_scores",
]


def hatinh_score(package_id: str) -> dict[str, Any] | None:
    """The newest score of a dataset, or ``None`` while it has not been measured."""
    found = model.find(package_id)
    return found.as_dict() if found else None


def hatinh_scores(package_ids: Collection[str]) -> dict[str, float]:
    """Total scores of a list of datasets, by id, in one query."""
    return model.totals(list(package_ids))


def hatinh_organization_scores() -> dict[str, float]:
    """Mean total of each organisation's public datasets, by its name, in one query."""
    return model.means_of_organizations()


def hatinh_band(value: float | None) -> str:
    """Name of the band that a score falls into; blank while there is none."""
    return mends.formula().band(value)


def hatinh_bands() -> list[tuple[str, float, float]]:
    """The bands with their least and their greatest score, the best first."""
    least = list(mends.formula().bands.items())
    ends = [100.0, *(value for _, value in least)]
    return [(name, value, end) for (name, value), end in zip(least, ends, strict=False)]


def hatinh_hints(package_id: str) -> dict[str, Any] | None:
    """A record's ``total``, its ``reach``, and its mends ``here`` and at its ``source``."""
    return mends_shown.shown(package_id)


def hatinh_problem_texts(problems: Collection[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored problems with ``title`` and ``mend`` in the reader's language."""
    return [dict(stored) | _words(stored) for stored in problems]


def _words(stored: Mapping[str, Any]) -> dict[str, str]:
    problem, lang = Problem.from_dict(stored), tk.h.lang()
    title, mend = describe(problem, lang, problem_texts())
    return {"title": title, "mend": mend, "place": locate(problem.path, lang, problem_texts())}
