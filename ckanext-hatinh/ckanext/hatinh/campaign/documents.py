"""The files that reports of a campaign are written as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import schemas
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.report import Report, to_csv, to_xlsx
from hatinh.report.docx import to_docx
from hatinh.report.official import Official, OfficialForm, load_official
from hatinh.report.pdf import to_pdf
from hatinh.text import Text

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


def official(issuer: str, name: Text, day: date, *, province: bool = False) -> Official:
    """Head and foot of a report of an office (its slug and name) on a day."""
    known = organizations().get(issuer, day)
    short = known.other_names[0] if known and known.other_names else name.vi
    code = "".join(letter for letter in short if letter.isupper())
    return _form().filled(name.vi, code, day, province=province)


@lru_cache(maxsize=1)
def _form() -> OfficialForm:
    return load_official(schemas.ROOT / "figures" / "official.yaml")
