"""Reading of sources: all records of a catalogue, and what is left when nothing changed.

``python -m benchmarks.feeds [INI] [--datasets N]``. A synthetic catalogue in Vietnamese, five files
a dataset, is served on loopback in each format. Beside it stands the bare parse of the same bytes
(rdflib, or ``json.loads``) in the same round: no client, no mapping, no records.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph

from harvesters.conditional import NotModifiedError, Visited
from harvesters.http import Client, Limits
from harvesters.registry import open_source
from harvesters.source import SourceConfig
from hatinh.text import Text

DATASETS, ROUNDS, FILES = 2_000, 3, 5
TEXT = (
    "dữ liệu mở tỉnh Hà Tĩnh danh sách trường học cơ sở giáo dục đất đai quy hoạch ngân sách "
    "thu chi kinh tế xã hội y tế giao thông nông nghiệp"
)
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
RDF = {
    "turtle": (RdfFormat.TURTLE, "text/turtle"),
    "xml": (RdfFormat.RDF_XML, "application/rdf+xml"),
    "json-ld": (RdfFormat.JSON_LD, "application/ld+json"),
}


def main() -> int:
    """Measure every feed and print the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ini", nargs="?")
    parser.add_argument("--datasets", type=int, default=DATASETS)
    wanted = parser.parse_args()
    with serving(Province(wanted.datasets)) as server:
        figures = {feed.name: measured(server, feed) for feed in feeds(server)}
    json.dump({"datasets": wanted.datasets, "feeds": figures}, sys.stdout, indent=2)
    return 0


# -- the catalogue --------------------------------------------------------------------------------


class Province:
    """A catalogue that is the same at every run."""

    def __init__(self, datasets: int) -> None:
        chance, vocabulary = random.Random(1), TEXT.split()

        def words(count: int) -> str:
            return " ".join(chance.choice(vocabulary) for _ in range(count))

        self.packages = [_package(str(number), words) for number in range(datasets)]

    def turtle(self) -> bytes:
        """The catalogue in DCAT."""
        head = "".join(f"@prefix {name}: <{uri}> .\n" for name, uri in PREFIXES.items())
        listed = ", ".join(f"<https://a.vn/{package['id']}>" for package in self.packages)
        catalogue = f"<https://a.vn/> a dcat:Catalog ; dcat:dataset {listed} .\n"
        return "".join([head, catalogue, *map(_described, self.packages)]).encode()


def _package(guid: str, words: Callable[[int], str]) -> dict[str, Any]:
    files = [
        {
            "id": f"{guid}-{n}",
            "url": f"https://a.vn/{guid}/{n}.csv",
            "name": words(5),
            "format": "CSV",
        }
        for n in range(FILES)
    ]
    return {
        "id": guid,
        "title": words(8),
        "notes": words(60),
        "organization": {"title": "Sở Tài chính"},
        "tags": [{"name": words(2)} for _ in range(3)],
        "maintainer": "Văn phòng Sở",
        "maintainer_email": "stc@hatinh.gov.vn",
        "metadata_modified": "2026-01-02",
        "resources": files,
    }


def _described(package: Mapping[str, Any]) -> str:
    subject = f"https://a.vn/{package['id']}"
    keywords = ", ".join(f'"{tag["name"]}"@vi' for tag in package["tags"])
    files = ", ".join(
        f'[ a dcat:Distribution ; dct:title "{file["name"]}"@vi ; dct:format "CSV" ; '
        f'dcat:mediaType "text/csv" ; dct:issued "2025-01-02" ; dcat:downloadURL <{file["url"]}> ]'
        for file in package["resources"]
    )
    return (
        f'<{subject}> a dcat:Dataset ; dct:identifier "{package["id"]}" ; '
        f'dct:title "{package["title"]}"@vi ; dct:description "{package["notes"]}"@vi ; '
        f'dct:issued "2025-01-02" ; dct:modified "2026-01-02" ; dcat:keyword {keywords} ; '
        'dct:publisher [ a foaf:Agent ; foaf:name "Sở Tài chính" ] ; dcat:contactPoint '
        '[ vcard:fn "Văn phòng Sở" ; vcard:hasEmail <mailto:stc@hatinh.gov.vn> ] ; '
        f"dcat:distribution {files} .\n"
    )


# -- the feeds ------------------------------------------------------------------------------------


