"""The files that reports of a campaign are written as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hatinh.report import Report, to_csv, to_xlsx
from hatinh.report.docx import to_docx
from hatinh.report.pdf import to_pdf

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class FileForm:
    """One form of file; written in ``vi`` or ``en``."""

    media_type: str
    write: Callable[[Report, str], bytes]


FORMS: Mapping[str, FileForm] = {
    "docx": FileForm(f"{_OFFICE}.wordprocessingml.document", to_docx),
    "pdf": FileForm("application/pdf", to_pdf),
    "xlsx": FileForm(f"{_OFFICE}.spreadsheetml.sheet", to_xlsx),
    "csv": FileForm("text/csv", to_csv),
}
