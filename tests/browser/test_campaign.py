"""An inventory from the draft to the proof: steward, department, leader and auditor, each in a
window of his or her own; the pages on desktop and phone."""

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from barriers import check
from playwright.sync_api import Browser, Page, ViewportSize, expect

OFFICE = "so-gddt"
TITLE = "Kiểm kê dữ liệu thử"
DESKTOP = ViewportSize(width=1280, height=900)


@pytest.fixture(scope="session")
def window(
    browser: Browser, portal_url: str, call: Callable[..., Any]
) -> Callable[[str, str], Page]:
    """Makes somebody with a role in an office, or an auditor, and the window he or she uses."""

    def made(office: str, role: str) -> Page:
        name, password = f"{role}-{secrets.token_hex(3)}", secrets.token_hex(12)
        call("user_create", name=name, email=f"{name}@example.test", password=password)
        if office:
            call("organization_member_create", id=office, username=name, role=role)
        else:
            call("hatinh_auditor_appoint", id=name, decision="1/QĐ-UBND")
        page = browser.new_context(locale="vi-VN", viewport=DESKTOP).new_page()
        page.goto(f"{portal_url}/user/login", wait_until="networkidle")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", password)
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        return page

    return made


def press(page: Page, name: str) -> None:
    """Press a button and wait for the next page."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("networkidle")


@pytest.fixture(scope="session")
def frozen(portal_url: str, window: Callable[[str, str], Page], pictures: Path) -> dict[str, Any]:
    """A campaign that the steward drafts, opens and freezes on the pages; in between a department
    answers, adds evidence, and its leader signs."""
    steward = window("so-khcn", "editor")
    steward.goto(f"{portal_url}/en/kiem-ke/", wait_until="networkidle")
    steward.fill("#title-vi", TITLE)
    press(steward, "Draft")
    number = steward.url.rsplit("/", 1)[-1]
    clean(steward, "draft", pictures)
    press(steward, "Open the campaign")
    part = f"{portal_url}/en/kiem-ke/{number}/don-vi/{OFFICE}"
    editor, leader = window(OFFICE, "editor"), window(OFFICE, "admin")
    editor.goto(part, wait_until="networkidle")
    clean(editor, "form", pictures)
    for choice in editor.locator('form[action$="/tra-loi"] select').all():
        choice.select_option("khong")
    for words in editor.locator('form[action$="/tra-loi"] textarea').all():
        words.fill("Đã rà soát")
    press(editor, "Save")
    editor.locator("#upload").set_input_files(
        {"name": "bien-ban.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 bien ban"}
    )
    press(editor, "Add evidence")
    expect(editor.locator("#evidence + div tbody")).to_contain_text("bien-ban.pdf")
    press(editor, "Save and give to the leader")
    expect(editor.locator(".ht-facts").first).to_contain_text("Waits for sign-off")
    expect(editor.get_by_role("button", name="Sign off", exact=True)).to_have_count(0)
    leader.goto(part, wait_until="networkidle")
    leader.fill("#letter", "12/BC-SGDĐT")
    press(leader, "Sign off")
    expect(leader.locator(".ht-facts").first).to_contain_text("Signed off")
    press(steward, "Freeze the figures")
    expect(steward.locator(".ht-facts").first).to_contain_text("Frozen")
    return {"number": number, "auditor": window("", "auditor"), "steward": steward, "part": editor}


def test_auditor_ranks_downloads_and_verifies(
    frozen: dict[str, Any], portal_url: str, tmp_path: Path
) -> None:
    """From the campaign's page to the ranking, the pack, the verifier and its yes."""
    auditor: Page = frozen["auditor"]
    auditor.goto(f"{portal_url}/en/kiem-ke/{frozen['number']}", wait_until="networkidle")
    expect(auditor.get_by_role("button", name="Close the campaign")).to_have_count(0)
    auditor.get_by_role("link", name="Ranking", exact=False).first.click()
    auditor.wait_for_load_state("networkidle")
    ranks = auditor.locator("#figure ~ div tbody tr")
    expect(ranks.first.locator("td").first).to_have_text("1")
    auditor.go_back(wait_until="networkidle")
    with auditor.expect_download() as packed:
        auditor.get_by_role("link", name="Audit pack of the province").click()
    packed.value.save_as(tmp_path / "goi.zip")
    auditor.get_by_role("link", name="How to verify it").click()
    auditor.wait_for_load_state("networkidle")
    key = auditor.locator("#public-key").inner_text()
    with auditor.expect_download() as program:
        auditor.get_by_role("link", name="verifier.py").click()
    program.value.save_as(tmp_path / "verifier.py")
    ask = [sys.executable, "-I", "-S", "verifier.py", "goi.zip", "--key", key]
    said = subprocess.run(ask, cwd=tmp_path, capture_output=True, check=False)
    assert (said.returncode, "nguyên vẹn" in said.stdout.decode()) == (0, True)
    body = bytearray((tmp_path / "goi.zip").read_bytes())
    body[len(body) // 2] ^= 1
    (tmp_path / "goi.zip").write_bytes(body)
    assert subprocess.run(ask, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_snapshot_stays_while_a_dataset_changes(
    frozen: dict[str, Any], portal_url: str, call: Callable[..., Any]
) -> None:
    """The auditor downloads the same bytes before and after."""
    auditor: Page = frozen["auditor"]
    files = [
        f"{portal_url}/kiem-ke/{frozen['number']}/{path}"
        for path in ("so-lieu/inventory.xlsx", "so-lieu/ranking.csv", "bao-cao.pdf", "goi.zip")
    ]
    before = [hashlib.sha256(auditor.request.get(file).body()).digest() for file in files]
    found = call("package_search", fq=f"organization:{OFFICE}", rows=1)["results"][0]
    call("package_patch", id=found["id"], license_id="ODbL-1.0")
    after = [hashlib.sha256(auditor.request.get(file).body()).digest() for file in files]
    assert after == before
    call("package_patch", id=found["id"], license_id=found["license_id"])


@pytest.mark.parametrize("who", ["steward", "auditor", "part"])
def test_pages_are_clean_and_fit(
    frozen: dict[str, Any], portal_url: str, pictures: Path, who: str
) -> None:
    """At both widths axe finds nothing serious, and nothing is wider than the window."""
    number = frozen["number"]
    paths = {
        "steward": {"index": "", "closing": number},
        "auditor": {
            "campaign": number,
            "ranking": f"{number}/so-lieu/ranking",
            "verify": "xac-minh",
        },
        "part": {"part": f"{number}/don-vi/{OFFICE}"},
    }[who]
    for name, path in paths.items():
        frozen[who].goto(f"{portal_url}/kiem-ke/{path}", wait_until="networkidle")
        clean(frozen[who], name, pictures)


def clean(page: Page, name: str, pictures: Path) -> None:
    """Look at a page on desktop and phone."""
    for width in (390, 1280):
        page.set_viewport_size(ViewportSize(width=width, height=900))
        page.screenshot(path=pictures / f"campaign-{name}-{width}.png", full_page=True)
        check(page)
