"""The demonstration province: what its feeds promise, they keep.

The feeds are read by the portal's own adapters, from a server in a process of its own.
"""

import base64
import csv
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harvesters.config import load
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft, Resource
from hatinh.dictionary.load import load as load_dictionary
from hatinh.dictionary.load import load_organizations
from hatinh.reading import Reading, Vocabulary, read
from schemas import ROOT as SCHEMAS

CHECKOUT = Path(__file__).parents[2]
SECRETS = {"HATINH_LGSP_CLIENT_ID": "khach-thu", "HATINH_LGSP_CLIENT_SECRET": "bi-mat-thu"}
FAULTY = "so-cong-thuong-thu-nghiem"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Demo:
    """A running demonstration."""

    base: str

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a path; ``form`` among the headers is the body."""
        form = headers.pop("form", None)
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=10)
        connection.request(method, path, form, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return answer

    def token(self, client_id: str, secret: str) -> Answer:
        """Ask the platform for a token."""
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        form = "grant_type=client_credentials"
        return self.ask("/lgsp/token", "POST", Authorization=f"Basic {basic}", form=form)

    def call(self, service: str) -> Any:
        """Call a service of the platform with a fresh token."""
        token = json.loads(self.token(*SECRETS.values()).body)["access_token"]
        bearer = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return json.loads(self.ask(f"/lgsp{service}", **bearer).body)


@contextmanager
def running(*arguments: str, environ: Mapping[str, str]) -> Iterator[Demo]:
    """A demonstration in a process of its own, ended by SIGTERM."""
    own = {k: v for k, v in os.environ.items() if k not in SECRETS}
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "serve", "--port", "0", *arguments],
        cwd=CHECKOUT,
        env=own | dict(environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Demo(process.stdout.readline().rsplit(" ", 1)[-1].strip())
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The demonstration with the credentials of ``SECRETS``."""
    with running(environ=SECRETS) as started:
        yield started


@dataclass(frozen=True)
class Feed:
    """A configured source, opened, and all its drafts."""

    config: SourceConfig
    source: Source
    drafts: tuple[Draft, ...]


def open_feeds(demo: Demo) -> dict[str, Feed]:
    """Every source of ``config/sources.yaml``, read from the demonstration."""
    port = str(urlsplit(demo.base).port)
    configs = load(CHECKOUT / "config/sources.yaml", SECRETS | {"PORTAL_DEMO_PORT": port})
    opened = [(config, open_source(config, Client())) for config in configs]
    return {config.name: Feed(config, source, tuple(source.drafts())) for config, source in opened}


@pytest.fixture(scope="module")
def feeds(demo: Demo) -> dict[str, Feed]:
    """Every source, read once."""
    return open_feeds(demo)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The committed dictionary and organisations."""
    organizations = load_organizations(SCHEMAS / "organizations.csv")
    return Vocabulary(load_dictionary(SCHEMAS), organizations, date(2026, 11, 22))


@pytest.fixture(scope="module")
def readings(feeds: dict[str, Feed], vocabulary: Vocabulary) -> dict[str, list[Reading]]:
    """Every draft as the portal reads it, by source."""
    return {
        name: [read(draft, vocabulary, feed.config.defaults) for draft in feed.drafts]
        for name, feed in feeds.items()
    }


def place(url: str) -> str:
    """An address without its server; the tables of one export differ in the fragment only."""
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


def files(feeds: Mapping[str, Feed], readings: Mapping[str, list[Reading]]) -> dict[str, bytes]:
    """The bytes of every file of every record, by path."""
    return {
        place(resource.url): feeds[name].source.content(resource)
        for name, found in readings.items()
        for reading in found
        if reading.dataset
        for resource in reading.dataset.resources
    }


def resources(readings: Mapping[str, list[Reading]]) -> list[Resource]:
    """Every file of every record."""
    read_in = [r.dataset for found in readings.values() for r in found if r.dataset]
    return [resource for dataset in read_in for resource in dataset.resources]


def test_all_sources_give_the_promised_numbers(readings: dict[str, list[Reading]]) -> None:
    """At least 18 datasets and 55 systems come in, from ten sources."""
    kinds = [r.dataset.kind for found in readings.values() for r in found if r.dataset]
    assert len(readings) == 10
    assert kinds.count("dataset") >= 18
    assert kinds.count("system") >= 55


def test_sources_but_the_faulty_one_are_read_without_a_problem(
    readings: dict[str, list[Reading]],
) -> None:
    """Codes, offices, dates and places of the honest sources are all known."""
    problems = {
        name: [problem for reading in found for problem in reading.problems]
        for name, found in readings.items()
        if name != FAULTY
    }
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_link_of_every_feed_gives_bytes(
    feeds: dict[str, Feed], readings: dict[str, list[Reading]]
) -> None:
    """No record promises a file that is not there or is empty."""
    assert all(len(body) > 0 for body in files(feeds, readings).values())


def test_every_landing_page_answers(demo: Demo, readings: dict[str, list[Reading]]) -> None:
    """A landing page that a feed gives can be opened."""
    pages = [
        reading.dataset.landing_page.removeprefix(demo.base)
        for found in readings.values()
        for reading in found
        if reading.dataset and reading.dataset.landing_page
    ]
    assert {demo.ask(page).status for page in pages} <= {200}


def test_files_of_two_starts_are_equal_to_the_byte(
    feeds: dict[str, Feed], readings: dict[str, list[Reading]], vocabulary: Vocabulary
) -> None:
    """What is built at the start depends on nothing but the committed tables."""
    with running(environ=SECRETS) as second:
        others = open_feeds(second)
        again = {
            name: [read(draft, vocabulary, feed.config.defaults) for draft in feed.drafts]
            for name, feed in others.items()
        }
        assert files(others, again) == files(feeds, readings)


def test_inventory_workbooks_of_two_starts_are_equal_to_the_byte(demo: Demo) -> None:
    """A workbook carries no time of its making."""
    paths = ["/so-gddt/kiem-ke-du-lieu.xlsx", "/so-khcn/danh-muc-he-thong.xlsx"]
    with running(environ=SECRETS) as second:
        assert [demo.ask(path).body for path in paths] == [second.ask(path).body for path in paths]


def test_csv_columns_equal_the_table_schema(
    feeds: dict[str, Feed], readings: dict[str, list[Reading]]
) -> None:
    """Every CSV parses, has a schema, and its header is the schema's columns in order."""
    contents = files(feeds, readings)
    for resource in resources(readings):
        if resource.format == "CSV":
            text = contents[place(resource.url)].decode()
            header, *rows = csv.reader(text.splitlines(), strict=True)
            assert header == [column.name for column in resource.schema.columns], resource.url
            assert {len(row) for row in rows} <= {len(header)}, resource.url


