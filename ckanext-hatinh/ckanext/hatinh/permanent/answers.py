"""What is answered where CKAN has nothing to show: the present address, or that it is withdrawn.

Looked up only when a page would not be there, whichever plugin's page it is.
"""

import json
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core
from ckan.types import Response
from flask import g, redirect, request
from werkzeug.wrappers import Response as Answer

from ckanext.hatinh.permanent import model, shown

RECORDS = ("dataset", "system", "dataservice")
GROUPS = ("organization", "group")
GONE = 410
PAGE, JSON, PLAIN = "text/html", "application/json", "text/plain"


def permanent(response: Response) -> Answer:
    """The answer for an address that is no more, or the one that was given."""
    if request.method not in ("GET", "HEAD") or not _may_be_former(response):
        return response
    given = request.view_args or {}
    if not all(str(value).isprintable() for value in given.values()):
        return response  # nothing is called so, and the database takes no NUL
    kind = _kind(given)
    if kind in RECORDS or "resource_id" in given:
        return _of_record(given) or response
    return (_of_group(given) if kind in GROUPS else None) or response


def _may_be_former(response: Response) -> bool:
    if request.url_rule is None:
        return False
    is_identifier = request.path.startswith("/id/")
    return response.status_code in (403, 404) or (is_identifier and response.status_code == 303)


def _kind(given: Mapping[str, Any]) -> str:
    return given.get("kind") or given.get("package_type") or request.path.split("/")[1]


def _of_record(given: Mapping[str, Any]) -> Answer | None:
    key = "id" if "id" in given else "name"
    name = given.get(key) or _dataset_of(given.get("resource_id", ""))
    buried = model.tombstone(name)
    if buried is not None:
        return _gone(buried)
    found = core.Session.get(core.Package, model.owner(model.RECORD, name) or "")
    if found is None or name in (found.id, found.name) or not _may_see(found.id):
        return None
    return _moved(key, found.name)


def _of_group(given: Mapping[str, Any]) -> Answer | None:
    key = "id" if "id" in given else "name"
    found = core.Session.get(core.Group, model.owner(model.GROUP, given.get(key, "")) or "")
    if found is None or found.state != core.State.ACTIVE or found.name == given[key]:
        return None
    return _moved(key, found.name)


def _dataset_of(resource_id: str) -> str:
    found = core.Session.get(core.Resource, resource_id)
    return found.package_id if found and found.package_id else ""


def _may_see(package_id: str) -> bool:
    try:
        tk.check_access("package_show", {"user": tk.current_user.name}, {"id": package_id})
    except tk.NotAuthorized:
        return False
    return True


def _moved(key: str, name: str) -> Answer:
    """The same page, file or form of what bears another name now."""
    given = dict(request.view_args or {})
    given.pop("package_type", None)
    address = tk.url_for(request.endpoint or "", **{**given, key: name})
    asked = request.query_string.decode("ascii", "replace")
    answer = redirect(f"{address}?{asked}" if asked else address, 301)
    # A name may come back to its record: a browser that remembered both ways would go in circles.
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _gone(buried: model.Tombstone) -> Answer:
    told, form = shown.told(buried), _form()
    if form == PAGE:
        # The page in whose place this one comes has taken CKAN's styles and scripts for itself.
        g.pop("_webassets", None)
        body = tk.render("hatinh_permanent/withdrawn.html", {"withdrawn": told})
    elif form == JSON:
        body = json.dumps(told, ensure_ascii=False, indent=1)
    else:
        body = _plain(told)
    answer = Answer(body, GONE, mimetype=form)
    answer.vary.add("Accept")
    return answer


def _form() -> str:
    """A page for people, JSON for programs that ask for it or for a JSON file; else plain text."""
    accepted = request.accept_mimetypes
    is_page = (request.endpoint or "").endswith(".read")
    if accepted and accepted.best != "*/*":
        found = accepted.best_match((PAGE, JSON, "application/ld+json", PLAIN), PLAIN)
        return JSON if "json" in found else found
    if is_page:
        return PAGE
    return JSON if "json" in request.path.rpartition(".")[2] else PLAIN


def _plain(told: Mapping[str, Any]) -> str:
    lines = [
        tk._("Withdrawn: {title}").format(title=told["title"]["vi"]),
        f"{told['organization']} · {told['withdrawn']}",
        told["reason"],
    ]
    if told["successor"]:
        lines.append(tk._("In its place: {address}").format(address=told["successor"]["page"]))
    return "\n".join([*lines, told["uri"], ""])
