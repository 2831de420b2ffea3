"""What each format says, read into the canonical fields."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters.errors import (
    GarbledSourceError,
    IncompleteSourceError,
    RefusedBySourceError,
)
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

Reader = Callable[..., list[Draft]]
SCHEMA = {"columns": [{"name": "ma", "key": True}]}
DATA = Path(__file__).parent / "data"


@pytest.fixture
def read(server: Any, reply: Any, client: Client) -> Reader:
    """Reads a source that consists of one answer at ``path``."""

    def reading(
        kind: str, path: str, body: bytes | str, media_type: str, **options: Any
    ) -> list[Draft]:
        content = body.encode() if isinstance(body, str) else body
        server.routes[path] = lambda asked: reply(content, media_type)
        config = SourceConfig(
            name="nguon",
            kind=kind,
            title=Text("Nguồn"),
            url=server.url + path.partition("/api/")[0],
            owner="so-thu",
            allow_private=True,
            options=options,
        )
        return list(open_source(config, client).drafts())

    return reading


# -- DCAT -----------------------------------------------------------------------------------------

HYDRA = "<http://www.w3.org/ns/hydra/core#"
TURTLE = (DATA / "catalog.ttl").read_text(encoding="utf-8")


def test_dcat_fields_are_read(read: Reader, server: Any) -> None:
    """Every DCAT property arrives under its canonical name, in words."""
    dataset, _ = read("dcat", "/c.ttl", TURTLE, "text/turtle")
    assert dataset.guid == "a"
    assert dict(dataset.fields) == {
        "title": {"vi": "Ngân sách", "en": "Budget"},
        "notes": {"vi": "Mô tả"},
        "publisher": "Sở Tài chính",
        "themes": ["Tài chính", "HT05"],
        "keywords": ["chi", "thu"],
        "frequency": "ANNUAL",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "contact": "Phòng Ngân sách",
        "contact_email": "ns@hatinh.gov.vn",
        "provenance": "Nghị quyết",
        "issued": "2025-01-02",
        "modified": "31/02/2026",
        "period_start": "2025",
        "period_end": "2025-12",
        "data_layer": "du_lieu_goc",
        "places": ["18073", "18118"],
    }
    (file,) = dataset.resources
    assert file == {
        "guid": f"{server.url}/a.csv",
        "name": {"vi": "Bảng"},
        "url": f"{server.url}/a.csv",
        "format": "CSV",
        "media_type": "text/csv",
        "schema": SCHEMA,
    }


def test_dcat_services_are_read(read: Reader, server: Any) -> None:
    """A data service knows its endpoint and the identifiers of what it serves."""
    _, service = read("dcat", "/c.ttl", TURTLE, "text/turtle")
    assert service.guid == f"{server.url}/c.ttl#s"
    assert service.fields["kind"] == "dataservice"
    assert service.fields["endpoint_url"] == "https://a.vn/api"
    assert service.fields["serves_datasets"] == "a"


def test_dcat_in_json_ld_is_read(read: Reader) -> None:
    """JSON-LD with its context inside is as good as Turtle."""
    document = {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Catalog",
        "dcat:dataset": {
            "@id": "https://a.vn/1",
            "@type": "dcat:Dataset",
            "dct:title": {"@value": "Trường học", "@language": "vi"},
        },
    }
    (draft,) = read("dcat", "/c.jsonld", json.dumps(document), "application/ld+json")
    assert draft.guid == "https://a.vn/1"
    assert draft.fields["title"] == {"vi": "Trường học"}


@pytest.mark.parametrize(
    "context",
    [
        "http://127.0.0.1:1/context.jsonld",
        ["https://www.w3.org/ns/dcat.jsonld", {}],
        {"@import": "file:///etc/passwd"},
        {"a": {"@id": "http://a.vn/a", "@context": "http://10.0.0.1/"}},
    ],
    ids=["text", "list", "import", "scoped"],
)
def test_dcat_context_from_elsewhere_is_refused(read: Reader, server: Any, context: Any) -> None:
    """A context would be fetched by the parser, past every rule about addresses."""
    document = {"@context": context, "@type": "http://www.w3.org/ns/dcat#Catalog"}
    with pytest.raises(GarbledSourceError, match="context elsewhere"):
        read("dcat", "/c.jsonld", json.dumps(document), "application/ld+json")
    assert len(server.asked) == 1


def test_dcat_listing_more_than_it_describes_is_incomplete(read: Reader) -> None:
    """Turtle cut off after a full stop is sound Turtle; the catalogue's list tells."""
    cut = TURTLE[: TURTLE.index("<#s> a dcat:DataService")]
    with pytest.raises(IncompleteSourceError):
        read("dcat", "/c.ttl", cut, "text/turtle")


