"""Loads on pages and through actions: who sees and chooses what, and what the sweep keeps up."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
import xlsxwriter
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context
from click.testing import CliRunner
from tables import Desk, sql

from ckanext.hatinh.datastore import indexing, queue
from ckanext.hatinh.datastore.cli import data
from ckanext.hatinh.datastore.model import DatastoreLoad
from ckanext.hatinh.datastore.sweeping import sweep

FIRST = "ma;ten;so\n001;An Hòa;1\n002;Đức Thọ;22\n"
BAD = "ten,so\nmột,1\nhai,hai\nba,3\n"
PROMISE = json.dumps({"columns": [{"name": "so", "element": "CapDonViHanhChinh"}]})


def page(desk: Desk, table: str) -> str:
    """Address of the page of a load."""
    return f"/dataset/{desk.dataset}/resource/{table}/nap"


def as_anybody(action: str, **given: Any) -> Any:
    """Call an action as nobody in particular."""
    return tk.get_action(action)(Context(user="", ignore_auth=False), given)


def test_everybody_sees_how_a_public_file_was_loaded(desk: Desk, app: CKANTestApp) -> None:
    """The page tells the state, the steps and the counts, without values of bad rows."""
    table = desk.upload(BAD, schema=PROMISE)
    desk.load()
    shown = app.get(page(desk, table), status=200).text
    assert "Bị từ chối" in shown
    assert "<td>hai</td>" not in shown
    assert 'name="policy"' not in shown
    assert f"/resource/{table}/nap" in app.get(f"/dataset/{desk.dataset}/resource/{table}").text


def test_editor_sees_bad_rows_and_chooses_on_the_page(desk: Desk, app: CKANTestApp) -> None:
    """Who may change the file sees the values, and may want the good rows."""
    table = desk.upload(BAD, schema=PROMISE)
    desk.load()
    token = factories.APIToken(user=desk.officer, scopes=["full"])["token"]
    headers = {"Authorization": token}
    shown = app.get(page(desk, table), headers=headers).text
    assert "<td>hai</td>" in shown
    app.post(page(desk, table), data={"policy": "good_rows", "sheet": ""}, headers=headers)
    desk.load()
    assert desk.state(table)["kept"] == 2


def test_private_files_are_seen_by_their_office_only(desk: Desk, app: CKANTestApp) -> None:
    """Neither page, list, load nor columns tell others of a private file."""
    table = desk.upload(FIRST)
    desk.load()
    assert table in [load["resource_id"] for load in as_anybody("hatinh_load_list")]
    desk.do("package_patch", {"id": desk.dataset, "private": True})
    app.get(page(desk, table), status=404)
    assert as_anybody("hatinh_load_list") == []
    assert [load["resource_id"] for load in desk.do("hatinh_load_list", {})] == [table]
    for action in ("hatinh_load_show", "hatinh_column_list", "hatinh_load_problems"):
        with pytest.raises(tk.NotAuthorized):
            as_anybody(action, resource_id=table)


@pytest.mark.parametrize("action", ["hatinh_load_start", "hatinh_load_choose"])
def test_readers_start_and_choose_nothing(action: str, desk: Desk) -> None:
    """Only who may change a file says how it is loaded."""
    table = desk.upload(FIRST)
    with pytest.raises(tk.NotAuthorized):
        as_anybody(action, resource_id=table, policy="whole")


def test_unknown_policies_and_states_are_refused(desk: Desk) -> None:
    """The words are those of the lists."""
    table = desk.upload(FIRST)
    with pytest.raises(tk.ValidationError):
        desk.do("hatinh_load_choose", {"resource_id": table, "policy": "some"})
    with pytest.raises(tk.ValidationError):
        desk.do("hatinh_load_list", {"state": "sleeping"})


def test_links_are_never_loaded(desk: Desk) -> None:
    """A file on another server has no table, and nobody is asked to fetch it."""
    given = {"package_id": desk.dataset, "url": "http://127.0.0.1:1/a.csv", "format": "CSV"}
    found = desk.do("resource_create", {**given, "name_translated": {"vi": "Liên kết"}})
    assert desk.load() == 0
    with pytest.raises(tk.ValidationError):
        desk.do("hatinh_load_start", {"resource_id": found["id"]})


def test_chosen_sheet_is_the_table(desk: Desk) -> None:
    """Another sheet of a workbook is loaded once it is named."""
    book = _workbook({"Một": [["a"], [1]], "Hai": [["b"], [2]]})
    table = desk.upload(book, "bang.xlsx")
    desk.load()
    assert desk.rows(table) == [[1]]
    desk.do("hatinh_load_choose", {"resource_id": table, "policy": "whole", "sheet": "Hai"})
    desk.load()
    assert desk.rows(table) == [[2]]


def _workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def test_element_chosen_for_a_column_loads_the_file_anew(desk: Desk) -> None:
    """A binding changes what the file is checked by, and stays in the data dictionary."""
    table = desk.upload("ma,so\n01,1\n")
    desk.load()
    fields = [{"id": "ma"}, {"id": "so", "info": {"hatinh_element": "CapDonViHanhChinh"}}]
    desk.do("datastore_create", {"resource_id": table, "force": True, "fields": fields})
    assert desk.load() == 1
    columns = desk.do("hatinh_column_list", {"resource_id": table})
    assert [column["element"] for column in columns] == ["", "CapDonViHanhChinh"]
    info = desk.do("datastore_info", {"id": table})["fields"][1]["info"]
    assert info["hatinh_element"] == "CapDonViHanhChinh"


def test_lost_mark_and_lost_table_come_back(desk: Desk) -> None:
    """The sweep marks a table active again, and loads a file whose table is gone."""
    table = desk.upload(FIRST)
    desk.load()
    statement = "UPDATE resource SET extras = (extras::jsonb - 'datastore_active')::text"
    model.Session.execute(sa.text(statement))
    model.Session.commit()
    assert desk.load() == 0
    assert desk.do("resource_show", {"id": table})["datastore_active"] is True
    sql(f'DROP TABLE "{table}"')
    assert desk.load() == 1
    assert len(desk.rows(table)) == 2


def test_tables_of_deleted_datasets_go_after_a_month(desk: Desk) -> None:
    """Deleting can be taken back for thirty days; then the table is dropped."""
    table = desk.upload(FIRST)
    desk.load()
    desk.do("package_delete", {"id": desk.dataset})
    sweep()
    exists = "SELECT count(*) FROM pg_class WHERE relname = %s"
    assert sql(exists, table) == [(1,)]
    long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=31)
    for name in ("resource", "package"):
        model.Session.execute(sa.text(f"UPDATE {name} SET metadata_modified = :t"), {"t": long_ago})
    model.Session.commit()
    sweep()
    assert sql(exists, table) == [(0,)]


def test_rows_of_a_file_taken_out_are_for_those_who_may_take_it_back(
    desk: Desk, app: CKANTestApp
) -> None:
    """The table stays for undoing; nobody else reads of it what is no longer in the dataset."""
    table = desk.upload(FIRST)
    desk.load()
    before = desk.do("package_show", {"id": desk.dataset})
    desk.do("package_patch", {"id": desk.dataset, "resources": []})
    sweep()
    for action in ("datastore_search", "hatinh_rows_aggregate", "hatinh_column_list"):
        with pytest.raises(tk.NotAuthorized):
            as_anybody(action, resource_id=table)
    for action in ("datastore_info", "resource_show"):
        with pytest.raises(tk.NotAuthorized):
            as_anybody(action, id=table)
    app.get(f"/api/3/action/datastore_search?resource_id={table}", status=403)
    app.get(f"/dataset/{desk.dataset}/resource/{table}/rows.csv", status=404)
    app.get(f"/datastore/dump/{table}", status=404)
    editor = factories.User()["name"]
    office = {"id": "so-nnmt", "username": editor, "role": "editor"}
    desk.do("organization_member_create", office)
    search = tk.get_action("datastore_search")
    assert search(Context(user=editor, ignore_auth=False), {"resource_id": table})["total"] == 2
    desk.do("package_patch", {"id": desk.dataset, "resources": before["resources"]})
    assert as_anybody("datastore_search", resource_id=table)["total"] == 2


PERSONAL = json.dumps({"columns": [{"name": "so", "element": "SoDinhDanhCaNhan"}]})


def _is_there(table: str) -> bool:
    return bool(sql("SELECT 1 FROM pg_class WHERE relname = %s", table))


def test_table_with_a_column_found_to_be_personal_is_taken_away(desk: Desk) -> None:
    """Neither the former rows nor what was counted of them stay; the dataset is not changed."""
    table = desk.upload("ten,so\nAn,012345678901\nBình,012345678902\n")
    desk.load()
    assert desk.rows(table) != []
    desk.do("resource_patch", {"id": table, "schema": PERSONAL})
    modified = desk.do("package_show", {"id": desk.dataset})["metadata_modified"]
    desk.load()
    found = desk.state(table)
    assert (found["state"], found["reason"]["code"]) == ("refused", "personal-data-column")
    assert found["table"] is None
    assert desk.do("hatinh_column_list", {"resource_id": table}) == []
    assert not _is_there(table)
    shown = desk.do("package_show", {"id": desk.dataset})
    assert shown["resources"][0]["datastore_active"] is False
    assert shown["metadata_modified"] == modified
    assert desk.load() == 0
    assert "012345678901" not in str(model.Session.scalars(sa.select(DatastoreLoad.profile)).all())


def test_table_that_outlived_such_a_refusal_is_taken_away_by_the_sweep(desk: Desk) -> None:
    """One that an older loader left, or one that was killed before it could drop it."""
    table = desk.upload(FIRST)
    desk.load()
    refused = {"state": "refused", "reason": {"code": "personal-data-column"}}
    model.Session.execute(sa.update(DatastoreLoad).values(refused))
    model.Session.commit()
    assert desk.load() == 0
    assert not _is_there(table)
    assert desk.do("hatinh_column_list", {"resource_id": table}) == []


def test_table_of_a_file_that_is_no_table_any_more_is_dropped(desk: Desk) -> None:
    """A PDF or a link in its place shows no former rows; the CSV is loaded when it comes back."""
    for change in ("pdf", "link"):
        table = desk.upload(FIRST)
        desk.load()
        if change == "pdf":
            desk.replace(table, b"%PDF-1.4", "bang.pdf")
            desk.do("resource_patch", {"id": table, "format": "PDF"})
        else:
            given = {"id": table, "url": "https://example.test/a.csv", "url_type": "", "upload": ""}
            desk.do("resource_patch", given)
        desk.load()
        assert not _is_there(table), change
        assert desk.do("resource_show", {"id": table})["datastore_active"] is False
        assert desk.do("hatinh_column_list", {"resource_id": table}) == []
        desk.replace(table, FIRST)
        desk.do("resource_patch", {"id": table, "format": "CSV"})
        desk.load()
        assert len(desk.rows(table)) == 2


def test_table_that_people_made_is_never_dropped(desk: Desk) -> None:
    """Rows that were written by hand belong to a link or a PDF as well."""
    given = {"package_id": desk.dataset, "url": "https://example.test/a.pdf", "format": "PDF"}
    found = desk.do("resource_create", {**given, "name_translated": {"vi": "Tệp"}})
    rows = {"resource_id": found["id"], "force": True, "records": [{"a": 1}]}
    desk.do("datastore_create", rows)
    desk.load()
    assert desk.rows(found["id"]) == [[1]]
    assert desk.do("resource_show", {"id": found["id"]})["datastore_active"] is True


def _modified(app: CKANTestApp, address: str) -> str:
    """When the rows of a file were changed, as it says itself."""
    return json.loads(app.get(address).data)["metadata"]["modified"]


def test_rows_of_a_former_load_are_not_said_to_be_of_the_new_file(
    desk: Desk, app: CKANTestApp
) -> None:
    """A file of rows tells when their own file was changed; of the newest, the day of the file."""
    table = desk.upload(FIRST)
    desk.load()
    address = f"/dataset/{desk.dataset}/resource/{table}/rows.json"
    first = desk.do("resource_show", {"id": table})["last_modified"]
    assert _modified(app, address) == first
    desk.replace(table, FIRST + "003;Kỳ Anh;3\n")
    replaced = desk.do("resource_show", {"id": table})["last_modified"]
    assert first <= _modified(app, address) < replaced
    desk.load()
    assert _modified(app, address) == replaced


def test_file_deleted_while_it_waits_is_not_loaded(desk: Desk) -> None:
    """What waits in vain is taken out of the queue."""
    table = desk.upload(FIRST)
    sweep()
    desk.do("resource_delete", {"id": table})
    desk.load()
    (state,) = model.Session.scalars(sa.select(DatastoreLoad.state))
    assert state == "superseded"


def test_large_table_is_read_before_its_indexes_are_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indexes that come afterwards have the names by which CKAN knows them."""
    monkeypatch.setattr(indexing, "LARGE", 2)
    table = desk.upload(FIRST)
    desk.load()
    names = sql("SELECT indexname FROM pg_indexes WHERE tablename = %s", table)
    assert (indexing.index_name(table, '"_full_text"'),) in names
    assert desk.rows(table, q="duc tho") == [["002", "Đức Thọ", 22]]


