"""Folders as web servers list them, and the workbooks that departments keep in them."""

import base64
import io
import tracemalloc
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest
import xlsxwriter

from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    SourceError,
    TooLargeSourceError,
)
from harvesters.http import Client
from harvesters.registry import ADAPTERS, open_source
from harvesters.source import Source, SourceConfig
from harvesters.sources import folder
from hatinh.dataset import Draft, Resource
from hatinh.text import Text

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /kho</title></head><body><h1>Index of /kho</h1><table>
<tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td><a href="/">Parent Directory</a></td><td>&nbsp;</td><td>-</td></tr>
<tr><td><a href="2026/">2026/</a></td><td>2026-11-02 08:00</td><td>-</td></tr>
<tr><td><a href="xa.csv">xa.csv</a></td><td>2026-11-01 10:30</td><td>1.2K</td></tr>
<tr><td><a href="xa.csv.schema.json">xa.csv.schema.json</a></td><td>2026-11-01 10:30</td>
<td>9</td></tr>
</table></body></html>"""
NGINX = """<html><head><title>Index of /kho/</title></head><body><h1>Index of /kho/</h1><hr><pre>
<a href="../">../</a>
<a href="2026/">2026/</a>                          02-Nov-2026 08:00                   -
<a href="xa.csv">xa.csv</a>                        01-Nov-2026 10:30                1234
<a href="xa.csv.schema.json">xa.csv.schema.json</a> 01-Nov-2026 10:30                  9
</pre><hr></body></html>"""
IIS = """<html><head><title>may-chu - /kho/</title></head><body><H1>may-chu - /kho/</H1><hr><pre>
<A HREF="/">[To Parent Directory]</A><br><br>
 11/2/2026  8:00 AM        &lt;dir&gt; <A HREF="/kho/2026/">2026</A><br>
 11/1/2026 10:30 AM         1234 <A HREF="/kho/xa.csv">xa.csv</A><br>
 11/1/2026 10:30 AM            9 <A HREF="/kho/xa.csv.schema.json">xa.csv.schema.json</A><br>
