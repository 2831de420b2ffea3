"""The forms of the steward: draft, amend, issue, annul, send, and the datasets of subjects."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.editions import catalogues
from ckanext.hatinh.shared.asking import reader
from ckanext.hatinh.shared.csrf import ask_for_token

hatinh_editions_desk = Blueprint("hatinh_editions_desk", __name__, url_prefix="/danh-muc")

hatinh_editions_desk.before_request(ask_for_token)

STEPS: Mapping[str, tuple[str, ...]] = {
    "amend": ("note",),
    "issue": ("decision", "decided", "note"),
    "withdraw": ("note",),
    "annul": ("decision", "decided", "note"),
    "annul_confirm": ("note",),
    "annul_reject": ("note",),
    "send": ("letter", "sent"),
    "receive": ("letter", "receipt"),
}
"""Fields of the form of each step; reasons and notes for datasets come beside them."""


@hatinh_editions_desk.post("/<kind>/du-thao")
def draft(kind: str) -> Response:
    """Draft the next edition of a catalogue."""
    made = _taken("hatinh_catalogue_draft", {"kind": kind, "note": request.form.get("note", "")})
    if made is None:
        return redirect(tk.url_for("hatinh_editions.index"))
    return _page(kind, made["number"])


@hatinh_editions_desk.post(f"/<kind>/<int:number>/<any({', '.join(STEPS)}):step>")
def move(kind: str, number: int, step: str) -> Response:
    """Take a step with an edition."""
    given: dict[str, Any] = {name: request.form.get(name, "") for name in STEPS[step]}
    if step == "amend":
        given["dropped"] = _reasons(kind, number)
    _taken(f"hatinh_catalogue_{step}", {"kind": kind, "number": number, **given})
    return _page(kind, number)


@hatinh_editions_desk.post("/chu-de-bat-buoc/<code>")
def assign(code: str) -> Response:
    """Say which datasets answer a subject; their names stand with spaces between them."""
    names = request.form.get("datasets", "").split()
    _taken("hatinh_mandated_subject_assign", {"code": code, "datasets": names})
    return redirect(tk.url_for("hatinh_editions.subjects"))


def _reasons(kind: str, number: int) -> dict[str, str]:
    """The reasons given before, and those of the form; a blank one takes its dataset in again."""
    try:
        before = catalogues.get(kind, number, drafts=True).dropped
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    told = {
        name.removeprefix("reason:"): words.strip()
        for name, words in request.form.items()
        if name.startswith("reason:")
    }
    if dataset := request.form.get("dataset", "").strip():
        told[dataset] = request.form.get("reason", "").strip()
    return {id_: words for id_, words in {**before, **told}.items() if words}


def _taken(action: str, parameters: dict[str, Any]) -> Any:
    """What an action answers; its refusal is shown on the next page."""
    try:
        return tk.get_action(action)(reader(), parameters)
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    except tk.ValidationError as err:
        tk.h.flash_error(" ".join(map(str, err.error_summary.values())))
    return None


def _page(kind: str, number: int) -> Response:
    return redirect(tk.url_for("hatinh_editions.edition", kind=kind, number=number))
