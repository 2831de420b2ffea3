"""One small folder, inventory and export of every shape."""

import io
import json
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote

import xlsxwriter
from peers import ROWS, TITLES, Asked, Reply, Script, Scripted, table

from demo.xls import xls
from hatinh.text import slug


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
