"""A folder of files with a manifest, as a department shares it."""

from typing import Any

from demo.department import DemoDataset, Department
from demo.page import Page, json_page


def manifest(department: Department) -> Page:
    """``manifest.json``: the datasets, their fields, and files with their table schemas."""
    return json_page(
        {
            "title": department.description["title"],
            "datasets": [_entry(dataset) for dataset in department.datasets],
        }
    )


def _entry(dataset: DemoDataset) -> dict[str, Any]:
    files = [
        {
            "path": file.path,
            "name": file.name,
            "format": file.format,
            "schema": file.schema,
        }
        for file in dataset.files
    ]
    return {"id": dataset.guid, **dataset.fields, "files": files}
