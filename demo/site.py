"""The map of the demonstration: which address is answered by what."""

from collections.abc import Mapping

from demo import csw, folder, gateways, lgsp, workbook
from demo.ckan_api import CkanPortal
from demo.csw import CswCatalogue
from demo.dcat import DcatFeed
from demo.department import Department
from demo.lgsp import Lgsp
from demo.page import Page, Service, file_page

DEPARTMENTS = ("so-gddt", "so-noi-vu", "so-khcn", "vp-ubnd", "so-nnmt", "so-cong-thuong")


def site(base: str, platform: Lgsp) -> Mapping[str, Service]:
    """Every address below ``base`` with the service that answers it."""
    departments = {name: Department(name, base) for name in DEPARTMENTS}
    services: dict[str, Service] = {
        f"/{name}/{path}": _fixed(page)
        for name, department in departments.items()
        for path, page in _files(department).items()
    }
    portal = CkanPortal(departments["vp-ubnd"])
    services |= {
        "/so-khcn/danh-muc.ttl": DcatFeed(departments["so-khcn"], "danh-muc.ttl").answer,
        "/so-nnmt/csw": CswCatalogue(departments["so-nnmt"]).answer,
        "/vp-ubnd/api/3/action/package_search": portal.answer,
        "/vp-ubnd/api/3/action/package_show": portal.answer,
    }
    return services | _platforms(base, platform, departments["so-khcn"])


def _platforms(base: str, platform: Lgsp, register: Department) -> dict[str, Service]:
    """The integration platform in its three families, and its lists."""
    department = Department("lgsp", base)
    data = lgsp.data_services(department)
    keyed = gateways.access_token_family(platform, data)
    lists = gateways.connections(register, department.description["connections"], f"{base}/lgsp")
    return {
        "/lgsp/token": platform.token,
        f"/lgsp{gateways.STORE}": gateways.store(department.description["services"]),
        **{f"/lgsp{path}": platform.guarded(service) for path, service in data.items()},
        **{f"/lgsp{path}": _fixed(page) for path, page in lists.items()},
        **{f"/lgsp-khoa{path}": service for path, service in keyed.items()},
        **{f"/vdxp{path}": service for path, service in gateways.xroad_family(data).items()},
    }


def _files(department: Department) -> dict[str, Page]:
    """The files of a department: committed ones, table schemas, and those built from them."""
    files = dict(department.files()) | dict(department.schemas())
    description = department.description
    if "inventory" in description:
        files[description["inventory"]["path"]] = workbook.inventory(
            department, description["inventory"]
        )
    if "register" in description:
        files[description["register"]["path"]] = workbook.register(
            department, description["register"]
        )
    if "indicators" in description:
        files[description["indicators"]["path"]] = workbook.indicators(
            department, description["indicators"]
        )
    for path, rows in description.get("workbooks", {}).items():
        files[path] = workbook.table("Dữ liệu", department.rows(rows))
    for path, rows in description.get("points", {}).items():
        files[path] = csw.points(department.rows(rows))
    pages = {path: file_page(path, body) for path, body in files.items()}
    if description.get("manifest"):
        pages["manifest.json"] = folder.manifest(department)
    return pages


def _fixed(page: Page) -> Service:
    return lambda request: page
