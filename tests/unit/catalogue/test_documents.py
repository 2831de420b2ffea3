"""Data Package, plain JSON, schema.org, sitemap and OpenSearch by the rules of each standard."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from frictionless import Package

import schemas
from hatinh.catalogue import opensearch, sitemap
from hatinh.catalogue.addresses import address, mail_address
from hatinh.catalogue.data_package import data_package
from hatinh.catalogue.formats import format_iri, load_formats, media_type
from hatinh.catalogue.plain import Vocabulary, plain_record
from hatinh.catalogue.schema_org import structured_dataset
from hatinh.dictionary.load import load

FORMATS = load_formats(schemas.ROOT / "file_formats.csv")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PACKAGE: dict[str, Any] = {
    "id": "6f6d0d0a-0000-4000-8000-000000000000",
    "name": "truong",
    "type": "dataset",
    "title": "Danh sách trường học",
    "title_translated": {"vi": "Danh sách trường học"},
    "notes": "Các trường",
    "uri": "https://data.hatinh.gov.vn/id/dataset/6f6d0d0a",
    "organization": {"name": "so-gddt", "title": "Sở Giáo dục và Đào tạo"},
    "contact": "Phòng Kế hoạch",
    "contact_email": "phong@example.org",
    "license_id": "CC-BY-4.0",
    "publication_class": "cong_khai",
    "frequency": "nam",
    "period_start": "2024-09-01",
    "tags": [{"name": "trường học"}],
    "groups": [{"name": "giao-duc", "title": "Giáo dục"}],
    "metadata_created": "2026-01-01T10:00:00.123",
    "metadata_modified": "2026-01-02T10:00:00.123",
    "resources": [
        {
            "id": f"0000000{number}-0000-4000-8000-000000000000",
            "name": "Bảng trường",
            "url": "https://hatinh.edu.vn/trường học.csv",
            "format": "CSV",
            "size": 10,
            "hash": "ab" * 32,
        }
        for number in range(2)
    ],
}


def iri(_code_list: str, code: str | None) -> str:
    """The only licence here."""
    return LICENCE if code else ""


def is_address(value: Any) -> bool:
    """An absolute address without a sign that addresses may not have."""
    return urlsplit(value).scheme == "https" and not set(value) & set(' <>"{}|\\^`')


def test_data_package_keeps_its_standard():
    """The descriptor is one by frictionless; two files of one name get two."""
    found = data_package(PACKAGE, PACKAGE["uri"], LICENCE, FORMATS, {})
    assert list(Package.metadata_validate(found)) == []
    assert len({resource["name"] for resource in found["resources"]}) == 2


RULES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "type": lambda d: d["@type"] == "Dataset" and d["@context"].startswith("https://schema.org"),
    "name": lambda d: bool(d["name"]),
    "description of 50 to 5000 letters": lambda d: 50 <= len(d["description"]) <= 5000,
    "licence is an address": lambda d: is_address(d["license"]),
    "free": lambda d: d["isAccessibleForFree"] is True,
    "identifier": lambda d: is_address(d["identifier"]),
    "creator has a type and a name": lambda d: bool(d["creator"]["@type"] and d["creator"]["name"]),
    "catalogue": lambda d: d["includedInDataCatalog"]["@type"] == "DataCatalog",
    "one date each": lambda d: isinstance(d["dateModified"], str) and len(d["datePublished"]) == 10,
    "period is an interval": lambda d: d["temporalCoverage"] == "2024-09-01/..",
    "files have an address": lambda d: all(is_address(f["contentUrl"]) for f in d["distribution"]),
    "files have a form": lambda d: all(f["encodingFormat"] for f in d["distribution"]),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("notes", ["", "Ngắn", "Dài " * 3000])
def test_structured_data_keeps_what_searchers_ask_for(rule, notes):
    """The rules for structured data of datasets, whatever the description."""
    catalogue = {"name": "Cổng", "url": "https://data.hatinh.gov.vn"}
    page = "https://data.hatinh.gov.vn/dataset/truong"
    found = structured_dataset(
        PACKAGE | {"notes": notes}, PACKAGE["uri"], page, catalogue, iri, FORMATS
    )
    assert RULES[rule](found)


def test_plain_record_has_what_its_standard_requires():
    """The members that DCAT-US 1.1 requires of every dataset, and our own fields beside them."""
    frequencies = load(schemas.ROOT).code_lists["frequencies"]
    found = plain_record(PACKAGE, PACKAGE["uri"], Vocabulary(iri, frequencies, FORMATS))
    required = {"title", "description", "keyword", "modified", "publisher", "contactPoint",
                "identifier", "accessLevel"}  # fmt: skip
    assert required <= found.keys()
    assert found["accrualPeriodicity"] == "R/P1Y"
    assert found["frequency"] == "nam"
    assert found["contactPoint"]["hasEmail"] == "mailto:phong@example.org"


def test_sitemap_is_xml_of_its_namespace():
    """Signs of addresses are escaped; a day stands where one is known."""
    pages = [sitemap.Page("https://x/?a=1&b=<2>", "2026-01-02"), sitemap.Page("https://x/")]
    root = ET.fromstring(sitemap.sitemap(pages))
    space = f"{{{sitemap.NAMESPACE}}}"
    assert root.tag == f"{space}urlset"
    assert [item.text for item in root.iter(f"{space}loc")] == [page.address for page in pages]
    assert [item.text for item in root.iter(f"{space}lastmod")] == ["2026-01-02"]
    index = ET.fromstring(sitemap.index(pages[1:]))
    assert index.tag == f"{space}sitemapindex"


def test_opensearch_names_page_and_feed():
    """A name of at most sixteen letters, and templates with the searched words."""
    site = opensearch.SearchSite("Cổng dữ liệu mở Hà Tĩnh", "Mô tả", "https://x/i.svg",
                                 "https://x/?q={searchTerms}&b=1", "https://x/a?q={searchTerms}",
                                 "https://x/o.xml")  # fmt: skip
    root = ET.fromstring(opensearch.description(site))
    space = f"{{{opensearch.NAMESPACE}}}"
    name = root.find(f"{space}ShortName")
    assert name is not None
    assert len(name.text or "") <= 16
    templates = {url.get("type"): url.get("template") for url in root.iter(f"{space}Url")}
    assert templates["text/html"] == site.page
    assert templates["application/atom+xml"] == site.feed


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("https://a.vn/có dấu", "https://a.vn/c%C3%B3%20d%E1%BA%A5u"),
        ("https://a.vn/%20x", "https://a.vn/%20x"),
        ("https://a.vn/100%/x", "https://a.vn/100%25/x"),
        ("https://a.vn/[1].csv?a[]=1#b#c", "https://a.vn/%5B1%5D.csv?a%5B%5D=1#b%23c"),
        ("https://dữliệu.vn:8080/x", "https://xn--dliu-nw5ark.vn:8080/x"),
        ("https://a.vn:x/", ""),
        ("https://a b.vn/", ""),
        ("javascript:alert(1)", ""),
        ("a.vn/x", ""),
        ("http://[", ""),
        (None, ""),
    ],
)
def test_address_is_one_or_nothing(said, told):
    """What a publisher typed becomes an address that every parser takes, or is left out."""
    assert address(said) == told


def test_formats_and_media_types():
    """A format is the EU's where its table has it, else ours; parameters are no media type."""
    assert format_iri("csv", FORMATS).endswith("/file-type/CSV")
    assert format_iri("LẠ", FORMATS).startswith("https://data.hatinh.gov.vn/def/formats/")
    assert media_type("text/CSV; charset=utf-8") == "text/csv"
    assert media_type("Excel") == ""
    assert mail_address("mailto:a@b.vn") == "a@b.vn"
    assert mail_address("phòng kế hoạch") == ""
