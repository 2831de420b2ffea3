"""Headers that keep a visitor's browser on this site: no foreign code, frame or referrer."""

from ckan.types import Response

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


def protect(response: Response) -> Response:
    """Set the headers, unless the view has set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
