"""The whole way of an edition in a browser: upload, see the faults, mend, propose, approve."""

import secrets
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from barriers import check
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

SHEET = "Thuật ngữ"
MARK = secrets.token_hex(3)
"""Makes the element of each run another one, so that a portal can be tested twice."""
NEW = {
    "id": f"SoBoBanGhe{MARK}",
    "name_vi": f"Số bộ bàn ghế {MARK}",
    "name_en": f"Number of desk sets {MARK}",
    "definition_vi": "Số bộ bàn ghế dùng được trong các phòng học vào ngày đầu năm học",
    "definition_en": "Sets of desks and chairs fit for use on the first day of the school year",
    "group_vi": "Giáo dục",
    "group_en": "Education",
    "entity": "GiaoDuc",
    "owner_org": "so-gddt",
    "source": "Báo cáo năm học",
    "confidence": "D",
    "datatype": "integer",
    "personal_data": "none",
}
FAULTS = {"datatype": "so-nguyen", "confidence": "Z", "owner_org": "so-khong-co"}
KEYS_ROW = 2
"""Row of the workbook that holds the keys of its columns (hidden, for programs)."""


def workbook(source: bytes, changes: Mapping[str, str]) -> dict[str, Any]:
    """The downloaded workbook with one more element, as a file to upload."""
    book = load_workbook(BytesIO(source))
    page = book[SHEET]
    columns = {cell.value: place for place, cell in enumerate(page[KEYS_ROW], 1)}
    number = page.max_row + 1
    for key, value in {**NEW, **changes}.items():
        page.cell(number, columns[key], value)
    out = BytesIO()
    book.save(out)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "tu-dien.xlsx", "mimeType": media_type, "buffer": out.getvalue()}


def press(page: Page, name: str) -> None:
    """Press a button and wait for what it does."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("networkidle")


def test_edition_goes_its_whole_way(portal_url, enter, pictures):
    """Three faulty cells are seen and mended; another person approves what one proposed."""
    author, catalogue, steward = enter("so-gddt"), enter("so-khcn"), enter("cong-an-tinh")
    desk = f"{portal_url}/en/tu-dien/ban-lam-viec"

    author.goto(desk, wait_until="networkidle")
    link = author.get_by_role("link", name="Workbook of edition").get_attribute("href")
    source = author.request.get(f"{portal_url}{link}").body()
    author.set_input_files("#field-upload", workbook(source, FAULTS))
    press(author, "Check the workbook")
    cells = author.locator("#faults tbody th").all_inner_texts()
    assert len(cells) == len(set(cells)) == len(FAULTS)
    for value in FAULTS.values():
        expect(author.locator("#faults")).to_contain_text(value)
    expect(author.get_by_role("button", name="Propose this edition")).to_have_count(0)
    author.screenshot(path=pictures / "dictionary-faults.png", full_page=True)

    author.set_input_files("#field-upload", workbook(source, {}))
    press(author, "Check the workbook")
    expect(author.locator("#faults")).to_have_count(0)
    expect(author.locator("#difference")).to_contain_text(NEW["id"])
    author.fill("#field-note", "Cần cho báo cáo năm học")
    press(author, "Propose this edition")
    edition = author.url
    assert "/phien-ban/" in edition
    expect(author.get_by_role("button", name="Approve")).to_have_count(0)

    for officer, button in ((catalogue, "Take into review"), (steward, "Open the consultation")):
        officer.goto(edition, wait_until="networkidle")
        press(officer, button)
    steward.fill("#decision", "12/QĐ-CAT-PV05")
    steward.fill("#date", "2026-11-20")
    press(steward, "Approve")
    expect(steward.locator("h1")).to_contain_text("Approved")
    expect(steward.locator("body")).to_contain_text("12/QĐ-CAT-PV05")
    steward.screenshot(path=pictures / "dictionary-edition.png", full_page=True)

    steward.get_by_role("link", name="Difference from edition").click()
    steward.wait_for_load_state("networkidle")
    expect(steward.locator("#difference tbody tr")).to_have_count(1)
    expect(steward.locator("#difference")).to_contain_text(NEW["id"])
    steward.screenshot(path=pictures / "dictionary-difference.png", full_page=True)
    steward.goto(f"{portal_url}/en/tu-dien/?q=so+bo+ban+ghe+{MARK}", wait_until="networkidle")
    expect(steward.get_by_role("link", name=NEW["name_en"])).to_be_visible()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dictionary", "/tu-dien/"),
        ("element", "/tu-dien/thuat-ngu/ma_dvhc"),
        ("code-list", "/tu-dien/danh-muc/admin_units?at=2025-06-30"),
        ("editions", "/tu-dien/phien-ban/"),
        ("check", "/tu-dien/kiem-tra"),
        ("edition", "/tu-dien/phien-ban/0.1"),
    ],
)
def test_page_of_the_dictionary_fits_and_can_be_used(visit, size, name, path):
    """No page is wider than its window, or grave for anybody's eyes or hands."""
    page = visit.open(path)
    visit.picture(f"{name}-{size}")
    check(page)
    assert visit.complaints == []


def test_rejected_proposal_stays_on_the_desk(portal_url, enter, call, pictures):
    """Who turned a proposal down, and why, is there for the next one to read."""
    given = {"id": "DienTich", "example": f"{int(MARK, 16)},5"}
    author, steward = enter("so-gddt"), enter("cong-an-tinh")
    number = call("hatinh_edition_propose", elements=[given], note="Ví dụ khác")["number"]
    page = f"{portal_url}/en/tu-dien/phien-ban/{number}"
    author.goto(page, wait_until="networkidle")
    expect(author.get_by_role("button", name="Reject")).to_have_count(0)
    steward.goto(page, wait_until="networkidle")
    steward.fill("#note-reject", f"Ví dụ cũ rõ hơn {MARK}")
    press(steward, "Reject")
    expect(steward.locator("h1")).to_contain_text("Rejected")
    author.goto(f"{portal_url}/en/tu-dien/ban-lam-viec", wait_until="networkidle")
    expect(author.locator("body")).to_contain_text(f"Ví dụ cũ rõ hơn {MARK}")
    author.screenshot(path=pictures / "dictionary-desk.png", full_page=True)


TABLE = "Mã xã,Kỳ báo cáo,Ghi chú\n18073,2025,a\n99999,2025,b\n"


def test_anybody_has_a_table_checked(visit, size, portal_url):
    """Faults by cause, elements to choose, a marked copy; the file has to be chosen only once."""
    page = visit.open("/en/tu-dien/kiem-tra")
    file = {"name": "xa.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.set_input_files("#field-upload", file)
    page.get_by_role("button", name="Check the table").click()
    causes = page.locator("#causes")
    expect(causes).to_contain_text("99999")
    visit.picture(f"checked-{size}")
    check(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the marked workbook").first.click()
    marked = BytesIO(download.value.path().read_bytes())
    assert load_workbook(marked).worksheets[1]["A3"].comment
    page.get_by_label("Element of the column Mã xã").select_option("GhiChu")
    page.get_by_label("Element of the column Ghi chú").select_option("")
    page.get_by_role("button", name="Check again").click()
    expect(causes).not_to_contain_text("99999")
    assert visit.complaints == []