RDF = """<?xml version="1.0"?>{doctype}
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/">
  <dcat:Dataset rdf:about="https://a.vn/1">
    <dct:title xml:lang="vi">Trường học</dct:title>{more}
  </dcat:Dataset>
</rdf:RDF>"""


def test_dcat_in_rdf_xml_is_read(read: Reader) -> None:
    """A single dataset, without a catalogue around it, is a list of one."""
    body = RDF.format(doctype="", more="")
    (draft,) = read("dcat", "/c", body, "application/rdf+xml")
    assert draft.guid == "https://a.vn/1"
    assert draft.fields == {"title": {"vi": "Trường học"}}


def test_dcat_words_beside_an_address_are_left_out(read: Reader) -> None:
    """Some catalogues write what an address means between its tags, which is no RDF/XML."""
    theme = '<dcat:theme rdf:resource="https://a.vn/chu-de/moi-truong">Môi trường</dcat:theme>'
    (draft,) = read("dcat", "/c.rdf", RDF.format(doctype="", more=theme), "application/rdf+xml")
    assert draft.fields["themes"] == ["moi-truong"]


def test_dcat_with_a_doctype_is_refused(read: Reader) -> None:
    """Entities can eat memory and name files: none are read, harmless ones neither."""
    body = RDF.format(doctype='<!DOCTYPE rdf:RDF [<!ENTITY a "b">]>', more="")
    with pytest.raises(GarbledSourceError, match="DOCTYPE"):
        read("dcat", "/c.rdf", body, "application/rdf+xml")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/c.ttl", "text/plain"), ("/c", "text/turtle"), ("/c", "application/octet-stream")],
)
def test_dcat_syntax_is_found_by_type_ending_or_start(
    read: Reader, path: str, media_type: str
) -> None:
    """Servers that call every file text or bytes are read as well."""
    assert len(read("dcat", path, TURTLE, media_type)) == 2


def test_dcat_total_may_leave_the_services_out(read: Reader) -> None:
    """Some totals count the datasets and leave the data services out."""
    for total in (1, 2):
        text = TURTLE.replace(
            "<> a dcat:Catalog", f"<> {HYDRA}totalItems> {total} ; a dcat:Catalog"
        )
        assert len(read("dcat", "/c.ttl", text, "text/turtle")) == 2
    text = TURTLE.replace("<> a dcat:Catalog", f"<> {HYDRA}totalItems> 3 ; a dcat:Catalog")
    with pytest.raises(IncompleteSourceError):
        read("dcat", "/c.ttl", text, "text/turtle")


def test_dcat_known_context_is_read_from_here(read: Reader, server: Any) -> None:
    """The context of Project Open Data is kept with the adapter: nobody is asked for it."""
    document = {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dataset": [{"@type": "dcat:Dataset", "identifier": "a", "title": "Trường học"}],
    }
    (draft,) = read("dcat", "/c.jsonld", json.dumps(document), "application/ld+json")
    assert (draft.guid, draft.fields) == ("a", {"title": {"vi": "Trường học"}})
    assert len(server.asked) == 1


def test_dcat_shape_of_a_place_becomes_its_rectangle(read: Reader) -> None:
    """Well-known text and GeoJSON both."""
    place = (
        '<> <http://purl.org/dc/terms/spatial> [ <http://www.w3.org/ns/locn#geometry> "{}" ] ; '
        "a <http://www.w3.org/ns/dcat#Dataset> ."
    )
    square = "POLYGON((105.1 17.9, 106.5 17.9, 106.5 18.8, 105.1 18.8, 105.1 17.9))"
    geojson = json.dumps({"type": "Point", "coordinates": [105.9, 18.3]}).replace('"', r"\"")
    found = [
        read("dcat", "/c.ttl", place.format(shape), "text/turtle")[0].fields["bbox"]
        for shape in (square, geojson)
    ]
    assert found == [["105.1", "17.9", "106.5", "18.8"], ["105.9", "18.3", "105.9", "18.3"]]


