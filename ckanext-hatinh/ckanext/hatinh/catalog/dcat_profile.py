"""RDF profile ``hatinh_vn``: DCAT-AP 3 with the province's own properties.

It stands alone (``ckanext.dcat.rdf.profiles = hatinh_vn``): it extends ``euro_dcat_ap_3``.
Properties that DCAT does not have are named after our fields below
``https://data.hatinh.gov.vn/def/``; our own DCAT reader understands them. What it writes keeps
SEMIC's shapes of DCAT-AP 3.0.1, whatever the optional fields hold.
"""

import json
from collections.abc import Mapping
from typing import Any

from ckan.plugins.toolkit import h
from rdflib import RDF, RDFS, BNode, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import CSVW, DCAT, DCTERMS, SKOS
from rdflib.term import Node

from ckanext.dcat.profiles import EuropeanDCATAP3Profile
from ckanext.hatinh.catalog.centres import centre
from ckanext.hatinh.catalog.dcat_catalogue import describe_catalogue
from ckanext.hatinh.catalog.dcat_record import (
    data_themes,
    distribution_uri,
    find,
    formats,
    to_record,
)
from ckanext.hatinh.shared.mapping import package_id, permanent_uri, theme_group
from ckanext.hatinh.shared.served import served, words
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.catalogue.addresses import address
from hatinh.catalogue.formats import format_iri
from hatinh.dictionary.export.uris import element_uri
from hatinh.dictionary.model import Code
from hatinh.reading import DETAILS

HTD = Namespace("https://data.hatinh.gov.vn/def/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")

OWN_FIELDS = (
    "frequency", "data_layer", "data_block", "sharing_level", "publication_class", "pii_class",
    "importance_class", "source_system", "legal_basis", "approved_by", "former_publisher",
    "sent_to_bca_date",
)  # fmt: skip

UNKNOWN_RIGHTS = URIRef("http://purl.org/adms/licencetype/UnknownIPR")
"""The base profile says this of every licence; of ours it is not true."""

TYPES = {"dataset": DCAT.Dataset, "dataservice": DCAT.DataService, "system": HTD.System}
IN_DCAT = ("endpoint_url", "endpoint_description", "serves_datasets")


