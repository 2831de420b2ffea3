"""From a file that somebody uploads to the score of its columns, in the API and on the page."""

import json
import re
from html import unescape
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context
from tables import Desk

from ckanext.hatinh.quality import rescoring

PAGE = "/dataset/bang-thu/chat-luong"
COLUMNS = {"cap": "CapHoc", "so": "SoLuong", "sinh": "NgaySinh", "nam": "SoLuong"}
SCHEMA = {
    "columns": [
        {"name": name, "element": element, "required": name == "so", "key": name == "cap"}
        for name, element in COLUMNS.items()
    ]
}
ROWS = (
    "cap,so,sinh\n"
    "THPT,12,1990-01-31\n"
    "THCS,sai kiểu,1991-05-20\n"
    "TH,,bí mật riêng\n"
    "MN,cũng sai,1992-07-01\n"
)


@pytest.fixture
def table(desk: Desk) -> str:
    """Id of a loaded file: two wrong numbers and a blank one, a wrong day, a column too few."""
    found = desk.upload(ROWS, schema=json.dumps(SCHEMA))
    desk.load()
    rescoring.work_off()
    return found


def ask(action: str, **given: Any) -> Any:
    """An action as anybody calls it."""
    return tk.get_action(action)(Context(user="", ignore_auth=False), given)


def columns(desk: Desk) -> list[dict[str, Any]]:
    """The columns of the only file, as the API gives them."""
    (file,) = ask("hatinh_score_show", id=desk.dataset)["files"]
    return file["columns"]


def page(app: CKANTestApp, address: str = PAGE) -> str:
    """The words of a page."""
    return unescape(app.get(address, status=200).text)


def test_loaded_file_has_a_score_of_each_column(desk: Desk, table: str) -> None:
    """2 of 3 numbers wrong, at 3 of 5 weights: 100 − 60·⅔ = 60; 1 of 4 blank: 100 − 50·¼."""
    found = columns(desk)
    assert [column["name"] for column in found] == ["nam", "so", "sinh", "cap"]
    values = {column["name"]: column["dimensions"] for column in found}
    none = {"song": None, "dung_chung": None}
    whole = {"du": 100.0, "sach": 100.0, "thong_nhat": 100.0, **none}
    assert values["so"] == {**whole, "dung": 60.0, "du": 87.5}
    assert values["sinh"] == {**whole, "dung": 75.0}
    assert values["cap"] == {**whole, "dung": 100.0}
    assert values["nam"] == {**whole, "dung": None, "du": 0.0, "sach": None}
    (wrong, blank) = found[1]["losses"]
    assert wrong == {
        "dimension": "dung", "rule": "cell-type", "points": 40.0, "broken": 2, "judged": 3,
    }  # fmt: skip
    assert (blank["rule"], blank["broken"], blank["judged"]) == ("cell-empty", 1, 4)


def test_each_loss_of_a_column_leads_to_its_places_alone(desk: Desk, table: str) -> None:
    """As many places as the column lost, in that file and column."""
    for column in columns(desk):
        for loss in column["losses"]:
            only = {"resource_id": table, "column": column["name"]}
            found = ask("hatinh_score_places", id=desk.dataset, rule=loss["rule"], **only)
            assert found["count"] == loss["broken"] == len(found["places"])
            assert {place["column"] for place in found["places"]} == {column["name"]}
    elsewhere = {"rule": "cell-type", "column": "cap"}
    assert ask("hatinh_score_places", id=desk.dataset, **elsewhere)["count"] == 0


def test_page_links_each_fault_to_its_rows(app: CKANTestApp, desk: Desk, table: str) -> None:
    """From the column to exactly its rows, and no address of the page is dead."""
    shown = page(app)
    links = {link for link in re.findall(r'href="([^"]+)"', shown) if "cot=" in link}
    assert len(links) == sum(len(column["losses"]) for column in columns(desk)) == 4
    (of_so,) = [link for link in links if "cell-type" in link and "cot=so" in link]
    places = page(app, of_so)
    assert "cũng sai" in places
    assert re.findall(r"dòng (\d)", places.split("<tbody>")[1]) == ["2", "4"]
    for link in links:
        page(app, link)


def test_value_of_a_personal_column_is_shown_nowhere(
    app: CKANTestApp, desk: Desk, table: str
) -> None:
    """A day of birth that is none: its column and row are told, never what stands there."""
    score = json.dumps(ask("hatinh_score_show", id=desk.dataset), ensure_ascii=False)
    drilled = page(app, f"{PAGE}/cell-type?tep={table}&cot=sinh")
    assert "sai kiểu" in score
    assert "dòng 3" in drilled
    for told in (score, page(app), drilled):
        assert "bí mật riêng" not in told


def test_columns_of_a_private_record_are_for_those_who_see_it(
    app: CKANTestApp, desk: Desk, table: str
) -> None:
    """Whoever may not see the record learns not even the names of its columns."""
    desk.do("package_patch", {"id": desk.dataset, "private": True})
    with pytest.raises(tk.NotAuthorized):
        ask("hatinh_score_show", id=desk.dataset)
    for address in (PAGE, f"{PAGE}/cell-type?tep={table}&cot=so"):
        assert app.get(address, status=404)


def test_file_read_before_columns_were_counted_shows_none(
    app: CKANTestApp, desk: Desk, table: str
) -> None:
    """Its own values stay; of its columns nothing is said."""
    before = ask("hatinh_score_show", id=desk.dataset)["files"][0]["dimensions"]
    forget = "UPDATE hatinh_quality_evidence SET files = files #- ARRAY[:id, 'facts', 'by_column']"
    model.Session.execute(sa.text(forget), {"id": table})
    model.Session.commit()
    (file,) = ask("hatinh_score_show", id=desk.dataset)["files"]
    assert (file["columns"], file["dimensions"]) == ([], before)
    assert "cot=" not in page(app)
