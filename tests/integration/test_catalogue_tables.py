"""What the portal tells programs of its tables and pages: over the wire, to whoever may know."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from cataloguing import DATASET
from csvw import CSVW
from frictionless import Package
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.catalog import dump, model
from ckanext.hatinh.catalog.table_views import STATIC_PAGES

ATOM = "{http://www.w3.org/2005/Atom}"
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


@pytest.fixture
def storage(tmp_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of files of its own."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    return tmp_path


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


def test_sitemaps_hold_no_more_than_they_may(app, create, monkeypatch):
    """Each page is in one part of the sitemap, and no part is longer than the protocol allows."""
    monkeypatch.setattr("hatinh.catalogue.sitemap.MOST", 10)
    create("truong")
    index = ET.fromstring(app.get("/sitemap.xml").body)
    parts = [
        [page.text for page in ET.fromstring(app.get(part.text or "").body).iter() if page.text]
        for part in index.iter()
        if part.tag.endswith("loc")
    ]
    found = [address for part in parts for address in part if address.startswith("http")]
    assert len(parts) > 1
    assert all(1 <= sum(a.startswith("http") for a in part) <= 10 for part in parts)
    assert len(found) == len({*found}) == model.count_pages() + len(STATIC_PAGES)
    assert app.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404
    assert app.get(f"/sitemap-{10**30}.xml").status_code == 404


@pytest.mark.parametrize(
    "page", ["/dataset/", "/organization/so-gddt", "/group/giao-duc-va-dao-tao"]
)
def test_page_leads_to_a_feed_that_keeps_its_standard(app, create, page):
    """Atom (RFC 4287): what a feed and each of its entries must have."""
    create("truong", groups=[{"name": "giao-duc-va-dao-tao"}])
    head = BeautifulSoup(app.get(page).body, "html.parser")
    (link,) = [one["href"] for one in head.select('link[type="application/atom+xml"]')]
    feed = ET.fromstring(app.get(link).body)
    entries = feed.findall(f"{ATOM}entry")
    assert feed.tag == f"{ATOM}feed"
    assert entries
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{name}"), (part.tag, name)
        assert part.find(f"{ATOM}link") is not None
    for part in entries:
        datetime.fromisoformat(part.findtext(f"{ATOM}updated") or "")


def test_documents_for_machines_are_sent_once(app, create, storage):
    """Each has a tag: whoever has it gets 304; HEAD says the same without the body."""
    package, client = create("truong"), app.flask_app.test_client()
    dump.build()
    addresses = (
        "/catalog.ttl", "/catalog/dump.ttl", "/catalog/dump.jsonld", "/data.json",
        "/dataset/truong.ttl", "/dataset/truong/datapackage.json", csvw_address(package),
        "/sitemap.xml", "/sitemap-1.xml", "/opensearch.xml",
    )  # fmt: skip
    for address in addresses:
        whole = app.get(address)
        assert (whole.status_code, bool(whole.data)) == (200, True), address
        known = app.get(address, headers={"If-None-Match": whole.headers["ETag"]})
        assert (known.status_code, known.data) == (304, b""), address
        head = client.head(address)
        assert (head.status_code, head.data) == (200, b""), address
        for name in ("ETag", "Content-Type", "Content-Length"):
            assert head.headers[name] == whole.headers[name], (address, name)
    day = app.get("/catalog/dump.ttl").headers["Last-Modified"]
    assert app.get("/catalog/dump.ttl", headers={"If-Modified-Since": day}).status_code == 304


def test_search_page_leads_to_its_feed_and_to_the_search_description(app, create):
    """The feed of a search finds what the search finds, without an editor's private datasets."""
    create("truong")
    create("rieng-tu", private=True, title_translated={"vi": "Trường kín"})
    page = BeautifulSoup(app.get("/dataset/?q=trường&organization=so-gddt").body, "html.parser")
    (feed,) = [link["href"] for link in page.select('link[type="application/atom+xml"]')]
    told = app.get(feed).body
    assert "/dataset/truong" in told
    assert "rieng-tu" not in told
    (search,) = [link["href"] for link in page.select('link[rel="search"]')]
    assert "{searchTerms}" in app.get(search).body


def test_feed_of_a_search_lists_what_its_page_lists_page_by_page(app, create, monkeypatch):
    """Datasets only, within all filters, last changed first, each page leading to the next."""
    monkeypatch.setitem(tk.config, "ckan.feeds.limit", 2)
    for number in range(3):
        create(
            f"truong-{number}", tag_string="trường,lớp", title_translated={"vi": f"{9 - number}"}
        )
    create("truong-khac", tag_string="trường")
    create("csdl-truong", type="system", tag_string="trường,lớp")
    asked = "/dataset/?tags=trường&tags=lớp&sort=title_string asc&page=2"
    page = BeautifulSoup(app.get(asked).body, "html.parser")
    (address,) = [link["href"] for link in page.select('link[type="application/atom+xml"]')]
    found = []
    while address:
        feed = ET.fromstring(app.get(address).body)
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links["self"] == address
        for entry in feed.findall(f"{ATOM}entry"):
            link = entry.find(f"{ATOM}link")
            assert link is not None
            found.append((link.get("href") or "").rpartition("/")[2])
        address = links.get("next")
    assert found == ["truong-2", "truong-1", "truong-0"]


@pytest.mark.parametrize("asked", ["q=%22", "q=a:b:c(", "page=x", "a%20b=c", "page=99999999999999"])
def test_odd_search_gives_a_feed_or_says_that_it_is_not_understood(app, portal, asked):
    """Never an error of the server."""
    assert app.get(f"/feeds/search.atom?{asked}").status_code in (200, 400, 404)


def test_page_tells_search_engines_of_its_dataset(app, create):
    """One block of schema.org, which no title can end early."""
    title = "Trường </script><b>x</b>"
    package = create("truong", title_translated={"vi": title})
    page = BeautifulSoup(app.get("/dataset/truong").body, "html.parser")
    (block,) = page.find_all("script", type="application/ld+json")
    told = json.loads(block.get_text())
    assert told["name"] == title
    assert told["distribution"][0]["contentUrl"] == package["resources"][0]["url"]
