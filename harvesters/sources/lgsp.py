"""Services on an integration platform (LGSP): their rows as datasets, themselves as services.

Each configured service gives two records: a dataset whose file is the service's rows as CSV,
and the data service itself. A family of platforms is a transport (``lgsp_transport.py``).
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from harvesters.conditional import NotModifiedError, visit_of
from harvesters.errors import GarbledSourceError
from harvesters.fields import CANONICAL, taken
from harvesters.http import Client, Response
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from harvesters.sources.lgsp_rows import Row, as_csv, latest, read_rows
from harvesters.sources.lgsp_transport import (
    ACCEPT,
    AccessTokenTransport,
    Service,
    Transport,
    Wso2Transport,
)
from hatinh.dataset import Draft, Resource

NEEDED = frozenset({"path", "guid", "title", "columns"})
SERVICE = frozenset({"schema", "latest_by", "key", "order_by", "query", "rows", "total"})
"""What a service may have besides canonical fields."""

COMMON = frozenset({"accept", "rows"})
WRAPPER = "objects.object"
"""Where WSO2 data services put their rows."""


class GatewaySource(Adapter):
    """``url`` is the platform's root; ``options.services`` lists what to read there.

    ``accept`` is what the platform is asked for (``json`` or ``xml``), ``rows`` where the rows
    stand in its answer.
    """

    family: ClassVar[type[Transport]]
    required_options = frozenset({"services"})
    optional_options = COMMON

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.optional_options = COMMON | cls.family.options
        cls.required_secrets = cls.family.secrets
        cls.optional_secrets = cls.family.optional_secrets

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """Services that cannot be called or name fields that do not exist."""
        services = options["services"]
        if not isinstance(services, list) or not all(isinstance(s, dict) for s in services):
            yield "option services is no list of services"
            return
        if options.get("accept", "json") not in ACCEPT:
            yield f"option accept is none of {', '.join(sorted(ACCEPT))}"
        yield from cls.family.faults(options)
        for number, service in enumerate(services, 1):
            yield from (f"service {number}{fault}" for fault in cls._service_faults(service))
        calls = [(s.get("path"), s.get("query"), s.get("dstcode")) for s in services]
        for name, words in (("guid", [s.get("guid") for s in services]), ("path", calls)):
            if len(set(map(str, words))) < len(words):
                yield f"two services have one {name}; remove one"

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterator[str]:
        return cls.family.addresses(config)

    @classmethod
    def _service_faults(cls, service: Service) -> Iterator[str]:
        needed = NEEDED | cls.family.required_service_options
        known = needed | SERVICE | cls.family.service_options | CANONICAL
        yield from (f" has no {name}; give one" for name in sorted(needed - service.keys()))
        unknown = sorted(service.keys() - known, key=str)
        yield from (f": {name} is no field; remove it" for name in unknown)
        if ("latest_by" in service) != ("key" in service):
            yield ": latest_by and key go together; give both"
        if not str(service.get("path", "/")).startswith("/"):
            yield ": path does not begin with /"
        if not isinstance(service.get("query", {}), dict):
            yield ": query is no mapping; write names and values"

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        self.transport = self.family(config, client)
        services = config.options["services"]
        self.services = {self.transport.address(service): service for service in services}
        self._files: dict[str, bytes] = {}

    def drafts(self) -> Iterator[Draft]:
        """Two records a service. Every service is read first, so that none is promised in vain."""
        self._files = {url: self._read(url) for url in self.services}
        told = [Response(url, 200, "text/csv", body) for url, body in self._files.items()]
        if self.visited.settle({response.url: visit_of(response) for response in told}):
            raise NotModifiedError(self.name)
        return iter([d for url, body in self._files.items() for d in self._drafts(url, body)])

    def content(self, resource: Resource) -> bytes:
        """The rows as CSV, in the order of the service."""
        if resource.url not in self.services:
            raise GarbledSourceError(self.name, resource.url, "no configured service")
        if resource.url not in self._files:
            self._files[resource.url] = self._read(resource.url)
        return self._files[resource.url]

    # -- rows ---------------------------------------------------------------------------------

    def _read(self, url: str) -> bytes:
        service, options = self.services[url], self.config.options
        response = self.transport.get(service, {"Accept": ACCEPT[options.get("accept", "json")]})
        path = service.get("rows", options.get("rows", WRAPPER))
        rows = read_rows(self.name, response, path, service.get("total", ""))
        columns = _columns(service)
        if absent := [name for name in columns if rows and not any(name in row for row in rows)]:
            raise GarbledSourceError(self.name, url, f"no row has {', '.join(absent)}")
        try:
            return as_csv(columns, _chosen(rows, service))
        except (KeyError, TypeError, ValueError, OverflowError) as err:
            raise GarbledSourceError(self.name, url, f"a row without order or key: {err}") from err

    # -- records ------------------------------------------------------------------------------

    def _drafts(self, url: str, body: bytes) -> Iterator[Draft]:
        service = self.services[url]
        guid, title = service["guid"], service["title"]
        table = {
            "guid": guid,
            "name": title,
            "url": url,
            "format": "CSV",
            "media_type": "text/csv",
            "schema": service.get("schema") or {},
            "version": hashlib.blake2b(body, digest_size=16).hexdigest(),
        }
        own = {"kind": "dataset"}
        yield Draft(guid, taken({**service, **own}), [table], url)
        own = {"kind": "dataservice", "title": _api_title(title), "endpoint_url": url}
        yield Draft(f"{guid}:api", taken({**service, **own, "serves_datasets": guid}), [], url)


class LgspSource(GatewaySource):
    """The family of WSO2: client credentials, one token for all services."""

    family = Wso2Transport


class LgspAccessTokenSource(GatewaySource):
    """The family of the ``lgspaccesstoken`` header: a token endpoint for each service."""

    family = AccessTokenTransport


def _columns(service: Service) -> dict[str, str]:
    """Field of the rows → column of the CSV; a list names both at once."""
    columns = service["columns"]
    return dict(columns) if isinstance(columns, dict) else {name: name for name in columns}


def _chosen(rows: list[Row], service: Service) -> list[Row]:
    """The rows to publish, in the order asked for: a query without one gives any."""
    kept = latest(rows, service["key"], service["latest_by"]) if "latest_by" in service else rows
    order = service.get("order_by")
    if order is None:
        return kept
    names = [order] if isinstance(order, str) else order
    return sorted(kept, key=lambda row: [str(row[name]) for name in names])


def _api_title(title: Any) -> Any:
    if isinstance(title, dict):
        return {language: _api_title(text) for language, text in title.items()}
    return f"API: {title}"
