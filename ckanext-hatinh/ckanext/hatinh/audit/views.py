"""Pages of auditing: who audits, and what was read."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from math import ceil
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.authz import is_sysadmin
from flask import Blueprint, Response, redirect, request, stream_with_context
from werkzeug.wrappers import Response as Answer

from ckanext.hatinh.audit import model
from ckanext.hatinh.shared.asking import asked, reader
from ckanext.hatinh.shared.csrf import ask_for_token
from hatinh.audit.chain import COLUMNS

__all__ = ["hatinh_audit"]

hatinh_audit = Blueprint("hatinh_audit", __name__, url_prefix="/kiem-toan")
hatinh_audit.before_request(ask_for_token)

ON_A_PAGE = 100


@hatinh_audit.get("/")
def index() -> str:
    """Who is an auditor and who was; the form that appoints, for sysadmins."""
    return _page({}, {})


@hatinh_audit.post("/bo-nhiem")
def appoint() -> str | Answer:
    """Appoint an auditor."""
    given = {name: request.form.get(name, "") for name in ("id", "decision", "until")}
    try:
        made = tk.get_action("hatinh_auditor_appoint")(reader(), dict(given))
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except tk.ObjectNotFound as err:
        return _page(given, {"id": [str(err)]})
    except tk.ValidationError as err:
        return _page(given, err.error_dict)
    tk.h.flash_success(tk._("{name} is an auditor now").format(name=made["account"]))
    return redirect(tk.url_for(".index"))


@hatinh_audit.post("/mien-nhiem")
def dismiss() -> Answer:
    """Dismiss an auditor; one who is none already stays none."""
    try:
        ended = tk.get_action("hatinh_auditor_dismiss")(reader(), {"id": request.form.get("id")})
        told = tk._("{name} is no auditor any more").format(name=ended["account"])
        tk.h.flash_success(told)
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except (tk.ObjectNotFound, tk.ValidationError) as err:
        tk.h.flash_error(str(err))
    return redirect(tk.url_for(".index"))


@hatinh_audit.get("/nhat-ky")
def log() -> str:
    """What auditors read, the latest first."""
    account = request.args.get("account", "")
    page = max(1, min(request.args.get("page", 1, type=int), 10**6))
    part = {"limit": ON_A_PAGE, "offset": (page - 1) * ON_A_PAGE}
    found = asked("hatinh_audit_reading_list", account=account, **part)
    return tk.render(
        "hatinh_audit/log.html",
        {
            "found": found,
            "account": account,
            "accounts": sorted({role["account"] for role in asked("hatinh_auditor_list")}),
            "page": page,
            "pages": ceil(found["count"] / ON_A_PAGE),
        },
    )


@hatinh_audit.get("/nhat-ky.csv")
def download() -> Response:
    """The whole log from its first line on, with the hashes by which it is checked."""
    asked("hatinh_audit_reading_list", limit=0)
    return Response(
        stream_with_context(_lines()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="nhat-ky-kiem-toan.csv"'},
    )


def _lines() -> Iterator[str]:
    yield _csv(COLUMNS)
    for reading in model.every_reading():
        yield _csv(astuple(reading))


def _csv(cells: tuple[object, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _page(given: Mapping[str, str], errors: Mapping[str, Any]) -> str:
    return tk.render(
        "hatinh_audit/index.html",
        {
            "roles": asked("hatinh_auditor_list"),
            "may_appoint": is_sysadmin(tk.current_user.name),
            "given": given,
            "errors": errors,
        },
    )
