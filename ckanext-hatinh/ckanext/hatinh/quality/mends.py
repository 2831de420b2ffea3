"""Mends of records and of offices, as the API and the pages give them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from ckan import model, plugins

import schemas
from ckanext.hatinh.quality import boards_query
from ckanext.hatinh.quality.boards_query import Scope
from ckanext.hatinh.shared.formulas import formulas
from ckanext.hatinh.shared.vocabulary import today
from hatinh.quality import Formula, Score
from hatinh.quality.mends import (
    Mend,
    Mender,
    Origin,
    Remedies,
    field_of,
    gain,
    load_remedies,
    mends,
    worth,
)

_SOURCE = sa.table(
    "hatinh_harvest_source",
    sa.column("name"),
    sa.column("policy"),
    sa.column("local_fields", sa.JSON),
)
"""The harvest plugin's table, read only."""
_KEEPS = "keep-local"
_ALL_LOCAL = f"""
(SELECT jsonb_object_agg(name, local_fields) FROM {_SOURCE.name} WHERE policy = '{_KEEPS}')
"""
_NONE_LOCAL = "'{}'::jsonb"


def formula() -> Formula:
    """The formula that mends are weighed by: today's."""
    return formulas().on(today())


@lru_cache(maxsize=1)
def remedies() -> Remedies:
    """What to do about each rule."""
    return load_remedies(schemas.ROOT / "mends.yaml")


def of_record(package: model.Package, score: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The mends of one record by its stored score."""
    measured = Score.from_dict(
        {name: score[name] for name in ("formula", "total", "band", "dimensions", "losses")}
    )
    found = mends(measured, _origin(package), remedies(), formula())
    return [_told(mend, measured) for mend in found]


def _told(mend: Mend, score: Score) -> dict[str, Any]:
    return {
        **_brief(mend.rule, mend.mender),
        "gain": round(mend.gain, 2),
        "count": mend.count,
        "places": [
            {
                "path": loss.path,
                "field": field_of(loss.path),
                "dimension": loss.dimension,
                "points": loss.points,
                "gain": round(gain((loss,), score.dimensions, formula()), 2),
                "count": loss.count,
            }
            for loss in mend.losses
        ],
    }


def _brief(rule: str, mender: Mender) -> dict[str, Any]:
    remedy = remedies().of(rule)
    return {
        "rule": rule,
        "by": mender.value,
        "at": remedy.at.value,
        "do": remedy.do.as_dict(),
    }


def _origin(package: model.Package) -> Origin:
    source = (package.extras or {}).get("harvest_source") or ""
    return Origin(source, frozenset(_local_fields(source))) if source else Origin()


def _local_fields(source: str) -> list[str]:
    """The fields that a source leaves to the portal."""
    if not plugins.plugin_loaded("hatinh_harvest"):
        return []
    query = sa.select(_SOURCE.c.local_fields)
    query = query.where(_SOURCE.c.policy == _KEEPS, _SOURCE.c.name == source)
    return model.Session.scalars(query).first() or []


def of_office(scope: Scope, measured: int) -> list[dict[str, Any]]:
    """The mends of an organisation, each summed over its records, the best first; one statement.

    ``gain`` is the sum over the records, ``mean_gain`` how much the mean of the ``measured``
    records rises.
    """
    local = _ALL_LOCAL if plugins.plugin_loaded("hatinh_harvest") else _NONE_LOCAL
    found: dict[tuple[str, Mender], dict[str, Any]] = {}
    for row in boards_query.losses(scope, remedies().in_portal, local):
        mender = Mender.YOU if row.you else Mender.SOURCE
        one = found.setdefault((row.rule, mender), {"gain": 0.0, "count": 0, "records": 0})
        one["gain"] += row.points * worth(row.dimension, row.measured, formula())
        one["count"] += int(row.places)
        one["records"] += row.records
    listed = [
        _brief(rule, mender)
        | one
        | {"gain": round(one["gain"], 2), "mean_gain": round(one["gain"] / measured, 2)}
        for (rule, mender), one in found.items()
    ]
    return sorted(listed, key=lambda mend: (-mend["gain"], mend["rule"], mend["by"]))


def best(listed: Iterable[Mapping[str, Any]], mender: Mender) -> list[Mapping[str, Any]]:
    """Those that one of the two can make."""
    return [mend for mend in listed if mend["by"] == mender.value]
