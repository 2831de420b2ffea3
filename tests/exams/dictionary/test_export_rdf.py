"""Linked data of an edition: SKOS by SHACL, whole-graph conditions, and stable addresses."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SDO, SKOS, Graph, Literal, URIRef

from hatinh.dictionary.attributes import Attributes
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.rdf import (
    ISO11179,
    code_graph,
    code_list_graph,
    edition_graph,
    element_graph,
    serialised,
)
from hatinh.dictionary.export.uris import code_uri, element_uri, list_uri, resolve
from hatinh.dictionary.model import Code, CodeList
from hatinh.text import Text

SHAPES = Path(__file__).parent / "skos_shapes.ttl"
ID = "https://data.hatinh.gov.vn/id"
TODAY = date(2026, 11, 22)
BEFORE = date(2025, 6, 30)


@pytest.fixture(scope="module")
def graph(shipped: Edition, attributes: Attributes) -> Graph:
    """The linked data of the shipped edition."""
    return edition_graph(shipped, attributes.guide)


def conforms(graph: Graph) -> str:
    """The report of the shapes, blank when all is well."""
    valid, _, text = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES))
    return "" if valid else str(text)


def test_edition_keeps_the_shapes(graph: Graph):
    """Every concept and scheme of the shipped edition is sound."""
    assert conforms(graph) == ""


def test_shapes_find_a_broken_concept(graph: Graph):
    """The shapes judge: a second name in one language and a lost scheme are found."""
    broken = Graph() + graph
    node = URIRef(element_uri("ma_dvhc"))
    broken.add((node, SKOS.prefLabel, Literal("Mã khác", lang="vi")))
    broken.remove((node, SKOS.inScheme, None))
    report = conforms(broken)
    assert "uniqueLang" in report
    assert "inScheme" in report


def test_everything_is_in_the_graph(graph: Graph, shipped: Edition):
    """A scheme for each list and one for the elements; a concept for each element and code."""
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    assert schemes == {URIRef(f"{ID}/element"), *(URIRef(list_uri(k)) for k in shipped.code_lists)}
    elements = set(graph.subjects(RDF.type, ISO11179.DataElement))
    assert elements == {URIRef(element_uri(key)) for key in shipped.elements}
    codes = {URIRef(code_uri(found, e)) for found in shipped.code_lists.values() for e in found}
    assert set(graph.subjects(RDF.type, SKOS.Concept)) == elements | codes


def test_no_concept_is_above_itself(graph: Graph):
    """Going up from any concept ends, and stays in its scheme."""
    for concept, parent in graph.subject_objects(SKOS.broader):
        assert concept not in set(graph.transitive_objects(parent, SKOS.broader))
        assert graph.value(concept, SKOS.inScheme) == graph.value(parent, SKOS.inScheme)


def test_notation_means_one_thing_on_a_day(graph: Graph):
    """In one scheme a notation may stand twice only for different times (REQ-35)."""
    spans: dict[tuple[object, object], list[tuple[str, str]]] = defaultdict(list)
    for concept, notation in graph.subject_objects(SKOS.notation):
        start = str(graph.value(concept, SDO.validFrom) or "0001-01-01")
        end = str(graph.value(concept, SDO.validThrough) or "9999-12-31")
        spans[graph.value(concept, SKOS.inScheme), notation].append((start, end))
    twice = [sorted(found) for found in spans.values() if len(found) > 1]
    assert len(twice) >= 69
    assert all(before[1] < after[0] for before, after in twice)


def test_labels_are_apart(graph: Graph):
    """No concept has one word both as its name and as another name (SKOS S13)."""
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        kinds = (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)
        labels = [set(graph.objects(concept, kind)) for kind in kinds]
        assert sum(map(len, labels)) == len(set().union(*labels)), concept


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # inside rdflib
@pytest.mark.parametrize("form", ["turtle", "json-ld"])
def test_graph_is_read_as_it_was_written(graph: Graph, form: str):
    """Turtle and JSON-LD say the same."""
    assert set(Graph().parse(data=serialised(graph, form), format=form)) == set(graph)


def test_element_speaks_of_itself(shipped: Edition, attributes: Attributes):
    """One element alone: names, definition, datatype, values, matches and notices."""
    graph = element_graph(shipped, "GioiTinh", attributes.guide)
    node = URIRef(f"{ID}/element/GioiTinh")
    assert conforms(graph) == ""
    assert graph.value(node, ISO11179.datatype) == Literal("code")
    assert graph.value(node, ISO11179.permissibleValues) == URIRef(f"{ID}/code/genders")
    assert set(map(str, graph.objects(node, SKOS.closeMatch))) == {
        "https://schema.org/gender",
        "http://release.niem.gov/niem/niem-core/5.0/#PersonSexCode",
    }
    proposed = element_graph(shipped, "ToaDo", attributes.guide)
    notes = proposed.objects(URIRef(f"{ID}/element/ToaDo"), SKOS.editorialNote)
    assert any("ĐỀ XUẤT" in str(note) for note in notes)


def test_code_list_speaks_of_itself(shipped: Edition, attributes: Attributes):
    """One list alone is sound, with source, date, owner and its codes."""
    for key in ("admin_units", "themes", "error_groups"):
        assert conforms(code_list_graph(shipped, key, attributes.guide)) == ""


def test_places_of_one_code_are_two_things(shipped: Edition, attributes: Attributes):
    """18073 was Phường Nam Hà, and is Phường Thành Sen: two addresses, two names."""
    places = shipped.code_lists["admin_units"]
    before, after = places.entries("18073")
    assert code_uri(places, before) == f"{ID}/code/admin_units/18073/first"
    assert code_uri(places, after) == f"{ID}/code/admin_units/18073/2025-07-01"
    graph = code_graph(shipped, "admin_units", before, attributes.guide)
    node = URIRef(code_uri(places, before))
    assert graph.value(node, SKOS.prefLabel) == Literal("Phường Nam Hà", lang="vi")
    assert str(graph.value(node, SKOS.broader)) == f"{ID}/code/admin_units/436/first"


@pytest.mark.parametrize(
    ("since", "at", "name"),
    [
        ("", TODAY, "Phường Thành Sen"),
        ("", BEFORE, "Phường Nam Hà"),
        ("first", TODAY, "Phường Nam Hà"),
        ("2025-07-01", BEFORE, "Phường Thành Sen"),
        ("2026-01-01", TODAY, None),
    ],
)
def test_address_of_a_place_leads_to_one_entry(
    shipped: Edition, since: str, at: date, name: str | None
):
    """Without a day in the address the day of the question counts."""
    found = resolve(shipped.code_lists["admin_units"], "18073", since, at)
    assert (found.name.vi if found else None) == name


def test_place_that_is_gone_has_no_address_of_today(shipped: Edition):
    """An abolished unit is found by its own address, or on a day when it was."""
    places = shipped.code_lists["admin_units"]
    assert resolve(places, "18077", "", TODAY) is None
    assert resolve(places, "18077", "", BEFORE)
    assert resolve(places, "99999", "", TODAY) is None


def test_every_address_leads_back_to_its_entry(shipped: Edition):
    """The address of each code of each list resolves to the thing that has the address."""
    for found in shipped.code_lists.values():
        for entry in found:
            parts = code_uri(found, entry).removeprefix(f"{list_uri(found.id)}/").split("/")
            back = resolve(found, entry.code, parts[1] if found.dated else "", TODAY)
            assert back is not None
            assert code_uri(found, back) == code_uri(found, entry)


def test_renamed_code_stays_one_thing(shipped: Edition, attributes: Attributes):
    """Rows of one code in an undated list are one concept with its former name."""
    old = Code("a", Text("Cũ"), valid_to=BEFORE)
    new = Code("a", Text("Mới"), ("Cũ",), valid_from=date(2025, 7, 1))
    codes = CodeList("x", Text("X", "X"), (old, new), source="s", issued="2025", owner="so-y-te")
    edition = Edition("1", TODAY, shipped.state, "so-y-te", {}, {"x": codes})
    graph = code_list_graph(edition, "x", attributes.guide)
    (node,) = graph.subjects(RDF.type, SKOS.Concept)
    assert str(node) == f"{ID}/code/x/a"
    assert list(graph.objects(node, SKOS.prefLabel)) == [Literal("Mới", lang="vi")]
    assert list(graph.objects(node, SKOS.altLabel)) == [Literal("Cũ", lang="vi")]
    assert resolve(codes, "a", "", BEFORE) == old
    assert resolve(codes, "a", "first", TODAY) is None
