"""Gateways of three families: what is theirs alone, and that all rows mean the same."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harvesters.errors import (
    GarbledSourceError,
    IncompleteSourceError,
    RefusedBySourceError,
    SourceError,
    UnauthorisedSourceError,
)
from harvesters.http import Client
from harvesters.registry import ADAPTERS, open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource
from hatinh.errors import SchemaError
from hatinh.text import Text

SERVICE = {"path": "/dmdc/xa", "guid": "xa", "title": "Xã", "columns": ["ma", "ten"]}
SECRETS = {
    "lgsp": {"client_id": "khach-01", "client_secret": "bi-mat-02"},
    "lgsp_accesstoken": {"access_key": "khoa-03", "secret_key": "bi-mat-04"},
    "xroad": {},
}
ROUTE = {"dstcode": "VN:GOV:000.00.00.H27:dmdc", "providerurl": "http://dmdc.local/api?x=1&y=2"}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "lgsp": {},
    "lgsp_accesstoken": {"partner_code": "0.0.H27"},
    "xroad": ROUTE,
}
OWN: Mapping[str, Mapping[str, Any]] = {"lgsp_accesstoken": {"token_path": "/xa_token"}}
NAMESPACE = "http://ws.wso2.org/dataservice/DanhSachDonViHanhChinh"


def gateway(
    server: Any, client: Client, kind: str, service: Mapping[str, Any] = SERVICE, **options: Any
) -> Source:
    """A gateway of a family with one service; ``secrets`` among the options replace its own."""
    secrets = options.pop("secrets", SECRETS[kind])
    services = [{**service, **OWN.get(kind, {})}]
    config = SourceConfig(
        name="cong-du-lieu",
        kind=kind,
        title=Text("Cổng"),
        url=f"{server.url}/goc",
        owner="so-khcn",
        allow_private=True,
        options={"services": services, **OPTIONS[kind], **options},
        secrets=secrets,
    )
    assert list(ADAPTERS[kind].option_faults(config.options)) == []
    return open_source(config, client)


def serve(server: Any, reply: Any, kind: str, body: Any, media_type: str = "text/xml") -> None:
    """One service of a family, that gives ``body`` to everybody."""
    token = reply(b'{"access_token": "the-05", "expires_in": "3600"}')
    for path in ("/goc/token", "/goc/xa_token"):
        server.routes[path] = lambda asked: token
    answer = body if isinstance(body, bytes) else json.dumps(body).encode()
    prefix = "/XrdAdapter/RestService/forward" if kind == "xroad" else ""
    server.routes[f"/goc{prefix}/dmdc/xa"] = lambda asked: reply(answer, media_type)


def table(source: Source) -> list[str]:
    """The lines of the file of the one service."""
    drafts = [draft for draft in source.drafts() if draft.resources]
    url = drafts[0].resources[0]["url"]
    return source.content(Resource(url, Text("xa"), url, "CSV")).decode().splitlines()


@pytest.fixture(params=sorted(SECRETS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each family in turn."""
    return request.param


# -- rows, in whichever family --------------------------------------------------------------------

ONE = '<object><ma>18073</ma><ten xsi:nil="true"/></object>'
XML = '<objects xmlns="{}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</objects>'


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ({"objects": {"object": {"ma": "18073", "ten": None}}}, ["18073,"]),
        ({"objects": {}}, []),
        (XML.format(NAMESPACE, ONE).encode(), ["18073,"]),
        (XML.format(NAMESPACE, ONE + ONE).encode(), ["18073,", "18073,"]),
        (f'<objects xmlns="{NAMESPACE}"/>'.encode(), []),
        (b"<?xml version='1.0'?>\n<objects>\n <!-- none -->\n</objects>", []),
    ],
    ids=["json one", "json none", "xml one", "xml two", "xml none", "xml blank"],
)
def test_json_and_xml_mean_the_same_in_every_family(
    server: Any, reply: Any, client: Client, kind: str, body: Any, lines: list[str]
) -> None:
    """A platform may answer XML though it was asked for JSON; one row and no row are known."""
    serve(server, reply, kind, body)
    assert table(gateway(server, client, kind)) == ["ma,ten", *lines]


