"""The resource of an address, to whoever may see it, and what is said with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.rows.places import centres
from ckanext.hatinh.rows.tables import Table, elements_of, open_table
from hatinh.local_time import LOCAL_TIME
from hatinh.rows.position import find_position


@dataclass(frozen=True)
class Shown:
    """A resource with its dataset."""

    package: Mapping[str, Any]
    resource: Mapping[str, Any]

    @cached_property
    def table(self) -> Table | None:
        """Its table in the DataStore, where it has one."""
        try:
            return open_table({}, self.resource["id"], elements_of(self.resource))
        except (tk.ObjectNotFound, tk.NotAuthorized):
            return None

    @property
    def ways(self) -> list[str]:
        """Our pages that can show its rows."""
        columns = self.table.shown if self.table else ()
        fits = {
            "table": bool(columns),
            "chart": any(column.drawable for column in columns),
            "map_": find_position(columns, centres()) is not None,
        }
        return [way for way, does in fits.items() if does]

    def address(self, endpoint: str, **more: Any) -> str:
        """Address of one of our pages about the resource."""
        known = {"name": self.package["name"], "resource_id": self.resource["id"]}
        return tk.url_for(endpoint, **known, **more)

    @property
    def title(self) -> str:
        """Name of the resource in the language of the page."""
        return tk.h.get_translated(self.resource, "name") or tk.h.resource_display_name(
            self.resource
        )

    def about(self) -> dict[str, str]:
        """What goes with every copy of the rows: whose they are, under which licence, of when."""
        page = tk.url_for(
            "dataset_resource.read",
            id=self.package["name"],
            resource_id=self.resource["id"],
            locale="default",
            _external=True,
        )
        organization = self.package.get("organization") or {}
        told = {
            "dataset": self.package.get("title") or self.package["name"],
            "resource": self.resource.get("name") or "",
            "publisher": organization.get("title") or "",
            "license": self.package.get("license_title") or self.package.get("license_id") or "",
            "license_url": self.package.get("license_url") or "",
            "page": page,
            "modified": self._modified(),
            "retrieved": datetime.now(LOCAL_TIME).isoformat(timespec="seconds"),
        }
        return {name: words for name, words in told.items() if words}

    def _modified(self) -> str:
        """When the rows were changed last. Those of a former file were so when it was read."""
        changed = self.resource.get("last_modified") or ""
        read = tk.h.hatinh_table_read(self.resource["id"])
        if read is None or not changed or datetime.fromisoformat(changed) <= read:
            return changed
        return read.isoformat()


def needed_table(found: Shown) -> Table:
    """The table of a resource; the page is not there without one."""
    if found.table is None:
        tk.abort(404, tk._("This file has no table of rows on the portal"))
    return found.table


def shown(name: str, resource_id: str) -> Shown:
    """A resource of a dataset; a private one is not there for others."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("Not found"))
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Not found"))
    return Shown(package, resource)
