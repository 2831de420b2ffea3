"""The records that both sides harvest: made for the measurement from a seed, nobody's data.

Every record has Vietnamese text, six tags and a median of five linked resources, and carries
the fields of the province as CKAN extras or as properties under ``htd:``. The same seed gives
the same records on every machine.
"""

import json
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

HTD = Namespace("https://data.hatinh.gov.vn/def/")
NAMESPACE = uuid.UUID("5f0d4c0e-6f1e-4a53-9f2e-6a7a3a1c0b11")
RESOURCES = (0, 2, 3, 4, 5, 5, 5, 6, 7, 9, 20)
"""How many resources a record has, each choice as likely; the median is five."""

FORMATS = {"CSV": "text/csv", "JSON": "application/json", "XLSX": "application/vnd.ms-excel"}
PLACES = ("Thành Sen", "Hương Khê", "Kỳ Anh", "Cẩm Xuyên", "Đức Thọ", "Can Lộc", "Nghi Xuân")
THINGS = (
    "Danh sách trường học", "Thống kê diện tích rừng", "Sản lượng thủy sản", "Giá đất",
    "Cơ sở khám chữa bệnh", "Số liệu dân số", "Công trình thủy lợi", "Tuyến xe buýt",
)  # fmt: skip
SENTENCE = (
    "số liệu được tổng hợp từ báo cáo của các xã, phường; cập nhật theo kỳ, đối chiếu với sổ gốc "
    "và công bố sau khi được phê duyệt; đơn vị tính ghi trong từng cột của bảng"
)
WORDS = SENTENCE.split()
TAGS = (
    "giáo dục", "y tế", "nông nghiệp", "môi trường", "đất đai", "dân số", "giao thông",
    "du lịch", "thủy lợi", "việc làm", "thống kê", "quy hoạch", "lâm nghiệp", "thủy sản",
)  # fmt: skip
OFFICE = "Sở Giáo dục và Đào tạo"
FIELDS = {
    "frequency": "nam",
    "data_layer": "tong_hop",
    "sharing_level": "mo",
    "publication_class": "co_dieu_kien",  # files of conditional datasets stay at their source
    "pii_class": "none",
    "importance_class": "khac",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
    "provenance": "Báo cáo của các xã, phường",
}
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Province:
    """``size`` records; every twentieth is another one when ``changed``.

    ``files`` makes the datasets public and gives every resource a small table at ``base``; without
    ``linked`` they have no resources.
    """

    size: int
    seed: int
    base: str
    changed: bool = False
    files: bool = False
    linked: bool = True

    def records(self) -> Iterator[dict[str, Any]]:
        """The records as CKAN's ``package_search`` gives them, in the order of their ids."""
        made = (self._record(number) for number in range(self.size))
        return iter(sorted(made, key=lambda record: record["id"]))

    def _record(self, number: int) -> dict[str, Any]:
        dice = random.Random(f"{self.seed}/{number}")
        code = str(uuid.uuid5(NAMESPACE, f"{self.seed}/{number}"))
        is_changed = self.changed and number % 20 == 0
        title = f"{dice.choice(THINGS)} {dice.choice(PLACES)} số {number}/{self.seed}"
        day = START + timedelta(minutes=number)
        fields = FIELDS | ({"publication_class": "cong_khai"} if self.files else {})
        return {
            "id": code,
            "name": f"bo-du-lieu-{self.seed}-{number}",
            "title": title + (", bản sửa" if is_changed else ""),
            "notes": f"{title}: " + " ".join(dice.choices(WORDS, k=60)),
            "type": "dataset",
            "state": "active",
            "private": False,
            "license_id": "CC-BY-4.0",
            "maintainer": "Văn phòng Sở",
            "organization": {"name": "so-gddt", "title": OFFICE},
            "groups": [{"name": "giao-duc-va-dao-tao", "title": "Giáo dục và đào tạo"}],
            "tags": [{"name": name} for name in dice.sample(TAGS, 6)],
            "extras": [{"key": key, "value": value} for key, value in fields.items()],
            "metadata_created": day.replace(tzinfo=None).isoformat(),
            "metadata_modified": (datetime.now(UTC) if is_changed else day)
            .replace(tzinfo=None)
            .isoformat(),
            "resources": [
                self._resource(code, place, dice)
                for place in range(dice.choice(RESOURCES) if self.linked else 0)
            ],
        }

    def _resource(self, record: str, place: int, dice: random.Random) -> dict[str, Any]:
        kind = "CSV" if self.files else dice.choice([*FORMATS])
        return {
            "id": str(uuid.uuid5(NAMESPACE, f"{record}/{place}")),
            "name": f"Bảng số liệu {place + 1} năm {2020 + place % 6}",
            "description": " ".join(dice.choices(WORDS, k=20)),
            "url": f"{self.base}/tep/{record}/{place}.{kind.lower()}",
            "format": kind,
            "mimetype": FORMATS[kind],
            "position": place,
        }


