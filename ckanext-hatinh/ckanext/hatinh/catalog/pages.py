"""The catalogue page by page: each page goes on after the last id of the one before.

So a record that comes or goes while somebody reads shifts no other over the edge of a page. What
is not described yet, or not as it is now, is described for the page.
"""

from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from rdflib import RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS

from ckanext.hatinh.catalog import model
from ckanext.hatinh.catalog.dcat_catalogue import CATALOGUE, describe_catalogue
from ckanext.hatinh.catalog.dump import link
from ckanext.hatinh.catalog.fragment import parsed, serialized, triples
from ckanext.hatinh.catalog.links import only_to_public
from ckanext.hatinh.catalog.refreshing import refresh

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SIZE = 100


def page(window: model.Window, form: str) -> bytes:
    """One page of the catalogue as a document."""
    refresh(window)
    rows = model.fragments(window)
    more = bool(rows) and len(rows) == window.limit
    told = triples(_head(window, form, rows[-1].package_id if more else ""), "page")
    told += [link(row.kind, row.uri) for row in rows]
    told += only_to_public(triple for row in rows for triple in parsed(row.nt))
    return serialized(told, form)


def _head(window: model.Window, form: str, last: str) -> Graph:
    """The catalogue itself, and where its pages are."""
    graph = Graph()
    describe_catalogue(graph)
    if changed := model.last_change():
        graph.add(
            (CATALOGUE, DCTERMS.modified, Literal(changed.isoformat(), datatype=XSD.dateTime))
        )
    here = URIRef(_address(window, form, window.after))
    graph.add((here, RDF.type, HYDRA.PagedCollection))
    graph.add((here, HYDRA.totalItems, Literal(model.count(window.since))))
    graph.add((here, HYDRA.itemsPerPage, Literal(SIZE)))
    # Each link under the old name of its property too: older harvesters know no other.
    for names, after in ((("first", "firstPage"), ""), (("next", "nextPage"), last)):
        if names[0] == "first" or after:
            for name in names:
                graph.add((here, HYDRA[name], Literal(_address(window, form, after))))
    return graph


def _address(window: model.Window, form: str, after: str) -> str:
    asked = {"after": after} if after else {}
    if window.since:
        asked["modified_since"] = window.since.isoformat()
    page = tk.url_for("hatinh_catalogue.catalogue", form=form, _external=True)
    return f"{page}?{urlencode(asked)}" if asked else page