</pre><hr></body></html>"""
PLAIN = """<!DOCTYPE HTML><html lang="en"><head><title>Directory listing for /kho/</title></head>
<body><ul><li><a href="2026/">2026/</a></li><li><a href="xa.csv">xa.csv</a></li>
<li><a href="xa.csv.schema.json">xa.csv.schema.json</a></li></ul></body></html>"""
DAV = """<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">
<D:response><D:href>/kho/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>
</D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
<D:response><D:href>/kho/2026/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>
</D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
<D:response><D:href>{base}/kho/xa.csv</D:href><D:propstat><D:prop><D:resourcetype/>
<D:getcontentlength>1234</D:getcontentlength><D:getetag>"v1"</D:getetag>
<D:getlastmodified>Sun, 01 Nov 2026 10:30:00 GMT</D:getlastmodified></D:prop>
<D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:displayname/></D:prop>
<D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
<D:response><D:href>/kho/xa.csv.schema.json</D:href></D:response></D:multistatus>"""
SCHEMA = b'{"columns": []}'
FILE = b"ma,ten\n1,A\n"


def kho(server: Any, client: Client, **options: Any) -> Source:
    """The folder ``/kho/``."""
    secrets = options.pop("secrets", {})
    config = SourceConfig(
        "kho", "folder", Text("Kho"), f"{server.url}/kho/", "so-khcn", True,
        options={"listing": "html", **options}, secrets=secrets,
    )  # fmt: skip
    assert list(ADAPTERS["folder"].option_faults(config.options)) == []
    return open_source(config, client)


def serve(server: Any, reply: Any, pages: Mapping[str, str | bytes], status: int = 200) -> None:
    """Pages and files by path."""
    for path, body in pages.items():
        answer = body if isinstance(body, bytes) else body.encode()
        kind = "text/html" if path.endswith("/") else "text/csv"
        state = status if path.endswith("/") else 200
        server.routes[path] = lambda asked, a=answer, k=kind, s=state: reply(a, k, s)


# -- listings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listing", "page", "expected"),
    [
        ("html", APACHE, (None, "2026-11-01")),
        ("html", NGINX, (1234, "2026-11-01")),
        ("html", IIS, (1234, None)),
        ("html", PLAIN, (None, None)),
        ("webdav", DAV, (1234, "2026-11-01")),
    ],
    ids=["apache", "nginx", "iis", "python", "webdav"],
)
def test_listings_of_common_servers_are_read(
    server: Any, reply: Any, client: Client, listing: str, page: str, expected: tuple[Any, Any]
) -> None:
    """Files with size and date where the listing has them; no parents, no sorting, no folders."""
    status = 207 if listing == "webdav" else 200
    serve(server, reply, {"/kho/": page.replace("{base}", server.url)}, status)
    serve(server, reply, {"/kho/xa.csv.schema.json": SCHEMA})
    (draft,) = kho(server, client, listing=listing).drafts()
    (file,) = draft.resources
    assert (draft.guid, draft.fields["title"]) == ("xa", "xa")
    assert (file.get("size"), draft.fields.get("modified")) == expected
    assert file["url"] == f"{server.url}/kho/xa.csv"
    assert file["schema"] == {"columns": []}


@pytest.mark.parametrize(("listing", "page"), [("html", NGINX), ("webdav", DAV)])
def test_a_changed_file_has_another_version(
    server: Any, reply: Any, client: Client, listing: str, page: str
) -> None:
    """Size, date or mark of a file are part of the draft, so that its change is seen."""

    def version(page: str) -> str:
        answer = page.replace("{base}", server.url)
        serve(server, reply, {"/kho/": answer}, 207 if listing == "webdav" else 200)
        serve(server, reply, {"/kho/xa.csv.schema.json": SCHEMA})
        return next(iter(kho(server, client, listing=listing).drafts())).resources[0]["version"]

    assert version(page) == version(page)
    assert version(page) != version(page.replace("1234", "1235"))
    assert version(page) != version(page.replace("10:30", "10:31").replace("v1", "v2"))


def test_folders_below_are_read_as_deep_as_configured(
    server: Any, reply: Any, client: Client
) -> None:
    """Paths identify: files of one name in two folders are two records."""
    below = NGINX.replace("/kho/", "/kho/2026/")
    serve(server, reply, {"/kho/": NGINX, "/kho/2026/": below, "/kho/2026/2026/": below})
    serve(server, reply, {f"/kho/{p}xa.csv.schema.json": SCHEMA for p in ("", "2026/")})
    assert [draft.guid for draft in kho(server, client).drafts()] == ["xa"]
    guids = [draft.guid for draft in kho(server, client, depth=1).drafts()]
    assert guids == ["2026/xa", "xa"]


def test_folders_without_end_are_refused(
    server: Any, reply: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number of folders is enough, however they are linked."""
    monkeypatch.setattr(folder, "FOLDERS", 3)
    page = (
        f"<html><title>Index of</title>{''.join(f'<a href={n}/>{n}/</a>' for n in range(9))}</html>"
    )
    serve(server, reply, {"/kho/": page, **{f"/kho/{n}/": page for n in range(9)}})
    with pytest.raises(TooLargeSourceError):
        list(kho(server, client, depth=5).drafts())


def test_files_of_one_name_are_one_record(server: Any, reply: Any, client: Client) -> None:
    """Formats stand side by side; endings that are no data are left out."""
    names = ["xa phường.csv", "xa phường.xlsx", "đọc tôi.txt", "ảnh.jpg", ".ẩn"]
    links = "".join(f'<a href="{quote(name)}">{name}</a>\n' for name in names)
    serve(server, reply, {"/kho/": f"<html><h1>Index of /</h1><pre>{links}</pre></html>"})
    (draft,) = kho(server, client).drafts()
    assert draft.guid == "xa phường"
    assert [file["format"] for file in draft.resources] == ["CSV", "XLSX"]
    drafts = kho(server, client, formats=["txt"]).drafts()
    assert [draft.guid for draft in drafts] == ["đọc tôi"]


