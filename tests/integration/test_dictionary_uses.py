"""A code goes only when nothing uses it: records, files of records, themes, cells of tables."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.dictionary import cells, editions
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.dictionary.edition_json import code_dict
from hatinh.text import slug

pytestmark = pytest.mark.usefixtures("with_plugins", "first_edition", "files")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
USED, FREE = "18073", "18100"
"""Commune codes: one stands in cells of the tests, the other does not."""


@pytest.fixture
def first_edition(portal: None) -> None:
    """The edition that is shipped, in the database."""
    editions.load_first()


@pytest.fixture
def files(ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Uploaded files lie in a folder of the test."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))


@pytest.fixture
def officer() -> str:
    """Name of a sysadmin."""
    return factories.Sysadmin()["name"]


def record(officer: str, **changes: Any) -> dict[str, Any]:
    """A dataset, public unless it is said to be private."""
    fields = {
        "name": "dan-so-xa",
        "title_translated": {"vi": "Dân số các xã"},
        "notes_translated": {"vi": "Dân số trung bình"},
        "owner_org": "so-nnmt",
        **CLASSIFIED,
    }
    return tk.get_action("package_create")(Context(user=officer), fields | changes)


def table(officer: str, dataset: str, **fields: Any) -> str:
    """Id of a new resource."""
    resource = tk.get_action("resource_create")(
        Context(user=officer),
        {"package_id": dataset, "name_translated": {"vi": "Bảng"}, "format": "CSV"} | fields,
    )
    return resource["id"]


def problems(officer: str, code_list: str, *gone: str) -> list[tuple[str, str]]:
    """Why an edition without some codes cannot be proposed: codes and values of its problems."""
    found = editions.current().code_lists[code_list]
    kept = [code_dict(entry) for entry in found if entry.code not in gone]
    try:
        tk.get_action("hatinh_edition_propose")(
            Context(user=officer), {"code_lists": [{"id": code_list, "codes": kept}]}
        )
    except tk.ValidationError as err:
        told: Any = err.error_dict["problems"]
        return [(one["code"], one["value"]) for one in told]
    return []


def schema(element: str = "ma_dvhc") -> str:
    """The promise of a table with one bound column."""
    return json.dumps({"columns": [{"name": "ma_xa", "element": element}]})


def test_theme_with_records_stays(officer):
    """A theme is a group; while records are in it, its code is in use."""
    themes = editions.current().code_lists["themes"].codes
    group = {"name": slug(themes[4].name.vi)}
    record(officer, groups=[group])
    assert problems(officer, "themes", themes[4].code) == [("code-in-use", themes[4].code)]


def test_kind_of_an_office_stays(officer):
    """Organisations are described by codes too."""
    office = tk.get_action("organization_show")(Context(user=officer), {"id": "so-nnmt"})
    assert ("code-in-use", office["kind"]) in problems(officer, "org_kinds", office["kind"])


@pytest.mark.parametrize("private", [False, True])
def test_code_in_a_table_of_the_datastore_stays(officer, private):
    """A code that stands in a cell of a bound column is in use, also where nobody else sees it."""
    dataset = record(officer, private=private)
    resource = table(officer, dataset["id"], url="https://example.test/a.csv")
    tk.get_action("datastore_create")(
        Context(user=officer),
        {
            "resource_id": resource,
            "force": True,
            "fields": [{"id": "ma_xa", "type": "text", "info": {"hatinh_element": "ma_dvhc"}}],
            "records": [{"ma_xa": f" {USED}"}, {"ma_xa": None}, {"ma_xa": "?"}],
        },
    )
    assert problems(officer, "admin_units", USED, FREE)[0] == ("code-in-use", USED)
    assert FREE not in dict(problems(officer, "admin_units", USED, FREE)).values()


def test_code_in_a_file_of_the_portal_stays(officer):
    """A file that was never loaded into the DataStore is read."""
    dataset = record(officer)
    body = BytesIO(f"ten,ma_xa\nA,{USED}\nB,\n".encode())
    upload = FileStorage(body, filename="xa.csv")
    table(officer, dataset["id"], url="xa.csv", upload=upload, schema=schema())
    assert ("code-in-use", USED) in problems(officer, "admin_units", USED)
    assert problems(officer, "admin_units", FREE) == []


def test_file_elsewhere_is_told_as_not_looked_into(officer):
    """What cannot be seen is said, and left to the people who approve."""
    dataset = record(officer)
    table(officer, dataset["id"], url="https://example.test/a.csv", schema=schema())
    found = cells.look(dictionary().code_lists["admin_units"], dictionary())
    assert (dict(found.counts), found.unseen) == ({}, 1)
    assert problems(officer, "admin_units", FREE) == []


def test_look_ends_in_time(officer):
    """When the time is over, the rest counts as not looked into."""
    dataset = record(officer)
    upload = FileStorage(BytesIO(f"ma_xa\n{USED}\n".encode()), filename="xa.csv")
    table(officer, dataset["id"], url="xa.csv", upload=upload, schema=schema())
    found = cells.look(dictionary().code_lists["admin_units"], dictionary(), seconds=0)
    assert (dict(found.counts), found.unseen) == ({}, 1)


def test_element_of_a_private_table_stays(officer):
    """A private table counts like any other."""
    dataset = record(officer, private=True)
    table(officer, dataset["id"], url="https://example.test/a.csv", schema=schema("DienTich"))
    with pytest.raises(tk.ValidationError) as refused:
        tk.get_action("hatinh_edition_propose")(Context(user=officer), {"withdraw": ["DienTich"]})
    told: Any = refused.value.error_dict["problems"]
    assert [one["code"] for one in told] == ["element-in-use"]
