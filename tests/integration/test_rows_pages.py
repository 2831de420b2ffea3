"""Tables, charts, maps and texts on pages, made by the server."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.plugins import get_plugin
from rows_table import Held, made
from tables import Desk, desk
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.rows import pages
from hatinh.errors import SchemaError

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")


@pytest.fixture
def held() -> Held:
    """A resource with a table of four rows."""
    return made()


def page(app: Any, address: str, status: Any = 200, **asked: Any) -> Any:
    """A page, parsed."""
    return BeautifulSoup(
        app.get(address, query_string=asked or None, status=status).data, "html.parser"
    )


def cells(found: Any) -> list[list[str]]:
    """The cells of the rows."""
    rows = found.select(".ht-rows__table tbody tr")
    return [[cell.get_text() for cell in row.select("td")] for row in rows]


def upload(body: bytes, name: str) -> Held:
    """A resource with an uploaded file and no table."""
    kind = name.rpartition(".")[2].upper()
    return made(upload=FileStorage(BytesIO(body), filename=name), url=name, format=kind)


@pytest.fixture
def files(ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Uploaded files lie in a folder of the test."""
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))


def test_page_of_the_file_shows_first_rows_and_the_ways(app, held):
    """Rows, files and links to table, chart and map stand on the page of the file."""
    found = page(app, f"/dataset/{held.dataset}/resource/{held.id}")
    assert [row[0] for row in cells(found)] == ["18073", "18100", "18115", "00000"]
    ways = [link["href"] for link in found.select(".ht-rows__ways a")]
    assert ways == [held.address(way) for way in ("bang", "bieu-do", "ban-do")]
    files = [link.get_text() for link in found.select(".ht-rows__files a")]
    assert files == ["CSV", "XLSX", "JSON", "JSONL", "PARQUET", "GEOJSON"]


def test_values_are_written_as_people_write_them_and_escaped(app, held):
    """Numbers and days by the language; marks of a value are no marks of the page."""
    rows = cells(page(app, held.address("bang")))
    assert rows[0][2:5] == ["2024", "71.234,5", "31/12/2024"]
    assert rows[3][1] == 'a,"<b>"\nc'
    english = cells(page(app, "/en" + held.address("bang")))
    assert english[0][2:5] == ["2024", "71,234.5", "2024-12-31"]


def test_header_sorts_up_then_down(app, held):
    """Each heading is a link; a sorted one turns the order round and says how it is sorted."""
    found = page(app, held.address("bang"))
    up = next(a for a in found.select("thead a") if "dan_so" in a.get_text())["href"]
    found = page(app, up)
    assert [row[0] for row in cells(found)] == ["18100", "18073", "00000", "18115"]
    heading = next(th for th in found.select("thead th") if "dan_so" in th.get_text())
    assert heading["aria-sort"] == "ascending"
    found = page(app, heading.a["href"])
    assert [row[0] for row in cells(found)] == ["00000", "18073", "18100", "18115"]


def test_filters_add_up_and_go_one_by_one(app, held):
    """A form adds a condition to those that are on; each has a link that takes it away."""
    asked = {"f": ["nam", "dan_so", ""], "o": ["eq", "gt", "eq"], "v": ["2024", "0", ""]}
    found = page(app, held.address("bang"), **asked)
    assert [row[0] for row in cells(found)] == ["18073"]
    kept = [field["value"] for field in found.select("form input[type=hidden][name=f]")]
    assert kept == ["nam", "dan_so"]
    first = found.select(".ht-rows__chips a")[0]["href"]
    assert [row[0] for row in cells(page(app, first))] == ["18073", "00000"]
    csv = next(a for a in found.select(".ht-rows__files a") if a.get_text() == "JSON")["href"]
    assert [row["ma_xa"] for row in app.get(csv).json["records"]] == ["18073"]


SPOKEN = [
    {"id": "ten", "type": "text"},
    {"id": "ngay", "type": "date"},
    {"id": "luc", "type": "timestamp"},
    {"id": "tien", "type": "numeric"},
    {"id": "nam", "type": "int"},
    {"id": "co", "type": "bool"},
    {"id": "rate", "type": "float"},
    {"id": "ma so", "type": "numeric"},
]
VALUES = [
    ["1.234", "2025-02-01", "2026-11-22T08:30:00", "71234", 71234, True, 0.125, "12.345"],
    ["1,234", "2025-01-02", "2026-11-22T08:30:59", "71.234", 712, False, 1.5, "12345"],
    ["a b", "2024-12-31", "2026-11-22T08:30:00.25", "-71234.567", -7, None, 71234.5, "18073"],
    ["Có", None, None, "12345678901234567890.1234567", 2147483647, None, -0.1234567, "1"],
]


