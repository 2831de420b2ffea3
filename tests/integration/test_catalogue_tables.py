"""What the portal tells programs of its tables and pages: over the wire, to whoever may know."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from io import BytesIO
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from cataloguing import DATASET
from csvw import CSVW
from frictionless import Package
from werkzeug.datastructures import FileStorage

TABLE = "ma,ten,so_lop\n1,Trường A,10\n2,Trường B,chín\n"
SCHEMA = {
    "columns": [
        {"name": "ma", "element": "", "key": True},
        {"name": "ten", "element": ""},
        {"name": "so_lop", "element": ""},
    ],
    "sums": [],
}


@pytest.fixture
def create(site_user: str) -> Callable[..., dict[str, Any]]:
    """Creates a dataset with an uploaded table."""
    left_out = ("id", "organization", "metadata_created", "metadata_modified", "notes", "resources")
    needed = {name: value for name, value in DATASET.items() if name not in left_out}

    def make(name: str, **fields: Any) -> dict[str, Any]:
        context: Any = {"user": site_user}
        data = needed | {"name": name, "owner_org": "so-gddt"} | fields
        made = tk.get_action("package_create")(context, data)
        table = {
            "package_id": made["id"],
            "name_translated": {"vi": "Bảng trường"},
            "format": "CSV",
            "mimetype": "text/csv",
            "schema": json.dumps(SCHEMA),
            "upload": FileStorage(BytesIO(TABLE.encode()), "truong.csv"),
        }
        tk.get_action("resource_create")({"user": site_user}, table)
        return tk.get_action("package_show")({"user": site_user}, {"id": made["id"]})

    return make


def csvw_address(package: dict[str, Any]) -> str:
    """Where the CSVW of its file is."""
    return f"/dataset/{package['name']}/resource/{package['resources'][0]['id']}/csvw.json"


def test_uploaded_table_is_described_as_it_is(app, create, tmp_path):
    """The csvw package accepts the metadata with the very file."""
    package = create("truong")
    answer = app.get(csvw_address(package))
    assert answer.headers["Content-Type"].startswith("application/csvm+json")
    metadata = answer.json | {"url": "truong.csv"}
    assert metadata["tableSchema"]["primaryKey"] == ["ma"]
    (tmp_path / "truong.csv").write_text(TABLE, "utf-8")
    (tmp_path / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    assert CSVW(str(tmp_path / "metadata.json"), validate=True).is_valid


def test_dataset_is_a_data_package_with_its_columns(app, create):
    """The descriptor keeps its standard; each table has its Table Schema."""
    package = create("truong")
    descriptor = app.get(f"/dataset/{package['name']}/datapackage.json").json
    assert list(Package.metadata_validate(descriptor)) == []
    (resource,) = descriptor["resources"]
    assert resource["path"].endswith("/download/truong.csv")
    assert [field["name"] for field in resource["schema"]["fields"]] == ["ma", "ten", "so_lop"]


def test_descriptions_of_private_data_are_not_there(app, create):
    """A private dataset has no descriptor, no CSVW and no place in the sitemap for others."""
    package = create("rieng-tu", private=True)
    for address in (csvw_address(package), "/dataset/rieng-tu/datapackage.json"):
        assert app.get(address).status_code == 404
    assert "rieng-tu" not in app.get("/sitemap-1.xml").body


def test_what_cannot_be_described_is_not_found(app, create):
    """A dataset without files, a file elsewhere, a sitemap too many."""
    package = create("truong")
    assert app.get(f"/dataset/{package['name']}/resource/x/csvw.json").status_code == 404
    assert app.get("/dataset/khong-co/datapackage.json").status_code == 404
    assert app.get("/sitemap-2.xml").status_code == 404
    assert app.get("/sitemap-0.xml").status_code == 404


def test_sitemap_leads_to_pages_that_are_there(app, create):
    """The index names its parts, and the parts name pages that answer."""
    create("truong")
    index = ET.fromstring(app.get("/sitemap.xml").body)
    (part,) = [node.text or "" for node in index.iter() if node.tag.endswith("loc")]
    pages = ET.fromstring(app.get(part).body)
    addresses = [node.text or "" for node in pages.iter() if node.tag.endswith("loc")]
    assert any(address.endswith("/dataset/truong") for address in addresses)
    for address in addresses[:6]:
        assert app.get(address).status_code == 200, address
    assert part.replace("-1.xml", ".xml") in app.get("/robots.txt").body


def test_search_page_leads_to_its_feed_and_to_the_search_description(app, create):
    """The feed of a search finds what the search finds, without an editor's private datasets."""
    create("truong")
    create("rieng-tu", private=True, title_translated={"vi": "Trường kín"})
    page = BeautifulSoup(app.get("/dataset/?q=trường&organization=so-gddt").body, "html.parser")
    (feed,) = [link["href"] for link in page.select('link[type="application/atom+xml"]')]
    told = app.get(feed).body
    assert "package_show?id=truong" in told
    assert "rieng-tu" not in told
    (search,) = [link["href"] for link in page.select('link[rel="search"]')]
    assert "{searchTerms}" in app.get(search).body


def test_page_tells_search_engines_of_its_dataset(app, create):
    """One block of schema.org, which no title can end early."""
    title = "Trường </script><b>x</b>"
    package = create("truong", title_translated={"vi": title})
    page = BeautifulSoup(app.get("/dataset/truong").body, "html.parser")
    (block,) = page.find_all("script", type="application/ld+json")
    told = json.loads(block.get_text())
    assert told["name"] == title
    assert told["distribution"][0]["contentUrl"] == package["resources"][0]["url"]
