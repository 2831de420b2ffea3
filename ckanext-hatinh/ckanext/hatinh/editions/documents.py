"""The files of an edition, and the package of them that goes to the Ministry."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.hatinh.editions import catalogues, model
from hatinh.editions import bundle
from hatinh.report import Report, to_csv, to_xlsx
from hatinh.report.docx import to_docx
from hatinh.report.pdf import to_pdf

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class FileForm:
    """One form of file; ``paper`` has the columns of the printed form only."""

    media_type: str
    write: Callable[[Report], bytes]
    paper: bool


FORMS: Mapping[str, FileForm] = {
    "docx": FileForm(f"{_OFFICE}.wordprocessingml.document", to_docx, paper=True),
    "pdf": FileForm("application/pdf", to_pdf, paper=True),
    "xlsx": FileForm(f"{_OFFICE}.spreadsheetml.sheet", to_xlsx, paper=False),
    "csv": FileForm("text/csv", to_csv, paper=False),
}


def document(row: model.CatalogueEdition, form: str) -> bytes:
    """An edition as a file."""
    wanted = FORMS[form]
    return wanted.write(catalogues.report(row, paper=wanted.paper))


def package(row: model.CatalogueEdition) -> bytes:
    """All files of an issued edition, its entries, what DCAT said of them, and a manifest.

    The day of sending is left out of it: it is not known when the package is made.
    """
    stem = f"{row.kind}-{row.number}"
    told = {
        paper: catalogues.printed(row.edition, catalogues.form(), None, paper=paper)
        for paper in (True, False)
    }
    files = {f"{stem}.{ending}": form.write(told[form.paper]) for ending, form in FORMS.items()}
    entries = json.dumps(row.entries, ensure_ascii=False, indent=1, sort_keys=True)
    files |= {f"{stem}.json": entries.encode(), f"{stem}.ttl": row.dcat.encode()}
    return bundle(files, _about(row))


def package_hash(row: model.CatalogueEdition) -> str:
    """SHA-256 of the package."""
    return hashlib.sha256(package(row)).hexdigest()


def _about(row: model.CatalogueEdition) -> dict[str, Any]:
    return {
        "catalogue": row.kind,
        "edition": row.number,
        "decision": row.decision,
        "decided": row.decided.isoformat() if row.decided else "",
        "datasets": row.size,
        "hash": row.hash,
    }