# -- data.json ------------------------------------------------------------------------------------

CONTACT = {"fn": "Phòng Ngân sách", "hasEmail": "mailto:ns@hatinh.gov.vn"}


def datajson(read: Reader, **lists: Any) -> list[Draft]:
    """The drafts of a ``data.json`` with these lists."""
    return read("datajson", "/data.json", json.dumps(lists), "application/json")


def test_datajson_fields_are_read(read: Reader, server: Any) -> None:
    """Version 1.1: plain words, a period in one text, corners of a rectangle; fields of ours."""
    dataset = {
        "identifier": "a",
        "title": "Ngân sách",
        "description": "Mô tả",
        "keyword": ["thu", "chi"],
        "theme": ["Tài chính"],
        "publisher": {"name": "Sở Tài chính", "subOrganizationOf": {"name": "Ủy ban"}},
        "contactPoint": CONTACT,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "accrualPeriodicity": "R/P1Y",
        "temporal": "2025-01-01/2025-12-31",
        "spatial": "105.1,17.9,106.5,18.8",
        "modified": "2026-01-02",
        "issued": None,
        "landingPage": "https://a.vn/a",
        "data_layer": "du_lieu_goc",
        "distribution": [
            {"title": "Bảng", "downloadURL": "https://a.vn/a.csv", "format": "CSV"},
            {"accessURL": "https://a.vn/a.html"},
        ],
    }
    (draft,) = datajson(read, dataset=[dataset])
    assert dict(draft.fields) == {
        "title": "Ngân sách",
        "notes": "Mô tả",
        "publisher": "Sở Tài chính",
        "themes": ["Tài chính"],
        "keywords": ["thu", "chi"],
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "frequency": "R/P1Y",
        "contact": "Phòng Ngân sách",
        "contact_email": "ns@hatinh.gov.vn",
        "landing_page": "https://a.vn/a",
        "modified": "2026-01-02",
        "period_start": "2025-01-01",
        "period_end": "2025-12-31",
        "bbox": ["105.1", "17.9", "106.5", "18.8"],
        "data_layer": "du_lieu_goc",
    }
    assert [file["url"] for file in draft.resources] == [
        "https://a.vn/a.csv",
        "https://a.vn/a.html",
    ]
    assert draft.origin == f"{server.url}/data.json#a"


def test_datajson_of_version_3_is_read(read: Reader) -> None:
    """Things with an identity in place of words; services, catalogues and series within."""
    dataset = {"identifier": {"@id": "https://a.vn/1"}, "title": "Một", "contactPoint": [CONTACT]}
    inner = {"title": "Trong", "dataset": [{"identifier": {"notation": "SO-2"}, "title": "Hai"}]}
    member = {"identifier": "nam-2025", "title": "Năm 2025"}
    service = {
        "@id": "https://a.vn/api",
        "title": "API",
        "endpointURL": ["https://a.vn/api/v1"],
        "servesDataset": [dataset, "khac"],
    }
    drafts = datajson(
        read,
        datasetSeries=[{"title": "Loạt", "seriesMember": [member]}],
        dataset=[dataset, {"identifier": "nam-2025", "title": "Năm 2025"}],
        service=[service],
        catalog=[inner],
    )
    assert [draft.guid for draft in drafts] == [
        "https://a.vn/1",
        "nam-2025",
        "https://a.vn/api",
        "SO-2",
    ]
    assert drafts[0].fields["contact_email"] == "ns@hatinh.gov.vn"
    assert drafts[2].fields["kind"] == "dataservice"
    assert drafts[2].fields["endpoint_url"] == "https://a.vn/api/v1"
    assert drafts[2].fields["serves_datasets"] == "https://a.vn/1; khac"