@pytest.mark.parametrize(
    "body",
    [
        b"<fault><code>900901</code></fault>",
        b"<objects><fault>x</fault></objects>",
        b'<soap:Envelope xmlns:soap="a"><soap:Body><soap:Fault/></soap:Body></soap:Envelope>',
        b"<objects><object><ma>1</ma></object>",
        b"<objects><object>text</object></objects>",
        {"error": "x"},
        {"objects": {"object": [{"ma": "1"}, 7]}},
        [],
    ],
    ids=["fault", "inner fault", "soap", "cut", "no columns", "error", "no row", "list"],
)
def test_a_fault_told_with_200_is_an_error_in_every_family(
    server: Any, reply: Any, client: Client, kind: str, body: Any
) -> None:
    """What is no table is never an empty one."""
    serve(server, reply, kind, body)
    with pytest.raises(GarbledSourceError):
        table(gateway(server, client, kind))


def test_rows_are_where_the_configuration_says(
    server: Any, reply: Any, client: Client, kind: str
) -> None:
    """Another wrapper, another field name and a list without wrapper are configuration."""
    rows = [{"maDvhc": "2", "name": "B"}, {"maDvhc": "1", "name": "A"}]
    service = {**SERVICE, "columns": {"maDvhc": "ma", "name": "ten"}, "order_by": "maDvhc"}
    serve(server, reply, kind, {"data": {"items": rows, "total": 2}})
    source = gateway(server, client, kind, {**service, "rows": "data.items", "total": "data.total"})
    assert table(source) == ["ma,ten", "1,A", "2,B"]
    serve(server, reply, kind, rows)
    assert table(gateway(server, client, kind, service, rows="")) == ["ma,ten", "1,A", "2,B"]


def test_rows_that_do_not_add_up_are_an_error(
    server: Any, reply: Any, client: Client, kind: str
) -> None:
    """A declared number of rows is believed more than the rows."""
    serve(server, reply, kind, {"data": {"items": [{"ma": "1", "ten": "A"}], "total": 2}})
    service = {**SERVICE, "rows": "data.items", "total": "data.total"}
    with pytest.raises(IncompleteSourceError):
        table(gateway(server, client, kind, service))


def test_changed_rows_change_the_version_of_the_file(
    server: Any, reply: Any, client: Client, kind: str
) -> None:
    """Whoever compares drafts sees that a table changed, and that the same one did not."""

    def version(ten: str) -> str:
        serve(server, reply, kind, {"objects": {"object": {"ma": "1", "ten": ten}}})
        draft = next(iter(gateway(server, client, kind).drafts()))
        return draft.resources[0]["version"]

    assert version("A") == version("A") != version("B")


def test_parameters_of_a_service_are_part_of_its_address(
    server: Any, reply: Any, client: Client, kind: str
) -> None:
    """Parameters reach the service, and tell two services of one path apart."""
    serve(server, reply, kind, {"objects": {}})
    list(gateway(server, client, kind, {**SERVICE, "query": {"tinh": "42"}}).drafts())
    assert server.asked[-1].query["tinh"] == "42"
    services = [{**SERVICE, "query": {"tinh": n}, "guid": n, **OWN.get(kind, {})} for n in "12"]
    assert list(ADAPTERS[kind].option_faults({"services": services, **OPTIONS[kind]})) == []


# -- tokens ---------------------------------------------------------------------------------------


def test_credentials_may_stand_in_the_body(server: Any, reply: Any, client: Client) -> None:
    """Where a gateway reads no header, id and secret go with the form, and a scope if wanted."""
    serve(server, reply, "lgsp", {"objects": {}})
    list(gateway(server, client, "lgsp", token_auth="body", scope="mo").drafts())
    form = {"grant_type": "client_credentials", "scope": "mo", **SECRETS["lgsp"]}
    assert server.asked[0].form == form
    assert "Authorization" not in server.asked[0].headers


