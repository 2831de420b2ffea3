"""Headers that keep a visitor's browser on this site: no foreign code, frame or referrer."""

from ckan.types import Response
from flask import request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # htmx and Bootstrap set style attributes; styles cannot run code.
        "style-src 'self' 'unsafe-inline'",
        # Bootstrap's icons are data: images in its style sheet.
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
    )
)
"""Content security policy: nothing is loaded from another host (REQ: data stays in Việt Nam)."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


SHOWN = frozenset(
    ("application/pdf", "image/gif", "image/jpeg", "image/png", "image/webp", "text/plain")
)
"""Files that a browser may show by itself. A page or a drawing that somebody uploaded could run
another uploaded file as a script of this site: it is saved, not opened."""


def protect(response: Response) -> Response:
    """Set the headers, unless the view has set its own."""
    is_file = (request.endpoint or "").endswith("resource.download")
    if is_file and response.status_code == 200 and response.mimetype not in SHOWN:
        disposition = response.headers.get("Content-Disposition", "attachment")
        response.headers["Content-Disposition"] = disposition.replace("inline", "attachment", 1)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
