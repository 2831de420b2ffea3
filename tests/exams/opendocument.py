"""The least that an OpenDocument sheet may be."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

CONTENT = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="S">{}</table:table></office:spreadsheet></office:body>
 </office:document-content>"""
MANIFEST = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
CELL = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
"""A cell of text: more attributes, and the text as markup."""


def table_row(values: Sequence[str]) -> str:
    """The markup of a row of texts, blank cells without any."""
    cells = (CELL.format("", escape(value)) if value else "<table:table-cell/>" for value in values)
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def document(rows: str) -> bytes:
    """The file with one sheet of these rows, given as markup."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(rows))
    return out.getvalue()


def sheet(rows: Iterable[Sequence[str]]) -> bytes:
    """The file with one sheet of these texts."""
    return document("".join(map(table_row, rows)))