@pytest.mark.parametrize(("language", "other"), [("", "/en"), ("/en", "")])
def test_value_as_the_page_shows_it_finds_its_row(app, language, other):
    """Each cell, put into the form, gives its rows: in the table, its files, and the other
    language."""
    held = made(SPOKEN, VALUES)
    rows = cells(page(app, language + held.address("bang")))
    for at, column in enumerate(SPOKEN):
        expected: dict[str, list[str]] = {}
        for row in rows:
            expected.setdefault(row[at], []).append(row[0])
        for words in filter(None, expected):
            found = page(app, language + held.address("bang"), f=column["id"], o="eq", v=words)
            assert (words, [row[0] for row in cells(found)]) == (words, expected[words])
            assert words in found.select_one(".ht-rows__chips a[title]").get_text()
            again = cells(page(app, other + held.address("bang"), **dict(_kept(found))))
            assert (words, [row[0] for row in again]) == (words, expected[words])
        file = next(a for a in found.select(".ht-rows__files a") if a.get_text() == "JSON")
        assert [row["ten"] for row in app.get(file["href"]).json["records"]] == expected[words]


def _kept(found: Any) -> list[tuple[str, str]]:
    fields = found.select("form.ht-rows__form input[type=hidden]")
    return [(field["name"], field["value"]) for field in fields if field["name"] in "fov"]


