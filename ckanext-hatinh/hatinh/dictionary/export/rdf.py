"""An edition as linked data: SKOS, with the terms of ISO/IEC 11179 for what SKOS lacks.

A code list is a ``skos:ConceptScheme``, a code a ``skos:Concept``; an element is a concept, and an
``iso11179:DataElement`` with object class, datatype and value domain. The name of the standard's
vocabulary is the one that HL7 FHIR cites; the State has named none.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from rdflib import DCTERMS, OWL, RDF, SDO, SKOS, XSD, Graph, Literal, Namespace, URIRef

from hatinh.dictionary.attributes import Guide, edition_flags, flags
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.uris import (
    BASE,
    code_uri,
    edition_uri,
    element_uri,
    entity_uri,
    list_uri,
    office_uri,
)
from hatinh.dictionary.model import Code, CodeList, Element
from hatinh.text import Text

ISO11179 = Namespace("http://metadata-standards.org/11179/")
ADMS = Namespace("http://www.w3.org/ns/adms#")
ELEMENTS = URIRef(f"{BASE}/element")

_PREFIXES = {
    "adms": ADMS,
    "dct": DCTERMS,
    "iso11179": ISO11179,
    "owl": OWL,
    "schema": SDO,
    "skos": SKOS,
    "xsd": XSD,
}
_VOCABULARIES = {
    "dct": str(DCTERMS),
    "nc": "http://release.niem.gov/niem/niem-core/5.0/#",
    "schema": "https://schema.org/",
    "xsd": str(XSD),
}
"""Prefixes that mappings and RDF types are written with."""

_DATE_TYPES = ((re.compile(r"\d{4}"), XSD.gYear), (re.compile(r"\d{4}-\d{2}"), XSD.gYearMonth))

Triple = tuple[Any, Any, Any]


def edition_graph(edition: Edition, guide: Guide) -> Graph:
    """Everything in an edition."""
    graph = _graph(_edition(edition, guide))
    for element in edition.elements.values():
        _add(graph, _element(element, edition, guide))
    for code_list in edition.code_lists.values():
        _add(graph, _scheme(code_list, edition, guide))
        for code in dict.fromkeys(entry.code for entry in code_list):
            _add(graph, _concepts(code_list, code_list.entries(code)))
    return graph


def element_graph(edition: Edition, element: str, guide: Guide) -> Graph:
    """One element, and the names of what it points to."""
    found = edition.elements[element]
    graph = _graph(_element(found, edition, guide))
    _add(graph, _titles(ELEMENTS, _TITLE))
    if codes := edition.code_lists.get(found.code_list):
        _add(graph, _titles(URIRef(list_uri(codes.id)), codes.title))
    return graph


def code_list_graph(edition: Edition, code_list: str, guide: Guide) -> Graph:
    """One code list with its codes."""
    found = edition.code_lists[code_list]
    graph = _graph(_scheme(found, edition, guide))
    for code in dict.fromkeys(entry.code for entry in found):
        _add(graph, _concepts(found, found.entries(code)))
    return graph


def code_graph(edition: Edition, code_list: str, entry: Code, guide: Guide) -> Graph:
    """The thing that an entry is, in an undated list all rows of its code; and its list."""
    found = edition.code_lists[code_list]
    entries = (entry,) if found.dated else found.entries(entry.code)
    graph = _graph(_concepts(found, entries))
    _add(graph, _scheme(found, edition, guide))
    return graph


def serialised(graph: Graph, form: str) -> str:
    """Text of a graph: ``turtle`` or ``json-ld``."""
    if form == "json-ld":
        context = {prefix: str(namespace) for prefix, namespace in _PREFIXES.items()}
        return graph.serialize(format=form, context=context, auto_compact=True, indent=1)
    return graph.serialize(format=form)


_TITLE = Text("Từ điển dữ liệu tỉnh Hà Tĩnh", "Data dictionary of Hà Tĩnh province")


def _graph(triples: Iterable[Triple]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in _PREFIXES.items():
        graph.bind(prefix, namespace)
    _add(graph, triples)
    return graph


def _add(graph: Graph, triples: Iterable[Triple]) -> None:
    for triple in triples:
        graph.add(triple)


# -- the edition and its lists ------------------------------------------------------------------


def _edition(edition: Edition, guide: Guide) -> Iterator[Triple]:
    node = URIRef(edition_uri(edition.number))
    yield node, RDF.type, ADMS.SemanticAsset
    yield from _texts(node, DCTERMS.title, _TITLE)
    yield node, OWL.versionInfo, Literal(edition.number)
    yield node, DCTERMS.issued, Literal(edition.date)
    yield node, DCTERMS.publisher, URIRef(office_uri(edition.owner))
    yield node, ISO11179.registrationStatus, Literal(edition.state.value)
    yield from _notes(node, edition_flags(edition, guide))
    if edition.decision:
        yield node, DCTERMS.source, Literal(edition.decision, lang="vi")
    for scheme in (str(ELEMENTS), *map(list_uri, edition.code_lists)):
        yield node, DCTERMS.hasPart, URIRef(scheme)
    yield from _titles(ELEMENTS, _TITLE)


def _scheme(found: CodeList, edition: Edition, guide: Guide) -> Iterator[Triple]:
    node = URIRef(list_uri(found.id))
    yield from _titles(node, found.title)
    yield node, DCTERMS.identifier, Literal(found.id)
    yield node, DCTERMS.source, Literal(found.source, lang="vi")
    yield node, DCTERMS.issued, _dated(found.issued)
    yield node, DCTERMS.publisher, URIRef(office_uri(found.owner))
    yield node, DCTERMS.isPartOf, URIRef(edition_uri(edition.number))
    yield from _notes(node, flags(found, guide))
    if found.note:
        yield node, SKOS.note, Literal(found.note, lang="vi")


def _titles(node: URIRef, title: Text) -> Iterator[Triple]:
    yield node, RDF.type, SKOS.ConceptScheme
    yield from _texts(node, SKOS.prefLabel, title)


# -- codes --------------------------------------------------------------------------------------


def _concepts(found: CodeList, entries: tuple[Code, ...]) -> Iterator[Triple]:
    """The things that the entries of one code are: each one in a dated list, else one together."""
    for group in [(entry,) for entry in entries] if found.dated else [entries]:
        yield from _concept(found, group)


def _concept(found: CodeList, entries: tuple[Code, ...]) -> Iterator[Triple]:
    """One thing; its latest entry names it."""
    entry = entries[-1]
    node, scheme = URIRef(code_uri(found, entry)), URIRef(list_uri(found.id))
    yield node, RDF.type, SKOS.Concept
    yield node, SKOS.inScheme, scheme
    yield node, SKOS.notation, Literal(entry.code)
    names = [name for e in entries for name in (*e.other_names, e.name.vi)]
    yield from _labels(node, entry.name, names)
    parent = _parent(found, entry)
    if parent is None:
        yield node, SKOS.topConceptOf, scheme
        yield scheme, SKOS.hasTopConcept, node
    else:
        yield node, SKOS.broader, URIRef(code_uri(found, parent))
    if entry.description:
        yield node, SKOS.definition, Literal(entry.description, lang="vi")
    yield from _mapped(node, tuple(part for part in entry.mapping.split("|") if part))
    yield from _validity(node, entries[0].valid_from, entry.valid_to)


def _parent(found: CodeList, entry: Code) -> Code | None:
    """The parent as it was when the entry was."""
    day = entry.valid_from or entry.valid_to or date.max
    entries = found.entries(entry.parent)
    return found.get(entry.parent, day) or (entries[-1] if entries else None)


# -- elements -----------------------------------------------------------------------------------


def _element(element: Element, edition: Edition, guide: Guide) -> Iterator[Triple]:
    node = URIRef(element_uri(element.id))
    yield node, RDF.type, SKOS.Concept
    yield node, RDF.type, ISO11179.DataElement
    yield node, SKOS.inScheme, ELEMENTS
    yield node, SKOS.notation, Literal(element.id)
    yield from _labels(node, element.name, element.synonyms)
    yield from _texts(node, SKOS.definition, element.definition)
    yield from _texts(node, SKOS.scopeNote, element.usage_context)
    yield from _registered(node, element, edition, guide)
    yield from _value_domain(node, element)
    yield from _mapped(node, element.mappings)
    yield from _validity(node, element.valid_from, element.valid_to)
    for term in element.related_terms:
        yield node, SKOS.related, URIRef(element_uri(term))


def _registered(node: URIRef, element: Element, edition: Edition, guide: Guide) -> Iterator[Triple]:
    """Who answers for the element, where it comes from and what it is worth."""
    yield node, DCTERMS.isPartOf, URIRef(edition_uri(edition.number))
    yield node, ISO11179.registrationStatus, Literal(edition.state.value)
    yield node, DCTERMS.source, Literal(element.source, lang="vi")
    if element.creator_org:
        yield node, DCTERMS.creator, URIRef(office_uri(element.creator_org))
    yield node, DCTERMS.publisher, URIRef(office_uri(element.owner_org))
    yield from _notes(node, flags(element, guide))
    for title in element.related_documents:
        yield node, DCTERMS.references, Literal(title, lang="vi")


def _value_domain(node: URIRef, element: Element) -> Iterator[Triple]:
    """What the values of the element are, in the terms of ISO/IEC 11179-3."""
    yield node, ISO11179.datatype, Literal(element.datatype.value)
    if element.entity:
        yield node, ISO11179.objectClass, URIRef(entity_uri(element.entity))
    if address := _address(element.rdf_type):
        yield node, ISO11179.representationType, URIRef(address)
    if element.code_list:
        yield node, ISO11179.permissibleValues, URIRef(list_uri(element.code_list))
    values = {
        ISO11179.valueDomainFormat: element.pattern or element.written_as,
        ISO11179.maximumCharacterQuantity: element.max_length,
        ISO11179.unitOfMeasure: element.unit,
        SDO.minValue: element.minimum,
        SDO.maxValue: element.maximum,
        SKOS.example: element.example,
    }
    for predicate, value in values.items():
        if value not in ("", None):
            yield node, predicate, Literal(value)


# -- what all things share ----------------------------------------------------------------------


def _texts(node: URIRef, predicate: URIRef, text: Text) -> Iterator[Triple]:
    for language, words in zip(("vi", "en"), text, strict=True):
        if words:
            yield node, predicate, Literal(words, lang=language)


def _notes(node: URIRef, texts: Iterable[Text]) -> Iterator[Triple]:
    for words in texts:
        yield from _texts(node, SKOS.editorialNote, words)


def _labels(node: URIRef, name: Text, others: Iterable[str]) -> Iterator[Triple]:
    """Names; a word with Vietnamese letters is another name, any other a spelling for searches."""
    yield from _texts(node, SKOS.prefLabel, name)
    for words in others:
        if words in name:
            continue
        if words.isascii():
            yield node, SKOS.hiddenLabel, Literal(words)
        else:
            yield node, SKOS.altLabel, Literal(words, lang="vi")


def _mapped(node: URIRef, mappings: Iterable[str]) -> Iterator[Triple]:
    """Terms elsewhere: an address is a close match, any other word a name that others use."""
    for words in mappings:
        if address := _address(words):
            yield node, SKOS.closeMatch, URIRef(address)
        else:
            yield node, ISO11179.designation, Literal(words)


def _address(words: str) -> str:
    prefix, colon, name = words.partition(":")
    if prefix in ("http", "https"):
        return words
    return f"{_VOCABULARIES[prefix]}{name}" if colon and prefix in _VOCABULARIES else ""


def _validity(node: URIRef, first: date | None, last: date | None) -> Iterator[Triple]:
    if first:
        yield node, SDO.validFrom, Literal(first)
    if last:
        yield node, SDO.validThrough, Literal(last)


def _dated(words: str) -> Literal:
    """A day, month or year, typed as what it is."""
    known = (kind for form, kind in _DATE_TYPES if form.fullmatch(words))
    return Literal(words, datatype=next(known, XSD.date))
