"""Files become tables: types, reloads, what CKAN and people keep with a table, and readers."""

import json
from itertools import product, zip_longest

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from tables import Desk, reading, sql, work_tables

from ckanext.hatinh.datastore.model import DatastoreLoad, newest
from hatinh.dictionary.bulk import BULK
from hatinh.loading import Words
from hatinh.loading.kinds import kind_of, words_of

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


def told_by(table: str) -> dict[str, str]:
    """How the words of each column were told at its newest load."""
    load = newest(table)
    return {column["id"]: column["words"] for column in load.columns} if load else {}


def test_words_of_a_row_are_those_that_the_parser_tells(desk):
    """Also of columns that it does not read, at any place in the cell; phrases are of prose."""
    lines = [
        "0012,7,12.5,2025-12-31,2025-12-31,Đức Thọ 12/5 x@hatinh.gov.vn,18277,3,nam,a@hatinh.vn",
        "+84239,-5,-0.50,2024-02-29,2025-01-31,<b>a-b</b> 3.000,18073,4,mot_lan,b.c-d@abc.gov.vn",
        "00000001, 7 ,5.1E-05,,2025-02-01,,,0,,",
        "99999999999999999999,\t8,1.250,1999-01-01,,Kỳ Anh,18073,,Khi_Can,E2@Xyz.VN",
    ]
    promised = {"xa": "ma_dvhc", "sl": "SoLuong", "moi": "NgayCapNhat"}
    columns = [{"name": name, "element": element} for name, element in promised.items()]
    table = desk.upload(
        "ma,so,le,ngay,moi,chu,xa,sl,ky,thu\n" + "\n".join(lines) + "\n",
        schema={"columns": columns},
    )
    desk.load()
    words = told_by(table)
    other = {"ngay": "day", "moi": "day", "chu": "prose", "ky": "parts"}
    assert words == dict.fromkeys(words, "one") | other
    stored = sql(f'SELECT strip(_full_text)::text FROM "{table}" ORDER BY _id')
    for line, (found,) in zip(lines, stored, strict=True):
        told = "SELECT strip(to_tsvector('public.hatinh', %s))::text"
        assert found == sql(told, line.replace(",", " "))[0][0]
    assert desk.rows(table, q="anh <-> kỳ", plain=False) == []
    assert len(desk.rows(table, q="kỳ <-> anh", plain=False)) == 1


def test_codes_of_letters_are_found_in_a_language_that_stems(desk, monkeypatch):
    """What is stored is what a search of that language asks for."""
    monkeypatch.setitem(tk.config, "ckan.datastore.default_fts_lang", "english")
    table = desk.upload("ma,ky\n1,countries\n2,schools\n")
    desk.load()
    assert told_by(table) == {"ma": "one", "ky": "parts"}
    assert desk.rows(table, q="countries") == [[1, "countries"]]


@pytest.mark.parametrize(
    ("letters", "longest"), [("019-+.eE", 5), ("aeZ_1", 5), ("aV1.@", 7), ("a.-_@", 7)]
)
def test_every_short_text_has_the_words_that_the_parser_tells(desk, letters, longest):
    """All texts of these letters, each in a column of those that are told in one way."""
    texts = ["".join(t) for n in range(1, longest + 1) for t in product(letters, repeat=n)]
    ways = {words: [t for t in texts if words_of(kind_of(t)) is words] for words in Words}
    told = [words for words, found in ways.items() if found and words is not Words.PROSE]
    rows = zip_longest(*(ways[words] for words in told), fillvalue="")
    header = ",".join(told) + ",chu\n"
    table = desk.upload(header + "".join(",".join(row) + ",x y\n" for row in rows))
    desk.load()
    words = told_by(table)
    assert words == {each.value: each.value for each in told} | {"chu": "prose"}
    joined = ", ".join(f'"{each}"' for each in told)
    found = sql(
        f'SELECT {joined} FROM "{table}" WHERE strip(_full_text) <>'
        f" strip(to_tsvector('public.hatinh', concat_ws(' ', {joined}, chu)))"
    )
    assert not found


def test_day_of_a_large_file_is_found_as_it_is_written(desk):
    """Rows of a large file come as they are; the parser has such a day for one word."""
    day = "31/12/2025"
    schema = {"columns": [{"name": "ngay", "element": "NgayCapNhat"}]}
    table = desk.upload("ngay\n" + f"{day}\n" * (BULK // len(day)), schema=schema)
    desk.load()
    assert sql(f'SELECT DISTINCT _full_text::text FROM "{table}"') == [(f"'{day}'",)]


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