def test_every_bound_element_is_in_the_dictionary(
    readings: dict[str, list[Reading]], vocabulary: Vocabulary
) -> None:
    """No column is bound to an element that the dictionary does not define."""
    bound = {c.element for resource in resources(readings) for c in resource.schema.columns}
    assert bound - vocabulary.dictionary.elements.keys() == set()


def test_faulty_source_refuses_its_six_records_and_warns_of_three(
    readings: dict[str, list[Reading]],
) -> None:
    """Each deliberate fault has its code; the good rows are in."""
    found = readings[FAULTY]
    codes = {
        severity: sorted(
            problem.code
            for reading in found
            for problem in reading.problems
            if problem.severity == severity
        )
        for severity in ("error", "warning")
    }
    assert codes["error"] == [
        "code-unknown",
        "field-missing",
        "personal-data-public",
        "publisher-missing",
        "publisher-unknown",
    ]
    assert codes["warning"] == [
        "date-unreadable",
        "resource-missing",
        "theme-missing",
        "theme-unknown",
    ]
    guids = [reading.dataset.guid for reading in found if reading.dataset]
    assert guids.count("ct-trung-ma") == 2
    assert {"ct-muc-tieu-2030", "ct-dao-tao-doanh-nghiep"} <= set(guids)


def test_figures_that_are_not_approved_are_not_published(
    feeds: dict[str, Feed], readings: dict[str, list[Reading]]
) -> None:
    """The total that does not add up is being corrected, so it is in no file; nor are drafts."""
    found = readings["vp-ubnd-bao-cao"]
    assert {r.dataset.publisher for r in found if r.dataset} == {"vp-ubnd", "so-gddt"}
    bodies = files({"vp-ubnd-bao-cao": feeds["vp-ubnd-bao-cao"]}, {"vp-ubnd-bao-cao": found})
    text = b"".join(bodies.values()).decode()
    assert "CTDB_MH_012" in text
    assert not {"CTDB_MH_013", "CTDB_MH_021"} & set(text.replace("\n", ",").split(","))


def test_connections_have_a_state_of_the_province(readings: dict[str, list[Reading]]) -> None:
    """What the platform lists becomes data services whose state is a code."""
    found = [r.dataset for r in readings["lgsp-danh-muc-dich-vu"] if r.dataset]
    assert {dataset.kind for dataset in found} == {"dataservice"}
    assert {dataset.details["lgsp_status"] for dataset in found} == {"pending", "process"}


def test_former_office_is_kept_beside_its_successor(readings: dict[str, list[Reading]]) -> None:
    """A table of the former labour department belongs to Sở Nội vụ and says who made it."""
    pairs = {
        (r.dataset.publisher, r.dataset.former_publisher)
        for r in readings["so-noi-vu-thu-muc"]
        if r.dataset
    }
    assert pairs == {("so-noi-vu", "so-ldtbxh-old")}


