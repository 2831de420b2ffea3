"""Packages of every shape, and what is said of them."""

import copy
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox
from rdflib import Graph

from ckanext.hatinh.catalog.fragment import record_triples
from ckanext.hatinh.catalog.links import only_to

DATASET: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000000",
    "name": "truong",
    "type": "dataset",
    "title": "Danh sách trường học",
    "title_translated": {"vi": "Danh sách trường học", "en": "List of schools"},
    "notes": "Các trường của tỉnh",
    "notes_translated": {"vi": "Các trường của tỉnh"},
    "organization": {"id": "x", "name": "so-gddt", "title": "Sở Giáo dục và Đào tạo"},
    "metadata_created": "2026-01-01T00:00:00",
    "metadata_modified": "2026-01-02T00:00:00",
    "contact": "Phòng Kế hoạch",
    "contact_email": "phong@example.org",
    "publication_class": "cong_khai",
    "sharing_level": "mo",
    "pii_class": "none",
    "importance_class": "khac",
    "data_layer": "tong_hop",
    "license_id": "CC-BY-4.0",
    "frequency": "nam",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "provenance": "Sổ đăng ký của Sở",
    "groups": [{"name": "giao-duc-va-dao-tao", "title": "Giáo dục và đào tạo"}],
    "tags": [{"name": "trường học"}],
    "places": ["42"],
    "spatial": '{"type": "Polygon", "coordinates": [[[105, 18], [106, 18], [106, 19], [105, 18]]]}',
    "period_start": "2024-09-01",
    "period_end": "2025-05-31",
    "issued": "2025-01-01",
    "modified": "2025-06-30",
    "landing_page": "https://hatinh.edu.vn/truong",
    "resources": [
        {
            "id": "00000000-0000-4000-8000-00000000000f",
            "name": "Bảng trường",
            "name_translated": {"vi": "Bảng trường", "en": "Schools"},
            "description_translated": {"vi": "Một dòng một trường"},
            "url": "https://hatinh.edu.vn/truong.csv",
            "format": "CSV",
            "mimetype": "text/csv",
            "size": 1234,
            "hash": "ab" * 32,
            "schema": '{"columns": [{"name": "ma", "element": "Ma"}], "sums": []}',
        }
    ],
}
SERVICE = DATASET | {
    "type": "dataservice",
    "endpoint_url": "https://lgsp.hatinh.gov.vn/truong/1.0",
    "endpoint_description": "https://lgsp.hatinh.gov.vn/truong/1.0/openapi.json",
    "serves_datasets": "truong; lop hoc",
    "harvest_source": "so-gddt",
    "resources": [],
}
NEEDED = {"id", "name", "type", "title", "title_translated", "resources", "metadata_modified"}
DAYS = ("period_start", "period_end", "issued", "modified")
HOSTILE = (
    "", "không phải địa chỉ", "https://hatinh.edu.vn/có dấu cách?q=<a>|{b}", "http://[", '"}\\',
    "mailto:ai@đó", "{]", "https://hatinh.gov.vn/a[1]?b[]=%", "chữ\x0bđiều khiển\ufffe",
    "https://hatinh.gov.vn/a\nKế hoạch 731, đạt 95% số liệu", '{"type": [], "coordinates": [1, 2]}',
    '{"type": "Point", "coordinates": [105.9, 18.3], "crs": null}', "javascript:alert(1)",
    '{"type": "Point", "coordinates": [105.9, 18.3]}',
)  # fmt: skip


def mutations() -> Iterator[dict[str, Any]]:
    """The records above without each optional field in turn, and with odd words in each."""
    for package in (DATASET, SERVICE):
        yield renamed(package)
        for name, value in package.items():
            if name in NEEDED or name.startswith("metadata"):
                continue
            yield renamed({k: v for k, v in package.items() if k != name})
            if isinstance(value, str) and name not in DAYS:
                yield from (renamed(package | {name: words}) for words in HOSTILE)
    for name in ("name", "url", "format", "mimetype", "hash"):
        for words in (None, *HOSTILE):
            changed = renamed(DATASET)
            changed["resources"][0] |= {name: words}
            yield changed
    for name in ("name_translated", "description_translated"):
        for texts in (None, {}, {"vi": ""}):
            changed = renamed(DATASET)
            changed["resources"][0] |= {name: texts}
            yield changed


def renamed(package: dict[str, Any]) -> dict[str, Any]:
    """A copy with ids of its own."""
    own: dict[str, Any] = copy.deepcopy(package) | {"id": str(uuid.uuid4())}
    resources: list[dict[str, Any]] = own["resources"]
    for resource in resources:
        resource["id"] = str(uuid.uuid4())
    return own


def graph_of(found: Iterable[ox.Triple]) -> Graph:
    """Triples as a graph of rdflib."""
    text = ox.serialize(found, format=ox.RdfFormat.N_TRIPLES)
    return Graph().parse(data=text, format="nt")


def alone(package: dict[str, Any]) -> Graph:
    """What is said of a record in a catalogue that has no other."""
    return graph_of(only_to(lambda _address: False, record_triples(package)))
