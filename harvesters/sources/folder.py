"""A folder of files, with a manifest or as its web server lists it."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from harvesters.address import joined, same_server
from harvesters.conditional import NotModifiedError, Visit, visit_of
from harvesters.documents import read_file, read_object
from harvesters.errors import IncompleteSourceError, TooLargeSourceError
from harvesters.fields import RESOURCE, taken
from harvesters.http import Response
from harvesters.listing import Entry, read_index, read_multistatus
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft, Resource
from hatinh.text import clean

MANIFEST = "manifest.json"
FOLDERS = 200
"""Folders that are read at most."""

FORMATS = frozenset(
    {"CSV", "TSV", "XLSX", "XLS", "ODS", "JSON", "GEOJSON", "XML", "KML", "PDF", "ZIP"}
)
"""Endings of files that are data, unless ``formats`` says otherwise."""

SCHEMA = ".schema.json"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder; ``path`` is its place below the root, decoded."""

    path: str
    entry: Entry

    @property
    def format(self) -> str:
        """``CSV`` of ``2026/truong-hoc.csv``."""
        return self.path.rpartition("/")[2].rpartition(".")[2].upper()

    @property
    def record(self) -> str:
        """What files of one dataset have in common: the path without its ending."""
        return self.path.rpartition(".")[0]


class FolderSource(Adapter):
    """``url`` is the manifest, or with ``listing`` the folder, whose web server lists it as a page
    (``html``) or to WebDAV clients (``webdav``).

    In a listed folder a file ``manifest.json`` (or ``manifest``) describes the datasets. Without
    one, files of one name are one dataset, whatever their endings, and ``x.csv.schema.json`` is
    the table schema of ``x.csv``. ``depth`` is how many folders deep to go.
    """

    optional_options = frozenset({"depth", "formats", "listing", "manifest"})
    optional_secrets = frozenset({"username", "password"})

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """A listing that is none, or a depth without end."""
        if options.get("listing", "html") not in ("html", "webdav"):
            yield "option listing is neither html nor webdav"
        if options.get("depth", 0) not in range(6):
            yield "option depth is no number from 0 to 5"
        if not isinstance(options.get("formats", []), list):
            yield "option formats is no list"

    def drafts(self) -> Iterator[Draft]:
        """The records of the manifest, in its order, or those of the files, by their names."""
        if "listing" not in self.config.options:
            return iter(self._described(self.document(self.config.url, self._login), {}))
        listings: dict[str, Visit] = {}
        files = {file.path: file for file in self._files(listings)}
        dated = all(file.entry.dated for file in files.values())
        # A list that dates its files tells by itself whether one of them changed.
        if self.visited.settle(listings if dated else {}):
            raise NotModifiedError(self.name)
        manifest = files.get(self.config.options.get("manifest", MANIFEST))
        if manifest:
            known = {file.entry.url: file.entry for file in files.values()}
            return iter(self._described(self._get(manifest.entry.url), known))
        return iter(self._found(files))

    def content(self, resource: Resource) -> bytes:
        return read_file(self.name, self._get(resource.url), resource.format)

    # -- with a manifest ----------------------------------------------------------------------

    def _described(self, response: Response, known: Mapping[str, Entry]) -> list[Draft]:
        manifest = read_object(self.name, response)
        raws = self.records(manifest.get("datasets"), response.url, "datasets")
        declared = manifest.get("count", len(raws))
        if declared != len(raws):
            raise IncompleteSourceError(self.name, response.url, declared, len(raws))
        return [self._draft(raw, response.url, known) for raw in raws]

    def _draft(self, raw: Mapping[str, Any], base: str, known: Mapping[str, Entry]) -> Draft:
        files = [
            _resource(file, base) for file in self.records(raw.get("files", []), base, "files")
        ]
        listed = [entry for file in files if (entry := known.get(file.get("url", "")))]
        told = [{**file, **_state(known.get(file.get("url", "")))} for file in files]
        guid = str(raw.get("id") or "")
        return Draft(guid, taken({**_modified(listed), **raw}), told, f"{base}#{guid}")

    # -- without ------------------------------------------------------------------------------

    def _found(self, files: Mapping[str, File]) -> list[Draft]:
        formats = self.config.options.get("formats")
        wanted = frozenset(str(name).upper() for name in formats) if formats else FORMATS
        records: dict[str, list[File]] = {}
        for path in sorted(files):
            if files[path].format in wanted and not path.endswith(SCHEMA):
                records.setdefault(files[path].record, []).append(files[path])
        return [self._named(guid, found, files) for guid, found in records.items()]

    def _named(self, guid: str, found: Sequence[File], files: Mapping[str, File]) -> Draft:
        fields = {"title": guid.rpartition("/")[2], **_modified([file.entry for file in found])}
        resources = [self._as_resource(file, files.get(file.path + SCHEMA)) for file in found]
        return Draft(guid, taken(fields), resources, found[0].entry.url)

    def _as_resource(self, file: File, schema: File | None) -> dict[str, Any]:
        raw = {
            "guid": file.path,
            "name": file.path.rpartition("/")[2],
            "url": file.entry.url,
            "format": file.format,
            "schema": read_object(self.name, self._get(schema.entry.url)) if schema else {},
        }
        return {**taken(raw, RESOURCE), **_state(file.entry)}

    # -- the listing --------------------------------------------------------------------------

    def _files(self, listings: dict[str, Visit]) -> Iterator[File]:
        """Every file of the folder and of those below it, level by level.

        ``listings`` takes up what is to be remembered of each folder.
        """
        root = self.config.url.rstrip("/") + "/"
        level = [("", root)]
        for _ in range(self.config.options.get("depth", 0) + 1):
            below: list[tuple[str, str]] = []
            for under, url in level:
                if len(listings) >= FOLDERS:
                    raise TooLargeSourceError(self.name, root, f"{FOLDERS} folders")
                listing = self._listing(url)
                listings[url] = visit_of(listing)
                for entry in self._entries(listing):
                    path = under + clean(entry.name)
                    if entry.folder:
                        below.append((f"{path}/", entry.url.rstrip("/") + "/"))
                    else:
                        yield File(path, entry)
            level = sorted(below)

    def _listing(self, url: str) -> Response:
        if self.config.options["listing"] == "webdav":
            return self.client.listing(url, self._login)
        return self._get(url)

    def _entries(self, response: Response) -> list[Entry]:
        if self.config.options["listing"] == "webdav":
            return read_multistatus(self.name, response)
        return read_index(self.name, response)

    # -- access -------------------------------------------------------------------------------

    def _get(self, url: str) -> Response:
        return self.client.get(url, self._login if same_server(self.config.url, url) else None)

    @property
    def _login(self) -> dict[str, str]:
        secrets = self.config.secrets
        if not secrets.get("username"):
            return {}
        pair = f"{secrets['username']}:{secrets.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _resource(file: Mapping[str, Any], base: str) -> dict[str, Any]:
    path = str(file.get("path") or "")
    # A path is a name of a file, not a part of a URL: its % and ? mean themselves.
    url = joined(base, path if "://" in path else quote(path)) if path else ""
    return taken({"guid": path, **file, "url": url}, RESOURCE)


def _state(entry: Entry | None) -> dict[str, Any]:
    """What the listing says of a file beside the canonical fields."""
    if entry is None:
        return {}
    told = {"version": entry.version, "size": entry.size}
    return {name: value for name, value in told.items() if value not in ("", None)}


def _modified(entries: Sequence[Entry]) -> dict[str, str]:
    """The day of the newest file."""
    newest = max((entry.modified for entry in entries), default="")
    return {"modified": newest} if newest else {}
