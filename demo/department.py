"""A department as its folder describes it: ``datasets.yaml`` and the files beside it.

The description uses the portal's canonical field names; each feed renders it in the format
that the department publishes in.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent / "departments"


@dataclass(frozen=True)
class TableFile:
    """One file of a dataset; ``schema`` is the JSON form of its table schema, or empty."""

    path: str
    name: str
    format: str
    schema: Mapping[str, Any]

    @property
    def schema_path(self) -> str:
        """Where the table schema is served."""
        return f"{self.path}.schema.json"


@dataclass(frozen=True)
class DemoDataset:
    """One dataset of a department: canonical fields and files."""

    guid: str
    fields: Mapping[str, Any]
    files: tuple[TableFile, ...]

    def text(self, name: str, language: str = "vi") -> str:
        """A bilingual field in one language; empty when there is none."""
        value = self.fields.get(name, "")
        if isinstance(value, Mapping):
            return str(value.get(language, "")).strip()
        return str(value).strip() if language == "vi" else ""

    def words(self, name: str) -> list[str]:
        """A field that may be one value or a list, as a list."""
        value = self.fields.get(name, [])
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]


@dataclass(frozen=True)
class Department:
    """A folder under ``departments`` and the address where it is served."""

    name: str
    base: str
    root: Path = field(default=ROOT)

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """``datasets.yaml`` as it stands."""
        path = self.root / self.name / "datasets.yaml"
        return yaml.safe_load(path.read_text(encoding="utf-8"))

    @cached_property
    def datasets(self) -> tuple[DemoDataset, ...]:
        """Every dataset, in the order of the description; ``common`` fields are in each."""
        common = self.description.get("common", {})
        return tuple(_dataset(common | entry) for entry in self.description["datasets"])

    def url(self, path: str) -> str:
        """The absolute address of a file or service of this department."""
        return f"{self.base}/{self.name}/{path}"

    def read(self, path: str) -> bytes:
        """The bytes of a committed file."""
        return (self.root / self.name / "files" / path).read_bytes()

    def rows(self, path: str) -> list[dict[str, str]]:
        """A committed CSV file as rows."""
        return list(csv.DictReader(self.read(path).decode().splitlines()))

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every committed file with its path."""
        folder = self.root / self.name / "files"
        for path in sorted(folder.glob("*")):
            yield path.name, path.read_bytes()

    def schemas(self) -> Iterator[tuple[str, bytes]]:
        """The table schema of every file that has one, with its path."""
        for dataset in self.datasets:
            for file in dataset.files:
                if file.schema:
                    text = json.dumps(file.schema, ensure_ascii=False, indent=1)
                    yield file.schema_path, text.encode()


def table_schema(description: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of a table schema from its short form.

    Columns are written ``name: Element`` or ``name: Element key`` or ``name: Element required``;
    a key is always required.
    """
    if "columns" not in description:
        return {}
    return {
        "columns": [_column(name, words) for name, words in description["columns"].items()],
        "sums": list(description.get("sums", ())),
    }


def _column(name: str, words: str) -> dict[str, Any]:
    element, *marks = words.split()
    column: dict[str, Any] = {"name": name, "element": element}
    if marks:
        column["required"] = True
    if "key" in marks:
        column["key"] = True
    return column


def _dataset(entry: Mapping[str, Any]) -> DemoDataset:
    fields = {name: value for name, value in entry.items() if name not in ("guid", "files")}
    return DemoDataset(
        guid=entry["guid"],
        fields=fields,
        files=tuple(_file(file) for file in entry.get("files", ())),
    )


def _file(entry: Mapping[str, Any]) -> TableFile:
    path = entry["path"]
    return TableFile(
        path=path,
        name=entry["name"],
        format=path.rpartition(".")[2].upper(),
        schema=table_schema(entry),
    )
