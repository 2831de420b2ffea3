"""One small gateway of every family, and its list of services."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from peers import ROWS, TITLES, Asked, Reply, Route, Script, Scripted


def lgsp(server: Scripted, form: str = "json") -> Script:
    """Two services on an integration platform, which asks for a token."""
    script = Script(server, "lgsp", "", secrets={"client_id": "khach", "client_secret": "bi-mat"})
    script.serve("/token", lambda asked: Reply(TOKEN))
    script.options = {"accept": form, "services": services("/dmdc/1.0", **ROWS_OPTIONS)}
    for guid in TITLES:
        script.serve(f"/dmdc/1.0/{guid}", guarded(rows_of(script, form)))
    return script


def lgsp_xml(server: Scripted) -> Script:
    """The same as XML with a namespace, as data services give it by default."""
    return lgsp(server, "xml")


def lgsp_accesstoken(server: Scripted) -> Script:
    """Two services that want the platform's own header beside the token of each."""
    secrets = {"access_key": "khoa-truy-cap", "secret_key": "bi-mat"}
    script = Script(server, "lgsp_accesstoken", "", secrets=secrets)
    keys = {"AccessKey": "khoa-truy-cap", "SecretKey": "bi-mat", "AppName": "cong"}
    keys |= {"PartnerCode": "0.0.H27", "PartnerCodeCus": "0.0.H27"}
    expected = base64.b64encode(json.dumps(keys, separators=(",", ":")).encode()).decode()

    def known(route: Route) -> Route:
        def answer(asked: Asked) -> Reply:
            shown = asked.headers.get("lgspaccesstoken") == expected
            return route(asked) if shown else Reply(b"{}", status=401)

        return answer

    script.options = {
        "partner_code": "0.0.H27",
        "app_name": "cong",
        "services": services("/dmdc", token_path="/token", **ROWS_OPTIONS),
    }
    script.serve("/token", known(lambda asked: Reply(TOKEN)))
    for guid in TITLES:
        script.serve(f"/dmdc/{guid}", known(guarded(rows_of(script, "json"))))
    return script


def xroad(server: Scripted) -> Script:
    """Two services of a provider behind the adapter of a security server."""
    route = {"dstcode": "VN:GOV:000.00.00.H27:dmdc", "providerurl": "http://dmdc.local/api?a=1"}
    options = {**route, "services": services("/dmdc", **ROWS_OPTIONS)}
    script = Script(server, "xroad", "", options=options)

    def forward(asked: Asked) -> Reply:
        if dict(asked.query) != route:
            return Reply(b'{"error": "unknown provider"}', status=500)
        return rows_of(script, "json")(asked)

    for guid in TITLES:
        script.serve(f"/XrdAdapter/RestService/forward/dmdc/{guid}", forward)
    return script


def lgsp_services(server: Scripted) -> Script:
    """The store of a gateway that gives one service a page."""
    options = {"layout": "devportal", "columns": {"id": "guid"}}
    path = "/api/am/devportal/v3/apis"
    script = Script(
        server, "lgsp_services", path, options=options, declares=True, pages=True, files=False
    )

    def answer(asked: Asked) -> Reply:
        start = 0 if script.stuck else int(asked.query["offset"])
        apis = [
            {"id": guid, "name": title, "context": f"/{guid}", "version": "1.0"}
            for guid, title in script.titles.items()
        ]
        total = len(apis) + script.surplus
        given = apis[start : start + 1]
        page = {"count": len(given), "list": given, "pagination": {"total": total}}
        return Reply(json.dumps(page).encode())

    script.serve(path, answer)
    return script


def lgsp_services_page(server: Scripted) -> Script:
    """The list of a gateway as a page with a table."""
    columns = {"Mã": "guid", "Hệ thống chia sẻ, tích hợp": "title", "Trạng thái": "lgsp_status"}
    options = {"layout": "page", "columns": columns}
    script = Script(server, "lgsp_services", "/dich-vu", options=options, files=False, html=True)

    def answer(asked: Asked) -> Reply:
        del asked
        lines = [["STT", *columns]]
        lines += [["1", guid, title, "Đã thực hiện"] for guid, title in script.titles.items()]
        rows = ["".join(f"<td>{script.form(cell)}</td>" for cell in line) for line in lines]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        page = f'<html><meta charset="utf-8"><table>{body}</table></html>'
        return Reply(page.encode(), "text/html; charset=utf-8")

    script.serve("/dich-vu", answer)
    return script


# -- what gateways have in common -----------------------------------------------------------------

TOKEN = b'{"access_token": "the-bai", "token_type": "Bearer", "expires_in": 3600}'
ROWS_OPTIONS: Mapping[str, Any] = {"columns": list(ROWS[0])}


def services(under: str, **options: Any) -> list[dict[str, Any]]:
    """The configuration of one service a title."""
    return [
        {"path": f"{under}/{guid}", "guid": guid, "title": title, **options}
        for guid, title in TITLES.items()
    ]


def guarded(route: Route) -> Route:
    """A route for those who hold the token."""

    def answer(asked: Asked) -> Reply:
        known = asked.headers.get("Authorization") == "Bearer the-bai"
        return route(asked) if known else Reply(b"{}", status=401)

    return answer


def rows_of(script: Script, form: str) -> Route:
    """The rows as a data service writes them."""

    def answer(asked: Asked) -> Reply:
        del asked
        rows = [{name: script.form(value) for name, value in row.items()} for row in ROWS]
        if form == "json":
            return Reply(json.dumps({"objects": {"object": rows}}).encode())
        cells = ["".join(f"<{name}>{value}</{name}>" for name, value in r.items()) for r in rows]
        objects = "".join(f"<object>{cell}</object>" for cell in cells)
        namespace = "http://ws.wso2.org/dataservice/DanhMuc"
        text = f'<objects xmlns="{namespace}">{objects}</objects>'
        return Reply(text.encode(), "application/xml")

    return answer
