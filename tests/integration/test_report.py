"""Reports against real PostgreSQL: figures, files, command, and what they cost."""

import csv
import email
import html
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import openpyxl
import pytest
import sqlalchemy as sa
import yaml
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.types import Context
from docx import Document
from edition_files import of_csv, rows_of_pdf, table_letters
from sqlalchemy import event

import schemas
from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.sources import synchronise
from ckanext.hatinh.report import mailing
from ckanext.hatinh.shared.vocabulary import partners, today
from hatinh.errors import SchemaError
from hatinh.local_time import LOCAL_TIME
from hatinh.report.guard import inert

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
"""What the catalogue asks of every dataset."""

FIRST = date(2026, 11, 1)
FORMS = ("csv", "xlsx", "docx", "pdf")
BINDING = ("resource_id", "column", "element")
SOURCES = """
sources:
  - {name: kiem-ke, kind: folder, title: {vi: Kiểm kê}, url: "http://a.test/", owner: so-gddt}
"""


@pytest.fixture(autouse=True)
def sources(ckan_config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One source, owned by the education department; commands read the configured ones."""
    for name in ("HATINH_LGSP_CLIENT_ID", "HATINH_LGSP_CLIENT_SECRET"):
        monkeypatch.setenv(name, "test")
    path = tmp_path / "sources.yaml"
    path.write_text(SOURCES, encoding="utf-8")
    ckan_config["ckanext.hatinh.harvest.sources"] = str(path)


@pytest.fixture
def office() -> str:
    """Name of an organisation."""
    return organization("so-gddt", "Sở Giáo dục và Đào tạo")


def as_site() -> Context:
    """A context that may do everything."""
    return Context(user=tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def organization(name: str, title: str) -> str:
    """Create an organisation; gives its name."""
    tk.get_action("organization_create")(
        as_site(), {"name": name, "title_translated": {"vi": title}}
    )
    return name


def dataset(office: str, name: str, **fields: Any) -> dict[str, Any]:
    """Create a dataset with one CSV file, in time."""
    data = {
        "type": "dataset",
        "name": name,
        "title_translated": {"vi": "Danh sách trường học"},
        "notes_translated": {"vi": "Các trường của tỉnh"},
        "owner_org": office,
        **CLASSIFIED,
        "modified": "2026-06-30",
        "resources": [{"name_translated": {"vi": "Bảng"}, "url": "https://a.test/a.csv"}],
    }
    return tk.get_action("package_create")(as_site(), data | fields)


def score(package: dict[str, Any], total: float) -> None:
    """Give a dataset a score with one problem that stands in three places."""
    problem = {"code": "cell-empty", "severity": "warning", "path": "$", "value": "", "count": 3}
    stored = {
        "formula": "test-1",
        "total": total,
        "band": "vang",
        "dimensions": {"dung": total},
        "losses": [],
    }
    tk.get_action("hatinh_score_save")(
        as_site(), {"package_id": package["id"], "score": stored, "problems": [problem]}
    )


def lines(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The lines of a report: name of the office → column → cell."""
    columns = [column["id"] for column in report["columns"]]
    return {row[0]["vi"]: dict(zip(columns, row, strict=True)) for row in report["rows"]}


def shown(user: str = "", **asked: Any) -> dict[str, Any]:
    """The inventory as a user sees it."""
    return tk.get_action("hatinh_report_show")({"user": user}, {"id": "inventory", **asked})


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL statements that run inside."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)


def test_inventory_counts_each_office(office):
    """Datasets, classes, formats, update state and scores of an office, from stored records."""
    score(dataset(office, "mot"), 80.0)
    score(dataset(office, "hai", publication_class="co_dieu_kien", modified="2019-01-01"), 60.0)
    tk.get_action("package_create")(
        as_site(),
        {
            "type": "system",
            "title_translated": {"vi": "Hệ thống"},
            "owner_org": office,
            "contact": "Phòng",
        },
    )
    line = lines(shown())["Sở Giáo dục và Đào tạo"]
    assert (line["datasets"], line["systems"], line["dataservices"]) == (2, 1, 0)
    assert (line["public"], line["conditional"], line["unclassified"]) == (1, 1, 0)
    assert line["formats"] == "CSV 2"
    assert (line["open_level_3"], line["open_level_3_share"]) == (2, 100.0)
    assert (line["on_time"], line["overdue"]) == (1, 1)
    assert (line["dung"], line["du"], line["score"]) == (70.0, None, 70.0)


def test_office_without_records_has_its_line(office):
    """Silence is a finding: every office stands in the inventory."""
    organization("so-y-te", "Sở Y tế")
    assert lines(shown())["Sở Y tế"]["datasets"] == 0


def test_deleted_records_do_not_count(office):
    """What is deleted is gone."""
    package = dataset(office, "mot")
    tk.get_action("package_delete")(as_site(), {"id": package["id"]})
    assert lines(shown())["Sở Giáo dục và Đào tạo"]["datasets"] == 0


def test_private_records_count_only_for_those_who_see_them(office):
    """The public's report says nothing of what is not public."""
    dataset(office, "mot")
    dataset(office, "hai", private=True)
    member = factories.User()["name"]
    tk.get_action("organization_member_create")(
        as_site(), {"id": office, "username": member, "role": "member"}
    )
    name = "Sở Giáo dục và Đào tạo"
    assert lines(shown())[name]["datasets"] == 1
    assert lines(shown(member))[name]["datasets"] == 1
    assert lines(shown(member, organization=office))[name]["datasets"] == 2
    assert lines(shown(as_site().get("user", "")))[name]["datasets"] == 2


def test_refused_records_count_for_the_owner_of_their_source(office):
    """What the harvest refused is counted too: it is the owner's to mend."""
    synchronise(config.sources().values())
    now = datetime.now(UTC)
    run = HarvestRun(source="kiem-ke", state="complete", started=now, counts={"rejected": 4})
    model.Session.add(run)
    model.Session.commit()
    assert lines(shown())["Sở Giáo dục và Đào tạo"]["rejected"] == 4
    assert lines(shown(organization=office))["Sở Giáo dục và Đào tạo"]["rejected"] == 4


def test_report_of_one_office_has_one_line(office):
    """An office can be asked for alone, and an unknown one is not found."""
    dataset(organization("so-y-te", "Sở Y tế"), "mot")
    assert list(lines(shown(organization=office))) == ["Sở Giáo dục và Đào tạo"]
    with pytest.raises(tk.ObjectNotFound):
        shown(organization="so-khong-co")
    with pytest.raises(tk.ObjectNotFound):
        tk.get_action("hatinh_report_show")({}, {"id": "khong-co"})


def test_number_of_statements_does_not_grow_with_datasets(office):
    """The inventory costs the same few statements for one dataset as for a hundred thousand."""
    dataset(office, "d0")
    with counted() as few:
        shown()
    for number in range(1, 8):
        score(dataset(office, f"d{number}"), 80.0)
    with counted() as many:
        shown()
    assert len(many) == len(few)
    assert len(many) <= 7


def test_downloads_hold_the_same_figures(app, office):
    """CSV and XLSX are the page's figures as files."""
    dataset(office, "mot")
    answer = app.get("/bao-cao/inventory.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert ["Sở Giáo dục và Đào tạo", "1"] in [row[:2] for row in rows]
    book = openpyxl.load_workbook(io.BytesIO(app.get("/bao-cao/inventory.xlsx").data))
    cells = [[cell.value for cell in row[:2]] for row in book["inventory"].iter_rows()]
    assert ["Sở Giáo dục và Đào tạo", 1] in cells


def test_pages_show_the_report_in_both_languages(app, office):
    """The table stands on a page, with the time of its figures and its downloads."""
    page = app.get("/bao-cao/inventory").body
    assert "Sở Giáo dục và Đào tạo" in page
    assert "/bao-cao/inventory.xlsx" in page
    assert "hatinh_report" in page, "its style sheet is on the page"
    assert "/bao-cao/inventory" in app.get("/bao-cao/").body
    assert app.get("/en/bao-cao/inventory").status_code == 200
    assert app.get("/bao-cao/khong-co").status_code == 404
    assert app.get("/bao-cao/inventory?organization=khong-co").status_code == 404


def test_command_writes_a_file(office, cli, tmp_path: Path):
    """``ckan hatinh report inventory`` gives the file that the page gives."""
    dataset(office, "mot")
    target = tmp_path / "inventory.xlsx"
    words = ["hatinh", "report", "inventory", "--format", "xlsx", "--output", str(target)]
    ran = cli.invoke(ckan, words)
    assert ran.exit_code == 0, ran.output
    assert openpyxl.load_workbook(target).sheetnames == ["inventory"]


def test_command_prints_csv(office, cli):
    """Without a file the report goes to standard output."""
    dataset(office, "mot")
    ran = cli.invoke(ckan, ["hatinh", "report", "inventory", "--organization", office])
    assert ran.exit_code == 0, ran.output
    assert "Sở Giáo dục và Đào tạo,1," in ran.output


def test_command_names_unknown_office(cli):
    """A wrong name ends with a message and exit code 2, not with a trace."""
    ran = cli.invoke(ckan, ["hatinh", "report", "inventory", "--organization", "khong-co"])
    assert ran.exit_code == 2
    assert "Traceback" not in ran.output


# -- the plain tables ---------------------------------------------------------------------------


def rows_of(table: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a plain table as the portal itself reads it."""
    given = tk.get_action("hatinh_figure_tables")(as_site(), {"tables": [table], **asked})
    found = given["tables"][table]
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


def test_tables_hold_what_is_stored(office):
    """Texts and whole numbers, private records too; what is empty is empty text."""
    schema = {"columns": [{"name": "ma", "element": "school_code"}, {"name": "ten"}]}
    file = {"name_translated": {"vi": "Bảng"}, "url": "https://a.test/a.csv", "format": "csv"}
    made = dataset(office, "mot", private=True, resources=[file | {"schema": json.dumps(schema)}])
    score(made, 86.674)
    (record,) = rows_of("records")
    assert (record["record"], record["name"], record["private"]) == (made["id"], "mot", 1)
    assert (record["organization"], record["modified"]) == (office, "2026-06-30")
    assert (record["open_level"], record["former_organization"]) == (3, "")
    (points,) = rows_of("scores")
    assert (points["total"], points["du"]) == (8667, "")
    (found,) = rows_of("files")
    assert (found["format"], found["tabular"], found["columns"], found["bound"]) == ("CSV", 1, 2, 1)
    assert rows_of("problems") == [
        {"record": made["id"], "code": "cell-empty", "severity": "warning", "count": 3}
    ]


def test_columns_that_people_bound_count_with_those_that_were_promised(office):
    """A column counts once, however it came to its element."""
    made = dataset(office, "mot")
    bound = sa.table("hatinh_dictionary_binding", *map(sa.column, BINDING))
    for column in ("ma", "ten"):
        row = {"resource_id": made["resources"][0]["id"], "column": column, "element": "x"}
        model.Session.execute(sa.insert(bound).values(row))
    model.Session.commit()
    (found,) = rows_of("files")
    assert (found["columns"], found["bound"]) == (2, 2)


def test_use_is_counted_over_this_month_and_the_eleven_before(office):
    """From the first of that month to the day itself; private records are read as well."""
    made = dataset(office, "mot", private=True)
    day = today()
    first = (day.replace(day=1) - timedelta(days=330)).replace(day=1)
    for when, views in ((first - timedelta(days=1), 100), (first, 2), (day, 3)):
        use(made, when, views)
    use(made, day + timedelta(days=1), 100)
    assert [(row["views"], row["calls"]) for row in rows_of("use")] == [(5, 0)]


def use(package: dict[str, Any], day: date, views: int) -> None:
    """Note that a dataset was looked at."""
    row = {"package_id": package["id"], "day": day, "views": views}
    table = sa.table("hatinh_use_day", *map(sa.column, row))
    model.Session.execute(sa.insert(table).values(row))
    model.Session.commit()


def test_tables_of_one_office_hold_its_records_only(office):
    """The same tables, narrowed: to the office's records and to the office itself."""
    dataset(office, "mot")
    dataset(organization("so-y-te", "Sở Y tế"), "hai")
    assert [row["name"] for row in rows_of("records", organization=office)] == ["mot"]
    assert [row["organization"] for row in rows_of("organizations", organization=office)] == [
        office
    ]
    assert len(rows_of("files", organization=office)) == 1


def test_all_tables_can_be_read_each_by_one_statement(office):
    """Every table that there is words for is read, and no question is asked twice."""
    score(dataset(office, "mot"), 80.0)
    with counted() as statements:
        given = tk.get_action("hatinh_figure_tables")(as_site(), {})
    words = yaml.safe_load((schemas.ROOT / "figures" / "tables.yaml").read_text(encoding="utf-8"))
    assert list(given["tables"]) == list(words)
    assert sum("WITH kept" in statement for statement in statements) <= len(words)
    assert all(len(row) == len(found["columns"]) for found in given["tables"].values()
               for row in found["rows"])  # fmt: skip


def test_tables_are_not_for_everybody(office):
    """They hold private records: neither visitors nor editors of an office read them."""
    editor = factories.User()["name"]
    tk.get_action("organization_member_create")(
        as_site(), {"id": office, "username": editor, "role": "admin"}
    )
    for user in ("", editor):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("hatinh_figure_tables")({"user": user, "ignore_auth": False}, {})


def test_unknown_table_is_refused(office):
    """A wrong name is told, not passed over."""
    with pytest.raises(tk.ValidationError):
        rows_of("khong-co")


# -- every report in every form -------------------------------------------------------------------


def province(office: str) -> None:
    """A little of everything that reports tell of."""
    first = dataset(office, "mot", legal_basis="Điều 17 Nghị định 47/2020/NĐ-CP")
    score(first, 80.125)
    use(first, datetime.now(LOCAL_TIME).date(), 12345)
    score(dataset(office, "hai", modified="2019-01-01", pii_class="basic"), 60.0)
    score(dataset(organization("so-y-te", "Sở Y tế"), "ba", former_publisher="so-cu"), 91.5)
    system = {"type": "system", "owner_org": office, "contact": "Phòng"}
    for name, more in (("a", {"lgsp_status": "active"}), ("b", {"lgsp_exception": "Mật"})):
        title = {"title_translated": {"vi": f"Hệ thống {name}"}}
        tk.get_action("package_create")(as_site(), system | title | more)


def cells(report: dict[str, Any]) -> list[list[Any]]:
    """Rows and totals of a report of the API, in Vietnamese."""
    lines = [*report["rows"], *([report["totals"]] if report["totals"] else [])]
    return [[cell["vi"] if isinstance(cell, dict) else cell for cell in line] for line in lines]


def in_csv(cell: Any) -> str:
    """A cell as CSV has it."""
    return inert(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def on_paper(cell: Any, kind: str) -> str:
    """A cell as an administrative document has it."""
    if cell is None or kind == "text":
        return cell or ""
    if kind == "day":
        return datetime.fromisoformat(cell).strftime("%d/%m/%Y")
    figures = f"{cell:,}" if kind == "integer" else f"{cell:,.2f}"
    return figures.replace(",", " ").replace(".", ",").replace(" ", ".")


def in_workbook(cell: Any) -> Any:
    """A cell of a workbook as the API has it."""
    return cell.date().isoformat() if isinstance(cell, datetime) else cell


def test_every_report_says_the_same_in_all_its_forms(app, office):
    """Cell by cell, CSV, XLSX, DOCX and PDF are the report of the API (REQ-88)."""
    province(office)
    listed = tk.get_action("hatinh_report_list")({}, {})
    for name in (report["id"] for report in listed):
        told = tk.get_action("hatinh_report_show")({}, {"id": name})
        labels = [column["label"]["vi"] for column in told["columns"]]
        kinds = [column["type"] for column in told["columns"]]
        table = cells(told)
        paper = [[on_paper(*pair) for pair in zip(row, kinds, strict=True)] for row in table]
        files = {form: app.get(f"/bao-cao/{name}.{form}").data for form in FORMS}
        assert of_csv(files["csv"]) == [labels, *([in_csv(c) for c in row] for row in table)], name
        sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"])).worksheets[0]
        stored = [[in_workbook(c.value) for c in row] for row in sheet.iter_rows(min_row=4)]
        assert stored[: 1 + len(table)] == [labels, *table], name
        assert sheet.freeze_panes == "B5"
        _, document, _ = Document(io.BytesIO(files["docx"])).tables
        assert [[c.text for c in row.cells] for row in document.rows] == [labels, *paper], name
        assert rows_of_pdf(files["pdf"], labels).startswith(table_letters(paper)), name


def test_every_report_has_a_page(app, office):
    """In both languages, with its four files; the list names all."""
    province(office)
    index = app.get("/bao-cao/").body
    for report in tk.get_action("hatinh_report_list")({}, {}):
        name = report["id"]
        page = app.get(f"/bao-cao/{name}").body
        assert report["title"]["vi"] in page
        assert report["formula"]["vi"] in html.unescape(page)
        assert all(f"/bao-cao/{name}.{form}" in page for form in FORMS)
        assert app.get(f"/en/bao-cao/{name}?organization={office}").status_code == 200
        assert f"/bao-cao/{name}" in index
        assert ("Sở Y tế</option>" in page) is (name != "ranking"), "an office can be chosen"


def test_ranking_is_of_all_units_whichever_is_asked_for(office):
    """Nobody is first among one."""
    province(office)
    asked = {"id": "ranking", "organization": "so-y-te"}
    of_one = tk.get_action("hatinh_report_show")({}, asked)
    assert of_one["rows"] == tk.get_action("hatinh_report_show")({}, {"id": "ranking"})["rows"]


def test_partner_is_no_unit(office):
    """A company that runs a system, or an office that is only planned, has no line of its own."""
    province(office)
    titles = [f"Đối tác {slug}" for slug in sorted(partners())]
    for slug, title in zip(sorted(partners()), titles, strict=True):
        organization(slug, title)
    for report in ("ranking", "inventory"):
        rows = tk.get_action("hatinh_report_show")({}, {"id": report})["rows"]
        named = {cell["vi"] for row in rows for cell in row if isinstance(cell, dict)}
        assert "Sở Y tế" in named, report
        assert named.isdisjoint(titles), report


def test_report_says_whether_it_counts_private_records(office):
    """Nobody can take the public's figures for the whole."""
    public = shown()["preamble"][0]["vi"]
    whole = shown(as_site().get("user", ""))["preamble"][0]["vi"]
    assert "chỉ gồm bản ghi công khai" in public
    assert "gồm cả bản ghi không công khai" in whole


def test_another_library_of_indicators_is_loaded(office, ckan_config, tmp_path: Path):
    """The library of the configuration takes the place of ours (REQ-87)."""
    ours = (schemas.ROOT / "figures" / "indicators.yaml").read_text(encoding="utf-8")
    path = tmp_path / "indicators.yaml"
    path.write_text(ours.replace('id: "1.1"', 'id: "HT-1"'), encoding="utf-8")
    ckan_config["ckanext.hatinh.report.indicators"] = str(path)
    told = tk.get_action("hatinh_report_show")({}, {"id": "dti"})
    assert told["rows"][0][0] == "HT-1"


def test_command_lists_the_reports(cli):
    """Without a name the command says which there are."""
    ran = cli.invoke(ckan, ["hatinh", "report"])
    assert ran.exit_code == 0, ran.output
    assert "ranking" in ran.output


# -- by e-mail --------------------------------------------------------------------------------


def test_reports_are_sent_once_in_each_period(office, mail_server, ckan_config):
    """To each address, with the files of the configuration; not twice in one month."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    ckan_config["ckanext.hatinh.report.mail_to"] = "a@hatinh.test b@hatinh.test"
    ckan_config["ckanext.hatinh.report.mail_reports"] = "ranking owners"
    assert [mailing.send(day) for day in (FIRST, FIRST + timedelta(1), FIRST + timedelta(31))] == [
        2, 0, 2,
    ]  # fmt: skip
    letters = mail_server.get_smtp_messages()
    assert [letter[2][0] for letter in letters] == ["a@hatinh.test", "b@hatinh.test"] * 2
    message = email.message_from_string(letters[0][3], policy=policy.default)
    files = {part.get_filename(): part.get_content() for part in message.walk() if _is_file(part)}
    assert list(files) == [
        f"{name}-{FIRST:%Y%m%d}.{form}"
        for name in ("ranking", "owners")
        for form in ("pdf", "xlsx")
    ]
    book = openpyxl.load_workbook(io.BytesIO(files[f"ranking-{FIRST:%Y%m%d}.xlsx"]))
    assert book.sheetnames == ["ranking"]


def test_letters_wait_for_reports_that_cannot_be_made_now(
    office, mail_server, ckan_config, monkeypatch
):
    """The period is not taken for done."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    ckan_config["ckanext.hatinh.report.mail_to"] = "a@hatinh.test"
    ckan_config["ckanext.hatinh.report.mail_reports"] = "owners"
    with monkeypatch.context() as broken:
        broken.setattr(mailing, "_files", lambda _day: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mailing.send(FIRST)
    assert mailing.send(FIRST) == 1
    assert mailing.send(FIRST) == 0


def _is_file(part: EmailMessage) -> bool:
    return bool(part.get_filename())


def test_nothing_is_sent_without_addresses(office, mail_server, ckan_config):
    """A portal that nobody told whom to write to writes to nobody."""
    ckan_config["smtp.mail_from"] = "cong@hatinh.test"
    assert mailing.send(FIRST) == 0
    assert mail_server.get_smtp_messages() == []


@pytest.mark.parametrize("setting", ["mail_reports", "mail_formats", "mail_every"])
def test_wrong_settings_of_letters_are_refused_at_the_start(ckan_config, setting):
    """A report that there is not is told when the portal starts, not a month later."""
    ckan_config["ckanext.hatinh.report.mail_to"] = "a@hatinh.test"
    ckan_config[f"ckanext.hatinh.report.{setting}"] = "khong-co"
    with pytest.raises(SchemaError, match="khong-co"):
        mailing.check_settings()