def test_a_token_server_may_have_a_port_of_its_own(
    server: Any, start: Callable[[], Any], reply: Any, client: Client
) -> None:
    """A token server beside the gateway is called because the configuration names it."""
    tokens = start()
    tokens.routes["/oauth2/token"] = lambda asked: reply(b'{"access_token": "the-05"}')
    serve(server, reply, "lgsp", {"objects": {}})
    list(gateway(server, client, "lgsp", token_url=f"{tokens.url}/oauth2/token").drafts())
    assert [asked.path for asked in tokens.asked] == ["/oauth2/token"]
    assert server.asked[0].headers["Authorization"] == "Bearer the-05"


@pytest.mark.parametrize(
    ("body", "media_type"), [("form", "x-www-form-urlencoded"), ("json", "json")]
)
def test_the_gateways_own_header_goes_with_token_and_call(
    server: Any, reply: Any, client: Client, body: str, media_type: str
) -> None:
    """The keys travel in one header, whose name and form of request are configuration."""
    serve(server, reply, "lgsp_accesstoken", {"objects": {}})
    list(gateway(server, client, "lgsp_accesstoken", header="khoa", token_body=body).drafts())
    granted, called = server.asked
    keys = json.loads(base64.b64decode(granted.headers["khoa"]))
    assert keys["AccessKey"] == "khoa-03"
    assert keys["PartnerCode"] == keys["PartnerCodeCus"] == "0.0.H27"
    assert granted.headers["Content-Type"] == f"application/{media_type}"
    assert called.headers["khoa"] == granted.headers["khoa"]
    assert called.headers["Authorization"] == "Bearer the-05"


def test_a_connection_string_is_sent_as_it_was_given_out(
    server: Any, reply: Any, client: Client
) -> None:
    """Platforms may give out the header instead of keys; blanks around it are nothing."""
    serve(server, reply, "lgsp_accesstoken", {"objects": {}})
    secrets = {"connection": " Y2h14buXaQ==\n"}
    list(gateway(server, client, "lgsp_accesstoken", secrets=secrets).drafts())
    assert {asked.headers["lgspaccesstoken"] for asked in server.asked} == {"Y2h14buXaQ=="}


@pytest.mark.parametrize("secrets", [{}, {"access_key": "khoa-03"}, {"connection": "bí-mật"}])
def test_credentials_that_cannot_be_sent_are_told_without_them(
    server: Any, client: Client, secrets: Mapping[str, str]
) -> None:
    """Before anything is called, and without a word of them."""
    with pytest.raises(SchemaError) as raised:
        gateway(server, client, "lgsp_accesstoken", secrets=secrets)
    assert not any(value in str(raised.value) for value in secrets.values())
    assert server.asked == []


def test_services_of_one_token_path_share_a_token(server: Any, reply: Any, client: Client) -> None:
    """A token is asked for once a path, not once a service."""
    serve(server, reply, "lgsp_accesstoken", {"objects": {}})
    server.routes["/goc/dmdc/huyen"] = server.routes["/goc/dmdc/xa"]
    other = {**SERVICE, **OWN["lgsp_accesstoken"], "path": "/dmdc/huyen", "guid": "huyen"}
    first = {**SERVICE, **OWN["lgsp_accesstoken"]}
    list(gateway(server, client, "lgsp_accesstoken", services=[first, other]).drafts())
    assert [asked.path for asked in server.asked].count("/goc/xa_token") == 1


@pytest.mark.parametrize("kind", ["lgsp", "lgsp_accesstoken"])
def test_a_token_that_is_refused_is_renewed_once_and_no_more(
    server: Any, reply: Any, client: Client, kind: str
) -> None:
    """In both families that have tokens; what goes wrong names no secret."""
    serve(server, reply, kind, {"objects": {}})
    source = gateway(server, client, kind)
    list(source.drafts())
    server.routes["/goc/dmdc/xa"] = lambda asked: reply(b"{}", status=401)
    with pytest.raises(UnauthorisedSourceError) as raised:
        list(source.drafts())
    grants = [asked for asked in server.asked if "token" in asked.path]
    assert len(grants) == 2
    assert not any(word in f"{raised.value!r}{vars(source)!r}" for word in secrets_of(kind))


