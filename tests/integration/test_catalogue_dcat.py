"""The catalogue in DCAT-AP 3: right by SEMIC's shapes, whole, and nobody's but everybody's."""

import gzip
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from cataloguing import DATASET, SERVICE, alone, graph_of, mutations, renamed
from ckan import model as core
from ckanext.dcat.processors import RDFParser, RDFSerializer
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS
from shapes import violations

from ckanext.hatinh.catalog import dump, model, refreshing
from ckanext.hatinh.catalog.dcat_catalogue import CATALOGUE
from ckanext.hatinh.catalog.fragment import make_fragment, parsed, record_triples, serialized
from ckanext.hatinh.shared.mapping import package_id

CANARY = "Chim hoàng yến"


@pytest.fixture
def storage(tmp_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of files of its own."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    return tmp_path


@pytest.fixture
def create(site_user: str) -> Callable[..., dict[str, Any]]:
    """Creates a dataset of the education department."""
    needed = {
        name: value
        for name, value in DATASET.items()
        if name not in ("id", "organization", "metadata_created", "metadata_modified", "notes")
    }

    def make(name: str, **fields: Any) -> dict[str, Any]:
        office = {"name": name, "owner_org": "so-gddt", "resources": []}
        data = needed | office | fields
        return tk.get_action("package_create")({"user": site_user}, data)

    return make


def served_graph(app: Any, address: str, form: str = "turtle") -> Graph:
    """The graph at an address."""
    answer = app.get(address)
    assert answer.status_code == 200, answer.body
    return Graph().parse(data=answer.body, format=form)


def listed(graph: Graph) -> set[str]:
    """The records that a catalogue lists."""
    links = (*graph.objects(CATALOGUE, DCAT.dataset), *graph.objects(CATALOGUE, DCAT.service))
    return {str(link) for link in links}


def unpacked(form: str) -> bytes:
    """The dump in a form."""
    newest = dump.manifest()
    assert newest is not None
    return gzip.decompress(dump.file(newest.state, form).read_bytes())


# -- shapes -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_plugins")
def test_record_keeps_the_shapes_whatever_its_optional_fields_hold():
    """Nothing that a publisher left out or typed wrongly makes a record that breaks DCAT-AP."""
    graph = Graph()
    for package in mutations():
        graph += alone(package)
    assert violations(graph) == []


@pytest.mark.usefixtures("with_plugins")
@pytest.mark.parametrize("package", [DATASET, SERVICE], ids=["dataset", "dataservice"])
def test_record_alone_keeps_the_shapes(package):
    """A record needs nothing beside it: what it points to is said with it."""
    assert violations(alone(package)) == []


@pytest.mark.usefixtures("with_plugins")
def test_shapes_catch_a_record_without_its_title():
    """The shapes that we hold records against are ones that can be broken."""
    graph = alone(DATASET)
    graph.remove((None, DCTERMS.title, None))
    assert any(str(DCTERMS.title) in words for words in violations(graph))


@pytest.mark.usefixtures("with_plugins")
def test_fragment_says_what_the_profile_says():
    """Storing, renaming blank nodes and another serialiser change nothing but what XML forbids."""
    kept = [package for package in mutations() if "\\x0b" not in repr(package)]
    for package in kept[::7]:
        serializer = RDFSerializer()
        serializer.graph_from_dataset(package)
        stock = Graph()
        for triple in serializer.g:
            stock.add(triple)
        assert isomorphic(graph_of(parsed(make_fragment(package).nt)), stock)


@pytest.mark.usefixtures("with_plugins")
def test_no_words_break_the_xml_of_a_record():
    """What XML cannot hold is a space there; one record would break the catalogue of all."""
    for package in mutations():
        ET.fromstring(serialized(record_triples(package), "rdf"))


@pytest.mark.usefixtures("with_plugins")
def test_provenance_is_words_or_an_address():
    """Words that begin with an address stay words; an address alone is a document."""
    words = "https://hatinh.gov.vn/a\nKế hoạch 731"
    for said, shown in ((words, Literal(words)), ("https://hatinh.gov.vn/a", None)):
        graph = graph_of(record_triples(renamed(DATASET) | {"provenance": said}))
        (statement,) = graph.objects(None, DCTERMS.provenance)
        assert graph.value(statement, RDFS.label) == shown
        assert shown is not None or statement == URIRef(said)


@pytest.mark.usefixtures("with_plugins")
def test_equal_records_give_equal_bytes_and_share_no_blank_node():
    """A dump changes only where a record does, and merges no two contact points."""
    first, again, other = DATASET, DATASET, renamed(DATASET)
    assert make_fragment(first) == make_fragment(again)
    blank = [
        {str(node) for node in graph_of(parsed(make_fragment(package).nt)).all_nodes()}
        for package in (first, other)
    ]
    names = [{node for node in nodes if node.startswith("d0")} for nodes in blank]
    assert not names[0] & names[1]


@pytest.mark.usefixtures("with_plugins")
def test_commune_is_where_its_centre_is():
    """The spatial coverage is filled from the places, with a point where one is known."""
    graph = graph_of(record_triples(renamed(DATASET) | {"places": ["18073"]}))
    (point,) = graph.objects(None, DCAT.centroid)
    assert str(point) == "POINT(105.903 18.3419)"


# -- pages and the dump -------------------------------------------------------------------------


def test_catalogue_leaves_private_records_out_whoever_asks(app, create, storage, site_user):
    """What an editor may see besides is in no page, dump or list."""
    public = create("cong-khai")
    hidden = create("rieng-tu", title_translated={"vi": CANARY}, private=True)
    token = tk.get_action("api_token_create")(
        {"ignore_auth": True, "user": site_user},
        {"user": site_user, "name": "catalogue", "scopes": ["full"]},
    )["token"]
    headers = {"Authorization": token}
    assert app.get(f"/dataset/{hidden['name']}.ttl", headers=headers).status_code == 200
    assert app.get(f"/dataset/{hidden['name']}.ttl").status_code == 404
    dump.build()
    for address in ("/catalog.ttl", "/catalog/dump.ttl", "/data.json", "/sitemap-1.xml"):
        body = app.get(address, headers=headers).body
        assert public["id"] in body or public["name"] in body
        assert hidden["id"] not in body
        assert CANARY not in body


def test_empty_catalogue_is_not_given_out(app, create, storage):
    """Before the first record, and until the first dump of one, everybody is told to come again."""
    addresses = ("/catalog/dump.ttl", "/data.json", "/catalog.ttl", "/sitemap.xml")

    def answers() -> list[int]:
        found = [app.get(address) for address in addresses]
        assert all("Retry-After" in answer.headers for answer in found if answer.status_code == 503)
        return [answer.status_code for answer in found]

    assert answers() == [503, 503, 503, 503]
    dump.build()
    assert answers() == [503, 503, 503, 503]
    create("dau-tien")
    assert answers() == [503, 503, 200, 200]
    dump.build()
    assert answers() == [200, 200, 200, 200]


def test_record_made_private_leaves_the_catalogue_at_once(app, create, storage, site_user):
    """No page shows what has just been hidden; the dump that tells of it is not given out."""
    record, other = create("sap-an"), create("o-lai")
    dump.build()
    both = {record_address(record), record_address(other)}
    assert listed(served_graph(app, "/catalog.ttl")) == both
    tk.get_action("package_patch")({"user": site_user}, {"id": record["id"], "private": True})
    assert listed(served_graph(app, "/catalog.ttl")) == {record_address(other)}
    waiting = app.get("/catalog/dump.ttl")
    assert waiting.status_code == 503
    assert "Retry-After" in waiting.headers
    dump.build()
    assert record["id"] not in app.get("/catalog/dump.ttl").body


def test_record_hidden_while_the_dump_is_written_is_not_given_out(
    app, create, storage, site_user, monkeypatch
):
    """The dump that still tells of it waits for the next one."""
    record, _ = create("an-giua-chung"), create("o-lai")
    write = dump._write

    def hide(*given: Any) -> dump.Manifest:
        newest = write(*given)
        core.Session.rollback()
        tk.get_action("package_patch")({"user": site_user}, {"id": record["id"], "private": True})
        return newest

    monkeypatch.setattr(dump, "_write", hide)
    dump.build()
    assert app.get("/catalog/dump.ttl").status_code == 503
    monkeypatch.undo()
    monkeypatch.setitem(tk.config, "ckan.storage_path", str(storage))
    dump.build()
    told = app.get("/catalog/dump.ttl")
    assert told.status_code == 200
    assert record["id"] not in told.body


def test_copy_of_a_record_has_an_identifier_of_its_own(app, create, storage, site_user):
    """Nobody can claim the permanent address of another record, by a copy or on purpose."""
    first = create("ban-goc", id=package_id("nguon", "goc"))
    address = record_address(first)
    kept = {"id": first["id"], "uri": address}
    assert tk.get_action("package_patch")({"user": site_user}, kept)["uri"] == address
    for words in (address, "abc"):
        copy = create(f"ban-sao-{len(words)}", uri=words)
        assert not copy.get("uri")
        found = served_graph(app, f"/dataset/{copy['name']}.ttl")
        assert set(found.subjects(RDF.type, DCAT.Dataset)) == {URIRef(record_address(copy))}
    assert len(listed(served_graph(app, "/catalog.ttl"))) == 3


def test_changes_are_asked_for_in_any_zone(app, create):
    """A moment with its zone is that moment; one without is in UTC."""
    record = create("doi-som")
    changed = datetime.fromisoformat(record["metadata_modified"]).replace(tzinfo=UTC)
    zone = timezone(timedelta(hours=7))
    for seconds, count in ((-1, 1), (1, 0)):
        moment = changed + timedelta(seconds=seconds)
        for said in (moment.astimezone(zone).isoformat(), moment.replace(tzinfo=None).isoformat()):
            found = served_graph(app, f"/catalog.ttl?modified_since={quote(said)}")
            assert len(listed(found)) == count, said


def record_address(record: dict[str, Any]) -> str:
    """The permanent identifier of a record that was made by hand."""
    return f"https://data.hatinh.gov.vn/id/{record['type']}/{record['id']}"


@pytest.fixture
def three(create, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Three records, and pages of two."""
    monkeypatch.setattr("ckanext.hatinh.catalog.pages.SIZE", 2)
    return [create(f"bo-{number}") for number in range(3)]


def test_pages_go_on_after_the_last_id(app, three):
    """Every record is on one page, and ckanext-dcat's harvester goes from each page to the next."""
    found: set[str] = set()
    address, pages = "/catalog.ttl", 0
    while address:
        page = RDFParser()
        page.parse(app.get(address).data, "text/turtle")
        assert not found & listed(page.g)
        found |= listed(page.g)
        pages += 1
        address = page.next_page()
    assert pages == 2
    assert found == {record_address(record) for record in three}


def test_page_of_unknown_form_is_not_found(app, three, storage):
    """Once these were errors of the server."""
    for address in ("/catalog.json", "/catalog.tt", "/catalog/dump.zip", "/dataset/bo-0.json"):
        assert app.get(address).status_code == 404, address
    assert app.get("/catalog.ttl?modified_since=hôm-qua").status_code == 400


def test_dump_is_the_same_catalogue_in_every_form(three, storage):
    """Turtle, N-Triples, JSON-LD and RDF/XML tell of the same graph, which keeps the shapes."""
    dump.build()
    turtle = Graph().parse(data=unpacked("ttl"), format="turtle")
    assert listed(turtle) == {record_address(record) for record in three}
    for form, name in (("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml")):
        assert isomorphic(turtle, Graph().parse(data=unpacked(form), format=name)), form
    assert violations(turtle) == []
    assert (CATALOGUE, RDF.type, DCAT.Catalog) in turtle
    plain = json.loads(unpacked("json"))
    assert {record["identifier"] for record in plain["dataset"]} == listed(turtle)


def test_dump_has_a_tag_and_is_sent_packed_or_not(app, three, storage):
    """Who has the dump gets 304; who takes gzip gets it packed, under another tag."""
    dump.build()
    bare = app.get("/catalog/dump.ttl")
    packed = app.get("/catalog/dump.ttl", headers={"Accept-Encoding": "gzip"})
    assert bare.headers["ETag"] != packed.headers["ETag"]
    assert gzip.decompress(packed.data) == bare.data
    assert int(bare.headers["Content-Length"]) == len(bare.data)
    refused = app.get("/catalog/dump.ttl", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert refused.data == bare.data
    again = app.get("/catalog/dump.ttl", headers={"If-None-Match": bare.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", ""),
        ("*/*", ""),
        ("image/png", ""),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ""),
        ("text/turtle", "ttl"),
        ("text/turtle;q=0", ""),
        ("text/html;q=0.4, application/ld+json;q=0.9, text/turtle;q=0.5", "jsonld"),
        ("text/html, text/turtle;q=0.9", ""),
        ("application/rdf+xml, text/html;q=0.5", "rdf"),
        ("application/n-triples, */*;q=0.1", "nt"),
        ("text/turtle; charset=utf-8", "ttl"),
    ],
)
def test_program_is_led_to_the_form_that_it_prefers(app, portal, accept, form):
    """The permanent address of a record and the catalogue's answer 303 by ``Accept`` and its q."""
    ending = f".{form}" if form else ""
    for address, page, rdf in (
        ("/id/dataset/x", "/dataset/x", "/dataset/x"),
        ("/catalog", "/dataset/", "/catalog"),
    ):
        answer = app.get(address, headers={"Accept": accept}, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith((rdf if form else page) + ending)
        assert "Accept" in answer.headers["Vary"]


def test_build_writes_nothing_while_nothing_changes(three, storage, site_user):
    """An unchanged catalogue keeps its tag; a changed title gives another, and one old file."""
    first = dump.build()
    assert dump.build() == first
    fields = {"id": three[0]["id"], "title_translated": {"vi": "Tên mới"}}
    tk.get_action("package_patch")({"user": site_user}, fields)
    second = dump.build()
    assert first.state != second.state
    assert "Tên mới".encode() in unpacked("json")
    assert dump.file(first.state, "ttl").exists()
    assert refreshing.late() == 0


def test_fragment_is_made_anew_after_a_day(three, storage):
    """What changes without a trace, as the binding of a column does, is told within a day."""
    dump.build()
    yesterday = datetime.now(UTC) - timedelta(days=2)
    old = "UPDATE hatinh_catalog_fragment SET made = :at, nt = '', hash = ''"
    core.Session.execute(sa.text(old), {"at": yesterday})
    core.Session.commit()
    dump.build()
    assert {row.nt for row in model.fragments(model.WHOLE)} != {""}


def test_renamed_office_changes_its_records(three, storage, site_user):
    """What a fragment says of the publisher follows the publisher."""
    dump.build()
    fields = {"id": "so-gddt", "title_translated": {"vi": "Sở Học tập"}, "title": "Sở Học tập"}
    tk.get_action("organization_patch")({"user": site_user}, fields)
    dump.build()
    graph = Graph().parse(data=unpacked("ttl"), format="turtle")
    office = URIRef("https://data.hatinh.gov.vn/id/organization/so-gddt")
    names = set(graph.objects(office, URIRef("http://xmlns.com/foaf/0.1/name")))
    assert names == {Literal("Sở Học tập")}


def test_record_that_cannot_be_described_keeps_no_other_out(three, storage, site_user):
    """One broken record is logged and missing; the dump is built."""
    broken = core.Resource(package_id=three[0]["id"], url="x", extras={"schema": "{]"})
    core.Session.add(broken)
    core.Session.commit()
    assert dump.build().datasets == 2


def test_action_tells_where_the_dump_is(app, three, storage):
    """When it was built, what is in it and where it is; 404 before the first one."""
    address = "/api/3/action/hatinh_catalogue_dump_show"
    assert app.get(address).status_code == 404
    assert app.get("/catalog/dump.ttl").status_code == 503
    dump.build()
    found = app.get(address).json["result"]
    assert found["datasets"] == 3
    assert {file["form"] for file in found["files"]} == set(dump.FORMS)


def test_system_is_in_no_catalogue(app, create, storage):
    """A register entry is not data."""
    create("csdl-nganh", type="system")
    record = create("truong")
    assert listed(served_graph(app, "/catalog.ttl")) == {record_address(record)}
    assert model.count() == 1


def test_service_names_only_datasets_that_everybody_may_see(app, create, storage, site_user):
    """A link to a private dataset would tell of it; one to none would break the shapes."""
    served = create("truong", id=package_id("lgsp", "truong"))
    hidden = create("an", id=package_id("lgsp", "an"), private=True)
    fields = {"endpoint_url": "https://lgsp.example.org/1", "harvest_source": "lgsp"}
    create("api", type="dataservice", serves_datasets="truong; an; khong-co", **fields)
    dump.build()
    for found in (
        served_graph(app, "/dataservice/api.ttl"),
        served_graph(app, "/catalog.ttl"),
        Graph().parse(data=unpacked("ttl"), format="turtle"),
    ):
        links = {str(link) for link in found.objects(None, DCAT.servesDataset)}
        assert links == {record_address(served)}
        assert hidden["id"] not in found.serialize(format="nt")
        assert violations(found) == []


def test_service_entered_by_hand_names_datasets_as_people_do(app, create, storage):
    """By id, name, identifier at any source or title; a word that fits two datasets names none."""
    served = [
        create("theo-ma"),
        create("theo-ten"),
        create("theo-nguon", harvest_guid="BO-7", harvest_source="so-gddt"),
        create("theo-tieu-de", title_translated={"vi": "Trường của xã"}),
    ]
    for name in ("mot", "hai"):
        create(name, title_translated={"vi": "Trùng tên"})
    words = f"{served[0]['id']}; theo-ten; BO-7; Trường của xã; Trùng tên"
    create("api", type="dataservice", serves_datasets=words, endpoint_url="https://a.example.org/1")
    found = served_graph(app, "/dataservice/api.ttl")
    links = {str(link) for link in found.objects(None, DCAT.servesDataset)}
    assert links == {record_address(record) for record in served}


def test_every_form_of_a_record_is_the_same_graph(app, create):
    """Turtle, N3, N-Triples, JSON-LD and RDF/XML."""
    record = create("mot")
    turtle = served_graph(app, "/dataset/mot.ttl")
    assert (URIRef(record_address(record)), DCTERMS.title, None) in turtle
    for form, name in (("n3", "n3"), ("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml")):
        assert isomorphic(turtle, served_graph(app, f"/dataset/mot.{form}", name)), form
