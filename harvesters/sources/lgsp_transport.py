"""How services on an integration platform are called: addresses, tokens, headers.

Three families are met in provinces. What the answers mean is the same for all of them and stands
in ``lgsp_rows.py``; so a platform that gets another name, path or header is configuration.
"""

import base64
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode

from harvesters.http import Client, Response
from harvesters.oauth import TokenClient, basic_grant, body_grant, header_grant
from harvesters.source import SourceConfig
from hatinh.errors import SchemaError

HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
ACCEPT = {"json": "application/json", "xml": "application/xml"}

Service = Mapping[str, Any]


class Transport(ABC):
    """One family. The class variables say what the configuration may and must give.

    ``options`` belong to the source, ``service_options`` to each of its services.
    """

    options: ClassVar[frozenset[str]] = frozenset()
    secrets: ClassVar[frozenset[str]] = frozenset()
    optional_secrets: ClassVar[frozenset[str]] = frozenset()
    service_options: ClassVar[frozenset[str]] = frozenset()
    required_service_options: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, config: SourceConfig, client: Client) -> None:
        self.config = config
        self.client = client
        self.base = config.url.rstrip("/")

    @classmethod
    def faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with the options of the family, each with its mend."""
        del options
        return iter(())

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterator[str]:
        """Addresses beside those of the services."""
        del config
        return iter(())

    @abstractmethod
    def get(self, service: Service, headers: Mapping[str, str]) -> Response:
        """Call a service. Raises :class:`harvesters.errors.SourceError`."""

    def address(self, service: Service) -> str:
        """The address of a service, without any secret."""
        return self.base + service["path"] + _query(service.get("query", {}))


class Wso2Transport(Transport):
    """WSO2 API Manager: one token for all services, from client id and secret.

    ``token_url`` is the path or address that grants it, ``token_auth`` where the credentials
    stand (``basic`` or ``body``).
    """

    options = frozenset({"token_url", "token_auth", "scope"})
    secrets = frozenset({"client_id", "client_secret"})

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        grant = body_grant if config.options.get("token_auth") == "body" else basic_grant
        self._calls = TokenClient(
            client,
            grant(
                next(self.addresses(config)),
                config.secrets["client_id"],
                config.secrets["client_secret"],
                config.options.get("scope", ""),
            ),
        )

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterator[str]:
        yield _under(config.url, config.options.get("token_url", "/token"))

    @classmethod
    def faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        if options.get("token_auth", "basic") not in ("basic", "body"):
            yield "option token_auth is neither basic nor body"

    def get(self, service: Service, headers: Mapping[str, str]) -> Response:
        return self._calls.get(self.address(service), headers)


class AccessTokenTransport(Transport):
    """A header of the platform's own (``lgspaccesstoken``), and a token endpoint a service.

    The header is JSON in Base64 and holds the keys; it goes with the request for a token and,
    beside the token, with every call. Platforms give out the keys, or the header as they want it
    (``connection``, chuỗi kết nối). ``token_body`` says how that request is written (``form`` or
    ``json``): platforms of this family differ.
    """

    options = frozenset({"app_name", "partner_code", "partner_code_cus", "header", "token_body"})
    optional_secrets = frozenset({"access_key", "secret_key", "connection"})
    service_options = frozenset({"token_path"})
    required_service_options = frozenset({"token_path"})

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        self._header = {config.options.get("header", "lgspaccesstoken"): _connection(config)}
        self._calls: dict[str, TokenClient] = {}

    @classmethod
    def faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        if options.get("token_body", "form") not in ("form", "json"):
            yield "option token_body is neither form nor json"
        if not HEADER.fullmatch(str(options.get("header", "x"))):
            yield "option header is no name of a header"

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterator[str]:
        paths = {service["token_path"] for service in config.options["services"]}
        return (_under(config.url, path) for path in sorted(paths))

    def get(self, service: Service, headers: Mapping[str, str]) -> Response:
        path = service["token_path"]
        if path not in self._calls:
            as_json = self.config.options.get("token_body") == "json"
            grant = header_grant(_under(self.base, path), self._header, as_json=as_json)
            self._calls[path] = TokenClient(self.client, grant)
        return self._calls[path].get(self.address(service), headers)


class XRoadTransport(Transport):
    """The adapter of a security server (VDXP, NDXP): it forwards to the service that it is told.

    ``adapter`` is the path of the adapter; ``dstcode`` names the provider
    (``VN:GOV:<office>:<service>``), ``providerurl`` the provider's own address. Who may call is
    decided by the security server from the network and its certificates: there is no secret.
    """

    options = frozenset({"adapter", "dstcode", "providerurl"})
    service_options = frozenset({"dstcode", "providerurl"})

    @classmethod
    def faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        services = [service for service in options["services"] if isinstance(service, dict)]
        for name in sorted(cls.service_options):
            if not options.get(name) and not all(service.get(name) for service in services):
                yield f"no {name} for every service; give one to the source or to each service"

    def address(self, service: Service) -> str:
        options = self.config.options
        adapter = options.get("adapter", "/XrdAdapter/RestService/forward").rstrip("/")
        route = {name: service.get(name) or options[name] for name in ("dstcode", "providerurl")}
        return self.base + adapter + service["path"] + _query({**route, **service.get("query", {})})

    def get(self, service: Service, headers: Mapping[str, str]) -> Response:
        return self.client.get(self.address(service), headers)


def _under(base: str, path: str) -> str:
    """An address beside the services: a path below the root, or a whole address."""
    return base.rstrip("/") + path if path.startswith("/") else path


def _query(values: Mapping[str, Any]) -> str:
    return "?" + urlencode(values) if values else ""


def _connection(config: SourceConfig) -> str:
    """The value of the header: as it was given out, or made of the keys as clients make it.

    Raises :class:`hatinh.errors.SchemaError`, which names no secret.
    """
    options, secrets = config.options, config.secrets
    where = f"secrets of source {config.name}"
    if given := secrets.get("connection", "").strip():
        # Anything else would end the header that carries it.
        if not (given.isascii() and given.isprintable()):
            raise SchemaError(where, "connection has letters that no header can hold")
        return given
    if not (secrets.get("access_key") and secrets.get("secret_key")):
        raise SchemaError(where, "neither connection nor access_key and secret_key are set")
    partner = options.get("partner_code", "")
    keys = {
        "AccessKey": secrets["access_key"],
        "SecretKey": secrets["secret_key"],
        "AppName": options.get("app_name", ""),
        "PartnerCode": partner,
        "PartnerCodeCus": options.get("partner_code_cus", partner),
    }
    compact = json.dumps(keys, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(compact.encode()).decode()
