"""A source of each kind in turn, and a client that never really waits.

To add a kind: write a function like :func:`peers_files.folder` and name it in ``SCRIPTS``.
"""

import threading
from collections.abc import Callable, Iterator, Mapping

import pytest
from peers import TITLES, Reply, Script, Scripted, table
from peers_catalogues import (
    ckan,
    csw,
    csw_19115_3,
    csw_dcat,
    datajson,
    dcat,
    dcat_json,
    dcat_xml,
    iso,
    waf,
)
from peers_files import folder, folder_html, folder_webdav, indicators, inventory
from peers_gateways import (
    lgsp,
    lgsp_accesstoken,
    lgsp_services,
    lgsp_services_page,
    lgsp_xml,
    xroad,
)

from harvesters.http import Client, Limits

LIMITS = Limits(connect=2, read=2, total=3, body=200_000)

SCRIPTS: Mapping[str, Callable[[Scripted], Script]] = {
    "ckan": ckan,
    "csw": csw,
    "csw:19115-3": csw_19115_3,
    "csw:dcat": csw_dcat,
    "datajson": datajson,
    "dcat": dcat,
    "dcat:json-ld": dcat_json,
    "dcat:xml": dcat_xml,
    "folder": folder,
    "folder:html": folder_html,
    "folder:webdav": folder_webdav,
    "indicators": indicators,
    "inventory": inventory,
    "iso": iso,
    "lgsp": lgsp,
    "lgsp:xml": lgsp_xml,
    "lgsp_accesstoken": lgsp_accesstoken,
    "lgsp_services": lgsp_services,
    "lgsp_services:page": lgsp_services_page,
    "waf": waf,
    "xroad": xroad,
}
"""By kind; a kind with several shapes has each behind a colon."""


@pytest.fixture
def start() -> Iterator[Callable[[], Scripted]]:
    """Starts servers that end with the test."""
    servers: list[Scripted] = []

    def starting() -> Scripted:
        server = Scripted()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield starting
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server(start: Callable[[], Scripted]) -> Scripted:
    """One server without routes."""
    return start()


@pytest.fixture
def reply() -> type[Reply]:
    """Makes a reply."""
    return Reply


@pytest.fixture
def client() -> Client:
    """A client with the limits of the tests that never really waits."""
    return Client(limits=LIMITS, sleep=lambda seconds: None)


@pytest.fixture
def scripted_kinds() -> frozenset[str]:
    """The kinds that the contract is tried on."""
    return frozenset(name.partition(":")[0] for name in SCRIPTS)


@pytest.fixture
def again(start: Callable[[], Scripted]) -> Callable[[str], Script]:
    """Makes a further source of a kind, on a server of its own."""

    def making(name: str) -> Script:
        script = SCRIPTS[name](start())
        script.name = name
        return script

    return making


@pytest.fixture(params=sorted(SCRIPTS))
def script(request: pytest.FixtureRequest, server: Scripted) -> Script:
    """A source of each kind in turn, with its files served beside it."""
    for guid in TITLES:
        server.routes[f"/tep/{guid}.csv"] = lambda asked: Reply(table(), "text/csv")
    script = SCRIPTS[request.param](server)
    script.name = request.param
    return script
