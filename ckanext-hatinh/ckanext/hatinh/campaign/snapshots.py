"""Snapshots of campaigns: taken once, read for figures, reports and packs."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk

import schemas
from ckanext.hatinh.campaign import keys, model
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.shared.refusals import refusal
from ckanext.hatinh.shared.vocabulary import today
from hatinh.campaign import (
    Campaign,
    Evidence,
    Line,
    Plain,
    Snapshot,
    figure_of,
    fingerprint,
    freeze,
    kept,
    plain,
)
from hatinh.errors import SchemaError
from hatinh.figures import Figure, Files, Tables, load_figures, load_tables, to_report
from hatinh.local_time import LOCAL_TIME
from hatinh.pack.pack import Table
from hatinh.problem import error
from hatinh.report import Report

FIGURES = schemas.ROOT / "figures"


# -- taking -------------------------------------------------------------------------------------


def take(
    campaign: Campaign, lines: Sequence[Line], evidence: Sequence[Evidence]
) -> tuple[date, str]:
    """Store the snapshot of a campaign in the open transaction; gives its day and fingerprint."""
    day = today()
    own = plain(_own_tables(), lines, campaign.units_before.isoformat(), evidence)
    figures = [kept(figure) for figure in _figures()]
    files = freeze(chain(_plain_tables(), own), figures, day.isoformat())
    hashes = {path: hashlib.sha256(body).hexdigest() for path, body in files.items()}
    model.add_files(campaign.number, {path: (hashes[path], files[path]) for path in files})
    return day, fingerprint(hashes)


def _plain_tables() -> Iterator[Plain]:
    """The tables of all figures, each read when it is its turn."""
    for name, definition in _tables().items():
        asked = {"tables": [name]}
        found = tk.get_action("hatinh_figure_tables")({"ignore_auth": True}, asked)
        table = found["tables"][name]
        yield Plain(Table(name, table["columns"], table["rows"]), definition.scope)


def _tables() -> Tables:
    return load_tables(FIGURES / "tables.yaml")


def _own_tables() -> Tables:
    return load_tables(schemas.ROOT / "campaign_tables.yaml")


def _figures() -> list[Figure]:
    """The figures of live reports, and those of campaigns."""
    libraries = {
        name: Path(tk.config.get(f"ckanext.hatinh.report.{name}") or FIGURES / f"{name}.yaml")
        for name in ("indicators", "maturity")
    }
    folders = (FIGURES, schemas.ROOT / "campaign_figures")
    return [
        figure for path in folders for figure in load_figures(Files(path, **libraries)).values()
    ]


# -- reading ------------------------------------------------------------------------------------


def told(row: model.InventoryCampaign) -> dict[str, Any]:
    """A snapshot with its files and figures. Raises ``ObjectNotFound`` before it is taken."""
    found = _of(row)
    return {
        "number": row.number,
        "day": found.day,
        "hash": row.hash,
        "files": model.file_sizes(row.number),
        "figures": [
            {"id": name, "title": figure.words["title"], "common": name in form().common}
            for name, figure in found.figures.items()
        ],
    }


def figure(row: model.InventoryCampaign, name: str, office: str) -> dict[str, Any]:
    """The rows of a figure, as whole numbers: a score of 86.67 is 8667."""
    found = _of(row, office)
    _known(found, name, office)
    columns, rows = found.answer(name)
    return {
        "number": row.number,
        "figure": name,
        "organization": office,
        "day": found.day,
        "title": found.figures[name].words["title"],
        "sql": found.figures[name].sql,
        "columns": columns,
        "rows": [list(cells) for cells in rows],
    }


def report(row: model.InventoryCampaign, name: str, office: str = "") -> Report:
    """A figure as a report, with the words that it had when the snapshot was taken."""
    found = _of(row, office)
    _known(found, name, office)
    return to_report(figure_of(found.figures[name]), *found.answer(name), _moment(row))


def pack(row: model.InventoryCampaign, office: str) -> bytes:
    """The audit pack of the province, or of one office, signed; equal bytes each time."""
    found = _of(row, office)
    try:
        key = keys.signing_key()
    except SchemaError as err:
        raise refusal([error("pack-key-missing", "$.key")]) from err
    figures = [name for name in found.figures if _is_told(found, name, office)]
    about = {"campaign": row.number, "scope": office or "province", "snapshot": row.hash}
    return found.pack(about, figures, key)


def pack_told(row: model.InventoryCampaign, office: str) -> dict[str, Any]:
    """A pack without its bytes."""
    body = pack(row, office)
    more = {"organization": office} if office else {}
    url = tk.url_for("hatinh_campaign.pack", number=row.number, _external=True, **more)
    return {
        "name": f"goi-kiem-toan-{row.number}-{office or 'toan-tinh'}.zip",
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "key": keys.public_key(),
        "url": url,
    }


def _of(row: model.InventoryCampaign, office: str = "") -> Snapshot:
    if not row.hash:
        raise tk.ObjectNotFound(tk._("This campaign has no snapshot yet"))
    return Snapshot(model.Files(row.number), office)


def _known(found: Snapshot, name: str, office: str) -> None:
    if not _is_told(found, name, office):
        raise tk.ObjectNotFound(tk._("The snapshot has no figure {name}").format(name=name))


def _is_told(found: Snapshot, name: str, office: str) -> bool:
    """Whether there is such a figure; of one office none that compares offices."""
    known = found.figures.get(name)
    return known is not None and not (office and known.words["compares"])


def _moment(row: model.InventoryCampaign) -> datetime:
    """The day of the snapshot: files of its reports never change by the day they are made."""
    return datetime.combine(row.frozen or row.day, time(), LOCAL_TIME)
