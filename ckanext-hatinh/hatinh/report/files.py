"""The forms of file that a report is given as (dạng tệp của báo cáo)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hatinh.report.csv import to_csv
from hatinh.report.docx import to_docx
from hatinh.report.pdf import to_pdf
from hatinh.report.report import Report
from hatinh.report.xlsx import to_xlsx

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class FileForm:
    """One form of file; ``write`` takes the report and ``vi`` or ``en``.

    What is for ``paper`` has no room for more columns than are printed.
    """

    media_type: str
    write: Callable[[Report, str], bytes]
    paper: bool = False


FORMS: Mapping[str, FileForm] = MappingProxyType(
    {
        "csv": FileForm("text/csv; charset=utf-8", to_csv),
        "xlsx": FileForm(f"{_OFFICE}.spreadsheetml.sheet", to_xlsx),
        "docx": FileForm(f"{_OFFICE}.wordprocessingml.document", to_docx, paper=True),
        "pdf": FileForm("application/pdf", to_pdf, paper=True),
    }
)
"""Every form, by the ending of its files."""
