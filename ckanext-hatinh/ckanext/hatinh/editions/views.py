"""Pages of the catalogues for everybody, and their files."""

from math import ceil

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.editions import catalogues, documents, model
from ckanext.hatinh.shared.asking import asked, reader
from hatinh.report.files import FORMS

hatinh_editions = Blueprint("hatinh_editions", __name__, url_prefix="/danh-muc")

ON_A_PAGE = 100
ENDINGS = ", ".join(FORMS)


@hatinh_editions.get("/")
def index() -> str:
    """The catalogues with all their editions, and what is missing in those in force."""
    kinds = catalogues.form().kinds
    return tk.render(
        "hatinh_editions/index.html",
        {
            "kinds": kinds.values(),
            "editions": asked("hatinh_catalogue_list"),
            "unlisted": {kind: asked("hatinh_catalogue_unlisted", kind=kind) for kind in kinds},
            "steward": _is_steward(),
        },
    )


@hatinh_editions.get("/chu-de-bat-buoc")
def subjects() -> str:
    """Subjects that have to be published."""
    return tk.render(
        "hatinh_editions/subjects.html",
        {"subjects": asked("hatinh_mandated_subject_list"), "steward": _is_steward()},
    )


@hatinh_editions.get("/<kind>/<int:number>")
def edition(kind: str, number: int) -> str:
    """One edition with its entries."""
    found = asked("hatinh_catalogue_show", kind=kind, number=number)
    page = max(1, request.args.get("page", 1, type=int))
    offset = min((page - 1) * ON_A_PAGE, found["datasets"])
    part = {"kind": kind, "number": number, "limit": ON_A_PAGE, "offset": offset}
    return tk.render(
        "hatinh_editions/edition.html",
        {
            "edition": found,
            "fields": catalogues.form().paper,
            "entries": asked("hatinh_catalogue_entries", **part)["entries"],
            "page": page,
            "pages": ceil(found["datasets"] / ON_A_PAGE),
            "forms": FORMS,
            "steward": _is_steward(),
        },
    )


@hatinh_editions.get("/<kind>/<int:number>/khac-biet")
def difference(kind: str, number: int) -> str:
    """What an edition changes, compared with the one before or with any other."""
    other = request.args.get("so-voi", "")
    return tk.render(
        "hatinh_editions/difference.html",
        {
            "edition": asked("hatinh_catalogue_show", kind=kind, number=number),
            "diff": asked("hatinh_catalogue_diff", kind=kind, number=number, to=other),
            "others": asked("hatinh_catalogue_list", kind=kind),
        },
    )


@hatinh_editions.get(f"/<kind>/<int:number>.<any({ENDINGS}):ending>")
def file(kind: str, number: int, ending: str) -> Response:
    """One edition as a file."""
    body = documents.document(_row(kind, number), ending)
    return _attached(body, FORMS[ending].media_type, f"{kind}-{number}.{ending}")


@hatinh_editions.get("/<kind>/<int:number>/goi.zip")
def package(kind: str, number: int) -> Response:
    """All files of an issued edition in one, as they go to the Ministry."""
    row = _row(kind, number)
    if not row.edition.issued:
        tk.abort(404, tk._("Only an issued edition has a package"))
    return _attached(documents.package(row), "application/zip", f"{kind}-{number}.zip")


def _row(kind: str, number: int) -> model.CatalogueEdition:
    asked("hatinh_catalogue_show", kind=kind, number=number)
    return catalogues.get(kind, number, drafts=True)


def _attached(body: bytes, media_type: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    answer = Response(body, content_type=media_type, headers={"Content-Disposition": disposition})
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _is_steward() -> bool:
    """Whether the reader drafts and issues editions."""
    try:
        tk.check_access("hatinh_catalogue_draft", reader(), {})
    except tk.NotAuthorized:
        return False
    return True