class HatinhProfile(EuropeanDCATAP3Profile):
    """Datasets, systems and data services of the province in RDF."""

    def graph_from_dataset(self, dataset_dict: dict[str, Any], dataset_ref: URIRef) -> None:
        """Add a package to the graph."""
        super().graph_from_dataset(to_record(dataset_dict), dataset_ref)
        self.g.bind("htd", HTD)
        self.g.remove((None, DCTERMS.type, UNKNOWN_RIGHTS))
        kind = dataset_dict["type"]
        self.g.set((dataset_ref, RDF.type, TYPES[kind]))
        for name in (*OWN_FIELDS, *(n for n in DETAILS[kind] if n not in IN_DCAT)):
            if value := dataset_dict.get(name):
                self.g.add((dataset_ref, HTD[name], Literal(value)))
        self._add_themes(dataset_dict, dataset_ref)
        self._add_places(dataset_dict, dataset_ref)
        self._add_provenance(dataset_dict, dataset_ref)
        if kind == "dataservice":
            self._add_service(dataset_dict, dataset_ref)
        for resource in dataset_dict["resources"]:
            distribution = URIRef(distribution_uri(dataset_dict, resource))
            self._add_format_name(resource)
            self._add_table_schema(resource, distribution)
            self._add_columns(resource, distribution)

    def graph_from_catalog(self, catalog_dict: Any, catalog_ref: URIRef) -> None:
        """Add the catalogue itself to the graph."""
        describe_catalogue(self.g, catalog_ref)
        if modified := self._last_catalog_modification():
            self._add_date_triple(catalog_ref, DCTERMS.modified, modified)

    def _add_themes(self, package: Mapping[str, Any], record: URIRef) -> None:
        """The province's theme, and the EU themes that it is mapped to."""
        names = {group["name"] for group in package.get("groups", ())}
        themes = dictionary().code_lists["themes"]
        for theme in themes:
            if theme_group(theme.code, themes) in names:
                self.g.add((record, DCAT.theme, self._concept("themes", theme)))
                for mapped in filter(None, theme.mapping.split("|")):
                    self.g.add((record, DCAT.theme, URIRef(mapped)))
                    self.g.add((URIRef(mapped), RDF.type, SKOS.Concept))
                    name = data_themes().get(mapped.rsplit("/", 1)[-1], mapped)
                    self.g.add((URIRef(mapped), SKOS.prefLabel, Literal(name, lang="en")))

    def _add_places(self, package: Mapping[str, Any], record: URIRef) -> None:
        units = dictionary().code_lists["admin_units"]
        for code in package.get("places") or ():
            if unit := find(units, code):
                place = self._concept("admin_units", unit)
                self.g.add((place, RDF.type, DCTERMS.Location))
                if point := centre(unit):
                    self.g.add((place, DCAT.centroid, Literal(point, datatype=GEO.wktLiteral)))
                self.g.add((record, DCTERMS.spatial, place))
                self.g.add((record, HTD.places, Literal(code)))

    def _add_provenance(self, package: Mapping[str, Any], record: URIRef) -> None:
        """Where the data is from: words, which may begin with an address, or one address."""
        said = (package.get("provenance") or "").strip()
        if not said:
            return
        document = address(said) if len(said.split()) == 1 else ""
        statement = URIRef(document) if document else BNode()
        self.g.add((record, DCTERMS.provenance, statement))
        self.g.add((statement, RDF.type, DCTERMS.ProvenanceStatement))
        if not document:
            self.g.add((statement, RDFS.label, Literal(said)))

    def _concept(self, code_list: str, code: Code) -> URIRef:
        concept = HTD[f"{code_list}/{code.code}"]
        self.g.add((concept, RDF.type, SKOS.Concept))
        self.g.add((concept, SKOS.notation, Literal(code.code)))
        for lang, name in code.name.as_dict().items():
            self.g.add((concept, SKOS.prefLabel, Literal(name, lang=lang)))
        return concept

    def _add_service(self, package: Mapping[str, Any], record: URIRef) -> None:
        # DCAT-AP wants an endpoint of every service; a page tells where one without is reached.
        endpoint = URIRef(address(package.get("endpoint_url")) or record)
        self.g.add((record, DCAT.endpointURL, endpoint))
        if endpoint != record:
            self.g.add((endpoint, RDF.type, RDFS.Resource))
        description = package.get("endpoint_description")
        if document := address(description):
            self.g.add((record, DCAT.endpointDescription, URIRef(document)))
            self.g.add((URIRef(document), RDF.type, RDFS.Resource))
        elif description:
            self.g.add((record, HTD.endpoint_description, Literal(description)))
        asked = words(package.get("harvest_source"), package.get("serves_datasets"))
        found = served(asked)
        for word in asked:
            # A dataset that its source has not brought yet will have this id.
            dataset = found.get(word) or package_id(*word)
            self.g.add((record, DCAT.servesDataset, URIRef(permanent_uri("dataset", dataset))))

    def _add_format_name(self, resource: Mapping[str, Any]) -> None:
        if name := (resource.get("format") or "").strip():
            node = URIRef(format_iri(name, formats()))
            self.g.add((node, RDFS.label, Literal(name)))

    def _add_table_schema(self, resource: Mapping[str, Any], distribution: URIRef) -> None:
        schema = json.loads(resource.get("schema") or "{}")
        if schema.get("columns"):
            text = json.dumps(schema, ensure_ascii=False, sort_keys=True)
            self.g.add((distribution, HTD.table_schema, Literal(text, datatype=RDF.JSON)))

    def _add_columns(self, resource: Mapping[str, Any], distribution: URIRef) -> None:
        """The columns of a table in CSVW, each with the element that it is bound to."""
        columns = h.hatinh_bound_columns(resource) if "hatinh_bound_columns" in h else ()
        if not columns:
            return
        schema = BNode()
        nodes: list[Node] = [BNode() for _ in columns]
        self.g.add((distribution, CSVW.tableSchema, schema))
        self.g.add((schema, RDF.type, CSVW.Schema))
        self.g.add((schema, CSVW.column, Collection(self.g, BNode(), nodes).uri))
        for node, column in zip(nodes, columns, strict=True):
            self.g.add((node, RDF.type, CSVW.Column))
            self.g.add((node, CSVW.title, Literal(column.name)))
            if column.element:
                self.g.add((node, CSVW.propertyUrl, URIRef(element_uri(column.element))))
