"""Another CKAN portal, read through its Action API (``package_search``)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harvesters.documents import read_object
from harvesters.errors import GarbledSourceError
from harvesters.fields import CANONICAL, RESOURCE, table_schema, taken
from harvesters.http import Response
from harvesters.paging import Page
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

ROWS = 100
_COUNT = re.compile("[0-9]{1,18}")

Package = Mapping[str, Any]


class CkanSource(Adapter):
    """``url`` is the portal's root."""

    def drafts(self) -> Iterator[Draft]:
        """All active public datasets, in the order of their ids."""
        packages = self.pages(self._page_url(0), self._page, "application/json")
        return map(self._draft, packages)

    def _page_url(self, start: int) -> str:
        base = self.config.url.rstrip("/")
        # Without an order, records move between pages while they are being read.
        return f"{base}/api/3/action/package_search?rows={ROWS}&start={start}&sort=id+asc"

    def _page(self, url: str, response: Response) -> Page[Package]:
        answer = read_object(self.name, response)
        result = answer.get("result")
        if answer.get("success") is not True or not isinstance(result, dict):
            raise GarbledSourceError(self.name, response.url, "the action did not succeed")
        packages = self.records(result.get("results"), response.url, "results")
        total = result.get("count")
        if isinstance(total, bool) or not _COUNT.fullmatch(str(total)):
            raise GarbledSourceError(self.name, response.url, "count is no number")
        total = int(str(total))
        end = int(url.partition("&start=")[2].partition("&")[0]) + len(packages)
        following = self._page_url(end) if packages and end < total else ""
        return Page(packages, tuple(str(p.get("id")) for p in packages), following, total)

    def _draft(self, package: Package) -> Draft:
        page = f"{self.config.url.rstrip('/')}/dataset/{package.get('name') or package.get('id')}"
        organization = self.record(package.get("organization") or {}, page, "organization")
        extra = self._extras(package.get("extras") or [], page)
        known = {
            "title": _text(package, extra, "title"),
            "notes": _text(package, extra, "notes"),
            "publisher": organization.get("title"),
            "themes": self._names(package, page, "groups"),
            "keywords": self._names(package, page, "tags"),
            "licence": package.get("license_id") or package.get("license_url"),
            "contact": package.get("maintainer") or package.get("author"),
            "contact_email": package.get("maintainer_email") or package.get("author_email"),
            "issued": package.get("metadata_created"),
            "modified": package.get("metadata_modified"),
            "landing_page": package.get("url") or page,
            "kind": package.get("type"),
        }
        own = CANONICAL - {"title", "notes"}
        resources = self.records(package.get("resources") or [], page, "resources")
        return Draft(
            guid=str(package.get("id") or ""),
            fields={**taken(known), **taken(extra, own), **_plain(taken(package, own))},
            resources=[_resource(raw) for raw in resources],
            origin=page,
        )

    def _extras(self, value: Any, page: str) -> dict[str, Any]:
        """Extras as a list of pairs, or as the object that old portals give."""
        if isinstance(value, dict):
            return value
        entries = self.records(value, page, "extras")
        return {str(entry.get("key")): entry.get("value") for entry in entries}

    def _names(self, package: Package, page: str, name: str) -> list[str]:
        """Titles of groups or tags, whatever the portal fills; old portals give names alone."""
        value = package.get(name) or []
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return [item for item in value if item]
        return _titles(self.records(value, page, name))


def _text(package: Package, extra: Mapping[str, Any], name: str) -> Any:
    """A text in two languages, as CKAN's own multilingual field or as an extra."""
    if translated := package.get(f"{name}_translated"):
        return translated
    english = extra.get(f"{name}_en")
    return {"vi": package.get(name), "en": english} if english else package.get(name)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a schema, with the names of things in place of things that have parts."""
    return {name: _titles(value) if _has_parts(value) else value for name, value in fields.items()}


def _has_parts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _titles(items: Iterable[Package]) -> list[str]:
    items = (item for item in items if isinstance(item, dict))
    names = (item.get("title") or item.get("display_name") or item.get("name") for item in items)
    return [str(name) for name in names if name]


def _resource(raw: Package) -> dict[str, Any]:
    known = {
        "guid": raw.get("id"),
        "name": raw.get("name_translated") or raw.get("name"),
        "description": raw.get("description_translated") or raw.get("description"),
        "media_type": raw.get("mimetype"),
        "schema": table_schema(raw.get("schema")),
    }
    return taken({**raw, **known}, RESOURCE)