def test_datajson_without_datasets_is_empty_and_without_a_list_an_error(read: Reader) -> None:
    """An empty list is a list; whether it may be empty is judged by the engine."""
    assert datajson(read, dataset=[]) == []
    for lists in ({"datasets": []}, {"dataset": None}, {"dataset": "x"}):
        with pytest.raises(GarbledSourceError):
            datajson(read, **lists)


def test_datajson_broken_after_the_last_dataset_is_an_error(read: Reader) -> None:
    """What came before the break is no list."""
    body = '{"dataset": [{"identifier": "a", "title": "A"}], "x": tru'
    with pytest.raises(GarbledSourceError):
        read("datajson", "/data.json", body, "application/json")


# -- CKAN -----------------------------------------------------------------------------------------

SEARCH = "/api/3/action/package_search"


def test_ckan_core_fields_and_extras_are_read(read: Reader, server: Any) -> None:
    """Core fields, translations, extras and fields of a schema all arrive."""
    package = {
        "id": "1",
        "name": "ngan-sach",
        "title": "Ngân sách",
        "notes_translated": {"vi": "Mô tả", "en": "Text"},
        "organization": {"name": "stc", "title": "Sở Tài chính"},
        "groups": [{"display_name": "Tài chính"}, {"name": "kinh-te"}],
        "tags": [{"name": "thu"}],
        "license_id": "cc-by",
        "maintainer": "Phòng Ngân sách",
        "maintainer_email": "",
        "metadata_modified": "2026-01-02T00:00:00",
        "data_layer": "du_lieu_goc",
        "extras": [{"key": "title_en", "value": "Budget"}, {"key": "frequency", "value": "Năm"}],
        "resources": [{"id": "r", "url": "http://a.vn/a.csv", "schema": json.dumps(SCHEMA)}],
    }
    body = {"success": True, "result": {"count": 1, "results": [package]}}
    (draft,) = read("ckan", f"/cong{SEARCH}", json.dumps(body), "application/json")
    assert dict(draft.fields) == {
        "title": {"vi": "Ngân sách", "en": "Budget"},
        "notes": {"vi": "Mô tả", "en": "Text"},
        "publisher": "Sở Tài chính",
        "themes": ["Tài chính", "kinh-te"],
        "keywords": ["thu"],
        "licence": "cc-by",
        "contact": "Phòng Ngân sách",
        "modified": "2026-01-02T00:00:00",
        "landing_page": f"{server.url}/cong/dataset/ngan-sach",
        "data_layer": "du_lieu_goc",
        "frequency": "Năm",
    }
    assert draft.resources == [{"guid": "r", "url": "http://a.vn/a.csv", "schema": SCHEMA}]


@pytest.mark.parametrize(
    "package",
    [
        {"extras": "x"},
        {"organization": "x"},
        {"resources": [1]},
        {"groups": {"a": 1}},
        {"tags": 7},
    ],
)
def test_ckan_package_of_another_shape_is_an_error(read: Reader, package: dict[str, Any]) -> None:
    """A portal that answers in another shape is an error of the source, never a crash."""
    body = {"success": True, "result": {"count": 1, "results": [{"id": "1", **package}]}}
    with pytest.raises(GarbledSourceError):
        read("ckan", SEARCH, json.dumps(body), "application/json")


@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "error": {"message": "x"}},
        {"success": True, "result": {"results": []}},
        {"success": True, "result": {"count": 0, "results": "x"}},
        {"success": True, "result": None},
    ],
)
def test_ckan_error_with_status_200_is_an_error(read: Reader, body: dict[str, Any]) -> None:
    """``success`` and ``count`` must be there."""
    with pytest.raises(GarbledSourceError):
        read("ckan", SEARCH, json.dumps(body), "application/json")