def secrets_of(kind: str) -> list[str]:
    """Everything that must never be shown: values, their encodings, the token."""
    values = list(SECRETS[kind].values())
    pair = base64.b64encode(":".join(values).encode()).decode()
    return [*values, pair, "the-05"] if values else ["the-05"]


# -- security servers -----------------------------------------------------------------------------


def test_an_adapter_is_told_provider_and_address(server: Any, reply: Any, client: Client) -> None:
    """Provider and its address are parameters, encoded so that theirs stay theirs."""
    serve(server, reply, "xroad", {"objects": {}})
    list(gateway(server, client, "xroad").drafts())
    assert server.asked[0].query == ROUTE
    assert "providerurl=http%3A%2F%2Fdmdc.local%2Fapi%3Fx%3D1%26y%3D2" in server.asked[0].target


def test_the_newer_adapter_is_configuration(server: Any, reply: Any, client: Client) -> None:
    """Another path, and providers of single services."""
    server.routes["/goc/VXPAdapter/RestService/forward/dmdc/xa"] = lambda asked: reply(b"[]")
    service = {**SERVICE, "dstcode": "VN:GOV:G22:khac"}
    options = {"adapter": "/VXPAdapter/RestService/forward", "rows": ""}
    list(gateway(server, client, "xroad", service, **options).drafts())
    assert server.asked[0].query["dstcode"] == "VN:GOV:G22:khac"


def test_an_error_shows_no_parameter_of_the_route(server: Any, client: Client) -> None:
    """What may be shown of an address ends before its parameters."""
    with pytest.raises(RefusedBySourceError) as raised:
        list(gateway(server, client, "xroad").drafts())
    assert "dmdc.local" not in str(raised.value)


# -- the gateway's own list -----------------------------------------------------------------------


def listed(server: Any, client: Client, **options: Any) -> list[Draft]:
    """The records of a list at ``/list``."""
    config = SourceConfig(
        "dich-vu", "lgsp_services", Text("Dịch vụ"), f"{server.url}/list", "so-khcn", True,
        options=options, secrets=options.pop("secrets", {}),
    )  # fmt: skip
    assert list(ADAPTERS["lgsp_services"].option_faults(options)) == []
    return list(open_source(config, client).drafts())


def test_a_store_gives_services_with_state_and_address(
    server: Any, reply: Any, client: Client
) -> None:
    """Version in the context or beside it: the address and the guid are the same."""
    apis = [
        {"name": "Xã", "context": "/dmdc", "version": "1.0", "lifeCycleStatus": "PUBLISHED"},
        {"name": "Giá", "context": "/gia/2.0", "version": "2.0", "lifeCycleStatus": "CREATED"},
    ]
    body = json.dumps({"count": 2, "list": apis, "pagination": {"total": 2}}).encode()
    server.routes["/list"] = lambda asked: reply(body)
    states = {"published": "Đã thực hiện"}
    drafts = listed(server, client, layout="devportal", gateway="https://lgsp.vn/", states=states)
    assert [draft.guid for draft in drafts] == ["dmdc/1.0", "gia/2.0"]
    assert drafts[0].fields["endpoint_url"] == "https://lgsp.vn/dmdc/1.0"
    assert [draft.fields["lgsp_status"] for draft in drafts] == ["Đã thực hiện", "CREATED"]
    assert {draft.fields["kind"] for draft in drafts} == {"dataservice"}


def test_a_store_may_want_a_token(server: Any, reply: Any, client: Client) -> None:
    """With credentials the list is asked for with a token of the same kind as services are."""
    server.routes["/token"] = lambda asked: reply(b'{"access_token": "the-05"}')
    server.routes["/list"] = lambda asked: reply(
        b'{"count": 0, "list": [], "pagination": {"total": 0}}'
    )
    assert listed(server, client, layout="devportal", secrets=SECRETS["lgsp"]) == []
    assert server.asked[-1].headers["Authorization"] == "Bearer the-05"


