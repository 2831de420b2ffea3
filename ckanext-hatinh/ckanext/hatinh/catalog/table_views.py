"""Descriptions of tables and datasets in standards of the data world; addresses for searchers."""

import json
from collections.abc import Iterator
from math import ceil
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.catalog import model, tables
from ckanext.hatinh.catalog.feeds import feed_address
from ckanext.hatinh.catalog.showing import come_again, shown
from hatinh.catalogue import opensearch, sitemap

hatinh_catalogue_tables = Blueprint("hatinh_catalogue_tables", __name__)

CSVM = "application/csvm+json"
STATIC_PAGES = ("home.index", "dataset.search", "organization.index", "group.index")


@hatinh_catalogue_tables.get("/dataset/<name>/resource/<resource_id>/csvw.json")
def csvw(name: str, resource_id: str) -> Response:
    """The columns of a CSV file for any program that reads CSV on the Web."""
    package = shown("dataset", name)
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    found = tables.csvw(package, resource) if resource else None
    if found is None:
        tk.abort(404, tk._("There is no CSV file of this portal here that can be described"))
    return _json(found, CSVM)


@hatinh_catalogue_tables.get("/dataset/<name>/datapackage.json")
def descriptor(name: str) -> Response:
    """A dataset as a Data Package."""
    found = tables.package_descriptor(shown("dataset", name))
    if "resources" not in found:
        tk.abort(404, tk._("A Data Package is made of files, and this dataset has none"))
    return _json(found, "application/json")


@hatinh_catalogue_tables.get("/sitemap.xml")
def sitemap_index() -> Response:
    """The sitemaps of the portal."""
    if model.is_empty():
        return come_again()
    numbers = range(1, 1 + ceil((len(STATIC_PAGES) + model.count_pages()) / sitemap.MOST))
    pages = (sitemap.Page(tk.url_for(".sitemap_part", number=n, _external=True)) for n in numbers)
    return _xml(sitemap.index(pages))


@hatinh_catalogue_tables.get(f"/sitemap-<int(max={sitemap.MOST}):number>.xml")
def sitemap_part(number: int) -> Response:
    """So many thousand pages of the portal; the first of them are no record's."""
    skipped = (number - 1) * sitemap.MOST - len(STATIC_PAGES)
    others = _static() if number == 1 else ()
    records = model.record_pages(skipped, sitemap.MOST + min(skipped, 0)) if number > 0 else ()
    if not others and not records:
        tk.abort(404, tk._("Not found"))
    return _xml(sitemap.sitemap([*others, *map(_page, records)]))


@hatinh_catalogue_tables.get("/opensearch.xml")
def search_description() -> Response:
    """How the portal is searched, for browsers and programs."""
    found = opensearch.SearchSite(
        short_name="Hà Tĩnh data",
        description=tk.config.get("ckan.site_title", ""),
        icon=tk.h.url_for_static(tk.config["ckan.favicon"], qualified=True),
        page=tk.url_for("dataset.search", _external=True) + "?q={searchTerms}",
        feed=feed_address(()) + "?q={searchTerms}&page={startPage?}",
        itself=tk.url_for(".search_description", _external=True),
    )
    body = opensearch.description(found)
    return _tagged(Response(body, mimetype="application/opensearchdescription+xml"))


def _static() -> Iterator[sitemap.Page]:
    for endpoint in STATIC_PAGES:
        yield sitemap.Page(tk.url_for(endpoint, locale="default", _external=True))


def _page(row: Any) -> sitemap.Page:
    address = tk.url_for(f"{row.kind}.read", id=row.name, locale="default", _external=True)
    return sitemap.Page(address, row.modified.date().isoformat() if row.modified else "")


def _json(found: dict[str, Any], media_type: str) -> Response:
    body = json.dumps(found, ensure_ascii=False, indent=1)
    return _tagged(Response(body, mimetype=media_type))


def _xml(body: str) -> Response:
    return _tagged(Response(body, mimetype="application/xml"))


def _tagged(answer: Response) -> Response:
    answer.add_etag()
    answer.make_conditional(request)
    return answer
