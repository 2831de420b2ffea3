"""The simulated platforms: three families with the same services, their lists, and their moods."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from demo.gateways import DSTCODE, PARTNER, PROVIDER
from demo.lgsp import Client as Consumer
from demo.lgsp import Lgsp, Moods
from demo.server import DemoServer
from demo.site import site
from harvesters.errors import RefusedBySourceError, UnauthorisedSourceError
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Resource
from hatinh.text import Text

SERVICES = [
    {"path": "/dmdc/1.0/tinh", "guid": "tinh", "title": "Tỉnh", "columns": ["ma", "ten"]},
    {"path": "/dmdc/1.0/linhvuc", "guid": "lv", "title": "Lĩnh vực", "columns": ["ma", "ten"]},
    {"path": "/qtdl/1.0/bochisotruongthanh", "guid": "cs", "title": "Chỉ số", "columns": ["ma"]},
    {
        "path": "/dmdc/1.0/donvihanhchinh",
        "guid": "dvhc",
        "title": "Xã",
        "columns": ["ma", "ten"],
        "key": "ma",
        "latest_by": "id",
    },
]
CREDENTIALS = ("client_id", "client_secret")
FAMILIES: Mapping[str, tuple[str, str, Mapping[str, Any], tuple[str, str]]] = {
    "json": ("lgsp", "/lgsp", {}, CREDENTIALS),
    "xml": ("lgsp", "/lgsp", {"accept": "xml", "token_auth": "body"}, CREDENTIALS),
    "header": (
        "lgsp_accesstoken",
        "/lgsp-khoa",
        {"partner_code": PARTNER, "token_body": "json"},
        ("access_key", "secret_key"),
    ),
    "adapter": ("xroad", "/vdxp", {"dstcode": DSTCODE, "providerurl": PROVIDER}, ("", "")),
    "newer adapter": (
        "xroad",
        "/vdxp",
        {"dstcode": DSTCODE, "providerurl": PROVIDER, "adapter": "/VXPAdapter/RestService/forward"},
        ("", ""),
    ),
}


@pytest.fixture
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    """The demonstration, with moods of a seed where a test asks for them."""
    server = DemoServer(0)
    moods = Moods(getattr(request, "param", None))
    clock = iter(range(10**9)).__next__ if hasattr(request, "param") else lambda: 0.0
    server.open(site(server.base, Lgsp(Consumer("khach", "bi-mat"), 3600, clock, moods)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.base
    server.shutdown()
    server.server_close()


def platform(base: str, family: str, **changes: Any) -> Source:
    """The source on a family."""
    kind, under, options, names = FAMILIES[family]
    own = {"token_path": "/tinh_token"} if kind == "lgsp_accesstoken" else {}
    services = [{**service, **own} for service in SERVICES]
    secrets = {name: value for name, value in zip(names, ("khach", "bi-mat"), strict=True) if name}
    config = SourceConfig(
        "nen-tang", kind, Text("Nền tảng"), base + under, "so-khcn", True,
        options={"services": services, **options, **changes}, secrets=secrets,
    )  # fmt: skip
    return open_source(config, Client())


def tables(source: Source) -> dict[str, bytes]:
    """Every table of a source, by the guid of its record."""
    return {
        draft.guid: source.content(Resource("x", Text("x"), draft.resources[0]["url"], "CSV"))
        for draft in source.drafts()
        if draft.resources
    }


def test_three_families_give_the_same_tables(base: str) -> None:
    """One row, many, none, old and new ones: whatever way they come, the files are equal."""
    expected = tables(platform(base, "json"))
    assert [len(body.splitlines()) - 1 for body in expected.values()] == [1, 19, 0, 69]
    for family in FAMILIES:
        assert tables(platform(base, family)) == expected


@pytest.mark.parametrize("base", range(8), indirect=True)
def test_moods_of_a_platform_change_nothing(base: str) -> None:
    """Live tokens that are refused once and tokens that hardly live are met by asking again."""
    for family in ("json", "header"):
        assert len(tables(platform(base, family))["dvhc"].splitlines()) == 70


def test_a_platform_with_moods_does_refuse() -> None:
    """A seed stands for the same faults at every start, and never for two in a row."""

    def told(seed: int) -> list[bool]:
        moods = Moods(seed)
        return [moods.refuses() for _ in range(200)]

    assert told(3) == told(3) != told(4)
    assert any(told(3))
    assert not any(one and other for one, other in zip(told(3), told(3)[1:], strict=False))


def test_wrong_keys_and_wrong_routes_are_refused(base: str) -> None:
    """The header must be right for token and call, the provider for the adapter."""
    with pytest.raises(UnauthorisedSourceError):
        list(platform(base, "header", partner_code="0.0.H99").drafts())
    with pytest.raises(RefusedBySourceError):
        list(platform(base, "adapter", dstcode="VN:GOV:khac").drafts())


def test_the_store_lists_the_services_of_the_platform(base: str) -> None:
    """As data services, with the address below which the platform answers."""
    config = SourceConfig(
        "kho", "lgsp_services", Text("Kho"), f"{base}/lgsp/api/am/devportal/v3/apis", "so", True,
        options={"layout": "devportal", "gateway": f"{base}/lgsp"},
    )  # fmt: skip
    found = [draft.fields["endpoint_url"] for draft in open_source(config, Client()).drafts()]
    assert found == [f"{base}/lgsp/dmdc/1.0", f"{base}/lgsp/qtdl/1.0"]
