"""Snapshots of campaigns: taken once, read for figures, reports and packs."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from itertools import chain, starmap
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
from hatinh.figures import (
    Figure,
    Files,
    TableDefinition,
    Tables,
    load_figures,
    load_tables,
    to_report,
)
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
    tables = chain(starmap(_plain_table, _tables().items()), own)
    store = partial(_store, campaign.number)
    # `map` and `starmap` keep nothing of one file while the next is made
    hashes = dict(map(store, freeze(tables, figures, day.isoformat())))
    return day, fingerprint(hashes)


def _store(number: int, file: tuple[str, bytes]) -> tuple[str, str]:
    """Store one file; gives its path and hash."""
    path, body = file
    sha256 = hashlib.sha256(body).hexdigest()
    model.add_file(number, path, sha256, body)
    return path, sha256


def _plain_table(name: str, definition: TableDefinition) -> Plain:
    """A table of the figures as it is now."""
    asked = {"tables": [name]}
    found = tk.get_action("hatinh_figure_tables")({"ignore_auth": True}, asked)["tables"][name]
    return Plain(Table(name, found["columns"], _let_go(found["rows"])), definition.scope)


def _let_go(rows: list[Any]) -> Iterator[Any]:
    """Rows in any order, none of which is kept."""
    while rows:
        yield rows.pop()


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


def report(row: model.InventoryCampaign, told: Mapping[str, Any]) -> Report:
    """What :func:`figure` gave as a report, with the words of when the snapshot was taken."""
    words = figure_of(_of(row).figures[told["figure"]])
    return to_report(words, told["columns"], told["rows"], _moment(row))


def pack(row: model.InventoryCampaign, office: str) -> Iterator[bytes]:
    """The audit pack of the province, or of one office, signed, piece by piece; equal bytes each
    time."""
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
    size, whole = 0, hashlib.sha256()
    for piece in pack(row, office):
        size += len(piece)
        whole.update(piece)
    more = {"organization": office} if office else {}
    url = tk.url_for("hatinh_campaign.pack", number=row.number, _external=True, **more)
    return {
        "name": pack_name(row.number, office),
        "bytes": size,
        "sha256": whole.hexdigest(),
        "key": keys.public_key(),
        "url": url,
    }


def pack_name(number: int, office: str) -> str:
    """What the file of a pack is called."""
    return f"goi-kiem-toan-{number}-{office or 'toan-tinh'}.zip"


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
