"""Which records belong together: dataset ⇄ system that it comes from ⇄ service that serves it.

A dataset names its system by the system's id at the source or by its title; a service names its
datasets by their ids at the same source, or by what they are called here, with ``;`` between them.
"""

import re
from collections.abc import Mapping
from typing import Any

_SIGN = re.compile(r"([^\w])")


def clause(package: Mapping[str, Any]) -> str:
    """The search filter for everything that belongs to a package; empty when nothing can."""
    parts = _CLAUSES[package["type"]](package)
    either = " OR ".join(f"({part})" for part in parts)
    # Required as a whole: CKAN appends conditions of its own, beside which it would be optional.
    return f"+({either})" if either else ""


def _of_dataset(package: Mapping[str, Any]) -> list[str]:
    found = []
    if system := package.get("source_system"):
        words = _escaped(system)
        found.append(f"+dataset_type:system +(harvest_guid:{words} OR title_string:{words})")
    if guid := package.get("harvest_guid"):
        served = f"+serves_datasets:*{_escaped(guid)}*"
        found.append(f"+dataset_type:dataservice {served} {_same_source(package)}")
    if id_ := package.get("id"):
        found.append(f"+dataset_type:dataservice +serves_datasets:*{_escaped(id_)}*")
    return found


def _of_system(package: Mapping[str, Any]) -> list[str]:
    words = (package.get("harvest_guid"), package.get("title"))
    names = " OR ".join(_escaped(word) for word in words if word)
    return [f"+dataset_type:dataset +source_system:({names})"] if names else []


def _of_service(package: Mapping[str, Any]) -> list[str]:
    guids = [guid.strip() for guid in (package.get("serves_datasets") or "").split(";")]
    names = " OR ".join(_escaped(guid) for guid in guids if guid)
    if not names:
        return []
    return [
        f"+dataset_type:dataset +harvest_guid:({names}) {_same_source(package)}",
        f"+dataset_type:dataset +(id:({names}) OR name:({names}))",
    ]


def _same_source(package: Mapping[str, Any]) -> str:
    source = package.get("harvest_source")
    return f"+harvest_source:{_escaped(source)}" if source else "-harvest_source:*"


def _escaped(value: str) -> str:
    """A value as one term of the query language, whatever signs are in it."""
    return _SIGN.sub(r"\\\1", value)


_CLAUSES = {"dataset": _of_dataset, "system": _of_system, "dataservice": _of_service}
