"""DCAT of the catalogue: what other portals read of our records."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.types import Context
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, XSD

from ckanext.hatinh.shared.mapping import package_id

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

HTD = Namespace("https://data.hatinh.gov.vn/def/")
ID = "https://data.hatinh.gov.vn/id"
EU = "http://publications.europa.eu/resource/authority"
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
SOURCE = "so-gddt-kiem-ke"


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    """Creates a record of the education department in the theme of education."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    office = {"vi": "Sở Giáo dục và Đào tạo"}
    tk.get_action("organization_create")(
        Context(user=user), {"name": "so-gddt", "title_translated": office}
    )
    theme = {"vi": "Giáo dục và đào tạo"}
    tk.get_action("group_create")(
        Context(user=user), {"name": "giao-duc-va-dao-tao", "title_translated": theme}
    )

    def create(kind: str, guid: str, **fields: Any) -> dict[str, Any]:
        package = package_id(SOURCE, guid)
        data = {
            "id": package,
            "type": kind,
            "uri": f"{ID}/{kind}/{package}",
            "owner_org": "so-gddt",
            "title_translated": {"vi": "Danh sách trường học", "en": "List of schools"},
            "notes_translated": {"vi": "Các trường của tỉnh"},
            "contact": "Phòng Kế hoạch",
            "contact_email": "phong@example.org",
            "harvest_guid": guid,
            "harvest_source": SOURCE,
        }
        return tk.get_action("package_create")(Context(user=user), data | fields)

    return create


