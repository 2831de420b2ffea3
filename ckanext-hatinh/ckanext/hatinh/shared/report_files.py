"""A report as the file that a reader takes away."""

import ckan.plugins.toolkit as tk
from flask import Response

from hatinh.report import Report
from hatinh.report.files import FORMS


def sent(report: Report, stem: str, form: str) -> Response:
    """The answer with the file ``<stem>.<form>``, in the language of the reader."""
    wanted = FORMS[form]
    disposition = f'attachment; filename="{stem}.{form}"'
    return Response(
        wanted.write(report, tk.h.lang()),
        content_type=wanted.media_type,
        headers={"Content-Disposition": disposition},
    )
