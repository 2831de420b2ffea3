"""Pages and files of the reports."""

import ckan.plugins.toolkit as tk
from ckan.types import Context
from flask import Blueprint, Response, request

from ckanext.hatinh.report.logic.action import as_dict, make
from ckanext.hatinh.report.reports import figures
from ckanext.hatinh.report.tables import office_titles
from ckanext.hatinh.shared.report_files import sent
from hatinh.report import Report
from hatinh.report.files import FORMS

__all__ = ["hatinh_report"]

hatinh_report = Blueprint("hatinh_report", __name__, url_prefix="/bao-cao")


@hatinh_report.get("/")
def index() -> str:
    """The list of reports."""
    return tk.render(
        "hatinh_report/index.html", {"reports": tk.get_action("hatinh_report_list")({}, {})}
    )


@hatinh_report.get("/<report_id>")
def read(report_id: str) -> str:
    """One report as a page."""
    made = _made(report_id)
    offices = [] if figures()[report_id].compares else office_titles(tk.h.lang())
    given = {"report": as_dict(made), "formats": list(FORMS), "offices": offices}
    return tk.render("hatinh_report/read.html", given)


@hatinh_report.get("/<report_id>.<any(csv, xlsx, docx, pdf):form>")
def download(report_id: str, form: str) -> Response:
    """One report as a file, in the language of the reader."""
    report = _made(report_id)
    return sent(report, f"{report_id}-{report.generated_at:%Y%m%d}", form)


def _made(report_id: str) -> Report:
    organization = request.args.get("organization")
    user = tk.current_user.name if tk.current_user.is_authenticated else ""
    try:
        return make(Context(user=user), {"id": report_id, "organization": organization})
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
