"""Tables of harvested files: loaded by the sweep, and not lost when their source is read again."""

from typing import Any

from harvesting import Harvest, Shelf
from tables import Desk

from ckanext.hatinh.shared.mapping import package_id, resource_id
from harvesters.source import SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
FILE = "http://127.0.0.1:1/bang.csv"
PACKAGE = package_id(CONFIG.name, "bo-1")
TABLE = resource_id(PACKAGE, "tep-1")
SCHEMA = {"columns": [{"name": "so", "element": "CapDonViHanhChinh"}]}


def draft(title: str) -> Draft:
    """A public record with one file."""
    fields: dict[str, Any] = {
        "title": title, "notes": "Số liệu theo năm học.", "publisher": "so-gddt",
        "themes": ["HT05"], "licence": "CC-BY-4.0", "frequency": "nam",
        "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "cong_khai",
        "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Văn phòng Sở",
    }  # fmt: skip
    file = {"guid": "tep-1", "url": FILE, "format": "CSV", "name": "Bảng", "schema": SCHEMA}
    return Draft("bo-1", fields, [file], "row 1")


def test_table_outlives_a_harvest_of_new_words_and_new_bytes(desk: Desk, harvest: Harvest) -> None:
    """The mark stays with the resource; readers have the old rows until the new are loaded."""
    source = Shelf([draft("Một")], {FILE: b"ten,so\na,1\n"})
    harvest(CONFIG, source)
    assert desk.load() == 1
    source.records = [draft("Hai")]
    harvest(CONFIG, source)
    assert desk.do("resource_show", {"id": TABLE})["datastore_active"] is True
    assert desk.load() == 0
    source.records = [draft("Ba")]
    source.files[FILE] = b"ten,so\na,2\nb,3\n"
    harvest(CONFIG, source)
    assert desk.do("resource_show", {"id": TABLE})["datastore_active"] is True
    assert (desk.rows(TABLE), desk.state(TABLE)["current"]) == ([["a", 1]], False)
    assert desk.load() == 1
    assert (desk.rows(TABLE), desk.state(TABLE)["current"]) == ([["a", 2], ["b", 3]], True)


def test_loading_makes_no_edited_dataset(desk: Desk, harvest: Harvest) -> None:
    """The next run of the source finds the dataset as it left it."""
    source = Shelf([draft("Một")], {FILE: b"ten,so\na,1\n"})
    harvest(CONFIG, source)
    desk.load()
    assert harvest(CONFIG, source, full=True).counts == {"unchanged": 1}


def test_good_rows_of_a_harvested_file_are_loaded(desk: Desk, harvest: Harvest) -> None:
    """Nobody waits at the desk for the bad ones; they are counted and told."""
    harvest(CONFIG, Shelf([draft("Một")], {FILE: b"ten,so\na,1\nb,hai\nc,3\n"}))
    desk.load()
    found = desk.state(TABLE)
    assert (found["policy"], found["state"], found["kept"], found["bad"]) == (
        "good_rows", "done", 2, 1,
    )  # fmt: skip
