"""Anybody has a table checked, by API or page; nothing of it stays."""

import json
import tempfile
import time
import zipfile
from contextlib import ExitStack
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.types import Context
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.dictionary import checking, editions
from hatinh.dictionary import check_process

pytestmark = pytest.mark.usefixtures("with_plugins", "first_edition")

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
FAULTY = """Mã xã,Kỳ báo cáo,Diện tích
18073,2025,"12,5"
18074,20255,"3,5"
99999,2025,rộng
"""
PAGE = "/en/tu-dien/kiem-tra"


@pytest.fixture
def first_edition(portal: None) -> None:
    """The edition that is shipped, in the database."""
    editions.load_first()


def file(text: str | bytes = FAULTY, name: str = "xa.csv") -> FileStorage:
    """A file as a form sends it."""
    body = text.encode() if isinstance(text, str) else text
    return FileStorage(BytesIO(body), filename=name)


def check(**parameters: Any) -> dict[str, Any]:
    """Check as a visitor does."""
    context = Context(user="", ignore_auth=False)
    return tk.get_action("hatinh_table_check")(context, parameters)


def bound(report: dict[str, Any]) -> dict[str, str]:
    """Elements by column."""
    return {column["name"]: column["element"] for column in report["columns"]}


def refusal(**parameters: Any) -> dict[str, Any]:
    """What a visitor is told when nothing can be checked."""
    with pytest.raises(tk.ValidationError) as refused:
        check(**parameters)
    return refused.value.error_dict


# -- by API -------------------------------------------------------------------------------------


def test_table_is_checked_by_suggested_elements():
    """Without a word about its columns a table is checked by what is suggested for them."""
    report = check(upload=file())
    assert bound(report) == {"Mã xã": "ma_dvhc", "Kỳ báo cáo": "KyBaoCao", "Diện tích": "DienTich"}
    assert (report["rows"], report["edition"]) == (3, "0.1")
    causes = {(cause["column"], cause["rule"]): cause for cause in report["causes"]}
    wrong = causes["Mã xã", "cell-code-unknown"]
    assert [(one["row"], one["value"]) for one in wrong["examples"]] == [(2, "18074"), (3, "99999")]
    assert wrong["count"] == 2
    assert wrong["mend"]
    assert sum(cause["count"] for cause in report["causes"]) == report["total"]


def test_named_elements_bind_their_columns_only():
    """Whoever says which column is which is taken at his word."""
    for elements in (
        {"Mã xã": "ma_dvhc"},
        '{"Mã xã": "ma_dvhc"}',
        "Mã xã=ma_dvhc",
    ):
        report = check(upload=file(), elements=elements)
        assert bound(report) == {"Mã xã": "ma_dvhc", "Kỳ báo cáo": "", "Diện tích": ""}


@pytest.mark.parametrize(
    "wish",
    [{"elements": "ma_dvhc,TenDonViHanhChinh"}, {"elements": ["ma_dvhc"]}, {"entity": "DiaChi"}],
)
def test_suggestions_keep_to_a_choice(wish):
    """A list of elements, or an entity, leaves the others out."""
    report = check(upload=file(), **wish)
    assert bound(report)["Mã xã"] == "ma_dvhc"
    assert bound(report)["Kỳ báo cáo"] == ""


def test_schema_says_it_all():
    """A table schema brings keys and sums with it."""
    schema = {"columns": [{"name": "Mã xã", "element": "ma_dvhc", "key": True}]}
    twice = "Mã xã\n18073\n18073\n"
    report = check(upload=file(twice), schema=json.dumps(schema))
    assert [cause["rule"] for cause in report["causes"]] == ["key-duplicated"]


def test_codes_are_judged_on_the_day_of_the_data():
    """A commune of before the reform is right in data of before the reform."""
    units = editions.current().code_lists["admin_units"]
    days = [date(2025, 6, 30), date(2025, 7, 1)]
    before, after = ({unit.code for unit in units.at(day) if len(unit.code) == 5} for day in days)
    old = f"Mã xã\n{min(before - after)}\n"
    assert [check(upload=file(old), at=day)["total"] for day in days] == [0, 1]


def test_list_is_cut_and_count_is_not():
    """The list ends at the limit; the numbers are exact."""
    rows = "Mã xã\n" + "99999\n" * 250
    report = check(upload=file(rows), limit=7)
    assert len(report["violations"]) == 7
    assert report["truncated"]
    assert report["total"] == 250
    assert report["causes"][0]["count"] == 250


