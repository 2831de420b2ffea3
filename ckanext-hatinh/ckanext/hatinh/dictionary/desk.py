"""The desk of those who write the dictionary: upload, look at it, propose, and the steps after."""

import hashlib
from io import BytesIO
from typing import Any, cast

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from flask import Blueprint, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from ckanext.hatinh.dictionary import proposals, shown
from ckanext.hatinh.shared.csrf import ask_for_token
from hatinh.dictionary.edition import State

hatinh_dictionary_desk = Blueprint("hatinh_dictionary_desk", __name__, url_prefix="/tu-dien")

STEPS = ("submit", "review", "consult", "approve", "return", "withdraw", "reject")
CLOSED = (State.APPROVED, State.WITHDRAWN, State.REJECTED)
KEPT_SECONDS = 3600
"""How long a workbook that was looked at can be proposed without sending it again."""


hatinh_dictionary_desk.before_request(ask_for_token)


@hatinh_dictionary_desk.get("/ban-lam-viec")
def desk() -> str:
    """What is open, and the form that takes a workbook."""
    return _page({})


@hatinh_dictionary_desk.post("/ban-lam-viec")
def take() -> str | Response:
    """Look at a workbook, or propose the one that was just looked at."""
    _enter()
    return _propose() if "checked" in request.form else _look()


@hatinh_dictionary_desk.post(f"/phien-ban/<number>/<any({', '.join(STEPS)}):step>")
def move(number: str, step: str) -> Response:
    """Take a step of the workflow."""
    given = {name: request.form.get(name, "") for name in ("note", "decision", "date")}
    page = tk.url_for("hatinh_dictionary.edition", number=number)
    try:
        tk.get_action(f"hatinh_edition_{step}")(_context(), {"number": number, **given})
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    except tk.ValidationError as err:
        tk.h.flash_error(" ".join(err.error_summary.values()))
        return redirect(page)
    return redirect(page)


def _look() -> str:
    upload = request.files.get("upload")
    if not upload or not upload.filename:
        return _page({"errors": [tk._("Choose a workbook first")]})
    name, body = upload.filename, upload.stream.read(proposals.MOST_BYTES + 1)
    try:
        result = _import(name, body, dry_run=True)
    except tk.ValidationError as err:
        return _page({"errors": list(err.error_summary.values())})
    checked = "" if result["refused"] or not result["diff"]["changes"] else _keep(name, body)
    return _page({"result": result, "checked": checked, "name": name})


def _propose() -> str | Response:
    kept = _kept(request.form["checked"])
    if kept is None:
        return _page({"errors": [tk._("The workbook is no longer kept here; send it again")]})
    try:
        stored = _import(*kept, dry_run=False)["edition"]
    except tk.ValidationError as err:
        return _page({"errors": list(err.error_summary.values())})
    return redirect(tk.url_for("hatinh_dictionary.edition", number=stored["number"]))


def _import(name: str, body: bytes, *, dry_run: bool) -> dict[str, Any]:
    return tk.get_action("hatinh_edition_import")(
        _context(),
        {
            "upload": FileStorage(BytesIO(body), filename=name),
            "dry_run": dry_run,
            "number": request.values.get("number", ""),
            "note": request.form.get("note", ""),
        },
    )


def _page(found: dict[str, Any]) -> str:
    _enter()
    listed = tk.get_action("hatinh_edition_list")(_context(), {})
    return tk.render(
        "hatinh_dictionary/desk.html",
        {
            "open": [head for head in listed if head["state"] not in CLOSED],
            "ended": [
                head for head in listed if head["state"] in (State.WITHDRAWN, State.REJECTED)
            ],
            "current": next((head["number"] for head in listed if head["current"]), ""),
            "number": request.values.get("number", ""),
            "labels": shown.labels(),
            **found,
        },
    )


def _keep(name: str, body: bytes) -> str:
    """Put a workbook aside for its sender; what it is found by again."""
    checked = hashlib.sha256(body).hexdigest()
    store = connect_to_redis()
    store.hset(_key(checked), mapping={"name": name, "body": body})
    store.expire(_key(checked), KEPT_SECONDS)
    return checked


def _kept(checked: str) -> tuple[str, bytes] | None:
    found = cast("dict[bytes, bytes]", connect_to_redis().hgetall(_key(checked)))
    return (found[b"name"].decode(), found[b"body"]) if found else None


def _key(checked: str) -> str:
    return f"hatinh:dictionary:{tk.current_user.id}:{checked}"


def _enter() -> None:
    try:
        tk.check_access("hatinh_edition_propose", _context(), {})
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))


def _context() -> Any:
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}
