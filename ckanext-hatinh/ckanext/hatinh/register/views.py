"""Pages of the register, and its findings as files."""

from datetime import datetime
from math import ceil
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.register import records, shown
from ckanext.hatinh.register.reader import reader_of
from ckanext.hatinh.shared.asking import asked, reader
from ckanext.hatinh.shared.report_files import sent
from ckanext.hatinh.shared.vocabulary import LOCAL_TIME
from hatinh.register import printed
from hatinh.text import Text

hatinh_register = Blueprint("hatinh_register", __name__, url_prefix="/so-dang-ky")

ON_A_PAGE = 100


@hatinh_register.get("/")
def index() -> str:
    """All systems, or those of one office."""
    office = request.args.get("organization", "")
    whole = asked("hatinh_register_coverage")
    return tk.render(
        "hatinh_register/index.html",
        {
            "register": asked("hatinh_register_show", organization=office),
            "offices": [share["organization"] for share in whole["offices"]],
            "whole": whole["whole"],
            "office": office,
        },
    )


@hatinh_register.get("/he-thong/<name>")
def system(name: str) -> str:
    """One system with its databases, datasets and services."""
    return tk.render(
        "hatinh_register/system.html", {"register": asked("hatinh_register_show", id=name)}
    )


@hatinh_register.get("/doi-soat")
def findings() -> str:
    """Findings by office, with how to mend them."""
    chosen = _chosen()
    page = max(1, min(request.args.get("page", 1, type=int), 10**6))
    everything = asked("hatinh_register_findings", limit=0, state=chosen["state"])
    part = {"limit": ON_A_PAGE, "offset": (page - 1) * ON_A_PAGE}
    found = asked("hatinh_register_findings", **chosen, **part)
    return tk.render(
        "hatinh_register/findings.html",
        {
            "found": found,
            "kinds": everything["kinds"],
            "offices": everything["offices"],
            "chosen": chosen,
            "page": page,
            "pages": ceil(found["count"] / ON_A_PAGE),
        },
    )


@hatinh_register.get("/doi-soat.<any(csv, xlsx):form>")
def download(form: str) -> Response:
    """The findings as a file, in the reader's language."""
    chosen, now = _chosen(), datetime.now(LOCAL_TIME)
    asked("hatinh_register_findings", **chosen, limit=0)
    found = shown.findings(
        reader_of(reader()), chosen["kind"], chosen["organization"], chosen["state"]
    )  # fmt: skip
    report = printed(map(_cells, found), records.config().words, now)
    return sent(report, f"doi-soat-{now:%Y%m%d}", form)


@hatinh_register.get("/do-phu")
def coverage() -> str:
    """How far systems are connected, by office."""
    return tk.render(
        "hatinh_register/coverage.html", {"coverage": asked("hatinh_register_coverage")}
    )


def _chosen() -> dict[str, str]:
    """The filters of the page; open findings unless it says otherwise."""
    args = request.args
    return {
        "kind": args.get("kind", ""),
        "organization": args.get("organization", ""),
        "state": args.get("state", shown.OPEN),
    }


def _cells(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding as a row of the report."""
    words = records.config().words
    subject, others = finding["subject"], finding["others"]
    return {
        "kind": words.kinds[finding["kind"]],
        "owner": tk.h.hatinh_office_name(finding["owner"]),
        "subject": subject["title"] if subject else finding["about"],
        "others": "; ".join(side["title"] for side in others),
        "what": Text(**finding["what"]),
        "mend": Text(**finding["mend"]),
        "state": words.states[finding["state"]],
        "link": tk.url_for("dataset.read", id=subject["name"], _external=True) if subject else "",
        **{name: _day(finding[name]) for name in ("first_seen", "last_seen", "closed")},
    }


def _day(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(LOCAL_TIME):%d/%m/%Y}" if moment else ""
