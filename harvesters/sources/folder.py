"""A folder of files with a manifest: the simplest thing that a department can publish."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin

from harvesters.documents import read_object
from harvesters.errors import IncompleteSourceError
from harvesters.fields import RESOURCE, taken
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft


class FolderSource(Adapter):
    """``url`` is the manifest, ``manifest.json``; the paths of files are relative to it.

    A manifest may declare the ``count`` of its datasets, which must then be right.
    """

    def drafts(self) -> Iterator[Draft]:
        """The records of the manifest, in its order."""
        response = self.document(self.config.url)
        manifest = read_object(self.name, response)
        raws = self.records(manifest.get("datasets"), response.url, "datasets")
        declared = manifest.get("count", len(raws))
        if declared != len(raws):
            raise IncompleteSourceError(self.name, response.url, declared, len(raws))
        return iter([self._draft(raw, response.url) for raw in raws])

    def _draft(self, raw: Mapping[str, Any], base: str) -> Draft:
        files = self.records(raw.get("files", []), base, "files")
        guid = str(raw.get("id") or "")
        return Draft(guid, taken(raw), [_resource(file, base) for file in files], f"{base}#{guid}")


def _resource(file: Mapping[str, Any], base: str) -> dict[str, Any]:
    path = str(file.get("path") or "")
    # A path is a name of a file, not a part of a URL: its % and ? mean themselves.
    url = urljoin(base, path if "://" in path else quote(path)) if path else ""
    return taken({"guid": path, **file, "url": url}, RESOURCE)