def test_ckan_of_old_is_read(read: Reader) -> None:
    """Extras as an object, names alone for tags and groups, the count as text."""
    package = {
        "id": "1",
        "title": "Ngân sách",
        "extras": {"frequency": "Năm"},
        "tags": ["thu", "chi"],
        "groups": ["tai-chinh"],
        "publisher": [{"name": "Sở Tài chính", "email": "a@b.vn"}],
    }
    body = {"success": True, "result": {"count": "1", "results": [package]}}
    (draft,) = read("ckan", SEARCH, json.dumps(body), "application/json")
    assert draft.fields["keywords"] == ["thu", "chi"]
    assert draft.fields["themes"] == ["tai-chinh"]
    assert draft.fields["frequency"] == "Năm"
    assert draft.fields["publisher"] == ["Sở Tài chính"]


# -- CSW ------------------------------------------------------------------------------------------

RECORD = (DATA / "records.xml").read_text(encoding="utf-8")


def test_csw_fields_are_read(read: Reader) -> None:
    """ISO 19139 arrives in canonical fields; the owner answers, not who typed the record."""
    topics = {"boundaries": "Địa giới"}
    (draft,) = read("csw", "/csw", RECORD, "application/xml", topics=topics)
    assert draft.guid == "xa-2025"
    assert dict(draft.fields) == {
        "title": "Điểm trung tâm xã",
        "notes": "Tọa độ",
        "publisher": "Sở Nông nghiệp và Môi trường",
        "contact": "Phòng Đo đạc",
        "contact_email": "a@b.vn",
        "keywords": ["xã"],
        "themes": ["Tài nguyên", "Địa giới"],
        "frequency": "annually",
        "bbox": ["105.1", "17.9", "106.5", "18.8"],
        "period_start": "2025-07-01",
        "issued": "2025-07-01",
        "modified": "2026-03-01",
    }
    assert draft.resources == [
        {"guid": "http://a.vn/xa", "name": "Tải về", "url": "http://a.vn/xa", "format": "GeoJSON"},
        {"guid": "http://a.vn/ows?x=1&y=2", "url": "http://a.vn/ows?x=1&y=2", "format": "WMS"},
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<csw:GetRecordsResponse",
            '<!DOCTYPE x SYSTEM "http://a.vn/x.dtd"><csw:GetRecordsResponse',
        ),
        ('numberOfRecordsMatched="1"', 'numberOfRecordsMatched="many"'),
        ('numberOfRecordsMatched="1"', ""),
        ("SearchResults", "Other"),
    ],
    ids=["doctype", "no number", "no count", "no results"],
)
def test_csw_answer_of_another_shape_is_an_error(read: Reader, old: str, new: str) -> None:
    """DOCTYPEs, counts that are none, and answers without results."""
    with pytest.raises(GarbledSourceError):
        read("csw", "/csw", RECORD.replace(old, new), "application/xml")


