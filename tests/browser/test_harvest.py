"""A data officer who does not program: adds a sheet, maps it, reads its problems, mends it."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, ViewportSize, expect

OFFICE = "so-gddt"
DESK = "/thu-thap/ban-lam-viec"
MARK = secrets.token_hex(3)
"""Makes the source of each run another one, so that a portal can be tested twice."""
SECONDS = 90_000
"""How long a run may take, in milliseconds."""
HEADER = (
    "Mã", "Tên bộ dữ liệu", "Mô tả", "Lĩnh vực", "Kỳ cập nhật", "Ngày cập nhật", "Từ khóa",
    "Nguồn số liệu", "Tệp dữ liệu", "Định dạng", "Cấu trúc bảng", "Ghi riêng của phòng",
)  # fmt: skip
NAMES = (
    "guid", "title", "notes", "themes", "frequency", "modified", "keywords", "provenance",
    "resource_url", "resource_format", "resource_schema_url",
)  # fmt: skip
GOOD = (
    "Các trường của tỉnh, năm học 2025-2026", "Giáo dục và Đào tạo", "Hằng năm", "2026-09-05",
    "trường học", "Báo cáo đầu năm học", "truong.csv", "CSV", "truong.json", "",
)  # fmt: skip
BAD = (*GOOD[:1], "Dạy và học", "Thỉnh thoảng", "31/02/2026", *GOOD[4:])
COLUMNS = [{"name": "ma", "element": "Ma", "key": True}, {"name": "ten", "element": "Ten"}]
DEFAULTS = {
    "licence": "CC-BY-4.0", "data_layer": "tong_hop", "sharing_level": "mo",
    "publication_class": "cong_khai", "pii_class": "none", "importance_class": "khac",
}  # fmt: skip
WORDS = {
    "legal_basis": "Kế hoạch 731/KH-UBND ngày 30/12/2025", "contact": "Văn phòng Sở",
    "contact_email": "vanphong@sogddt.hatinh.gov.vn", "approved_by": "Giám đốc Sở",
}  # fmt: skip


@pytest.fixture(scope="module")
def officer(enter: Callable[[str], Page]) -> Page:
    """The window of an editor of the office, logged in."""
    return enter(OFFICE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The office's folder, and the address at which it serves it."""
    folder = tmp_path_factory.mktemp("so")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    started = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=started.serve_forever, daemon=True)
    thread.start()
    (folder / "truong.json").write_text(json.dumps({"columns": COLUMNS}), encoding="utf-8")
    (folder / "truong.csv").write_text("ma,ten\n01,Trường A\n02,Trường B\n", encoding="utf-8")
    yield folder, f"http://127.0.0.1:{started.server_port}"
    started.shutdown()
    thread.join()


