"""Files become tables: types, reloads, what CKAN and people keep with a table, and readers."""

import json

from ckan import model
from tables import Desk, reading, sql, work_tables

from ckanext.hatinh.datastore.model import DatastoreLoad

FIRST = "ma;ten;so\n001;An Hòa;1\n002;Đức Thọ;22\n"


def test_upload_becomes_a_searchable_table(desk):
    """A file is loaded with its types, marked active, and found without marks."""
    table = desk.upload(FIRST)
    assert desk.load() == 1
    assert desk.state(table)["state"] == "done"
    assert desk.rows(table) == [["001", "An Hòa", 1], ["002", "Đức Thọ", 22]]
    assert desk.rows(table, q="duc tho") == [["002", "Đức Thọ", 22]]
    assert desk.rows(table, q="an")[0][0] == "001"
    assert desk.do("resource_show", {"id": table})["datastore_active"] is True
    assert work_tables() == []


def test_unchanged_file_is_not_loaded_again(desk):
    """A second sweep asks for nothing and writes no load."""
    desk.upload(FIRST)
    desk.load()
    loads = model.Session.query(DatastoreLoad).count()
    assert desk.load() == 0
    assert model.Session.query(DatastoreLoad).count() == loads


def test_new_bytes_replace_the_table(desk):
    """New bytes, also with other columns, become the table; rows are counted anew."""
    table = desk.upload(FIRST)
    desk.load()
    desk.replace(table, "ten,moi\nKỳ Anh,2025-01-31\n")
    assert desk.state(table)["current"] is False
    assert desk.load() == 1
    found = desk.do("datastore_search", {"resource_id": table})
    assert found["total"] == 1
    assert [(field["id"], field["type"]) for field in found["fields"]] == [
        ("_id", "int"), ("ten", "text"), ("moi", "date"),
    ]  # fmt: skip
    assert desk.state(table)["current"] is True


def test_marking_active_leaves_the_dataset_unchanged(desk):
    """Harvests take no dataset for edited because a file of it was loaded."""
    desk.upload(FIRST)
    before = desk.do("package_show", {"id": desk.dataset})["metadata_modified"]
    desk.load()
    assert desk.do("package_show", {"id": desk.dataset})["metadata_modified"] == before


def test_rows_can_be_added_to_a_loaded_table(desk):
    """The primary key goes on counting, and the trigger makes new rows searchable."""
    table = desk.upload(FIRST)
    desk.load()
    row = {"ma": "003", "ten": "Hương Khê", "so": 3}
    desk.do(
        "datastore_upsert",
        {"resource_id": table, "records": [row], "method": "insert", "force": True},
    )
    assert desk.rows(table, q="huong khe") == [["003", "Hương Khê", 3]]


def test_what_ckan_and_people_keep_survives_a_reload(desk):
    """Words of the data dictionary, aliases, rights, unique keys, indexes and triggers stay."""
    table = desk.upload(FIRST)
    desk.load()
    _dress(desk, table)
    desk.replace(table, FIRST + "003;Kỳ Anh;3\n")
    desk.load()
    info = desk.do("datastore_info", {"id": table})
    assert info["fields"][1]["info"]["notes"] == "Tên xã"
    assert info["fields"][1]["info"]["label"] == "ten"
    assert info["meta"]["aliases"] == ["ten_khac"]
    assert info["fields"][0]["schema"]["is_index"] is True
    assert len(desk.rows("ten_khac")) == 3
    assert sql("SELECT has_table_privilege('pg_monitor', %s, 'SELECT')", f'"{table}"') == [(True,)]
    assert sql("SELECT count(*) FROM pg_trigger WHERE tgname = 't000'") == [(1,)]
    indexes = sql("SELECT indexdef FROM pg_indexes WHERE tablename = %s", table)
    assert sum("UNIQUE" in row[0] and "(ma)" in row[0] for row in indexes) == 1
    assert sum("gin" in row[0] for row in indexes) == 1