def test_a_manifest_in_the_listing_describes_the_records(
    server: Any, reply: Any, client: Client
) -> None:
    """The manifest names, the listing dates."""
    manifest = (
        '{"datasets": [{"id": "x", "title": "Xã", "files": [{"path": "xa.csv"}, {"path": "b"}]}]}'
    )
    page = NGINX.replace("<pre>", '<pre><a href="manifest.json">manifest.json</a>\n')
    serve(server, reply, {"/kho/": page, "/kho/manifest.json": manifest})
    (draft,) = kho(server, client).drafts()
    assert (draft.guid, draft.fields["title"], draft.fields["modified"]) == (
        "x",
        "Xã",
        "2026-11-01",
    )
    assert [file.get("size") for file in draft.resources] == [1234, None]


@pytest.mark.parametrize(
    "page",
    [
        "<html><title>Đăng nhập</title><form><a href='quen.html'>?</a></form></html>",
        "<html><title>Trang chủ</title><a href='/khac/x.csv'>x</a></html>",
        NGINX[:-20],
        "",
    ],
    ids=["login", "home page", "cut", "empty"],
)
def test_a_page_that_is_no_listing_is_an_error(
    server: Any, reply: Any, client: Client, page: str
) -> None:
    """A login page or half a listing is no empty folder."""
    serve(server, reply, {"/kho/": page})
    with pytest.raises(GarbledSourceError):
        list(kho(server, client).drafts())


INDEX = "<html><h1>Index of /kho/</h1><pre>{}</pre></html>"
DAV_FILE = """<d:multistatus xmlns:d="DAV:"><d:response><d:href>{}</d:href><d:propstat><d:prop>
<d:getcontentlength>{}</d:getcontentlength><d:getlastmodified>{}</d:getlastmodified>
</d:prop></d:propstat></d:response></d:multistatus>"""
HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("listing", "page"),
    [
        ("html", INDEX.format(f"<a href='xa.csv'>xa</a> 01-Nov-2026 10:00 {HUGE}")),
        ("html", INDEX.format("<a href='xa.csv'>xa</a> 99-Nov-0000 10:00 -")),
        ("webdav", DAV_FILE.format("/kho/xa.csv", HUGE, "")),
        ("webdav", DAV_FILE.format("/kho/xa.csv", "9" * 19, f"Sun, 01 Nov {HUGE} 10:00:00 GMT")),
        ("webdav", DAV_FILE.format("/kho/xa.csv", "²", f"Sun, 01 Nov 2026 10:00:00 +{HUGE}")),
    ],
    ids=["size", "day", "dav size", "dav year", "dav zone"],
)
def test_sizes_and_days_that_cannot_be_are_none(
    server: Any, reply: Any, client: Client, listing: str, page: str
) -> None:
    """The file is there, whatever its listing says of it."""
    serve(server, reply, {"/kho/": page}, 207 if listing == "webdav" else 200)
    (draft,) = kho(server, client, listing=listing).drafts()
    assert "size" not in draft.resources[0]


@pytest.mark.parametrize("link", ["http://[", "//a]b/xa.csv", "http://h:x/xa.csv"])
@pytest.mark.parametrize("listing", ["html", "webdav"])
def test_links_that_are_no_addresses_are_passed_over(
    server: Any, reply: Any, client: Client, listing: str, link: str
) -> None:
    """One broken link costs no folder."""
    page = (
        DAV_FILE.format(link, 1, "") if listing == "webdav" else INDEX.format(f"<a href='{link}'>")
    )
    serve(server, reply, {"/kho/": page}, 207 if listing == "webdav" else 200)
    assert list(kho(server, client, listing=listing).drafts()) == []