def test_wrong_wishes_are_refused_with_words():
    """What there is not cannot be asked for."""
    for wish in (
        {"elements": {"Mã xã": "khong_co"}},
        {"elements": "[1"},
        {"elements": 5},
        {"entity": "KhongCo"},
        {"schema": "[]"},
        {"schema": {"columns": [{"element": "ma_dvhc"}]}},
        {"at": "hôm qua"},
        {"limit": "nhiều"},
        {"format": "EXE"},
    ):
        assert refusal(upload=file(), **wish), wish


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"%PDF-1.7\n\x00\x01\x02", "file-binary"),
        ("a.csv", b"x" * 2_000_000, "line-too-long"),
        ("a.xlsx", b"PK\x03\x04 no workbook", "workbook-broken"),
        ("a.json", b"{", "not-a-table"),
        ("a.csv", b"x," * 300 + b"y\n", "too-many-columns"),
    ],
)
def test_garbage_is_refused_with_its_reason(name, body, reason):
    """A file that is no table is a clear answer, never a fault of the portal."""
    assert refusal(upload=file(body, name))["reason"] == [reason]


def test_too_large_a_file_is_refused(monkeypatch):
    """There is a limit, and it is told."""
    monkeypatch.setattr(checking, "MOST_BYTES", 1000)
    assert "upload" in refusal(upload=file("a\n" * 1000))


def test_too_long_a_check_is_ended(tmp_path, monkeypatch):
    """No visitor keeps the portal busy for longer than its limit, and nothing of it stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(check_process.checked, "__defaults__", (0.3,))
    assert refusal(upload=file(heavy(500), "a.ods"))["reason"] == ["too-heavy"]
    assert list(tmp_path.iterdir()) == []


def test_busy_portal_asks_to_wait():
    """Only so many checks run at a time; whoever comes then is told, and the places come free."""
    with ExitStack() as taken:
        for _ in range(checking.AT_A_TIME):
            taken.enter_context(checking.turn())
        start = time.monotonic()
        assert "busy" in refusal(upload=file())
        assert time.monotonic() - start < 1
    check(upload=file())
    assert not connect_to_redis().keys("hatinh:check:*")


CONTENT = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="S">{}</table:table></office:spreadsheet></office:body>
 </office:document-content>"""


def heavy(rows: int) -> bytes:
    """A sheet of long texts, a few kilobytes each row, that takes much more memory than disk."""
    words = " ".join(f"xã {number * 7919 % 9973}" for number in range(400))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = (cell.format(words[start : start + 2000]) * 5 for start in range(rows))
    lines = "".join(f"<table:table-row>{line}</table:table-row>" for line in cells)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", CONTENT.format(lines))
    return out.getvalue()


def peak() -> int:
    """Kilobytes that this process had at most since it was last asked."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0])


def test_file_is_never_opened_by_the_portal_itself():
    """Whatever a file unfolds to, the process that answers does not grow by it."""
    body = heavy(3_000)
    check(upload=file())
    peak()
    before = peak()
    report = check(upload=file(body, "a.ods"))
    assert report["rows"] == 2_999
    assert peak() - before < 30_000


def test_values_of_personal_data_are_not_repeated():
    """Nobody's number stands in a report."""
    personal = [e for e in editions.current().elements.values() if e.personal_data != "none"]
    element = next(e for e in personal if e.pattern and not e.publish_forbidden)
    report = check(upload=file("a\nkhông-phải-số-9\n"), elements={"a": element.id})
    assert report["total"]
    assert "không-phải-số-9" not in json.dumps(report, ensure_ascii=False)


def test_table_of_the_portal_is_checked_by_its_own_bindings():
    """A resource needs no upload: its table and its elements are known."""
    officer = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")(
        Context(user=officer),
        {
            "name": "xa", "title_translated": {"vi": "Xã"}, "notes_translated": {"vi": "Xã"},
            "owner_org": "so-nnmt", **CLASSIFIED,
            "resources": [{"url": "https://example.test/a.csv", "name_translated": {"vi": "B"}}],
        },
    )  # fmt: skip
    resource = made["resources"][0]["id"]
    assert "resource_id" in refusal(resource_id=resource)
    fields = [{"id": "x", "type": "text", "info": {"hatinh_element": "ma_dvhc"}}]
    tk.get_action("datastore_create")(
        Context(user=officer),
        {"resource_id": resource, "force": True, "fields": fields, "records": [{"x": "99999"}]},
    )
    report = check(resource_id=resource)
    assert bound(report) == {"x": "ma_dvhc"}
    assert [cause["rule"] for cause in report["causes"]] == ["cell-code-unknown"]
    with pytest.raises(tk.ObjectNotFound):
        check(resource_id="khong-co")


def stored(records: list[dict[str, Any]], **types: str) -> str:
    """Id of a table in the DataStore whose columns have these types."""
    officer = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")(
        Context(user=officer),
        {
            "name": "so-lieu", "title_translated": {"vi": "Số"}, "notes_translated": {"vi": "Số"},
            "owner_org": "so-nnmt", **CLASSIFIED,
            "resources": [{"url": "https://example.test/a.csv", "name_translated": {"vi": "B"}}],
        },
    )  # fmt: skip
    resource = made["resources"][0]["id"]
    fields = [{"id": name, "type": kind} for name, kind in types.items()]
    tk.get_action("datastore_create")(
        Context(user=officer),
        {"resource_id": resource, "force": True, "fields": fields, "records": records},
    )
    return resource


