"""Permanent addresses, and RDF of the types that ckanext-dcat has no address for."""

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from ckanext.dcat.utils import check_access_header, read_dataset_page

__all__ = ["hatinh_catalog"]

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


@hatinh_catalog.get("/system/<name>.<any(ttl, jsonld, rdf, xml, n3):form>")
@hatinh_catalog.get("/dataservice/<name>.<any(ttl, jsonld, rdf, xml, n3):form>")
def rdf(name: str, form: str) -> Response | str:
    """A system or data service in RDF."""
    return read_dataset_page(name, form)
