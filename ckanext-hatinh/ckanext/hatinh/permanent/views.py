"""The form that withdraws a record, in place of CKAN's dialog, which asks no reason."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.permanent.withdrawing import WithdrawalRefusedError
from ckanext.hatinh.shared.csrf import ask_for_token

hatinh_permanent = Blueprint("hatinh_permanent", __name__)

hatinh_permanent.before_request(ask_for_token)

FIELDS = ("reason", "successor")


@hatinh_permanent.get("/dataset/delete/<name>", defaults={"kind": "dataset"})
@hatinh_permanent.get("/system/delete/<name>", defaults={"kind": "system"})
@hatinh_permanent.get("/dataservice/delete/<name>", defaults={"kind": "dataservice"})
def ask(kind: str, name: str) -> str:
    """The form."""
    return _form(kind, _deletable(name))


@hatinh_permanent.post("/dataset/delete/<name>", defaults={"kind": "dataset"})
@hatinh_permanent.post("/system/delete/<name>", defaults={"kind": "system"})
@hatinh_permanent.post("/dataservice/delete/<name>", defaults={"kind": "dataservice"})
def withdraw(kind: str, name: str) -> Response | tuple[str, int]:
    """Take the record away, or ask again."""
    package = _deletable(name)
    if "cancel" in request.form:
        return redirect(tk.url_for(f"{kind}.edit", id=package["name"]))
    given = {field: request.form.get(field, "") for field in FIELDS}
    try:
        tk.get_action("package_delete")(_reader(), {"id": package["id"], **given})
    except WithdrawalRefusedError as err:
        return _form(kind, package, given, err.error_dict), 400
    tk.h.flash_notice(tk._("Dataset has been deleted."))
    return redirect(tk.url_for(f"{kind}.search"))


def refused(err: WithdrawalRefusedError) -> Response:
    """A page of CKAN's that deletes or purges without asking: back to it, with the reason."""
    tk.h.flash_error(" ".join(str(words) for words in err.error_summary.values()))
    return redirect(request.path, 303)


def _deletable(name: str) -> dict[str, Any]:
    """The record, to whoever may delete it."""
    try:
        package = tk.get_action("package_show")(_reader(), {"id": name})
        tk.check_access("package_delete", _reader(), {"id": package["id"]})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("Not found"))
    except tk.NotAuthorized as err:
        tk.abort(403, str(err))
    return package


def _form(kind: str, package: dict[str, Any], given: Any = None, errors: Any = None) -> str:
    known = {"pkg_dict": package, "pkg": package, "dataset_type": kind}
    more = {
        "is_public": package["state"] == "active" and not package["private"],
        "given": given or {},
        "errors": errors or {},
    }
    return tk.render("hatinh_permanent/withdraw.html", {**known, **more})


def _reader() -> Context:
    return Context(user=tk.current_user.name)
