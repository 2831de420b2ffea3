"""The tables of the four files of an edition, read back as a reader's program reads them."""

import csv
import io
import unicodedata
from collections.abc import Sequence

from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

Rows = list[list[str]]


def of_csv(body: bytes) -> Rows:
    """Header and rows of a CSV file."""
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def of_xlsx(body: bytes) -> Rows:
    """Header and rows of the workbook, up to the first blank line."""
    sheet = load_workbook(io.BytesIO(body)).worksheets[0]
    rows = [["" if v is None else str(v) for v in row] for row in sheet.values]
    table = rows[3:]
    end = next((at for at, row in enumerate(table) if not any(row)), len(table))
    return table[:end]


def of_docx(body: bytes) -> Rows:
    """Header and rows of the document's one table."""
    (table,) = Document(io.BytesIO(body)).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def pdf_letters(body: bytes) -> list[str]:
    """The letters of each page in reading order, without any space."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(body)).pages]


def table_letters(rows: Sequence[Sequence[str]]) -> str:
    """The letters of rows, cell after cell."""
    return squeezed("".join("".join(row) for row in rows))


def squeezed(text: str) -> str:
    """Without spaces and in one normal form; where a line broke is not said in a PDF."""
    return unicodedata.normalize("NFC", "".join(text.split()))


def rows_of_pdf(body: bytes, header: Sequence[str]) -> str:
    """The letters of all rows: what stands below the header, which is repeated on each page."""
    label = table_letters([header])
    pages = pdf_letters(body)
    below = [page.split(label, 1)[1] for page in pages if label in page]
    count = len(pages)
    return "".join(part.removesuffix(f"{number}/{count}") for number, part in enumerate(below, 1))