@dataclass
class Server:
    """Documents by path; CKAN's search besides. ``tags``: whether pages are tagged."""

    province: Province
    url: str = ""
    tags: bool = False
    documents: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def page(self, target: str) -> tuple[bytes, str]:
        """The answer to a request."""
        parts = urlsplit(target)
        if parts.path in self.documents:
            return self.documents[parts.path]
        start, packages = int(parse_qs(parts.query)["start"][0]), self.province.packages
        result = {"count": len(packages), "results": packages[start : start + 100]}
        return json.dumps({"success": True, "result": result}).encode(), "application/json"


@dataclass(frozen=True)
class Feed:
    """One format; ``bare`` parses its bytes and does nothing with them."""

    name: str
    kind: str
    path: str
    bare: Callable[[], object]


def feeds(server: Server) -> Iterator[Feed]:
    """The catalogue in every format, served under its path."""
    packages = server.province.packages
    pages = [server.page(f"/?start={start}")[0] for start in range(0, len(packages), 100)]
    yield Feed("CKAN API", "ckan", "", lambda: [json.loads(page) for page in pages])
    data = json.dumps({"dataset": [_datajson(package) for package in packages]}).encode()
    server.documents["/data.json"] = (data, "application/json")
    yield Feed("data.json", "datajson", "/data.json", lambda: json.loads(data))
    turtle = server.province.turtle()
    for name, (form, media_type) in RDF.items():
        triples = (quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))
        body = turtle if name == "turtle" else serialize(triples, format=form, prefixes=PREFIXES)
        server.documents[f"/{name}"] = (body or b"", media_type)
        yield Feed(f"DCAT {name}", "dcat", f"/{name}", _rdflib(body or b"", name))


def _rdflib(body: bytes, name: str) -> Callable[[], object]:
    return lambda: Graph().parse(data=body, format=name)


def _datajson(package: Mapping[str, Any]) -> dict[str, Any]:
    files = [{"title": f["name"], "downloadURL": f["url"]} for f in package["resources"]]
    return {
        "identifier": package["id"],
        "title": package["title"],
        "description": package["notes"],
        "keyword": [tag["name"] for tag in package["tags"]],
        "publisher": {"name": "Sở Tài chính"},
        "distribution": files,
    }


@contextmanager
def serving(province: Province) -> Iterator[Server]:
    """Serve on loopback while inside."""
    server = Server(province)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, media_type = server.page(self.path)
            tag = f'"{blake2b(body, digest_size=8).hexdigest()}"' if server.tags else ""
            same = bool(tag) and self.headers.get("If-None-Match") == tag
            self.send_response(304 if same else 200)
            self.send_header("Content-Type", media_type)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if same else body)

        def log_message(self, *args: Any) -> None:
            del args

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()


# -- the measuring --------------------------------------------------------------------------------


def measured(server: Server, feed: Feed) -> dict[str, Any]:
    """Milliseconds a dataset, medians of the rounds; how often ours fits into the bare parse."""
    rounds = [_round(server, feed) for _ in range(ROUNDS)]
    figures = {name: round(median(one[name] for one in rounds), 4) for name in rounds[0]}
    ratios = sorted(one["bare_ms"] / one["read_ms"] for one in rounds)
    return {**figures, "bare_over_read": [round(ratio, 2) for ratio in ratios]}


def _round(server: Server, feed: Feed) -> dict[str, float]:
    count = len(server.province.packages)
    bare, _ = _timed(feed.bare)
    read, memory = _timed(lambda: _read(server, feed, Visited()))
    digest, _ = _timed(lambda: _read(server, feed, Visited.from_json(memory)))
    server.tags = True
    memory = _read(server, feed, Visited())
    tagged, _ = _timed(lambda: _read(server, feed, Visited.from_json(memory)))
    server.tags = False
    times = {"bare": bare, "read": read, "same_digest": digest, "same_304": tagged}
    return {f"{name}_ms": seconds * 1000 / count for name, seconds in times.items()}


def _read(server: Server, feed: Feed, visited: Visited) -> Any:
    """Read all records, one at a time; gives what to remember."""
    config = SourceConfig(
        "nguon", feed.kind, Text("Nguồn"), server.url + feed.path, "so", allow_private=True
    )
    source = open_source(config, Client(limits=Limits(body=1 << 30)), visited)
    try:
        given = sum(1 for _ in source.drafts())
    except NotModifiedError:
        given = len(server.province.packages)
    if given != len(server.province.packages):
        raise RuntimeError(f"{feed.name}: {given} records")
    return source.visited.as_json()


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    sys.exit(main())
