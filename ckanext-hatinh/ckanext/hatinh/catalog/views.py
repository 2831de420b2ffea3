"""Permanent addresses, and single records in RDF."""

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.hatinh.catalog.catalogue_views import hatinh_catalogue
from ckanext.hatinh.catalog.feeds import hatinh_catalogue_feeds
from ckanext.hatinh.catalog.fragment import FORMS, record_triples, serialized
from ckanext.hatinh.catalog.links import with_served
from ckanext.hatinh.catalog.negotiation import wanted_form
from ckanext.hatinh.catalog.showing import shown
from ckanext.hatinh.catalog.table_views import hatinh_catalogue_tables

__all__ = [
    "hatinh_catalog",
    "hatinh_catalogue",
    "hatinh_catalogue_feeds",
    "hatinh_catalogue_tables",
]

hatinh_catalog = Blueprint("hatinh_catalog", __name__)


@hatinh_catalog.get("/id/<any(dataset, system, dataservice):kind>/<name>")
def record(kind: str, name: str) -> Response:
    """From the permanent identifier of a record to its page of today, or to its RDF (REQ-45)."""
    page = tk.url_for(f"{kind}.read", id=name)
    form = wanted_form()
    return _elsewhere(f"{page}.{form}" if form else page)


@hatinh_catalog.get("/catalog")
def catalog() -> Response:
    """From the catalogue to its page for people, or to its first page in RDF."""
    form = wanted_form()
    address = tk.url_for("hatinh_catalogue.catalogue", form=form) if form else ""
    return _elsewhere(address or tk.url_for("dataset.search"))


@hatinh_catalog.get("/id/<any(dataset, system, dataservice):kind>/<name>/resource/<resource>")
def distribution(kind: str, name: str, resource: str) -> Response:
    """From the permanent identifier of a resource to its page."""
    return redirect(tk.url_for(f"{kind}_resource.read", id=name, resource_id=resource), 303)


@hatinh_catalog.get("/id/<any(organization, group):kind>/<name>")
def owner(kind: str, name: str) -> Response:
    """From the permanent identifier of an organisation or theme to its page."""
    return redirect(tk.url_for(f"{kind}.read", id=name), 303)


def _elsewhere(address: str) -> Response:
    """Another place, which depends on what was asked for."""
    answer = redirect(address, 303)
    answer.vary.add("Accept")
    return answer


@hatinh_catalog.get("/dataset/<name>.<form>", defaults={"kind": "dataset"})
@hatinh_catalog.get("/system/<name>.<form>", defaults={"kind": "system"})
@hatinh_catalog.get("/dataservice/<name>.<form>", defaults={"kind": "dataservice"})
def rdf(kind: str, name: str, form: str) -> Response:
    """A record in RDF, to whoever may see it."""
    if form not in FORMS:
        tk.abort(404, tk._("A record is not kept in this form"))
    found = with_served(record_triples(shown(kind, name)))
    answer = Response(serialized(found, form), mimetype=FORMS[form][1])
    answer.add_etag()
    return answer.make_conditional(request)
