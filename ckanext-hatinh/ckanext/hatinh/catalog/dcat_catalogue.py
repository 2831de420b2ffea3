"""The catalogue itself in DCAT: whose it is, in which languages, under which licence."""

import ckan.plugins.toolkit as tk
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, SKOS

from ckanext.hatinh.catalog.dcat_record import ENGLISH, VIETNAMESE, find, iri, organization_uri
from ckanext.hatinh.shared.vocabulary import organizations

CATALOGUE = URIRef("https://data.hatinh.gov.vn/")
"""The catalogue's permanent identifier, wherever the portal runs."""

PUBLISHER = "ubnd-tinh"
LICENCE = "CC-BY-4.0"
THEMES = URIRef("http://publications.europa.eu/resource/authority/data-theme")


def describe_catalogue(graph: Graph, catalogue: URIRef = CATALOGUE) -> None:
    """Add the catalogue without its records to a graph."""
    add = graph.add
    add((catalogue, RDF.type, DCAT.Catalog))
    for predicate, setting in (
        (DCTERMS.title, "ckan.site_title"),
        (DCTERMS.description, "ckan.site_description"),
    ):
        # DCAT-AP wants both of every catalogue.
        words = tk.config.get(setting) or tk.config.get("ckan.site_title") or "data.hatinh.gov.vn"
        add((catalogue, predicate, Literal(words, lang="vi")))
    for language in map(URIRef, (VIETNAMESE, ENGLISH)):
        add((catalogue, DCTERMS.language, language))
        add((language, RDF.type, DCTERMS.LinguisticSystem))
    homepage = URIRef(tk.config["ckan.site_url"])
    add((catalogue, FOAF.homepage, homepage))
    add((homepage, RDF.type, FOAF.Document))
    licence = URIRef(iri("licences", LICENCE))
    add((catalogue, DCTERMS.license, licence))
    add((licence, RDF.type, DCTERMS.LicenseDocument))
    add((catalogue, DCAT.themeTaxonomy, THEMES))
    add((THEMES, RDF.type, SKOS.ConceptScheme))
    add((THEMES, DCTERMS.title, Literal("Data theme", lang="en")))
    _add_publisher(graph, catalogue)


def _add_publisher(graph: Graph, catalogue: URIRef) -> None:
    publisher = URIRef(organization_uri(PUBLISHER))
    graph.add((catalogue, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, FOAF.Agent))
    if office := find(organizations(), PUBLISHER):
        graph.add((publisher, FOAF.name, Literal(office.name.vi)))
