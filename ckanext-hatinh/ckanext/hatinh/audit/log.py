"""What auditors read is logged: who, when, which address or action, with which answer."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import request

from ckanext.hatinh.audit import model
from ckanext.hatinh.audit.rights import only_reads
from ckanext.hatinh.shared.auditors import is_auditor
from hatinh.audit.chain import Checked, check

FILES = ("static", "webassets")
"""Blueprints of files of the program, which tell nothing."""
WORDS = "api.i18n_js_translations"
"""Words for the scripts of a page, which tell nothing either."""
MOST = 4000
"""Letters of an address or of parameters that are kept."""
_UNQUOTED = "/?&=%+,:;@!*'()~-._"


def note(response: Response) -> Response:
    """Log the answer that an auditor gets. One that cannot be logged is not given: it fails."""
    page = request.endpoint or ""
    told = page.partition(".")[0] not in FILES and page != WORDS
    if not told or tk.current_user.is_anonymous:
        return response
    account = tk.current_user.name
    if is_auditor(account):
        model.note(
            {
                "at": datetime.now(UTC).isoformat(timespec="microseconds"),
                "account": account,
                "method": request.method,
                "address": _address()[:MOST],
                "asked": _asked()[:MOST],
                "status": response.status_code,
            }
        )
    return response


def verify(noted: str = "") -> Checked:
    """Check the whole log; ``noted`` is the hash of a line that somebody wrote down before."""
    return check(model.every_reading(), noted)


def _address() -> str:
    asked = request.query_string
    path = quote(request.path, safe=_UNQUOTED)
    return f"{path}?{quote(asked, safe=_UNQUOTED)}" if asked else path


def _asked() -> str:
    """The parameters of a reading action; those of others may hold a password."""
    name = (request.view_args or {}).get("logic_function", "")
    if request.endpoint != "api.action" or request.method != "POST" or not only_reads(name):
        return ""
    given: Any = request.get_json(silent=True)
    return json.dumps(given, ensure_ascii=False, sort_keys=True) if given else ""
