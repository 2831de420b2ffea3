"""The whole catalogue as files: streamed, compressed, named after what is in them.

    <storage>/catalogue/<state>.<form>.gz      one for each form
    <storage>/catalogue/manifest.json          which state is the newest

A file is whole before the manifest names it, and stays one more build for whoever still reads it.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import ckan.plugins.toolkit as tk
import pyoxigraph as ox
from ckan import model as core
from rdflib import Graph

from ckanext.hatinh.catalog import model
from ckanext.hatinh.catalog.dcat_catalogue import CATALOGUE, describe_catalogue
from ckanext.hatinh.catalog.fragment import parsed, serialized, triples
from ckanext.hatinh.catalog.links import only_to
from ckanext.hatinh.catalog.refreshing import refresh, refresh_aged
from hatinh.catalogue.plain import CONFORMS_TO

RDF_FORMS = ("ttl", "nt", "jsonld", "rdf")
PLAIN = "json"
FORMS = (*RDF_FORMS, PLAIN)
KINDS = {
    "dataset": ox.NamedNode("http://www.w3.org/ns/dcat#dataset"),
    "dataservice": ox.NamedNode("http://www.w3.org/ns/dcat#service"),
}
"""How the catalogue lists each kind of record."""

PLAIN_LISTS = {"dataset": "dataset", "dataservice": "service"}
LEVEL = 6
LOCK = 0x6874_6361
"""Two builds at a time would write the same files."""

_CATALOGUE = ox.NamedNode(str(CATALOGUE))


@dataclass(frozen=True)
class Manifest:
    """What the newest dump holds; ``sizes`` are bytes of each form, not compressed."""

    state: str
    built: str
    datasets: int
    services: int
    sizes: dict[str, int]


def build() -> Manifest:
    """Bring the fragments up to date, and write the dump anew when anything in it changed.

    Waits while another process is at it.
    """
    refresh()
    refresh_aged()
    core.Session.rollback()
    # All forms tell of one moment.
    core.Session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        model.lock(LOCK)
        listed = model.hashes()
        newest = _up_to_date(listed)
    finally:
        core.Session.rollback()
    # Only now, and none that this dump tells of, which was hidden meanwhile: while a fragment of a
    # hidden record is there, no dump is given out.
    model.drop_hidden([package_id for package_id, *_ in listed])
    core.Session.commit()
    return newest


def servable() -> Manifest | None:
    """The newest dump that may be given out: one that tells of something, and of nothing hidden.

    A portal starts with a dump of nothing; whoever took that for the catalogue would drop all that
    it has of us.
    """
    newest = manifest()
    if newest is None or not newest.datasets + newest.services or model.has_hidden():
        return None
    return newest


def _up_to_date(listed: list[Any]) -> Manifest:
    head = catalogue_triples()
    state = _state(listed, head)
    newest = manifest()
    if newest is not None and newest.state == state and _is_whole(state):
        return newest
    return _write(state, listed, head)


def manifest() -> Manifest | None:
    """The newest dump; nothing before the first was built."""
    try:
        return Manifest(**json.loads((folder() / "manifest.json").read_text("utf-8")))
    except FileNotFoundError:
        return None


def folder() -> Path:
    """Where the dumps are; every process of the portal sees it."""
    return Path(tk.config["ckan.storage_path"]) / "catalogue"


def file(state: str, form: str) -> Path:
    """The file of one form."""
    return folder() / f"{state}.{form}.gz"


def catalogue_triples() -> list[ox.Triple]:
    """What is said of the catalogue itself."""
    graph = Graph()
    describe_catalogue(graph)
    return triples(graph, "catalogue")


def link(kind: str, uri: str) -> ox.Triple:
    """The catalogue lists a record."""
    return ox.Triple(_CATALOGUE, KINDS[kind], ox.NamedNode(uri))


def _state(listed: list[Any], head: list[ox.Triple]) -> str:
    digest = hashlib.sha256()
    for part in (*head, *listed):
        digest.update(str(part).encode())
    return digest.hexdigest()[:32]


def _is_whole(state: str) -> bool:
    return all(file(state, form).is_file() for form in FORMS)


def _write(state: str, listed: list[Any], head: list[ox.Triple]) -> Manifest:
    folder().mkdir(parents=True, exist_ok=True)
    old = manifest()
    sizes = {form: _write_form(file(state, form), form, listed, head) for form in FORMS}
    kinds = [kind for _, kind, *_ in listed]
    built = datetime.now(UTC).isoformat(timespec="seconds")
    newest = Manifest(state, built, kinds.count("dataset"), kinds.count("dataservice"), sizes)
    fresh = folder() / "manifest.new"
    fresh.write_text(json.dumps(asdict(newest)), "utf-8")
    fresh.replace(folder() / "manifest.json")
    _sweep({state, old.state if old else state})
    return newest


def _write_form(path: Path, form: str, listed: list[Any], head: list[ox.Triple]) -> int:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as raw, gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as stream:
        if form == PLAIN:
            _write_plain(stream)
        else:
            serialized(_all_triples(listed, head), form, stream)
        size = stream.tell()
    fresh.replace(path)
    return size


def _all_triples(listed: list[Any], head: list[ox.Triple]) -> Iterator[ox.Triple]:
    yield from head
    for _, kind, uri, _ in listed:
        yield link(kind, uri)
    is_listed = {uri for _, _, uri, _ in listed}.__contains__
    for row in model.every_fragment(KINDS):
        yield from only_to(is_listed, parsed(row.nt))


def _write_plain(stream: BinaryIO | gzip.GzipFile) -> None:
    stream.write(f'{{"conformsTo": "{CONFORMS_TO}"'.encode())
    for kind, name in PLAIN_LISTS.items():
        stream.write(f',\n"{name}": ['.encode())
        separator = ""
        for row in model.every_fragment({kind}):
            stream.write(f"{separator}\n{row.plain}".encode())
            separator = ","
        stream.write(b"\n]")
    stream.write(b"}\n")


def _sweep(kept: set[str]) -> None:
    """Take away the dumps before the last, and what a broken build has left."""
    for path in folder().iterdir():
        if path.name != "manifest.json" and path.name.partition(".")[0] not in kept:
            path.unlink(missing_ok=True)