def test_address_of_a_filter_means_the_same_in_every_language(app):
    """Who fills the form in is led to an address with plain values."""
    held = made(SPOKEN, VALUES)
    asked = {"f": "tien", "o": "eq", "v": "71.234"}
    answer = app.get(held.address("bang"), query_string=asked, follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/bang?f=tien&o=eq&v=71234")


@pytest.mark.parametrize(
    ("name", "words", "example"),
    [
        ("ngay", "31/02/2025", "31/12/2025"),
        ("tien", "nhiều", "71.234,5"),
        ("nam", "1,5", "71.234"),
        ("nam", "3.000.000.000", "71.234"),
        ("co", "có thể", "Có"),
        ("luc", "hôm nay", "31/12/2025 08:30"),
    ],
)
def test_value_that_cannot_be_read_is_said_with_its_column(app, name, words, example):
    """In the reader's words, not the database's; chart and map say it too."""
    held = made(SPOKEN, VALUES)
    for way in ("bang", "bieu-do"):
        found = page(app, held.address(way), f=name, o="gte", v=words)
        told = found.select_one("[role=alert]").get_text()
        assert (words in told, name in told, example in told) == (True, True, True), told
    assert len(cells(page(app, held.address("bang"), f=name, o="gte", v=words))) == len(VALUES)


def test_words_are_searched_in_all_columns(app, held):
    """The box finds words with and without Vietnamese marks."""
    assert [r[0] for r in cells(page(app, held.address("bang"), q="thach khe"))] == ["18115"]


def test_question_that_cannot_be_answered_is_said_beside_all_rows(app, held):
    """A wrong value is told; the page stays."""
    found = page(app, held.address("bang"), f="nam", o="eq", v="<x>")
    assert found.select_one("[role=alert]")
    assert len(cells(found)) == 4
    assert page(app, held.address("bang"), sort="khong_co").select_one("[role=alert]")


def test_pages_hold_all_rows_once(app, monkeypatch):
    """Going from page to page shows every row, in one order; a page too far is the last."""
    monkeypatch.setattr(pages, "ROWS", 2)
    held = made([{"id": "a", "type": "int"}], [[n % 2] for n in range(5)])
    seen = []
    for number in (1, 2, 3):
        seen += cells(page(app, held.address("bang"), page=number, sort="a"))
    assert seen == [["0"], ["0"], ["0"], ["1"], ["1"]]
    last = page(app, held.address("bang"), page=99)
    assert len(cells(last)) == 1
    assert last.select_one(".ht-rows__pages [aria-current]").get_text() == "3"


def test_only_addresses_of_the_web_become_links(app):
    """A value that would run is text."""
    held = made(
        [{"id": "a", "type": "text"}], [["https://example.test/x"], ["javascript:alert(1)"]]
    )
    links = [a["href"] for a in page(app, held.address("bang")).select("tbody a")]
    assert links == ["https://example.test/x"]


def test_chart_shows_the_numbers_beside_the_picture(app, held):
    """Each kind is drawn for two widths, and its numbers stand in a table."""
    for kind in ("bar", "line", "pie"):
        asked = {"x": "nam", "y": "dan_so", "agg": "sum", "kind": kind}
        found = page(app, held.address("bieu-do"), **asked)
        assert len(found.select(".ht-chart svg[role=img]")) == 2
        numbers = found.select(".ht-rows__table tbody tr")
        rows = {row.th.get_text(): row.td.get_text() for row in numbers}
        assert rows == {"2024": "71.231,5", "2025": "1.000.000"}


def test_chart_of_nothing_asked_draws_what_fits(app, held):
    """A table is drawn by its time and its first number before anybody chooses."""
    found = page(app, held.address("bieu-do"))
    chosen = {box["name"]: box.select_one("[selected]")["value"] for box in found.select("select")}
    assert chosen == {"x": "nam", "y": "dan_so", "agg": "sum", "kind": "line"}


def test_chart_that_does_not_fit_is_said(app, held):
    """A pie of negative values, or of means, is refused in words; filters of the table hold."""
    asked = {"x": "ma_xa", "y": "", "kind": "bar", "f": "nam", "o": "eq", "v": "2024"}
    found = page(app, held.address("bieu-do"), **asked)
    assert len(found.select(".ht-rows__table tbody tr")) == 2
    for agg, column in (("sum", "ma_xa"), ("avg", "nam")):
        found = page(app, held.address("bieu-do"), x=column, y="dan_so", agg=agg, kind="pie")
        assert found.select_one(".alert-info")
        assert not found.select(".ht-chart svg")


def test_map_knows_where_its_rows_are(app, held):
    """The page names the file of points; it asks nobody else for a picture."""
    box = page(app, held.address("ban-do")).select_one("[data-rows]")
    points = app.get(box["data-rows"]).json["features"]
    assert len(points) == 4
    settings = json.loads(box["data-settings"])
    assert settings["tiles"] == ""
    assert len(settings["communes"]) == 69
    assert settings["labels"]["ten"] == "Tên xã"


@pytest.fixture
def borders(ckan_config: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A file of the borders of three communes, made up; gives their codes."""
    codes = ["18073", "18100", "18118"]
    square = [[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1], [0, 0]]
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[105.5 + at / 10 + x, 18.3 + y] for x, y in square]],
            },
        }
        for at, code in enumerate(codes)
    ]
    path = tmp_path / "xa.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    monkeypatch.setitem(ckan_config, "ckanext.hatinh.rows.boundaries", str(path))
    monkeypatch.setitem(ckan_config, "ckanext.hatinh.rows.boundaries_code", "code")
    return codes


def test_communes_are_shaded_where_there_are_borders(app, held, borders):
    """Map, legend and table say the same; codes that are not on the map are counted."""
    found = page(app, held.address("ban-do"), y="dan_so", agg="max")
    chosen = {box["name"]: box.select_one("[selected]")["value"] for box in found.select("select")}
    assert chosen == {"y": "dan_so", "agg": "max"}
    lines = found.select(".ht-rows__numbers tbody tr")
    rows = [[cell.get_text() for cell in line.select("th, td")] for line in lines]
    assert rows == [["Phường Thành Sen", "71.234,5"], ["Phường Trần Phú", "-3"]]
    shapes = found.select(".ht-chart__narrow path")
    said = [shape.get_text() for shape in shapes]
    assert said[:2] == ["Phường Thành Sen: 71.234,5", "Phường Trần Phú: -3"]
    assert said[2].startswith("Phường Nam Hồng Lĩnh: ")
    assert [shape["fill"] == "#fff" for shape in shapes] == [False, False, True]
    assert "1" in found.select_one("section .ht-muted").get_text()
    settings = json.loads(found.select_one("[data-settings]")["data-settings"])
    assert len(app.get(settings["boundaries"]).json["features"]) == len(borders)


def test_shaded_map_follows_filters_and_counts_rows(app, held, borders):
    """Without a column, rows are counted; a set without communes says that nothing is drawn."""
    asked = {"y": "", "f": "nam", "o": "eq", "v": "2024"}
    found = page(app, held.address("ban-do"), **asked)
    assert [c.get_text() for c in found.select(".ht-rows__numbers td")] == ["1", "1"]
    found = page(app, held.address("ban-do"), f="ma_xa", o="eq", v="00000")
    assert found.select_one("section .alert-info")
    assert not found.select(".ht-chart svg")


def test_borders_are_only_there_where_they_are_set(app, held):
    """Without the setting a map has points only."""
    found = page(app, held.address("ban-do"))
    assert not found.select(".ht-chart, .ht-rows__form")
    app.get("/ban-do/dia-gioi.geojson", status=404)


def test_file_of_borders_that_cannot_be_read_stops_the_start(ckan_config, monkeypatch, tmp_path):
    """It is said which file."""
    broken = tmp_path / "xa.geojson"
    broken.write_text("{", "utf-8")
    plugin: Any = get_plugin("hatinh_rows")
    for path in (broken, tmp_path / "khong-co.geojson"):
        monkeypatch.setitem(ckan_config, "ckanext.hatinh.rows.boundaries", str(path))
        with pytest.raises(SchemaError, match=r"geojson"):
            plugin.configure(ckan_config)


def test_code_is_no_quantity(app):
    """A column that is called a code has no marks and is not added up, nor are degrees."""
    fields = [{"id": name, "type": "int"} for name in ("ma_so", "stt", "vi_do", "so_ho")]
    held = made(fields, [[12345, 1, 18, 67890], [12346, 2, 18, 10000]])
    assert cells(page(app, held.address("bang")))[0] == ["12345", "1", "18", "67.890"]
    found = page(app, held.address("bieu-do"))
    offered = [option["value"] for option in found.select("select[name=y] option")]
    assert offered == ["", "so_ho"]


def test_unit_of_an_element_stands_with_its_column(app):
    """Where the heading leaves it out; files keep the heading as it was."""
    info = {"label": "Dân số", "hatinh_element": "DanSo"}
    held = made([{"id": "dan_so", "type": "int", "info": info}], [[5]])
    heading = page(app, held.address("bang")).select_one("thead th a")
    assert heading.get_text().startswith("Dân số (người)")
    titles = page(app, held.address("bieu-do"), y="dan_so").select("h2")
    assert any("Dân số (người)" in title.get_text() for title in titles)
    assert app.get(held.address("rows.csv")).data.decode("utf-8-sig").splitlines()[0] == "Dân số"


def test_column_named_by_a_machine_stands_under_what_the_dictionary_calls_it(app):
    """The reader's language with the unit, then the name in the file; never one thing twice."""
    fields = [
        {"id": "dan_so", "type": "int", "info": {"hatinh_element": "DanSo"}},
        {"id": "ten", "type": "text", "info": {"label": "dân số", "hatinh_element": "DanSo"}},
        {"id": "ghi_chu", "type": "text"},
    ]
    held = made(fields, [[5, "a", "b"]])
    headings = page(app, held.address("bang")).select("thead a")
    names = [list(heading.stripped_strings)[:-1] for heading in headings]
    assert names == [["Dân số (người)", "dan_so"], ["dân số (người)"], ["ghi_chu"]]
    english = page(app, "/en" + held.address("bang")).select_one("thead a")
    assert list(english.stripped_strings)[:2] == ["Population (người)", "dan_so"]


def test_page_of_the_dataset_leads_to_the_rows(app, held):
    """A file with a table can be looked at before it is taken home; another one cannot."""
    found = page(app, f"/dataset/{held.dataset}")
    ways = [a["href"] for a in found.select(".ht-file__actions a") if "Xem bảng" in a.get_text()]
    assert ways == [f"/dataset/{held.dataset}/resource/{held.id}#preview"]
    assert page(app, ways[0].partition("#")[0]).select_one("#preview")


def test_share_is_averaged_before_anybody_chooses(app):
    """Shares and densities cannot be added up."""
    fields = [{"id": "xa", "type": "text"}, {"id": "ty_le_ngheo", "type": "numeric"}]
    held = made(fields, [["a", "2.5"], ["a", "3.5"], ["b", "1"]])
    found = page(app, held.address("bieu-do"))
    assert found.select_one("select[name=agg] [selected]")["value"] == "avg"
    assert [c.get_text() for c in found.select(".ht-rows__numbers td")] == ["3", "1"]


def test_column_with_one_value_is_not_drawn_along_first(app, desk: Desk):
    """A line needs two values: the first picture is of a column that has them."""
    resource = desk.upload("ngay,ten_xa,so\n2026-01-01,a,1\n2026-01-01,b,2\n")
    desk.load()
    found = page(app, Held(desk.officer, "bang-thu", resource).address("bieu-do"))
    assert found.select_one("select[name=x] [selected]")["value"] == "ten_xa"
    assert found.select(".ht-chart svg")


def test_table_without_places_has_no_map(app):
    """There is neither page nor link."""
    held = made([{"id": "a", "type": "text"}], [["x"]])
    page(app, held.address("ban-do"), status=404)
    ways = page(app, held.address("bang")).select(".ht-rows__ways a")
    assert [link["href"] for link in ways] == [held.address("bang"), held.address("bieu-do")]


TEXTS = [
    ("a.json", b'{"a":[1,"<b>"]}', '{\n  "a": [\n    1,\n    "<b>"\n  ]\n}'),
    ("a.json", b"{wrong", "{wrong"),
    ("a.xml", "<a>Hà Tĩnh</a>".encode(), "<a>Hà Tĩnh</a>"),
    ("a.txt", b"\xef\xbb\xbfxin ch\xc3\xa0o", "xin chào"),
    ("a.txt", "ă".encode() * 150_001, "ă" * 100_000),
]


@pytest.mark.usefixtures("files")
def test_text_of_a_file_is_shown_as_text(app):
    """JSON is set in lines, long texts are cut; nothing of a file becomes a part of the page."""
    for name, body, words in TEXTS:
        held = upload(body, name)
        found = page(app, f"/dataset/{held.dataset}/resource/{held.id}")
        assert found.select_one(".ht-text").get_text() == words
        assert bool(found.select(".ht-rows .ht-muted")) is (len(body) > 200_000)


@pytest.mark.usefixtures("files")
def test_pages_of_a_pdf_file_are_shown_in_a_frame_of_this_site(app):
    """The browser's own reader shows them, from this portal."""
    held = upload(b"%PDF-1.4\n%%EOF\n", "a.pdf")
    frame = page(app, f"/dataset/{held.dataset}/resource/{held.id}").select_one("iframe.ht-pdf")
    answer = app.get(frame["src"])
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.usefixtures("files")
def test_uploaded_page_is_saved_not_opened(app):
    """A file that a browser would run or draw as a page of this site is only downloaded."""
    for name in ("a.html", "a.svg", "a.js", "a.xml"):
        held = upload(b"<script src=b.js></script>", name)
        found = page(app, f"/dataset/{held.dataset}/resource/{held.id}")
        address = found.select_one("a.resource-url-analytics")["href"]
        assert app.get(address).headers["Content-Disposition"].startswith("attachment"), name


def test_file_elsewhere_is_not_shown(app):
    """What lies on another server is never fetched for a page."""
    held = made(format="PDF", url="https://example.test/a.pdf")
    found = page(app, f"/dataset/{held.dataset}/resource/{held.id}")
    assert not found.select("iframe, .ht-text, .ht-rows")


def test_column_has_a_page_with_its_meaning(app):
    """The element is named; an unknown column is not found."""
    held = made([{"id": "ma_xa", "type": "text", "info": {"hatinh_element": "ma_dvhc"}}], [["1"]])
    found = page(app, held.address("cot/ma_xa"))
    assert found.select_one(".ht-lead a")["href"].endswith("/ma_dvhc")
    page(app, held.address("cot/khong_co"), status=404)
    page(app, held.address("cot/_id"), status=404)


def test_column_of_a_loaded_file_shows_what_its_values_are_like(app, desk: Desk):
    """Counts, range, histogram and commonest values come from the load; the picture has a table."""
    resource = desk.upload("ten,so\n" + "".join(f"a{n % 3},{n}\n" for n in range(1, 101)))
    desk.load()
    held = Held(desk.officer, "bang-thu", resource)
    found = page(app, held.address("cot/so"))
    facts = {row.dt.get_text(): row.dd.get_text() for row in found.select(".ht-facts > div")}
    assert list(facts.values()) == ["0", "100", "1", "100", "50,5"]
    assert len(found.select(".ht-chart svg")) == 2
    top = page(app, held.address("cot/ten")).select("section[aria-labelledby=top] tbody tr")
    assert [row.get_text() for row in top] == ["a134", "a033", "a233"]