def test_two_workers_never_have_the_same_load(desk: Desk) -> None:
    """A load that one holds is not given to another while its lease lasts."""
    desk.upload(FIRST)
    sweep()
    assert queue.claim("one") is not None
    assert queue.claim("two") is None


def test_worker_that_lost_its_load_publishes_nothing(desk: Desk) -> None:
    """Who was thought dead and comes back finds the load another's."""
    desk.upload(FIRST)
    sweep()
    held = queue.claim("one")
    assert held is not None
    model.Session.execute(sa.update(DatastoreLoad).values(lease_until=datetime.now(UTC)))
    model.Session.commit()
    assert queue.claim("two") is not None
    with pytest.raises(queue.LostLeaseError):
        queue.fence(held)


def test_commands_load_and_tell(desk: Desk, cli: CliRunner) -> None:
    """What waits is loaded here and now; its state is told, and whether all went well."""
    table = desk.upload(FIRST)
    loaded = cli.invoke(data, ["load", table])
    assert (loaded.exit_code, "done" in loaded.output) == (0, True), loaded.output
    assert table in cli.invoke(data, ["status"]).output
    bad = desk.upload(BAD, schema=PROMISE)
    loaded = cli.invoke(data, ["load", "--all"])
    assert (loaded.exit_code, bad in loaded.output) == (1, True), loaded.output
    assert cli.invoke(data, ["sweep"]).output == "0 files wait for their load\n"
