"""The other families of platforms, with the services of the simulated LGSP behind them.

One wants a header of its own and a token for each service, the other forwards what it is asked
to a provider. And the list of what the platform is connected to, as a store and as a page.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demo.department import Department
from demo.lgsp import Lgsp, decoded_keys
from demo.page import MEDIA_TYPES, Page, Request, Service, json_page

HEADER = "lgspaccesstoken"
PARTNER = "0.0.H27"
DSTCODE = "VN:GOV:000.00.00.H27:dmdc"
PROVIDER = "http://dmdc.hatinh.local/api"
ADAPTERS = ("/XrdAdapter/RestService/forward", "/VXPAdapter/RestService/forward")
STORE = "/api/am/devportal/v3/apis"
LABELS = ("STT", "Hệ thống chia sẻ, tích hợp", "Trạng thái", "Kiểm tra kết nối")


def access_token_family(platform: Lgsp, services: Mapping[str, Service]) -> dict[str, Service]:
    """Each service behind the header and its own token endpoint, ``/<service>_token``."""
    names = {path.rpartition("/")[2] for path in services}
    tokens: dict[str, Service] = {f"/{name}_token": _token(platform) for name in names}
    guarded = {path: _with_header(platform.guarded(s)) for path, s in services.items()}
    return tokens | guarded


def xroad_family(services: Mapping[str, Service]) -> dict[str, Service]:
    """Each service behind the adapter of a security server, on the older and the newer path."""
    return {a + path: _forwarded(service) for a in ADAPTERS for path, service in services.items()}


def store(services: Sequence[Mapping[str, Any]]) -> Service:
    """The platform's store: its APIs in pages, as WSO2 lists them; an API is many services."""
    contexts = dict.fromkeys(service["path"].rpartition("/")[0] for service in services)
    apis = [_api(number, context) for number, context in enumerate(contexts, 1)]

    def answer(request: Request) -> Page:
        start, limit = (int(request.query.get(n, d)) for n, d in (("offset", "0"), ("limit", "25")))
        given = apis[start : start + limit]
        paging = {"offset": start, "limit": limit, "total": len(apis)}
        return json_page({"count": len(given), "list": given, "pagination": paging})

    return answer


def connections(department: Department, rows: str, base: str) -> dict[str, Page]:
    """The page of the systems to be connected, with their states, and a check for each."""
    systems = [row for row in department.rows(rows) if row["ket_noi_lgsp"]]
    checks = {
        f"/dich-vu/{row['ma_he_thong']}.json": json_page(
            {"ma": row["ma_he_thong"], "trang_thai": row["ket_noi_lgsp"]}
        )
        for row in systems
    }
    lines = [
        (
            str(number),
            escape(row["ten_he_thong"]),
            escape(row["ket_noi_lgsp"]),
            f'<a href="{base}/dich-vu/{row["ma_he_thong"]}.json">Kiểm tra</a>',
        )
        for number, row in enumerate(systems, 1)
    ]
    return {"/dich-vu.html": _page([LABELS, *lines])} | checks


def _page(lines: Sequence[Sequence[str]]) -> Page:
    rows = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    text = (
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
        f"<title>Danh mục chia sẻ, tích hợp</title></head><body><table>\n{rows}\n"
        "</table></body></html>\n"
    )
    return Page(text.encode(), MEDIA_TYPES[".html"])


def _api(number: int, context: str) -> dict[str, Any]:
    _, name, version = context.split("/")
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "name": name,
        "context": context,
        "version": version,
        "provider": "admin",
        "lifeCycleStatus": "PUBLISHED",
    }


def _token(platform: Lgsp) -> Service:
    def answer(request: Request) -> Page:
        keys = decoded_keys(request.headers.get(HEADER, ""))
        partner = keys.get("PartnerCode") == PARTNER
        pair = (str(keys.get(name, "")) if partner else "" for name in ("AccessKey", "SecretKey"))
        return platform.granted(request, *pair)

    return answer


def _with_header(service: Service) -> Service:
    def answer(request: Request) -> Page:
        if decoded_keys(request.headers.get(HEADER, "")).get("PartnerCode") != PARTNER:
            return json_page({"error": "lgspaccesstoken"}, 401)
        return service(request)

    return answer


def _forwarded(service: Service) -> Service:
    def answer(request: Request) -> Page:
        if request.query.get("dstcode") != DSTCODE or request.query.get("providerurl") != PROVIDER:
            return json_page({"error_code": "Server.ClientProxy.UnknownMember"}, 500)
        return service(request)

    return answer
