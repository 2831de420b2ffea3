"""The reports there are, and how each is made. A new report is a new entry of ``MAKERS``."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import ckan.plugins.toolkit as tk

import schemas
from ckanext.hatinh.report import query
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.quality import Formula, load_formula
from hatinh.report import DatasetRow, Report, ReportTexts, inventory, load_texts, to_csv, to_xlsx
from hatinh.text import Text

WRITERS: Mapping[str, Callable[[Report, str], bytes]] = {"csv": to_csv, "xlsx": to_xlsx}
"""The file formats of every report."""


def make_inventory(organization: str | None, *, with_private: bool, now: datetime) -> Report:
    """The inventory of one organisation, or of all (kiểm kê dữ liệu)."""
    rows = list(query.dataset_rows(organization, with_private=with_private))
    names = _names(rows, now)
    if organization is not None:
        names = {slug: name for slug, name in names.items() if slug == organization}
    refused = {slug: n for slug, n in _rejected().items() if organization in (None, slug)}
    return inventory(rows, names, now, _formula(), texts("inventory"), refused)


MAKERS: Mapping[str, Callable[..., Report]] = {"inventory": make_inventory}


@cache
def texts(report: str) -> ReportTexts:
    """The words of a report."""
    return load_texts(schemas.ROOT / "reports.yaml", report)


@lru_cache(maxsize=1)
def _formula() -> Formula:
    return load_formula(schemas.ROOT / "quality.yaml")


def _names(rows: list[DatasetRow], now: datetime) -> dict[str, Text]:
    """Organisations of the portal by slug, in the official order, others last.

    Abolished ones have a line only while records still name them.
    """
    titles = query.organization_titles()
    used = {row.organization for row in rows}
    named: dict[str, Text] = {}
    for office in organizations():
        if office.code in titles and (office.valid(now.date()) or office.code in used):
            named.setdefault(office.code, office.name)
    for slug, title in sorted(titles.items()):
        if not organizations().known(slug):
            named[slug] = Text(title)
    return named


def _rejected() -> dict[str, int]:
    """Records that the latest run of each source refused, by the source's owner."""
    refused: dict[str, int] = {}
    for source in _sources():
        counts = (source["last_run"] or {}).get("counts", {})
        refused[source["owner"]] = refused.get(source["owner"], 0) + counts.get("rejected", 0)
    return refused


def _sources() -> list[dict[str, Any]]:
    """The sources of the harvest; none while the harvest plugin is switched off."""
    try:
        return tk.get_action("hatinh_source_list")({}, {})
    except KeyError:
        return []
