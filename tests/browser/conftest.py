"""A headless browser that may talk to the portal only, and a place for its pictures."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib import request as web
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    ViewportSize,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
VAR = Path(os.environ.get("PORTAL_VAR", ROOT / "var"))
CHROMIUM = os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)


class Visit:
    """A page together with everything it asked for and complained about."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        self.page = page
        self.url = url
        self.pictures = pictures
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("pageerror", self._failed)
        page.on("console", self._said)

    def _asked(self, request: Request) -> None:
        self.requests.append(request)

    def _failed(self, fault: Error) -> None:
        self.complaints.append(str(fault))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """Go to a path of the portal and wait until it is quiet."""
        self.page.goto(self.url + path, wait_until="networkidle")
        return self.page

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    @property
    def foreign_hosts(self) -> set[str]:
        """Hosts other than the portal's that the page asked."""
        hosts = {urlsplit(request.url).hostname for request in self.requests}
        return {host for host in hosts if host and host != urlsplit(self.url).hostname}


@pytest.fixture(scope="session")
def portal_url() -> str:
    """Address of a running portal with harvested data; the runner of tests starts one."""
    url = os.environ.get("PORTAL_URL", "")
    if not url:
        pytest.fail("PORTAL_URL is not set: run `make test`, or name a running portal in it")
    return url.rstrip("/")


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder of screenshots."""
    folder = VAR / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=list(QUIET)
        )
        yield started
        started.close()


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> str:
    """The two widths that every page must serve."""
    return request.param


@pytest.fixture
def context(browser: Browser, size: str) -> Iterator[BrowserContext]:
    """A fresh visitor: no cookie, Vietnamese, with a desktop's or a phone's window."""
    visitor = browser.new_context(
        viewport=PHONE if size == "phone" else DESKTOP,
        has_touch=size == "phone",
        locale="vi-VN",
        reduced_motion="reduce",
    )
    yield visitor
    visitor.close()


@pytest.fixture
def visit(context: BrowserContext, portal_url: str, pictures: Path) -> Iterator[Visit]:
    """A visit that ends with the promise kept: no request left this machine."""
    visiting = Visit(context.new_page(), portal_url, pictures)
    yield visiting
    assert visiting.foreign_hosts == set()


@pytest.fixture(scope="session")
def portal_var(portal_url: str) -> Path:
    """Folder of the running portal's data."""
    tier = ROOT / "var" / "test-browser"
    for folder in (VAR, tier):
        ini = folder / "ckan.ini"
        if ini.exists() and portal_url in ini.read_text(encoding="utf-8"):
            return folder
    pytest.fail(f"no portal with the address {portal_url} has its data in {VAR} or {tier}")


@pytest.fixture(scope="session")
def call(portal_url: str, portal_var: Path) -> Callable[..., Any]:
    """Calls an action as the administrator."""
    command = [str(Path(sys.executable).with_name("ckan")), "user", "token", "add", "-q"]
    made = subprocess.run(
        [*command, "admin", f"test-{secrets.token_hex(4)}", "scopes=full"],
        env={**os.environ, "CKAN_INI": str(portal_var / "ckan.ini")},
        capture_output=True,
        text=True,
        check=True,
    )
    token = made.stdout.split()[-1]

    def post(action: str, **parameters: Any) -> Any:
        request = web.Request(
            f"{portal_url}/api/3/action/{action}",
            json.dumps(parameters).encode(),
            {"Authorization": token, "Content-Type": "application/json"},
        )
        with web.urlopen(request) as answer:
            return json.load(answer)["result"]

    return post


@pytest.fixture(scope="session")
def enter(browser: Browser, portal_url: str, call: Callable[..., Any]) -> Callable[[str], Page]:
    """Makes an editor of an office and gives the window in which he or she is logged in."""

    def made(office: str) -> Page:
        name, password = f"{office}-{secrets.token_hex(3)}", secrets.token_hex(12)
        call("user_create", name=name, email=f"{name}@example.test", password=password)
        call("organization_member_create", id=office, username=name, role="editor")
        page = browser.new_context(locale="vi-VN", viewport=DESKTOP).new_page()
        page.goto(f"{portal_url}/user/login", wait_until="networkidle")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", password)
        page.locator("form:has(input[name=password]) button[type=submit]").click()
        page.wait_for_load_state("networkidle")
        return page

    return made
