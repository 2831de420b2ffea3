"""What a program that asks wants: a page or RDF, packed or not (RFC 9110, section 12.5)."""

from flask import request
from werkzeug.datastructures import MIMEAccept

from ckanext.hatinh.catalog.fragment import FORMS

PAGE = "text/html"
_FORMS = {media_type: form for form, (_, media_type) in reversed(FORMS.items())}
"""Of two endings for one media type the first."""


def wanted_form() -> str:
    """The form of RDF that is wanted most; empty where a page is, or nothing that we have."""
    # All is UTF-8: a parameter behind a media type makes no difference.
    asked = MIMEAccept([(name.split(";")[0], q) for name, q in request.accept_mimetypes])
    return _FORMS.get(asked.best_match((PAGE, *reversed(_FORMS)), PAGE), "")


def takes_gzip() -> bool:
    """Whether a packed answer is understood and not refused."""
    return request.accept_encodings.quality("gzip") > 0