def test_a_manifest_may_name_what_is_no_address(server: Any, reply: Any, client: Client) -> None:
    """Its record is read; the file is refused when it is asked for."""
    manifest = b'{"datasets": [{"id": "a", "files": [{"path": "http://["}]}]}'
    serve(server, reply, {"/kho/": INDEX.format("<a href='manifest.json'>")})
    serve(server, reply, {"/kho/manifest.json": manifest})
    source = kho(server, client)
    (draft,) = source.drafts()
    with pytest.raises(ForbiddenAddressError):
        source.content(Resource("x", Text("x"), draft.resources[0]["url"], "CSV"))


@pytest.mark.parametrize("kind", ["folder", "waf"])
def test_pages_of_folders_are_not_kept(server: Any, reply: Any, client: Client, kind: str) -> None:
    """What a run keeps of a hundred listings is less than two of them."""
    words = "x" * 100_000
    names = [f"{n:03}" for n in range(100)]
    links = "".join(f"<a href='{name}/'>{name}</a> 01-Nov-2026 10:00 -\n" for name in names)
    page = INDEX.format("{}").replace("<h1>", f"<!--{words}--><h1>").encode()
    serve(server, reply, {"/kho/": INDEX.format(links)})
    serve(server, reply, {f"/kho/{name}/": page for name in names})
    options = {"listing": "html", "depth": 1} if kind == "folder" else {}
    config = SourceConfig("x", kind, Text("x"), f"{server.url}/kho/", "so", True, options=options)
    source = open_source(config, client)
    tracemalloc.start()
    try:
        assert list(source.drafts()) == []
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(server.asked) == 101
    assert most < 2_000_000


def test_an_empty_folder_has_no_records(server: Any, reply: Any, client: Client) -> None:
    """A listing of nothing is a listing."""
    serve(server, reply, {"/kho/": "<html><h1>Index of /kho/</h1><a href='../'>../</a></html>"})
    assert list(kho(server, client).drafts()) == []


def test_credentials_go_to_the_folder_only(
    server: Any, start: Any, reply: Any, client: Client
) -> None:
    """Listing and files are asked for with them; a file elsewhere is not, also when redirected."""
    elsewhere = start()
    serve(elsewhere, reply, {"/xa.csv": FILE})
    serve(server, reply, {"/kho/": PLAIN, "/kho/xa.csv": FILE, "/kho/xa.csv.schema.json": SCHEMA})
    source = kho(server, client, secrets={"username": "so", "password": "bi-mat"})
    (draft,) = source.drafts()
    source.content(Resource("x", Text("x"), draft.resources[0]["url"], "CSV"))
    basic = f"Basic {base64.b64encode(b'so:bi-mat').decode()}"
    assert {asked.headers.get("Authorization") for asked in server.asked} == {basic}
    with pytest.raises(SourceError):
        source.content(Resource("x", Text("x"), f"{elsewhere.url}/xa.csv", "CSV"))
    assert elsewhere.asked == []
    assert "bi-mat" not in repr(vars(source))


@pytest.mark.parametrize("options", [{"listing": "ftp"}, {"depth": 9}, {"formats": "csv"}])
def test_faults_of_the_configuration_are_told(options: dict[str, Any]) -> None:
    """What cannot work is said before anything is called."""
    assert list(ADAPTERS["folder"].option_faults(options))


# -- workbooks ------------------------------------------------------------------------------------

GRID = [
    ["BIỂU KIỂM KÊ", "", "", ""],
    ["Mã", "Tên bộ dữ liệu", "Tệp dữ liệu", ""],
    ["", "", "Tên tệp", "Đường dẫn"],
    ["(1)", "(2)", "(3)", "(4)"],
    ["b1", "Danh sách trường học", "Trường", "t.csv"],
    ["b2", "Đơn vị hành chính", "", ""],
]
COLUMNS = {
    "Mã": "guid",
    "Tên bộ dữ liệu": "title",
    "tệp dữ liệu / tên tệp": "resource_name",
    "Tệp dữ liệu / Đường dẫn": "resource_url",
}


