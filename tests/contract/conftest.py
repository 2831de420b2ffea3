"""A scripted HTTP server, and one small source of every kind behind it.

To add a kind: write a function like :func:`folder` below and name it in ``SCRIPTS``.
"""

import base64
import csv
import io
import json
import threading
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import xlsxwriter

from demo.xls import xls
from harvesters.http import Client, Limits
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.text import Text, slug

TITLES = {"b1": "Danh sách trường học", "b2": "Đơn vị hành chính"}
ROWS = [{"ma": "18073", "ten": "Phường Thành Sen"}, {"ma": "18118", "ten": "Xã Hương Khê"}]
LIMITS = Limits(connect=2, read=2, total=3, body=200_000)


def table() -> bytes:
    """The file of every record, as a service that makes CSV of rows would write it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROWS[0]))
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue().encode()


# -- the server -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut`` sends only so many bytes of the body, though its length is declared."""

    body: bytes
    media_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


Route = Callable[[Asked], Reply]


class Scripted(ThreadingHTTPServer):
    """Answers by its routes; ``fault`` spoils every answer but that of ``/token``.

    ``tokens_too`` spoils that as well.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes: dict[str, Route] = {}
        self.fault: Callable[[Reply], Reply] = lambda reply: reply
        self.tokens_too = False
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        route = self.routes.get(asked.path)
        if route is None:
            return Reply(b"not here", "text/plain", 404)
        spared = asked.path == "/token" and not self.tokens_too
        return route(asked) if spared else self.fault(route(asked))


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        query, form = ({k: v[-1] for k, v in parse_qs(t).items()} for t in (parts.query, body))
        asked = Asked(self.command, self.path, parts.path, query, dict(self.headers.items()), form)
        self._send(self.server.reply(asked))

    def do_POST(self) -> None:
        self.do_GET()

    def do_PROPFIND(self) -> None:
        self.do_GET()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        sent = {"Content-Type": reply.media_type, "Content-Length": str(len(reply.body))}
        for name, value in (sent | dict(reply.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: reply.cut])

    def log_message(self, *args: Any) -> None:
        del args


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


# -- one source of every kind ---------------------------------------------------------------------


@dataclass
class Script:
    """A source of one kind with the two records of ``TITLES``, each with the file ``table()``.

    ``declares`` says whether the kind can declare how many records there are, ``pages``
    whether it can give them in pages. ``form`` is applied to every text; ``surplus`` is added
    to the declared number; ``stuck`` gives the first page for every page. ``files`` says whether
    records have files, ``html`` whether the source itself is a web page, ``guids`` how the kind
    names the records.
    """

    server: Scripted
    kind: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    declares: bool = False
    pages: bool = False
    files: bool = True
    html: bool = False
    guids: Mapping[str, str] = field(default_factory=lambda: {guid: guid for guid in TITLES})
    form: Callable[[str], str] = str
    surplus: int = 0
    stuck: bool = False
    name: str = ""

    @property
    def config(self) -> SourceConfig:
        """The row of ``config/sources.yaml`` for it."""
        return SourceConfig(
            name=f"nguon-{self.kind}",
            kind=self.kind,
            title=Text("Nguồn thử"),
            url=self.server.url + self.path,
            owner="so-thu",
            allow_private=True,
            options=self.options,
            secrets=self.secrets,
        )

    def open(self, client: Client, **changes: Any) -> Source:
        """The adapter on this source."""
        return open_source(replace(self.config, **changes), client)

    @property
    def titles(self) -> dict[str, str]:
        """The titles in the form asked for."""
        return {guid: self.form(title) for guid, title in TITLES.items()}

    def file_url(self, guid: str) -> str:
        """Where the file of a record is."""
        return f"{self.server.url}/tep/{guid}.csv"

    def serve(self, path: str, route: Route) -> None:
        """Answer a path."""
        self.server.routes[path] = route


def ckan(server: Scripted) -> Script:
    """A CKAN portal that gives one package a page, whatever is asked."""
    script = Script(server, "ckan", "", declares=True, pages=True)

    def search(asked: Asked) -> Reply:
        start = 0 if script.stuck else int(asked.query["start"])
        packages = [
            {
                "id": guid,
                "name": guid,
                "title": title,
                "resources": [{"id": f"{guid}-f", "url": script.file_url(guid), "format": "CSV"}],
            }
            for guid, title in script.titles.items()
        ]
        found = {"count": len(packages) + script.surplus, "results": packages[start : start + 1]}
        return Reply(json.dumps({"success": True, "result": found}).encode())

    script.serve("/api/3/action/package_search", search)
    return script


def csw(server: Scripted) -> Script:
    """A CSW that gives one record a page."""
    script = Script(server, "csw", "/csw", declares=True, pages=True)
    text = "<gmd:{0}><gco:CharacterString>{1}</gco:CharacterString></gmd:{0}>"

    def record(guid: str, title: str) -> str:
        return (
            f"<gmd:MD_Metadata>{text.format('fileIdentifier', guid)}"
            "<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>"
            f"{text.format('title', title)}</gmd:CI_Citation></gmd:citation>"
            "</gmd:MD_DataIdentification></gmd:identificationInfo>"
            "<gmd:distributionInfo><gmd:MD_Distribution><gmd:onLine><gmd:CI_OnlineResource>"
            f"<gmd:linkage><gmd:URL>{script.file_url(guid)}</gmd:URL></gmd:linkage>"
            "</gmd:CI_OnlineResource></gmd:onLine></gmd:MD_Distribution></gmd:distributionInfo>"
            "</gmd:MD_Metadata>"
        )

    def answer(asked: Asked) -> Reply:
        start = 1 if script.stuck else int(asked.query["startPosition"])
        records = [record(*entry) for entry in script.titles.items()]
        following = start + 1 if start < len(records) else 0
        return Reply(
            (
                '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
                'xmlns:gmd="http://www.isotc211.org/2005/gmd" '
                'xmlns:gco="http://www.isotc211.org/2005/gco">'
                f'<csw:SearchStatus timestamp="{len(server.asked)}"/>'
                f'<csw:SearchResults numberOfRecordsMatched="{len(records) + script.surplus}" '
                f'nextRecord="{following}">{"".join(records[start - 1 : start])}'
                "</csw:SearchResults></csw:GetRecordsResponse>"
            ).encode(),
            "application/xml",
        )

    script.serve("/csw", answer)
    return script


def dcat(server: Scripted) -> Script:
    """A DCAT catalogue in Turtle, one dataset a page."""
    script = Script(server, "dcat", "/catalog.ttl", declares=True, pages=True)

    def answer(asked: Asked) -> Reply:
        page = 1 if script.stuck else int(asked.query.get("page", "1"))
        guid, title = list(script.titles.items())[page - 1]
        url = f"{server.url}/catalog.ttl"
        following = f"; hydra:next <{url}?page=2>" if page == 1 else ""
        return Reply(
            (
                "@prefix dcat: <http://www.w3.org/ns/dcat#> ."
                "@prefix dct: <http://purl.org/dc/terms/> ."
                "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
                f"<{url}?page={page}> hydra:totalItems {2 + script.surplus} {following} .\n"
                f"<{url}> a dcat:Catalog ; dcat:dataset <#{guid}> .\n"
                f'<#{guid}> a dcat:Dataset ; dct:identifier "{guid}" ; dct:title "{title}"@vi ;\n'
                f"  dcat:distribution <#{guid}-f> .\n"
                f'<#{guid}-f> dcat:downloadURL <{script.file_url(guid)}> ; dct:format "CSV" .\n'
            ).encode(),
            "text/turtle; charset=utf-8",
        )

    script.serve("/catalog.ttl", answer)
    return script


def dcat_xml(server: Scripted) -> Script:
    """The same in RDF/XML, the second page listed by the first already."""
    script = Script(server, "dcat", "/catalog.rdf", declares=True, pages=True)

    def answer(asked: Asked) -> Reply:
        page = 1 if script.stuck else int(asked.query.get("page", "1"))
        guid, title = list(script.titles.items())[page - 1]
        url = f"{server.url}/catalog.rdf"
        following = f'<hydra:next rdf:resource="{url}?page=2"/>' if page == 1 else ""
        listed = "".join(f'<dcat:dataset rdf:resource="#{guid}"/>' for guid in script.titles)
        return Reply(
            (
                '<?xml version="1.0" encoding="utf-8"?>'
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
                'xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/" '
                'xmlns:hydra="http://www.w3.org/ns/hydra/core#">'
                f'<dcat:Catalog rdf:about="{url}">{listed}{following}'
                f"<hydra:totalItems>{2 + script.surplus}</hydra:totalItems></dcat:Catalog>"
                f'<dcat:Dataset rdf:about="{url}#{guid}">'
                f'<dct:identifier>{guid}</dct:identifier><dct:title xml:lang="vi">{title}'
                "</dct:title><dcat:distribution><dcat:Distribution>"
                f'<dcat:downloadURL rdf:resource="{script.file_url(guid)}"/>'
                "</dcat:Distribution></dcat:distribution></dcat:Dataset></rdf:RDF>"
            )
            .replace('rdf:resource="#', f'rdf:resource="{url}#')
            .encode(),
            "application/rdf+xml",
        )

    script.serve("/catalog.rdf", answer)
    return script


def dcat_json(server: Scripted) -> Script:
    """A DCAT catalogue in JSON-LD, all datasets on one page."""
    script = Script(server, "dcat", "/catalog.jsonld", declares=True)

    def answer(asked: Asked) -> Reply:
        del asked
        datasets = [
            {
                "@type": "dcat:Dataset",
                "dct:identifier": guid,
                "dct:title": {"@value": title, "@language": "vi"},
                "dcat:distribution": {"dcat:downloadURL": {"@id": script.file_url(guid)}},
            }
            for guid, title in script.titles.items()
        ]
        document = {
            "@context": {
                "dcat": "http://www.w3.org/ns/dcat#",
                "dct": "http://purl.org/dc/terms/",
                "hydra": "http://www.w3.org/ns/hydra/core#",
            },
            "@type": "dcat:Catalog",
            "hydra:totalItems": len(datasets) + script.surplus,
            "dcat:dataset": datasets,
        }
        return Reply(json.dumps(document).encode(), "application/ld+json")

    script.serve("/catalog.jsonld", answer)
    return script


def datajson(server: Scripted) -> Script:
    """A ``data.json``."""
    script = Script(server, "datajson", "/data.json")

    def answer(asked: Asked) -> Reply:
        del asked
        datasets = [
            {
                "@type": "dcat:Dataset",
                "identifier": guid,
                "title": title,
                "distribution": [{"downloadURL": script.file_url(guid), "mediaType": "text/csv"}],
            }
            for guid, title in script.titles.items()
        ]
        catalogue = {"conformsTo": "https://project-open-data.cio.gov/v1.1/schema"}
        return Reply(json.dumps({**catalogue, "dataset": datasets}).encode())

    script.serve("/data.json", answer)
    return script


def iso_record(guid: str, title: str, file_url: str) -> str:
    """A record after ISO 19115-3."""
    text = "<gco:CharacterString>{}</gco:CharacterString>"
    return (
        '<mdb:MD_Metadata xmlns:mdb="http://standards.iso.org/iso/19115/-3/mdb/2.0" '
        'xmlns:mcc="http://standards.iso.org/iso/19115/-3/mcc/1.0" '
        'xmlns:cit="http://standards.iso.org/iso/19115/-3/cit/2.0" '
        'xmlns:mri="http://standards.iso.org/iso/19115/-3/mri/1.0" '
        'xmlns:mrd="http://standards.iso.org/iso/19115/-3/mrd/1.0" '
        'xmlns:gco="http://standards.iso.org/iso/19115/-3/gco/1.0">'
        f"<mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code>{text.format(guid)}</mcc:code>"
        "</mcc:MD_Identifier></mdb:metadataIdentifier>"
        "<mdb:identificationInfo><mri:MD_DataIdentification><mri:citation><cit:CI_Citation>"
        f"<cit:title>{text.format(title)}</cit:title></cit:CI_Citation></mri:citation>"
        "</mri:MD_DataIdentification></mdb:identificationInfo>"
        "<mdb:distributionInfo><mrd:MD_Distribution><mrd:transferOptions>"
        "<mrd:MD_DigitalTransferOptions><mrd:onLine><cit:CI_OnlineResource>"
        f"<cit:linkage>{text.format(file_url)}</cit:linkage></cit:CI_OnlineResource></mrd:onLine>"
        "</mrd:MD_DigitalTransferOptions></mrd:transferOptions></mrd:MD_Distribution>"
        "</mdb:distributionInfo></mdb:MD_Metadata>"
    )


def csw_19115_3(server: Scripted) -> Script:
    """A CSW that gives its records after ISO 19115-3, all on one page, and leads nowhere."""
    script = Script(
        server, "csw", "/csw3", options={"profile": "iso19115-3"}, declares=True, pages=False
    )

    def answer(asked: Asked) -> Reply:
        assert asked.query["typeNames"] == "mdb:MD_Metadata"
        records = [
            iso_record(guid, title, script.file_url(guid)) for guid, title in script.titles.items()
        ]
        return Reply(
            (
                '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
                f'<csw:SearchResults numberOfRecordsMatched="{len(records) + script.surplus}" '
                f'nextRecord="0">{"".join(records)}</csw:SearchResults></csw:GetRecordsResponse>'
            ).encode(),
            "text/xml",
        )

    script.serve("/csw3", answer)
    return script


def iso(server: Scripted) -> Script:
    """One file with two records."""
    script = Script(server, "iso", "/ban-do.xml")

    def answer(asked: Asked) -> Reply:
        del asked
        records = [
            iso_record(guid, title, script.file_url(guid)) for guid, title in script.titles.items()
        ]
        return Reply(f"<records>{''.join(records)}</records>".encode(), "application/xml")

    script.serve("/ban-do.xml", answer)
    return script


def waf(server: Scripted) -> Script:
    """A folder as a web server lists it, with one file in it and one in a folder below."""
    script = Script(server, "waf", "/waf/")
    first, second = TITLES

    def listing(*names: str) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            del asked
            # A file that changes gets a new day, as on any disk.
            day = 1 + zlib.crc32("".join(script.titles.values()).encode()) % 28
            rows = (f'<a href="{name}">{name}</a> 2026-01-{day:02} 03:04 5K' for name in names)
            head = '<a href="?C=N;O=D">Name</a> <a href="/">Up</a>'
            page = f"<html><body><pre>{head} {' '.join(rows)}</pre></body></html>"
            return Reply(page.encode(), "text/html")

        return answer

    def record(guid: str) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            del asked
            text = iso_record(guid, script.titles[guid], script.file_url(guid))
            return Reply(text.encode(), "application/xml")

        return answer

    script.serve("/waf/", listing(f"{first}.xml", "duoi/", "readme.txt"))
    script.serve("/waf/duoi/", listing(f"{second}.xml", "../"))
    script.serve(f"/waf/{first}.xml", record(first))
    script.serve(f"/waf/duoi/{second}.xml", record(second))
    return script


def folder(server: Scripted) -> Script:
    """A folder with a manifest that declares its count."""
    script = Script(server, "folder", "/tep/manifest.json", declares=True)

    def answer(asked: Asked) -> Reply:
        del asked
        datasets = [
            {"id": guid, "title": title, "files": [{"path": f"{guid}.csv", "format": "CSV"}]}
            for guid, title in script.titles.items()
        ]
        manifest = {"count": len(datasets) + script.surplus, "datasets": datasets}
        return Reply(json.dumps(manifest).encode())

    script.serve("/tep/manifest.json", answer)
    return script


def folder_html(server: Scripted) -> Script:
    """A folder as a web server lists it, its records named by their files."""
    script = Script(server, "folder", "/kho/", options={"listing": "html"}, html=True)
    script.guids = TITLES

    def answer(asked: Asked) -> Reply:
        del asked
        lines = [
            f'<a href="{quote(script.form(title))}.csv">{title}.csv</a>  2026-11-01 10:00  67\n'
            for title in TITLES.values()
        ]
        listed = f'<pre><a href="../">../</a>\n{"".join(lines)}</pre>'
        return Reply(f"<html><h1>Index of /kho/</h1>{listed}</html>".encode(), "text/html")

    script.serve("/kho/", answer)
    serve_files(script, "/kho/")
    return script


def folder_webdav(server: Scripted) -> Script:
    """The same folder as WebDAV clients see it."""
    script = Script(server, "folder", "/kho/", options={"listing": "webdav"})
    script.guids = TITLES

    def answer(asked: Asked) -> Reply:
        if asked.method != "PROPFIND" or asked.headers.get("Depth") != "1":
            return Reply(b"", status=405)
        sizes = '<d:getcontentlength>67</d:getcontentlength><d:getetag>"v1"</d:getetag>'
        found = [f"<d:response><d:href>/kho/</d:href>{prop('<d:resourcetype/>')}</d:response>"]
        found += [
            f"<d:response><d:href>/kho/{quote(script.form(title))}.csv</d:href>"
            f"{prop(sizes)}</d:response>"
            for title in TITLES.values()
        ]
        text = f'<d:multistatus xmlns:d="DAV:">{"".join(found)}</d:multistatus>'
        return Reply(text.encode(), "application/xml", 207)

    script.serve("/kho/", answer)
    serve_files(script, "/kho/")
    return script


def prop(words: str) -> str:
    """Properties of a WebDAV resource."""
    status = "<d:status>HTTP/1.1 200 OK</d:status>"
    return f"<d:propstat><d:prop>{words}</d:prop>{status}</d:propstat>"


def serve_files(script: Script, under: str) -> None:
    """The file of every record by its title, however its letters are composed."""
    for title in TITLES.values():
        for form in ("NFC", "NFD"):
            path = under + quote(unicodedata.normalize(form, title)) + ".csv"
            script.serve(path, lambda asked: Reply(table(), "text/csv"))


def inventory(server: Scripted) -> Script:
    """A workbook with title rows above a header in Vietnamese."""
    columns = {"Mã": "guid", "Tên bộ dữ liệu": "title", "Tệp dữ liệu": "resource_url"}
    script = Script(server, "inventory", "/tep/kiem-ke.xlsx", options={"columns": columns})

    def answer(asked: Asked) -> Reply:
        del asked
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            book.set_properties({"created": datetime(2026, 1, 2, tzinfo=UTC)})
            sheet = book.add_worksheet()
            sheet.merge_range(0, 0, 0, 3, script.form("BIỂU KIỂM KÊ DỮ LIỆU"))
            sheet.write_row(2, 0, ["STT", *(script.form(label) for label in columns)])
            for number, (guid, title) in enumerate(script.titles.items(), 1):
                sheet.write_row(2 + number, 0, [number, guid, title, f"{guid}.csv"])
        return Reply(out.getvalue(), "application/vnd.ms-excel")

    script.serve("/tep/kiem-ke.xlsx", answer)
    return script


def indicators(server: Scripted) -> Script:
    """The export of the reporting system: an agency and a frequency for each record."""
    labels = ["Mã chỉ tiêu", "Tên", "Kỳ", "Giá trị", "Cơ quan", "Tần suất", "Trạng thái"]
    roles = {"code": labels[0], "period": labels[2], "value": labels[3], "publisher": labels[4]}
    roles |= {"frequency": labels[5], "state": labels[6]}
    options = {
        "columns": {labels[0]: "ma", labels[1]: "ten"},
        "roles": roles,
        "title": "{publisher}",
    }
    script = Script(server, "indicators", "/xuat.xls", options=options)
    script.guids = {guid: f"chi-tieu-{slug(title)}-nam" for guid, title in TITLES.items()}

    def answer(asked: Asked) -> Reply:
        del asked
        lines: list[list[str]] = [[script.form("BÁO CÁO CHỈ TIÊU")], labels]
        for title in script.titles.values():
            for row in ROWS:
                name = script.form(row["ten"])
                lines.append([row["ma"], name, "2025", "1", title, "Năm", "4"])
                lines.append([row["ma"], "chưa duyệt", "2026", "2", title, "Năm", "2"])
        return Reply(xls("Chỉ tiêu", lines), "application/vnd.ms-excel")

    script.serve("/xuat.xls", answer)
    return script


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


SCRIPTS: Mapping[str, Callable[[Scripted], Script]] = {
    "ckan": ckan,
    "csw": csw,
    "csw:19115-3": csw_19115_3,
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