@pytest.fixture
def dataset(record: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A dataset with every field that DCAT knows."""
    return record(
        "dataset",
        "truong",
        publication_class="cong_khai",
        sharing_level="mo",
        pii_class="none",
        importance_class="khac",
        data_layer="tong_hop",
        license_id="CC-BY-4.0",
        frequency="nam",
        legal_basis="Kế hoạch 731/KH-UBND",
        groups=[{"name": "giao-duc-va-dao-tao"}],
        tags=[{"name": "trường học"}],
        places=["42"],
        period_start="2024-09-01",
        period_end="2025-05-31",
        modified="2025-06-30",
        landing_page="https://hatinh.edu.vn/truong",
        resources=[
            {
                "name_translated": {"vi": "Bảng trường", "en": "Schools"},
                "url": "https://hatinh.edu.vn/truong.csv",
                "format": "CSV",
                "mimetype": "text/csv",
                "size": 1234,
                "hash": "ab" * 32,
                "schema": '{"columns": [{"name": "ma", "element": "Ma"}], "sums": []}',
            }
        ],
    )


def graph(app: Any, address: str, form: str = "ttl") -> Graph:
    """The graph that the portal serves at an address."""
    answer = app.get(f"{address}.{form}")
    assert answer.status_code == 200
    return Graph().parse(data=answer.body, format=FORMATS[form])


def texts(found: Graph, subject: URIRef, predicate: URIRef) -> set[Literal]:
    """Objects of a subject, without their order."""
    return set(found.objects(subject, predicate))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
def test_dataset_in_every_format_is_the_same_record(app, dataset, form):
    """Turtle, JSON-LD and RDF/XML say who, what, when and how often."""
    found = graph(app, f"/dataset/{dataset['name']}", form)
    ref = URIRef(dataset["uri"])
    assert (ref, RDF.type, DCAT.Dataset) in found
    assert texts(found, ref, DCTERMS.title) == {
        Literal("Danh sách trường học", lang="vi"),
        Literal("List of schools", lang="en"),
    }
    assert (ref, DCTERMS.publisher, URIRef(f"{ID}/organization/so-gddt")) in found
    assert (ref, DCTERMS.accrualPeriodicity, URIRef(f"{EU}/frequency/ANNUAL")) in found
    assert (ref, DCTERMS.accessRights, URIRef(f"{EU}/access-right/PUBLIC")) in found
    assert (ref, DCAT.landingPage, URIRef("https://hatinh.edu.vn/truong")) in found
    assert Literal("2025-06-30", datatype=XSD.date) in texts(found, ref, DCTERMS.modified)


def test_publisher_has_its_name(app, dataset):
    """The publisher is an agent with the office's name and slug."""
    found = graph(app, f"/dataset/{dataset['name']}")
    office = URIRef(f"{ID}/organization/so-gddt")
    assert texts(found, office, FOAF.name) == {Literal("Sở Giáo dục và Đào tạo")}
    assert texts(found, office, DCTERMS.identifier) == {Literal("so-gddt")}


def test_theme_is_the_provinces_and_the_eus(app, dataset):
    """A theme is named by our concept and by those it is mapped to."""
    found = graph(app, f"/dataset/{dataset['name']}")
    themes = texts(found, URIRef(dataset["uri"]), DCAT.theme)
    assert URIRef(f"{EU}/data-theme/EDUC") in themes
    assert any(str(theme).startswith(f"{HTD}themes/HT") for theme in themes)


def test_distribution_says_where_what_and_how_big(app, dataset):
    """A file has its address, size, hash, licence and both languages."""
    found = graph(app, f"/dataset/{dataset['name']}")
    resource = dataset["resources"][0]
    file = URIRef(f"{dataset['uri']}/resource/{resource['id']}")
    assert (URIRef(dataset["uri"]), DCAT.distribution, file) in found
    assert (file, DCAT.accessURL, URIRef(resource["url"])) in found
    assert (file, DCAT.byteSize, Literal(1234, datatype=XSD.nonNegativeInteger)) in found
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert (file, DCTERMS.license, licence) in found
    assert Literal("Schools", lang="en") in texts(found, file, DCTERMS.title)
    assert (file, HTD.table_schema, None) in found


def test_uploaded_file_has_download_address(app, dataset):
    """What the portal itself holds can be downloaded, and is said to be."""
    resource = dataset["resources"][0] | {"url_type": "upload", "url": "truong.csv"}
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    saved = tk.get_action("package_update")({"user": user}, dataset | {"resources": [resource]})
    found = graph(app, f"/dataset/{dataset['name']}")
    address = URIRef(saved["resources"][0]["url"])
    assert address.endswith("/download/truong.csv")
    assert texts(found, None, DCAT.downloadURL) == {address}  # type: ignore[arg-type]


def test_fields_of_the_province_keep_their_names(app, dataset):
    """What DCAT has no word for is a property of ours, which our own reader understands."""
    found = graph(app, f"/dataset/{dataset['name']}")
    ref = URIRef(dataset["uri"])
    for name in ("data_layer", "sharing_level", "pii_class", "importance_class", "legal_basis"):
        assert (ref, HTD[name], Literal(dataset[name])) in found
    assert (ref, DCTERMS.spatial, HTD["admin_units/42"]) in found


def test_service_serves_its_dataset(app, dataset, record):
    """A data service is a ``dcat:DataService`` and names the dataset by its permanent address."""
    service = record(
        "dataservice",
        "truong-api",
        name="api-truong",
        endpoint_url="https://lgsp.hatinh.gov.vn/truong/1.0",
        serves_datasets="truong",
    )
    found = graph(app, "/dataservice/api-truong")
    ref = URIRef(service["uri"])
    assert texts(found, ref, RDF.type) == {DCAT.DataService}
    assert (ref, DCAT.servesDataset, URIRef(dataset["uri"])) in found
    assert (ref, DCAT.endpointURL, URIRef("https://lgsp.hatinh.gov.vn/truong/1.0")) in found


def test_system_is_no_dataset(app, record):
    """A register entry is not data: harvesters must not take it for a dataset."""
    system = record("system", "DB031", name="csdl-nganh", lgsp_status="active")
    found = graph(app, "/system/csdl-nganh")
    assert texts(found, URIRef(system["uri"]), RDF.type) == {HTD.System}
    assert (URIRef(system["uri"]), HTD.lgsp_status, Literal("active")) in found


def test_catalogue_lists_its_datasets(app, dataset):
    """The whole catalogue is one feed."""
    found = graph(app, "/catalog")
    assert URIRef(dataset["uri"]) in set(found.objects(None, DCAT.dataset))


def test_missing_record_is_not_found(app, dataset):
    """An unknown name is 404 in RDF as in HTML."""
    assert app.get("/dataset/khong-co.ttl").status_code == 404
    assert app.get("/system/khong-co.ttl").status_code == 404
