"""Permanent addresses, and single records in RDF."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from ckanext.dcat.utils import check_access_header
from ckanext.hatinh.catalog.catalogue_views import hatinh_catalogue
from ckanext.hatinh.catalog.fragment import FORMS, record_triples, serialized

__all__ = ["hatinh_catalog", "hatinh_catalogue"]

hatinh_catalog = Blueprint("hatinh_catalog", __name__)


@hatinh_catalog.get("/id/<any(dataset, system, dataservice):kind>/<name>")
def record(kind: str, name: str) -> Response:
    """From the permanent identifier of a record to its page of today, or to its RDF (REQ-45)."""
    page = tk.url_for(f"{kind}.read", id=name)
    form = check_access_header()
    answer = redirect(f"{page}.{form}" if form else page, 303)
    answer.vary.add("Accept")
    return answer


@hatinh_catalog.get("/id/<any(dataset, system, dataservice):kind>/<name>/resource/<resource>")
def distribution(kind: str, name: str, resource: str) -> Response:
    """From the permanent identifier of a resource to its page."""
    return redirect(tk.url_for(f"{kind}_resource.read", id=name, resource_id=resource), 303)


@hatinh_catalog.get("/id/<any(organization, group):kind>/<name>")
def owner(kind: str, name: str) -> Response:
    """From the permanent identifier of an organisation or theme to its page."""
    return redirect(tk.url_for(f"{kind}.read", id=name), 303)


@hatinh_catalog.get("/<any(dataset, system, dataservice):kind>/<name>.<form>")
def rdf(kind: str, name: str, form: str) -> Response:
    """A record in RDF, to whoever may see it."""
    if form not in FORMS:
        tk.abort(404, tk._("A record is not kept in this form"))
    package = shown(kind, name)
    answer = Response(serialized(record_triples(package), form), mimetype=FORMS[form][1])
    answer.add_etag()
    return answer.make_conditional(tk.request)


def shown(kind: str, name: str) -> dict[str, Any]:
    """A record of a kind as the visitor sees it; a private one is not there for others."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("Not found"))
    if package["type"] != kind:
        tk.abort(404, tk._("Not found"))
    return package