def test_intest_total_stays_as_reported(demo: Demo) -> None:
    """The report's total 97556 is kept though its parts make 100577."""
    text = demo.ask("/so-gddt/ngan-hang-cau-hoi-intest-2022.csv").body.decode()
    totals = {row[0]: int(row[2]) for row in csv.reader(text.splitlines()) if row[1] == "Tổng số"}
    assert totals == {"THPT": 96938, "THCS": 3639, "Toàn tỉnh": 97556}


def test_budget_total_equals_its_parts(demo: Demo) -> None:
    """The four amounts of the 2025 budget make 71,109 tỷ đồng."""
    text = demo.ask("/vp-ubnd/kinh-phi-chuyen-doi-so-2025.csv").body.decode()
    amounts = [
        round(float(row["kinh_phi_ty_dong"].replace(",", ".")) * 1000)
        for row in csv.DictReader(text.splitlines())
    ]
    assert sum(amounts[:-1]) == amounts[-1] == 71109


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("khach-thu", "sai"), ("sai", "bi-mat-thu"), ("", "")],
    ids=["secret", "client", "nothing"],
)
def test_lgsp_wrong_credentials_are_refused(demo: Demo, client_id: str, secret: str) -> None:
    """No token without the right id and the right secret."""
    answer = demo.token(client_id, secret)
    assert answer.status == 401
    assert json.loads(answer.body)["error"] == "invalid_client"


def test_lgsp_without_credentials_of_its_own_refuses_everybody() -> None:
    """A platform that was given no credentials admits nobody, not even empty ones."""
    with running(environ={}) as bare:
        assert {bare.token("", "").status, bare.token(*SECRETS.values()).status} == {401}


def test_lgsp_wrong_or_missing_token_gives_a_fault(demo: Demo) -> None:
    """A call without a live token is answered as WSO2 answers it."""
    path = "/lgsp/dmdc/1.0/coquan"
    wrong, missing = demo.ask(path, Authorization="Bearer sai"), demo.ask(path)
    assert [json.loads(a.body)["fault"]["code"] for a in (wrong, missing)] == [900901, 900902]
    assert {wrong.status, missing.status} == {401}


def test_lgsp_token_expires() -> None:
    """A token is worth nothing after its time."""
    with running("--token-seconds", "0", environ=SECRETS) as short:
        assert "fault" in short.call("/dmdc/1.0/tinh")


def test_lgsp_one_row_is_an_object_and_none_is_nothing(demo: Demo) -> None:
    """The platform gives a list only when there are several rows."""
    assert isinstance(demo.call("/dmdc/1.0/linhvuc")["objects"]["object"], list)
    assert demo.call("/dmdc/1.0/tinh")["objects"]["object"]["ma"] == "42"
    assert demo.call("/qtdl/1.0/bochisotruongthanh") == {"objects": {}}


def test_lgsp_old_rows_of_a_code_are_left_out_by_the_reader(
    feeds: dict[str, Feed], readings: dict[str, list[Reading]], demo: Demo
) -> None:
    """Of the 138 rows of two generations the 69 newer ones are published."""
    body = files(feeds, readings)["/lgsp/dmdc/1.0/donvihanhchinh"].decode()
    rows = list(csv.DictReader(body.splitlines()))
    assert len(demo.call("/dmdc/1.0/donvihanhchinh")["objects"]["object"]) == 138
    assert len(rows) == len({row["ma"] for row in rows}) == 69
    assert {row["ten"] for row in rows if row["ma"] == "18073"} == {"Phường Thành Sen"}


def test_unchanged_file_is_answered_with_304(demo: Demo) -> None:
    """A reader that has the file is not sent it again."""
    first = demo.ask("/so-nnmt/xa-phuong.csv")
    again = demo.ask("/so-nnmt/xa-phuong.csv", If_None_Match=first.headers["ETag"])
    assert first.headers["Content-Type"].startswith("text/csv")
    assert (again.status, again.body) == (304, b"")


def test_unknown_path_is_answered_with_404(demo: Demo) -> None:
    """Nothing but the site is served: no path reaches the file system."""
    assert {demo.ask(path).status for path in ("/", "/so-nnmt/../../setup.py")} == {404}


def test_taken_port_is_said_in_one_line(demo: Demo) -> None:
    """A port in use ends the program with a message, not with a trace."""
    port = str(urlsplit(demo.base).port)
    command = [sys.executable, "-m", "demo", "serve", "--port", port]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"demo: cannot serve on port {port}")
    assert ended.stderr.count("\n") == 1