def save_sheet(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    """The office's inventory, with a line of title above the header as offices have it."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["BẢNG KIỂM KÊ DỮ LIỆU NĂM 2026"])
    sheet.append(HEADER)
    for row in rows:
        sheet.append(list(row))
    book.save(folder / "kiem-ke.xlsx")


def press(page: Page, name: str) -> None:
    """Press a button or follow a link, and wait for what it does."""
    found = page.get_by_role("button", name=name, exact=True)
    (found if found.count() else page.get_by_role("link", name=name, exact=True)).first.click()
    page.wait_for_load_state("networkidle")


def look(page: Page, pictures: Path, name: str) -> None:
    """Keep pictures on a desk and on a phone, and find the page usable by everybody."""
    for size, width in (("desktop", 1280), ("phone", 390)):
        page.set_viewport_size(ViewportSize(width=width, height=900))
        page.screenshot(path=pictures / f"harvest-{name}-{size}.png", full_page=True)
        check(page)
    page.set_viewport_size(ViewportSize(width=1280, height=900))


class Journey:
    """The officer's way; each part begins where the one before ended."""

    def __init__(self, page: Page, portal_url: str, pictures: Path) -> None:
        self.page = page
        self.desk = f"{portal_url}/en{DESK}"
        self.seen = partial(look, page, pictures)
        self.name = ""

    def describe(self, address: str) -> None:
        """Add a source; an address that is none is refused beside its field."""
        page = self.page
        page.goto(f"{self.desk}/", wait_until="networkidle")
        press(page, "Add a source")
        self.seen("choose")
        page.get_by_role("link", name="Inventory sheet").click()
        page.fill("#field-title_vi", f"Bảng kiểm kê thử {MARK}")
        page.fill("#field-title_en", f"Trial inventory {MARK}")
        page.fill("#field-url", "kiem-ke.xlsx")
        press(page, "Save and go on")
        expect(page.locator("#fault-url")).to_contain_text("http://")
        self.seen("form-fault")
        page.fill("#field-url", address)
        for field, value in DEFAULTS.items():
            page.select_option(f"#default-{field}", value)
        for field, value in WORDS.items():
            page.fill(f"#default-{field}", value)
        press(page, "Save and go on")
        self.name = page.url.rsplit("/", 1)[-1]

    def connect(self, allow: Callable[[], Any]) -> None:
        """Test the connection: the internal network is opened by the administrator."""
        page = self.page
        press(page, "Test the connection")
        expect(page.locator("#test")).to_contain_text("must not be called")
        self.seen("test-refused")
        allow()
        press(page, "Test the connection")
        expect(page.locator("#test")).to_contain_text("The connection works")
        self.seen("test")

    def map_columns(self) -> None:
        """Check the proposal; two columns cannot be the same field."""
        page = self.page
        press(page, "Map the columns")
        notes = page.get_by_label("Mô tả", exact=True)
        expect(notes).to_have_value("notes")
        expect(page.get_by_label("Ghi riêng của phòng", exact=True)).to_have_value("")
        self.seen("columns")
        notes.select_option("title")
        press(page, "Save the columns")
        expect(page.get_by_role("alert")).to_contain_text("Two columns are both")
        notes.select_option("notes")
        press(page, "Save the columns")

    def preview_and_switch_on(self) -> None:
        """See the records and their problems before anything is written."""
        page = self.page
        press(page, "Preview")
        expect(page.locator("body")).to_contain_text("31/02/2026")
        expect(page.locator("ol > li", has=page.locator("h2"))).to_have_count(3)
        self.seen("preview")
        press(page, "Back to the source")
        press(page, "Switch on")
        expect(page.locator("body")).to_contain_text("Every day at 02:00")

    def run(self, until: str = "Complete") -> None:
        """Run the source now and wait for the page to say what came of it."""
        self.page.goto(f"{self.desk}/nguon/{self.name}", wait_until="networkidle")
        press(self.page, "Run now")
        expect(self.page.locator("#run")).to_contain_text(until, timeout=SECONDS)
        self.page.wait_for_load_state("networkidle")

    def take_back(self) -> None:
        """Undo what the run on this page wrote."""
        self.page.get_by_text("Roll this run back").click()
        self.page.check("#sure-rollback")
        press(self.page, "Roll back")
        expect(self.page.locator("#run")).to_contain_text("Rolled back", timeout=SECONDS)


@pytest.fixture
def journey(officer: Page, portal_url: str, pictures: Path) -> Journey:
    """The officer before the first step."""
    return Journey(officer, portal_url, pictures)


def test_officer_adds_a_sheet_mends_it_and_all_is_green(
    journey: Journey, call: Callable[..., Any], server: tuple[Path, str]
) -> None:
    """From an address to datasets without a problem, by reading and pressing alone."""
    officer, (folder, url) = journey.page, server
    titles = [f"Danh sách trường {grade} {MARK}" for grade in ("mầm non", "tiểu học", "THCS")]
    save_sheet(folder, [("T1", titles[0], *GOOD), ("T2", titles[1], *BAD), ("", titles[2], *GOOD)])
    journey.describe(f"{url}/kiem-ke.xlsx")
    journey.connect(lambda: call("hatinh_source_update", id=journey.name, allow_private=True))
    journey.map_columns()
    journey.preview_and_switch_on()

    journey.run()
    problems = officer.locator("section:has(#problems)")
    expect(problems).to_contain_text("31/02/2026")
    expect(problems).to_contain_text("1 record")
    journey.seen("run-problems")
    with officer.expect_download() as kept:
        officer.get_by_role("link", name="All problems as XLSX").click()
    assert kept.value.suggested_filename == f"van-de-{journey.name}.xlsx"

    codes = ("T1", "T2", "T3")
    save_sheet(folder, [(c, title, *GOOD) for c, title in zip(codes, titles, strict=True)])
    journey.run()
    expect(officer.locator("#problems")).to_have_count(0)
    journey.seen("run-green")
    officer.goto(f"{journey.desk}/nguon/{journey.name}", wait_until="networkidle")
    expect(officer.locator(".ht-health--good").first).to_be_visible()
    journey.seen("source")
    officer.goto(f"{journey.desk}/", wait_until="networkidle")
    journey.seen("desk")
    shown = call("hatinh_source_show", id=journey.name)
    assert shown["health"]["state"] == "good"
    assert shown["health"]["counts"]["rejected"] == 0


def test_officer_decides_what_happens_to_a_source_that_shrinks(
    journey: Journey, call: Callable[..., Any], server: tuple[Path, str]
) -> None:
    """A run that would remove much waits; the officer keeps what vanished, and takes a run back."""
    officer, (folder, url) = journey.page, server
    titles = [f"Danh sách lớp {number} {MARK}" for number in range(1, 5)]
    rows = [(f"L{number}", title, *GOOD) for number, title in enumerate(titles)]
    save_sheet(folder, rows)
    columns = dict(zip(HEADER, NAMES, strict=False))
    made = call(
        "hatinh_source_create", kind="inventory", owner=OFFICE, url=f"{url}/kiem-ke.xlsx",
        title={"vi": f"Danh sách lớp {MARK}", "en": f"Classes {MARK}"}, allow_private=True,
        options={"columns": columns}, defaults={**DEFAULTS, **WORDS, "publisher": OFFICE},
    )  # fmt: skip
    journey.name = made["name"]
    journey.run()
    save_sheet(folder, [(rows[0][0], f"{titles[0]} mới", *GOOD)])
    journey.run("Waiting for approval")
    expect(officer.locator("section:has(#decide)")).to_contain_text("3 of 4 records")
    officer.locator("#records ~ details", has_text=f"{titles[0]} mới").locator("summary").click()
    expect(officer.locator(".ht-diff")).to_contain_text(titles[0])
    expect(officer.locator("#records ~ details", has_text=titles[3])).to_have_count(1)
    journey.seen("run-waiting")
    officer.check("#sure-approve")
    press(officer, "Approve this run")
    expect(officer.locator("#run")).to_contain_text("Complete", timeout=SECONDS)
    officer.wait_for_load_state("networkidle")
    shown = call("package_search", q=f'title:"{MARK}"', fq="type:dataset")["results"]
    assert set(titles[1:]) <= {found["title"] for found in shown}

    journey.take_back()
    officer.goto(f"{journey.desk}/thong-bao", wait_until="networkidle")
    expect(officer.locator("body")).to_contain_text(f"A run waits for approval: Classes {MARK}")
    journey.seen("notices")
    press(officer, "Mark all as seen")
    expect(officer.locator(".ht-count")).to_have_count(0)


def test_form_of_another_site_is_refused(
    officer: Page, portal_url: str, call: Callable[..., Any], browser: Browser
) -> None:
    """Without the token of our page nothing is done in an officer's name, whoever came before."""
    made = call(
        "hatinh_source_create", kind="inventory", owner=OFFICE, url="https://so.hatinh.gov.vn/x.csv",
        title={"vi": f"Không đụng tới {MARK}"},
    )  # fmt: skip
    remove = f"{portal_url}{DESK}/nguon/{made['name']}/xoa"
    assert "/user/login" in browser.new_context().request.post(remove).url
    assert officer.request.post(remove).status == 400
    assert call("hatinh_source_show", id=made["name"])["name"] == made["name"]


def test_others_see_the_state_and_no_more(
    visit: Any, portal_url: str, size: str, pictures: Path
) -> None:
    """The public page is for everybody; the desk sends visitors to the login page."""
    page = visit.open("/thu-thap/")
    check(page)
    visit.picture(f"harvest-status-{size}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "127.0.0.1" not in page.locator("main, .main").first.inner_text()
    page = visit.open(f"{DESK}/")
    assert "/user/login" in page.url