def table(path: str) -> bytes:
    """A file of ten rows, another one for every address."""
    rows = "".join(f"T{number:03},{len(path) * number}\n" for number in range(10))
    return f"ma_truong,so_hoc_sinh\n{rows}# {path}\n".encode()


def as_json(record: dict[str, Any]) -> bytes:
    """A record as it stands in the answer of ``package_search``."""
    return json.dumps(record, ensure_ascii=False).encode()


def as_turtle(records: Iterable[dict[str, Any]], base: str) -> bytes:
    """The records as one DCAT catalogue in Turtle."""
    graph = Graph()
    catalogue = URIRef(f"{base}/catalog")
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    for record in records:
        node = URIRef(f"{base}/dataset/{record['id']}")
        graph.add((catalogue, DCAT.dataset, node))
        _describe(graph, node, record)
    return graph.serialize(format="turtle").encode()


def _describe(graph: Graph, node: URIRef, record: dict[str, Any]) -> None:
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, DCTERMS.identifier, Literal(record["id"])))
    graph.add((node, DCTERMS.title, Literal(record["title"], lang="vi")))
    graph.add((node, DCTERMS.description, Literal(record["notes"], lang="vi")))
    graph.add((node, DCTERMS.license, Literal(record["license_id"])))
    graph.add((node, DCAT.theme, Literal(record["groups"][0]["title"], lang="vi")))
    for name in ("created", "modified"):
        moment = Literal(record[f"metadata_{name}"], datatype=XSD.dateTime)
        graph.add((node, DCTERMS.modified if name == "modified" else DCTERMS.issued, moment))
    for tag in record["tags"]:
        graph.add((node, DCAT.keyword, Literal(tag["name"], lang="vi")))
    publisher = BNode()
    graph.add((node, DCTERMS.publisher, publisher))
    graph.add((publisher, RDF.type, FOAF.Organization))
    graph.add((publisher, FOAF.name, Literal(OFFICE)))
    for extra in record["extras"]:
        graph.add((node, HTD[extra["key"]], Literal(extra["value"])))
    for resource in record["resources"]:
        _distribute(graph, node, resource)


def _distribute(graph: Graph, node: URIRef, resource: dict[str, Any]) -> None:
    place = URIRef(f"{node}/distribution/{resource['position']}")
    graph.add((node, DCAT.distribution, place))
    graph.add((place, RDF.type, DCAT.Distribution))
    graph.add((place, DCTERMS.identifier, Literal(resource["id"])))
    graph.add((place, DCTERMS.title, Literal(resource["name"], lang="vi")))
    graph.add((place, DCTERMS.description, Literal(resource["description"], lang="vi")))
    graph.add((place, DCAT.downloadURL, URIRef(resource["url"])))
    graph.add((place, DCTERMS.format, Literal(resource["format"])))
    graph.add((place, DCAT.mediaType, Literal(resource["mimetype"])))
