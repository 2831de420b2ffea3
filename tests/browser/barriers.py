"""What keeps somebody from using a page: what axe calls serious, and what does not fit."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}


def check(page: Page) -> None:
    """Find nothing serious, and nothing wider than the window."""
    grave = [
        (found["id"], [node["html"] for node in found["nodes"]][:5])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in GRAVE
    ]
    assert grave == [], (page.url, grave)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