def test_stored_values_are_what_their_columns_are():
    """A number of the DataStore has a decimal point and no thousands; a text keeps its zeros."""
    row = {"xa": "00123", "tong": 1.5, "nam": 1.234, "nu": 0.266, "ty_le": 0.00001, "ngay": None}
    types = dict.fromkeys(("tong", "nam", "nu", "ty_le"), "numeric")
    table = stored([row], xa="text", ngay="timestamp", **types)
    names = {"xa": "ma_dvhc", "ngay": "NgayHieuLuc"} | dict.fromkeys(types, "DienTich")
    schema = {
        "columns": [{"name": name, "element": element} for name, element in names.items()],
        "row_sums": [{"total": "tong", "parts": ["nam", "nu"]}],
    }
    found = check(resource_id=table, schema=schema)["violations"]
    assert [(one["rule"], one["value"]) for one in found] == [("cell-code-unknown", "00123")]


def test_stored_table_without_rows_has_its_columns():
    """Nothing is wrong in no rows, and the columns are known all the same."""
    report = check(resource_id=stored([], xa="text", dt="numeric"), elements={"xa": "ma_dvhc"})
    assert (report["rows"], [column["name"] for column in report["columns"]]) == (0, ["xa", "dt"])


def test_table_nobody_may_see_is_not_checked():
    """A private table stays private."""
    officer = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")(
        Context(user=officer),
        {
            "name": "xa", "title_translated": {"vi": "Xã"}, "notes_translated": {"vi": "Xã"},
            "owner_org": "so-nnmt", "private": True, **CLASSIFIED,
            "resources": [{"url": "https://example.test/a.csv", "name_translated": {"vi": "B"}}],
        },
    )  # fmt: skip
    with pytest.raises(tk.NotAuthorized):
        check(resource_id=made["resources"][0]["id"])


def test_nothing_of_a_table_stays(tmp_path, monkeypatch):
    """Neither a file nor a row is left when the answer is made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = model.Session.query(model.Resource).count()
    check(upload=file())
    assert list(tmp_path.iterdir()) == []
    assert model.Session.query(model.Resource).count() == before


# -- on the page --------------------------------------------------------------------------------


def post(app: Any, path: str = PAGE, **fields: Any) -> Any:
    """Send the form as a visitor."""
    return app.post(path, data={"upload": (BytesIO(FAULTY.encode()), "xa.csv")} | fields)


def test_page_shows_faults_by_cause(app):
    """A visitor sees what is wrong, where, and how to mend it, and the elements to choose from."""
    page = post(app).body
    for words in ("18074", "99999", "2 places", "Columns and their elements"):
        assert words in page
    assert '<option value="ma_dvhc" selected>' in page


def test_chosen_elements_and_keys_count(app):
    """What is chosen on the page goes before what is suggested."""
    chosen: dict[str, Any] = {
        "column": ["Mã xã", "Kỳ báo cáo", "Diện tích"],
        "element": ["", "KyBaoCao", ""],
        "key": ["Kỳ báo cáo"],
    }
    page = post(app, **chosen).body
    assert "99999</code>" not in page
    assert '<option value="ma_dvhc" selected>' not in page
    assert 'name="key" value="Kỳ báo cáo" checked' in page


def test_choice_for_another_table_is_left(app):
    """Columns of the file before say nothing of this one."""
    page = post(app, column=["Khác"], element=["DienTich"]).body
    assert '<option value="ma_dvhc" selected>' in page


def test_marked_workbook_is_downloaded(app):
    """The faulty cells are coloured and commented in a copy."""
    answer = post(app, f"{PAGE}/danh-dau.xlsx")
    assert "xa-danh-dau.xlsx" in answer.headers["Content-Disposition"]
    summary, table = load_workbook(BytesIO(answer.data)).worksheets
    assert summary.max_row > 5
    assert table["A3"].comment
    assert table["A2"].comment is None


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/danh-dau.xlsx"])
def test_page_says_what_it_cannot_check(app, path):
    """No file, and no table, are told on the page."""
    assert "Choose a table first" in app.post(path, data={}).body
    garbage = {"upload": (BytesIO(b"%PDF-1.7\n\x00"), "xa.csv")}
    assert "alert-danger" in app.post(path, data=garbage).body


def test_page_is_in_vietnamese_too(app):
    """The page speaks the visitor's language."""
    assert 'lang="vi"' in app.get("/tu-dien/kiem-tra").body
