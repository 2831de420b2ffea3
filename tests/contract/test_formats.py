"""What each format says, read into the canonical fields."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvesters.errors import GarbledSourceError, IncompleteSourceError
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


def test_dcat_in_rdf_xml_is_refused(read: Reader) -> None:
    """RDF/XML can nest entities without bound; the feeds of the province are not in it."""
    with pytest.raises(GarbledSourceError):
        read("dcat", "/c.rdf", "<rdf:RDF/>", "application/rdf+xml")


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
