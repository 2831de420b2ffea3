"""The catalogue of the demonstration province, whole, as machines get it from the portal."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib import error, request

import pytest
from csvw import CSVW
from rdflib import DCAT, DCTERMS, Graph, URIRef
from shapes import violations

PATIENCE = 180.0
PAUSE = 2.0
TABLES = ("CSV", "GeoJSON", "ODS", "XLSX")
NOT_YET = (404, 503)
"""What stands for a dump that is being made, and for a file that is being loaded."""
AT_LEAST = {"dataset": 40, "dataservice": 10}
"""So much does the demonstration publish: less, and the tests below would say little."""

_direct = request.build_opener(request.ProxyHandler({}))


def fetched(address: str) -> bytes:
    """What is at an address, as soon as it is there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with _direct.open(address) as answer:
                return answer.read()
        except error.HTTPError as refusal:
            if refusal.code not in NOT_YET or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


def graph_at(address: str) -> Graph:
    """The graph at an address."""
    return Graph().parse(data=fetched(address), format="turtle")


@pytest.fixture(scope="module")
def published(portal_url: str) -> list[dict[str, Any]]:
    """Every harvested record that everybody may see, of both kinds that DCAT has."""
    found: list[dict[str, Any]] = []
    for kind, least in AT_LEAST.items():
        asked = f"package_search?rows=1000&fq=type:{kind}"
        records = json.loads(fetched(f"{portal_url}/api/3/action/{asked}"))["result"]["results"]
        harvested = [record for record in records if record.get("harvest_source")]
        assert len(harvested) >= least, kind
        found += harvested
    return found


def test_every_record_alone_keeps_the_shapes(portal_url: str, published: list[dict[str, Any]]):
    """SEMIC's DCAT-AP 3.0.1 on the RDF of each dataset and service: no violation."""
    for record in published:
        found = graph_at(f"{portal_url}/{record['type']}/{record['name']}.ttl")
        assert (URIRef(record["uri"]), DCTERMS.title, None) in found, record["name"]
        assert violations(found) == [], record["name"]


@pytest.mark.parametrize("path", ["/catalog/dump.ttl", "/catalog.ttl"])
def test_whole_catalogue_keeps_the_shapes(
    portal_url: str, published: list[dict[str, Any]], path: str
):
    """The dump and the page list every record, and no violation is in either."""
    found = graph_at(portal_url + path)
    listed = {
        str(link) for kind in (DCAT.dataset, DCAT.service) for link in found.objects(None, kind)
    }
    assert listed >= {record["uri"] for record in published}
    assert violations(found) == []


def tables(published: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every file that is a table, with its dataset."""
    for record in published:
        for resource in record["resources"]:
            if resource["url_type"] == "upload" and resource["format"] in TABLES:
                yield record, resource


def verdict(folder: Path, metadata: dict[str, Any]) -> list[str]:
    """What the csvw package has against a description, with the very bytes that it is of."""
    folder.mkdir()
    (folder / "table.csv").write_bytes(fetched(metadata["url"]))
    (folder / "metadata.json").write_text(json.dumps(metadata | {"url": "table.csv"}), "utf-8")
    found = CSVW(str(folder / "metadata.json"), validate=True)
    return [] if found.is_valid else [str(warning.message) for warning in found.warnings] or ["?"]


def test_every_table_is_what_its_csvw_says(
    portal_url: str, published: list[dict[str, Any]], tmp_path: Path
):
    """Each table of the demonstration has a description that the csvw package accepts."""
    seen = 0
    for record, resource in tables(published):
        page = f"{portal_url}/dataset/{record['name']}/resource/{resource['id']}"
        metadata = json.loads(fetched(f"{page}/csvw.json"))
        assert verdict(tmp_path / resource["id"], metadata) == [], resource["url"]
        seen += 1
    assert seen >= AT_LEAST["dataset"]