def test_csw_exception_is_told_in_its_own_words(read: Reader) -> None:
    """What the service complains of reaches the operator."""
    body = (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"><ows:Exception>'
        "<ows:ExceptionText>Unknown type</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )
    with pytest.raises(GarbledSourceError, match="Unknown type"):
        read("csw", "/csw", body, "application/xml")


# -- folder ---------------------------------------------------------------------------------------


def test_folder_fields_and_files_are_read(read: Reader, server: Any) -> None:
    """Canonical fields as they stand; paths with spaces and letters become addresses."""
    file = {"path": "Bảng 1#2.csv", "name": "Bảng", "format": "CSV", "schema": SCHEMA, "x": 1}
    dataset = {
        "id": "a",
        "title": "A",
        "frequency": "Hằng năm",
        "x": 1,
        "notes": "",
        "files": [file],
    }
    body = json.dumps({"datasets": [dataset]})
    (draft,) = read("folder", "/kho/manifest.json", body, "application/json")
    assert dict(draft.fields) == {"title": "A", "frequency": "Hằng năm"}
    assert draft.resources == [
        {
            "guid": "Bảng 1#2.csv",
            "name": "Bảng",
            "url": f"{server.url}/kho/B%E1%BA%A3ng%201%232.csv",
            "format": "CSV",
            "schema": SCHEMA,
        }
    ]


def test_json_with_broken_characters_can_still_be_stored(read: Reader) -> None:
    """Halves of characters and NUL, which JSON can write and nothing can hold, are replaced."""
    title, notes = r"Tr\ud800ng \u0000 \ud83c\udf3e", r"N\u0111"
    body = f'{{"datasets": [{{"id": "a", "title": "{title}", "notes": "{notes}"}}]}}'
    (draft,) = read("folder", "/m.json", body, "application/json")
    assert dict(draft.fields) == {"title": "Tr\ufffdng \ufffd 🌾", "notes": "Nđ"}


# -- inventory ------------------------------------------------------------------------------------

COLUMNS = {
    "Mã": "guid",
    "Tên bộ dữ liệu": "title",
    "Tệp": "resource_url",
    "Lược đồ": "resource_schema_url",
}


def inventory(read: Reader, rows: str, **options: Any) -> list[Draft]:
    """The drafts of an inventory in CSV below the usual header."""
    text = f"KIỂM KÊ,,,,\n\n,MÃ,Tên  bộ dữ liệu,Tệp,lược đồ\n{rows}"
    return read("inventory", "/so/kk.csv", text, "text/csv", columns=COLUMNS, **options)


def test_inventory_rows_become_records(read: Reader, server: Any, reply: Any) -> None:
    """Labels are matched without case; addresses are relative to the file; rows are counted."""
    server.routes["/so/a.json"] = lambda asked: reply(json.dumps(SCHEMA).encode())
    first, second = inventory(read, "1,a,Bảng A,a.csv,a.json\n,,,,\n2,b,Bảng B\n")
    assert (first.guid, first.fields, first.origin) == (
        "a",
        {"title": "Bảng A"},
        f"{server.url}/so/kk.csv row 4",
    )
    assert first.resources == [{"url": f"{server.url}/so/a.csv", "schema": SCHEMA}]
    assert (second.guid, second.resources, second.origin[-5:]) == ("b", [], "row 6")


def test_inventory_link_to_a_schema_that_is_none_costs_its_record_a_remark(
    read: Reader, server: Any, reply: Any
) -> None:
    """The record says what is wrong with it, and the others are read; a server that fails does not
    pass for a wrong link."""
    server.routes["/so/trang.json"] = lambda asked: reply(b"<html>login</html>")
    drafts = inventory(read, "1,a,A,a.csv,khong-co.json\n2,b,B,b.csv,trang.json\n3,c,C,c.csv\n")
    schemas = [draft.resources[0].get("schema", "") for draft in drafts]
    assert ["404" in schemas[0], "trang.json" in schemas[1], schemas[2]] == [True, True, ""]
    server.routes["/so/a.json"] = lambda asked: reply(b"", status=500)
    with pytest.raises(RefusedBySourceError):
        inventory(read, "1,a,A,a.csv,a.json\n")


def test_inventory_keeps_faulty_rows(read: Reader) -> None:
    """A row without code or title is a record with a fault, which is told later, not dropped."""
    drafts = inventory(read, ",,Không mã,,\n,c,,,\n,c,Lặp,,\n")
    assert [(draft.guid, draft.fields.get("title")) for draft in drafts] == [
        ("", "Không mã"),
        ("c", None),
        ("c", "Lặp"),
    ]


def test_inventory_rows_continue_a_record_when_configured(read: Reader) -> None:
    """Rows below with the same code, or with a file only, are further files of the record."""
    rows = ",a,A,1.csv,\n,a,,2.csv,\n,,,3.csv,\n,b,B,4.csv,\n,a,A,5.csv,\n"
    drafts = inventory(read, rows, continued=True)
    assert [(draft.guid, len(draft.resources)) for draft in drafts] == [
        ("a", 3),
        ("b", 1),
        ("a", 1),
    ]


def test_inventory_without_a_configured_column_is_an_error(read: Reader) -> None:
    """A column that vanished would silently empty a field of every record."""
    with pytest.raises(GarbledSourceError, match="luoc do"):
        read("inventory", "/kk.csv", "Mã,Tên bộ dữ liệu,Tệp\n1,a,b\n", "text/csv", columns=COLUMNS)


def test_inventory_that_is_no_workbook_is_an_error(read: Reader) -> None:
    """Bytes that begin like a workbook and are none."""
    with pytest.raises(GarbledSourceError):
        read("inventory", "/kk.xlsx", b"PK\x03\x04nonsense", "application/zip", columns=COLUMNS)
