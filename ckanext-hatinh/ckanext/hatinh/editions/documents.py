"""The files of an edition, and the package of them that goes to the Ministry."""

import json
from typing import Any

from ckanext.hatinh.editions import catalogues, model
from hatinh.editions import bundle
from hatinh.report.files import FORMS

LANGUAGE = "vi"
"""That of the law's form."""


def document(row: model.CatalogueEdition, form: str) -> bytes:
    """An edition as a file."""
    wanted = FORMS[form]
    return wanted.write(catalogues.report(row, paper=wanted.paper), LANGUAGE)


def package(row: model.CatalogueEdition) -> bytes:
    """All files of an issued edition, its entries, what DCAT said of them, and a manifest.

    Once it was sent it is what was sent. The day of sending is left out of it: it is not known when
    the package is made.
    """
    return model.sent_package(row.kind, row.number) or _made(row)


def _made(row: model.CatalogueEdition) -> bytes:
    stem = f"{row.kind}-{row.number}"
    told = {
        paper: catalogues.printed(row.edition, catalogues.form(), None, paper=paper)
        for paper in (True, False)
    }
    files = {
        f"{stem}.{ending}": form.write(told[form.paper], LANGUAGE) for ending, form in FORMS.items()
    }
    entries = json.dumps(row.entries, ensure_ascii=False, indent=1, sort_keys=True)
    files |= {f"{stem}.json": entries.encode(), f"{stem}.ttl": row.dcat.encode()}
    return bundle(files, _about(row))


def _about(row: model.CatalogueEdition) -> dict[str, Any]:
    return {
        "catalogue": row.kind,
        "edition": row.number,
        "decision": row.decision,
        "decided": row.decided.isoformat() if row.decided else "",
        "datasets": row.size,
        "hash": row.hash,
    }