def as_xlsx(grid: Sequence[Sequence[str]]) -> bytes:
    """A workbook whose second sheet holds the grid, with merged cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Bìa").write(0, 0, "Trang bìa")
        sheet = book.add_worksheet("Kiểm kê")
        for number, line in enumerate(grid):
            sheet.write_row(number, 0, line)
        sheet.merge_range(1, 2, 1, 3, "Tệp dữ liệu")
        sheet.merge_range(1, 0, 2, 0, "Mã")
        sheet.merge_range(1, 1, 2, 1, "Tên bộ dữ liệu")
    return out.getvalue()


def as_ods(grid: Sequence[Sequence[str]]) -> bytes:
    """An OpenDocument workbook: only what makes it one."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = (
        "".join(cell.format(words) if words else "<table:table-cell/>" for words in line)
        for line in grid
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Kiểm kê">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


def as_csv(grid: Sequence[Sequence[str]]) -> bytes:
    """A CSV with semicolons and a byte order mark, as a spreadsheet here saves it."""
    return b"\xef\xbb\xbf" + "\r\n".join(";".join(line) for line in grid).encode()


def workbook(url: str, **options: Any) -> SourceConfig:
    """An inventory under these options."""
    options = {"columns": COLUMNS, "header_rows": 2, **options}
    assert list(ADAPTERS["inventory"].option_faults(options)) == []
    return SourceConfig("kiem-ke", "inventory", Text("Kiểm kê"), url, "so", True, options=options)


def told(drafts: Sequence[Draft]) -> list[tuple[str, Any, list[str]]]:
    """Guid, title and addresses of records."""
    return [(d.guid, d.fields.get("title"), [r["url"] for r in d.resources]) for d in drafts]


@pytest.mark.parametrize(
    ("name", "make", "options"),
    [
        ("k.xlsx", as_xlsx, {"sheet": "Kiểm kê"}),
        ("k.ods", as_ods, {}),
        ("k.csv", as_csv, {}),
    ],
)
def test_workbooks_of_every_format_give_the_same_records(
    server: Any, reply: Any, client: Client, name: str, make: Any, options: dict[str, Any]
) -> None:
    """Merged headers over two rows, titles, numbers of columns, another sheet."""
    serve(server, reply, {f"/{name}": make(GRID)})
    config = workbook(f"{server.url}/{name}", **options)
    expected = [
        ("b1", "Danh sách trường học", [f"{server.url}/t.csv"]),
        ("b2", "Đơn vị hành chính", []),
    ]
    assert told(list(open_source(config, client).drafts())) == expected


def test_a_sheet_without_codes_is_identified_by_titles(
    server: Any, reply: Any, client: Client
) -> None:
    """The slug of the title is the guid, where the configuration says so."""
    grid = [["Tên", "Đơn vị"], ["Danh sách trường học", "A"], ["", "B"]]
    config = workbook(
        f"{server.url}/k.csv", columns={"Tên": "title"}, header_rows=1, identity="title"
    )
    serve(server, reply, {"/k.csv": as_csv(grid)})
    found = [draft.guid for draft in open_source(config, client).drafts()]
    assert found == ["danh-sach-truong-hoc"]


def test_a_missing_sheet_is_an_error(server: Any, reply: Any, client: Client) -> None:
    """A sheet that was renamed is told, not replaced by another."""
    config = workbook(f"{server.url}/k.xlsx", sheet="Không có")
    serve(server, reply, {"/k.xlsx": as_xlsx(GRID)})
    with pytest.raises(GarbledSourceError):
        list(open_source(config, client).drafts())


@pytest.mark.parametrize(
    "options", [{"header_rows": 3}, {"identity": "x"}, {"columns": {"Tên": "title"}}]
)
def test_faults_of_an_inventory_are_told(options: dict[str, Any]) -> None:
    """What cannot work is said before anything is read."""
    assert list(ADAPTERS["inventory"].option_faults({"columns": COLUMNS, **options}))
