"""How ``config/sources.yaml`` is read, and how its faults are told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvesters.config import load
from harvesters.http import Client
from harvesters.registry import ADAPTERS, open_source
from harvesters.schedule import next_time
from harvesters.source import SourceConfig
from hatinh.errors import SchemaError
from hatinh.text import Text

ROOT = Path(__file__).parents[3]
ROW: dict[str, Any] = {
    "name": "so-thu",
    "kind": "folder",
    "title": {"vi": "Nguồn thử"},
    "url": "http://127.0.0.1:${CONG:-5100}/manifest.json",
    "owner": "so-khcn",
}
COLUMNS = {"Mã": "guid", "Tên": "title"}
SERVICE = {"path": "/a", "guid": "a", "title": "A", "columns": ["a"]}
LGSP = ROW | {
    "kind": "lgsp",
    "options": {"services": [SERVICE]},
    "secrets": {"client_id": "KHACH", "client_secret": "BI_MAT"},
}


def read(tmp_path: Path, *rows: Any, **environ: str) -> tuple[SourceConfig, ...]:
    """The sources of a file with these rows."""
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": list(rows)}, allow_unicode=True), encoding="utf-8")
    return load(path, environ)


def test_a_row_becomes_a_source(tmp_path: Path) -> None:
    """Every key arrives; what is not given has its default."""
    (source,) = read(tmp_path, ROW | {"defaults": {"licence": "CC-BY-4.0"}})
    assert source == SourceConfig(
        name="so-thu",
        kind="folder",
        title=Text("Nguồn thử"),
        url="http://127.0.0.1:5100/manifest.json",
        owner="so-khcn",
        defaults={"licence": "CC-BY-4.0"},
    )


def test_variables_are_filled_in(tmp_path: Path) -> None:
    """The environment wins over the value written behind ``:-``, at any depth."""
    defaults = {"contact": "${AI}", "keywords": ["${AI}"]}
    (source,) = read(tmp_path, ROW | {"defaults": defaults}, CONG="7", AI="Phòng A")
    assert source.url == "http://127.0.0.1:7/manifest.json"
    assert source.defaults == {"contact": "Phòng A", "keywords": ["Phòng A"]}


def test_secrets_come_from_the_environment_and_are_not_shown(tmp_path: Path) -> None:
    """The file names variables; the values stay out of every representation."""
    (source,) = read(tmp_path, LGSP, KHACH="khach", BI_MAT="rat-kin")
    assert source.secrets == {"client_id": "khach", "client_secret": "rat-kin"}
    assert "rat-kin" not in repr(source)


def test_secret_that_is_not_set_stops_the_opening_only(tmp_path: Path) -> None:
    """The pages that list the sources need no secret; the run that opens one does."""
    (source,) = read(tmp_path, LGSP, KHACH="khach")
    assert source.secrets == {"client_id": "khach"}
    with pytest.raises(SchemaError, match="BI_MAT not set"):
        open_source(source, Client())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "name is missing"),
        ({"owner": ""}, "owner is missing"),
        ({"kind": "ftp"}, "kind 'ftp' is unknown; use one of ckan, csw"),
        ({"name": "Sở thử"}, "is no slug"),
        ({"title": {"en": "x"}}, "no Vietnamese text"),
        ({"url": "ftp://a.vn"}, "url cannot be used: scheme ftp"),
        ({"url": "http://a.vn/${THIEU}"}, "environment variable THIEU is not set"),
        ({"allow_private": "yes"}, "allow_private is neither"),
        ({"licence": "CC0"}, "licence is no key of a source"),
        ({"defaults": {"license": "CC0"}}, "default license is no canonical field"),
        ({"defaults": ["x"]}, "defaults is no mapping"),
        ({"options": {"sheet": "x"}}, "option sheet is unknown"),
        ({"secrets": {"key": "X"}}, "secret key is unknown"),
        ({"kind": "inventory"}, "option columns is missing"),
        ({"kind": "inventory", "options": {"columns": ["a"]}}, "columns is no mapping"),
        ({"kind": "inventory", "options": {"columns": {"Mã": "guid"}}}, "no column gives title"),
        (
            {"kind": "inventory", "options": {"columns": COLUMNS | {"X": "license"}}},
            "column license is no canonical field",
        ),
        (
            {"kind": "inventory", "options": {"columns": COLUMNS | {"MÃ": "notes"}}},
            "two columns have one label",
        ),
    ],
)
def test_a_fault_names_file_source_and_mend(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    """Whoever wrote the file learns where and what to change."""
    with pytest.raises(SchemaError) as raised:
        read(tmp_path, ROW | change)
    assert words in raised.value.what
    assert "sources.yaml, source " in raised.value.where


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"secrets": {}}, "secret client_id is missing"),
        ({"options": {"services": "x"}}, "no list of services"),
        ({"options": {"services": [{"path": "/a"}]}}, "service 1 has no columns"),
        ({"options": {"services": [SERVICE | {"license": "x"}]}}, "license is no field"),
        ({"options": {"services": [SERVICE | {"key": "a"}]}}, "latest_by and key go together"),
        ({"options": {"services": [SERVICE | {"path": "a"}]}}, "does not begin with /"),
        ({"options": {"services": [SERVICE, SERVICE]}}, "two services have one path"),
    ],
)
def test_a_fault_of_a_service_is_told(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    """Services are checked before any of them is called."""
    with pytest.raises(SchemaError) as raised:
        read(tmp_path, LGSP | change, KHACH="khach", BI_MAT="rat-kin")
    assert words in raised.value.what
    assert "rat-kin" not in str(raised.value)


def test_a_name_given_twice_is_a_fault(tmp_path: Path) -> None:
    """Names are part of identifiers: two sources must not share one."""
    with pytest.raises(SchemaError, match="so-thu twice"):
        read(tmp_path, ROW, ROW)


@pytest.mark.parametrize("text", ["", "sources: 1", "sources: [1]", "sources: [", "[]"])
def test_a_file_that_lists_no_sources_is_a_fault(tmp_path: Path, text: str) -> None:
    """Anything but a list of rows below ``sources:``."""
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError):
        load(path, {})


def test_a_file_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    """No file is told like any other fault of the configuration."""
    with pytest.raises(SchemaError, match=r"sources\.yaml: cannot be read"):
        load(tmp_path / "sources.yaml", {})


def test_the_portal_s_own_sources_are_sound() -> None:
    """``config/sources.yaml`` of this repository loads."""
    environ = {"HATINH_LGSP_CLIENT_ID": "a", "HATINH_LGSP_CLIENT_SECRET": "b"}
    assert len(load(ROOT / "config" / "sources.yaml", environ)) >= 6


def test_the_portal_s_own_sources_are_read_every_night_one_after_the_other() -> None:
    """A fresh portal shows when each is due next, and one worker keeps all of them."""
    environ = {"HATINH_LGSP_CLIENT_ID": "a", "HATINH_LGSP_CLIENT_SECRET": "b"}
    noon = datetime(2026, 1, 1, 5, tzinfo=UTC)
    loaded = load(ROOT / "config" / "sources.yaml", environ)
    due = sorted(filter(None, (next_time(source.schedule, noon) for source in loaded)))
    assert len(due) == len(loaded)
    assert due[-1] - due[0] < timedelta(hours=4)
    assert min(later - one for one, later in pairwise(due)) >= timedelta(minutes=10)


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_kind_and_option_is_documented(kind: str) -> None:
    """``docs/sources.md`` tells what can be configured, option by option."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"### `{kind}`")
    section = section.partition("\n##")[0]
    adapter = ADAPTERS[kind]
    options = adapter.required_options | adapter.optional_options | adapter.required_secrets
    assert section
    assert [name for name in sorted(options) if name not in section] == []
