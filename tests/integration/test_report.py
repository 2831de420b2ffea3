"""Reports against real PostgreSQL: figures, files, command, and what they cost."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import openpyxl
import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.types import Context
from sqlalchemy import event

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.sources import synchronise

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
"""What the catalogue asks of every dataset."""

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
    assert line["problems"] == 6


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
    assert len(many) <= 6


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