def _dress(desk: Desk, table: str) -> None:
    """Give a table what people give to tables."""
    sql("CREATE OR REPLACE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'")  # fmt: skip
    fields = [{"id": "ma"}, {"id": "ten", "info": {"notes": "Tên xã"}}, {"id": "so"}]
    desk.do(
        "datastore_create",
        {
            "resource_id": table,
            "force": True,
            "fields": fields,
            "aliases": ["ten_khac"],
            "primary_key": ["ma"],
            "triggers": [{"function": "nothing"}],
        },
    )
    sql(f'GRANT SELECT ON "{table}" TO pg_monitor')


def test_words_of_a_column_wait_for_its_return(desk):
    """What was written of a column outlives a file without it."""
    table = desk.upload(FIRST)
    desk.load()
    _dress(desk, table)
    sql("DROP VIEW ten_khac")
    for body in ("ma;so\n001;1\n", FIRST):
        desk.replace(table, body)
        desk.load()
    info = desk.do("datastore_info", {"id": table})
    assert info["fields"][1]["info"]["notes"] == "Tên xã"


def test_rows_that_break_the_unique_key_keep_the_old_table(desk):
    """A file with double keys is refused with the key, and the old table stays."""
    table = desk.upload(FIRST)
    desk.load()
    _dress(desk, table)
    desk.replace(table, FIRST + "001;Kỳ Anh;3\n")
    desk.load()
    found = desk.state(table)
    assert (found["state"], found["reason"]["code"]) == ("refused", "load-key-doubled")
    assert len(desk.rows(table)) == 2
    sql("DROP VIEW ten_khac")


def test_readers_see_one_table_whole(desk):
    """While tables are swapped under them, searches see all of the old or all of the new."""
    table = desk.upload(_rows(300, "cu"))
    desk.load()
    with reading(table) as seen:
        for count, word in ((700, "moi"), (500, "sau"), (900, "cuoi")):
            desk.replace(table, _rows(count, word))
            desk.load()
    assert {"cu", "cuoi"} & {word for _, word in seen}
    assert seen <= {(300, "cu"), (700, "moi"), (500, "sau"), (900, "cuoi")}


def _rows(count: int, word: str) -> str:
    return "so,chu\n" + "".join(f"{number},{word}\n" for number in range(count))


def test_bad_rows_refuse_a_file_unless_good_rows_are_wanted(desk):
    """The policy of the file decides, and the editor is told of each bad row."""
    body = "ma_xa,so\n18073,1\nkhong-co,2\n18073,3\n"
    promise = {"columns": [{"name": "so", "element": "CapDonViHanhChinh"}, {"name": "ma_xa"}]}
    table = desk.upload(body.replace(",2", ",hai"), schema=json.dumps(promise))
    desk.load()
    found = desk.state(table)
    assert (found["state"], found["reason"]["code"]) == ("refused", "load-bad-rows")
    assert found["table"] is None
    asked = {"resource_id": table, "policy": "good_rows", "sheet": ""}
    desk.do("hatinh_load_choose", asked)
    assert desk.load() == 1
    found = desk.state(table)
    assert (found["state"], found["rows"], found["kept"], found["bad"]) == ("done", 3, 2, 1)
    assert [row[1] for row in desk.rows(table)] == [1, 3]
    (problem,) = desk.do("hatinh_load_problems", {"resource_id": table})
    assert problem["value"] == "hai"


def test_file_that_is_no_table_says_why(desk):
    """What cannot be read is refused with its reason, and nothing is left behind."""
    table = desk.upload(b"PK\x03\x04 no workbook", "bang.xlsx")
    desk.load()
    found = desk.state(table)
    assert (found["state"], found["reason"]["code"]) == ("refused", "table-unreadable")
    assert work_tables() == []


def test_columns_are_profiled(desk):
    """Types, counts, range, histogram and commonest values are told of each column."""
    table = desk.upload("so,chu,ngay\n1,a,2025-01-01\n3,a,2025-01-05\n,b,\n")
    desk.load()
    so, chu, ngay = desk.do("hatinh_column_list", {"resource_id": table})
    assert (so["type"], so["min"], so["max"], so["missing"], so["mean"]) == (
        "bigint", "1", "3", 1, 2.0,
    )  # fmt: skip
    assert [part["count"] for part in so["histogram"]] == [1, *[0] * 8, 1]
    assert chu["top"] == [{"value": "a", "count": 2}, {"value": "b", "count": 1}]
    assert (ngay["type"], ngay["max"]) == ("date", "2025-01-05")
