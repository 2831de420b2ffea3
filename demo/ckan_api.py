"""The action API of another CKAN portal: ``package_search`` and ``package_show``.

Like every CKAN it gives at most ``rows_max`` packages a page, whatever is asked for.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from demo.department import DemoDataset, Department, TableFile
from demo.page import MEDIA_TYPES, Page, Request, json_page

CORE = {"title", "notes", "licence", "keywords", "themes", "contact"}
"""Fields that CKAN has a place for; all others are extras."""

RECORDED = "2026-11-01T00:00:00.000000"
"""When the portal recorded its packages; the date of the data itself is the extra ``modified``."""


class CkanPortal:
    """The portal of one department."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.rows_max = department.description["rows_max"]
        packages = [self._package(dataset) for dataset in department.datasets]
        self.packages = sorted(packages, key=lambda package: package["id"])

    def answer(self, request: Request) -> Page:
        """Answer one action call."""
        action = request.path.rpartition("/")[2]
        if action == "package_search":
            return self._search(request)
        if action == "package_show":
            return self._show(request.query.get("id", ""))
        return _refused(400, "Bad request - Action name not known")

    def _search(self, request: Request) -> Page:
        start, rows = request.query.get("start", "0"), request.query.get("rows", "10")
        if not (start.isdigit() and rows.isdigit()):
            return _refused(409, "start and rows: must be a whole number")
        end = int(start) + min(int(rows), self.rows_max)
        found = {"count": len(self.packages), "results": self.packages[int(start) : end]}
        return json_page({"success": True, "result": found})

    def _show(self, name: str) -> Page:
        found = next((p for p in self.packages if name in (p["id"], p["name"])), None)
        if found is None:
            return _refused(404, "Not found")
        return json_page({"success": True, "result": found})

    def _package(self, dataset: DemoDataset) -> dict[str, Any]:
        organisation = self.department.description["organization"]
        return {
            "id": _uuid(dataset.guid),
            "name": dataset.guid,
            "title": dataset.text("title"),
            "url": self.department.url(f"api/3/action/package_show?id={dataset.guid}"),
            "notes": dataset.text("notes"),
            "type": "dataset",
            "state": "active",
            "private": False,
            "metadata_modified": RECORDED,
            "license_id": dataset.text("licence"),
            "maintainer": dataset.text("contact"),
            "organization": {"id": _uuid(organisation["name"]), **organisation},
            "groups": [{"title": word, "display_name": word} for word in dataset.words("themes")],
            "tags": [{"name": word, "display_name": word} for word in dataset.words("keywords")],
            "extras": _extras(dataset),
            "resources": [self._resource(file) for file in dataset.files],
        }

    def _resource(self, file: TableFile) -> dict[str, Any]:
        return {
            "id": _uuid(f"{self.department.name}/{file.path}"),
            "name": file.name,
            "url": self.department.url(file.path),
            "format": file.format,
            "mimetype": MEDIA_TYPES[f".{file.format.lower()}"].partition(";")[0],
            "schema": file.schema,
        }


def _extras(dataset: DemoDataset) -> list[dict[str, str]]:
    extras = {
        name: "; ".join(dataset.words(name)) if isinstance(value, list) else dataset.text(name)
        for name, value in dataset.fields.items()
        if name not in CORE
    }
    english = {f"{name}_en": dataset.text(name, "en") for name in ("title", "notes")}
    return [{"key": key, "value": value} for key, value in (extras | english).items() if value]


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def _refused(status: int, message: str) -> Page:
    return json_page({"success": False, "error": {"message": message}}, status)