PAGE = """<!DOCTYPE html><html><head><title>LGSP</title></head><body>
<table><tr><td>Trang chủ</td></tr></table>
<table><thead><tr>
<th>STT</th><th>Hệ thống chia sẻ, tích hợp</th><th>Trạng thái</th><th></th></tr></thead>
<tbody><tr><td>1</td><td> CSDL  quốc gia về<br>dân cư</td><td>Đã thực hiện</td>
<td><a href="/kt/1">Kiểm tra</a></td></tr>
<tr><td>2</td><td>Hộ tịch</td><td>Đang thực hiện</td><td></td></tr>
<tr><td></td></tr></tbody></table></body></html>"""


def test_a_page_for_people_gives_its_table(server: Any, reply: Any, client: Client) -> None:
    """The table with the labels is found; names identify, links are addresses."""
    server.routes["/list"] = lambda asked: reply(PAGE.encode(), "text/html")
    columns = {"Hệ thống chia sẻ, tích hợp": "title", "trang thai": "lgsp_status"}
    drafts = listed(server, client, layout="page", columns=columns)
    found = [(d.guid, d.fields["lgsp_status"], d.fields["endpoint_url"]) for d in drafts]
    assert found == [
        ("csdl-quoc-gia-ve-dan-cu", "Đã thực hiện", f"{server.url}/kt/1"),
        ("ho-tich", "Đang thực hiện", f"{server.url}/list#ho-tich"),
    ]


def test_any_json_list_is_read_by_its_columns(server: Any, reply: Any, client: Client) -> None:
    """The place of the list and the names of its fields are configuration."""
    body = {"data": [{"ma": "dc", "ten": "Dân cư", "tt": 1}]}
    server.routes["/list"] = lambda asked: reply(json.dumps(body).encode())
    columns = {"ma": "guid", "ten": "title", "tt": "lgsp_status"}
    drafts = listed(
        server, client, layout="json", rows="data", columns=columns, states={"1": "Đã thực hiện"}
    )
    assert [(d.guid, d.fields["lgsp_status"]) for d in drafts] == [("dc", "Đã thực hiện")]


@pytest.mark.parametrize(
    "body",
    [
        b"<html><table><tr><td>A</td></tr></table></html>",
        PAGE.encode()[:400],
        b"{}",
        b'{"data": 1}',
    ],
)
def test_a_list_of_another_shape_is_an_error(
    server: Any, reply: Any, client: Client, body: bytes
) -> None:
    """A page without the labels, half a page, no list: nothing is read."""
    server.routes["/list"] = lambda asked: reply(body, "text/html")
    layouts: list[dict[str, Any]] = [
        {"layout": "page", "columns": {"Trạng thái": "title"}},
        {"layout": "json", "rows": "data", "columns": {"a": "title"}},
        {"layout": "devportal"},
    ]
    for options in layouts:
        with pytest.raises(SourceError):
            listed(server, client, **options)


# -- configuration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("lgsp", {"services": [SERVICE], "token_auth": "head"}, "neither basic nor body"),
        ("lgsp", {"services": [SERVICE], "accept": "csv"}, "accept is none of"),
        ("lgsp", {"services": [SERVICE, SERVICE]}, "two services have one guid"),
        ("lgsp", {"services": [{**SERVICE, "query": "x"}]}, "query is no mapping"),
        ("lgsp_accesstoken", {"services": [SERVICE]}, "no token_path"),
        ("lgsp_accesstoken", {"services": [], "token_body": "xml"}, "neither form nor json"),
        ("lgsp_accesstoken", {"services": [], "header": "a: b"}, "no name of a header"),
        ("xroad", {"services": [SERVICE], "dstcode": "a"}, "no providerurl for every service"),
        ("lgsp_services", {"layout": "table"}, "layout is none of"),
        ("lgsp_services", {"layout": "json", "columns": {"a": "b"}}, "no canonical field"),
        ("lgsp_services", {"layout": "page"}, "no column gives title"),
        ("lgsp_services", {"layout": "page", "columns": []}, "columns is no mapping"),
    ],
)
def test_a_fault_of_the_configuration_is_told(
    kind: str, options: Mapping[str, Any], words: str
) -> None:
    """What cannot work is said before anything is called."""
    assert any(words in fault for fault in ADAPTERS[kind].option_faults(options))
