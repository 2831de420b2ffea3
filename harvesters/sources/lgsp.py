"""Services on the province's integration platform (LGSP, WSO2 family).

Each configured service gives two records: a dataset whose file is the service's rows as CSV,
and the data service itself.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harvesters.documents import read_object
from harvesters.errors import GarbledSourceError
from harvesters.fields import CANONICAL, taken
from harvesters.http import Client
from harvesters.oauth import TokenClient
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft, Resource

NEEDED = frozenset({"path", "guid", "title", "columns"})
SERVICE = frozenset({"schema", "latest_by", "key"})
"""What a service may have besides canonical fields."""

Row = Mapping[str, Any]
Service = Mapping[str, Any]


class LgspSource(Adapter):
    """``url`` is the platform's root; ``options.services`` lists what to read there."""

    required_options = frozenset({"services"})
    required_secrets = frozenset({"client_id", "client_secret"})

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """Services that cannot be called or name fields that do not exist."""
        services = options["services"]
        if not isinstance(services, list) or not all(isinstance(s, dict) for s in services):
            yield "option services is no list of services"
            return
        for number, service in enumerate(services, 1):
            absent = sorted(NEEDED - service.keys())
            yield from (f"service {number} has no {name}; give one" for name in absent)
            unknown = sorted(service.keys() - NEEDED - SERVICE - CANONICAL, key=str)
            yield from (f"service {number}: {name} is no field; remove it" for name in unknown)
            if ("latest_by" in service) != ("key" in service):
                yield f"service {number}: latest_by and key go together; give both"
            if not str(service.get("path", "/")).startswith("/"):
                yield f"service {number}: path does not begin with /"
        paths = [str(service.get("path")) for service in services]
        if len(set(paths)) < len(paths):
            yield "two services have one path; remove one"

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        self.base = config.url.rstrip("/")
        self.services = {
            self.base + service["path"]: service for service in config.options["services"]
        }
        self._calls = TokenClient(
            client,
            f"{self.base}/token",
            config.secrets["client_id"],
            config.secrets["client_secret"],
        )
        self._files: dict[str, bytes] = {}

    def drafts(self) -> Iterator[Draft]:
        """Two records a service. Every service is read first, so that none is promised in vain."""
        for url in self.services:
            self._files[url] = self._read(url)
        return iter([d for url, service in self.services.items() for d in _drafts(url, service)])

    def content(self, resource: Resource) -> bytes:
        """The rows as CSV (RFC 4180, UTF-8), in the order of the service."""
        if resource.url not in self.services:
            raise GarbledSourceError(self.name, resource.url, "no configured service")
        if resource.url not in self._files:
            self._files[resource.url] = self._read(resource.url)
        return self._files[resource.url]

    def _read(self, url: str) -> bytes:
        service = self.services[url]
        response = self._calls.get(url, {"Accept": "application/json"})
        rows = self._rows(read_object(self.name, response), url)
        columns = service["columns"]
        if absent := [name for name in columns if rows and not any(name in row for row in rows)]:
            raise GarbledSourceError(self.name, url, f"no row has {', '.join(absent)}")
        return _as_csv(columns, self._latest(rows, service, url))

    def _rows(self, answer: Mapping[str, Any], url: str) -> list[Row]:
        """The rows. The platform gives an object in place of a list of one, and null for none."""
        if "objects" not in answer:
            raise GarbledSourceError(self.name, url, "no objects in the answer")
        objects = answer["objects"] or {}
        if not isinstance(objects, dict) or not objects.keys() <= {"object"}:
            raise GarbledSourceError(self.name, url, "objects is no wrapper of object")
        rows = objects.get("object") or []
        return list(self.records([rows] if isinstance(rows, dict) else rows, url, "object"))

    def _latest(self, rows: Sequence[Row], service: Service, url: str) -> list[Row]:
        """One row a key: the one whose ``latest_by`` is largest. Old rows stay in the platform."""
        if "latest_by" not in service:
            return list(rows)
        latest: dict[str, Row] = {}
        try:
            for row in sorted(rows, key=lambda row: int(row[service["latest_by"]])):
                latest[str(row[service["key"]])] = row
        except (KeyError, TypeError, ValueError) as err:
            raise GarbledSourceError(self.name, url, f"a row without order or key: {err}") from err
        kept = {id(row) for row in latest.values()}
        return [row for row in rows if id(row) in kept]


def _drafts(url: str, service: Service) -> Iterator[Draft]:
    guid, title = service["guid"], service["title"]
    table = {
        "guid": guid,
        "name": title,
        "url": url,
        "format": "CSV",
        "media_type": "text/csv",
        "schema": service.get("schema") or {},
    }
    own = {"kind": "dataset"}
    yield Draft(guid, taken({**service, **own}), [table], url)
    own = {"kind": "dataservice", "title": _api_title(title), "endpoint_url": url}
    yield Draft(f"{guid}:api", taken({**service, **own, "serves_datasets": guid}), [], url)


def _api_title(title: Any) -> Any:
    if isinstance(title, dict):
        return {language: _api_title(text) for language, text in title.items()}
    return f"API: {title}"


def _as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_word(row.get(name)) for name in columns] for row in rows)
    return out.getvalue().encode()


def _word(value: Any) -> str:
    """A cell's text. An absent value comes as null or as ``{"@nil": "true"}``."""
    if value is None or isinstance(value, dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
