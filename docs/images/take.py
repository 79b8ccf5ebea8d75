"""Takes the README's pictures from a running demo; give it the advocate's link the demo prints.

Run it with the environment of `make test`: python docs/images/take.py LINK
"""

import sys
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
ARGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def landing(browser: Browser, link: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page.goto(link)
    page.screenshot(path=HERE / "landing.png")
    page.close()


def admin(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    page.fill("#id_username", "editor")
    page.fill("#id_password", "harbour")
    page.click("button[type=submit]")
    page.wait_for_load_state("networkidle")
    page.goto(urljoin(address, "referrals/referrals/"))
    # The story of the newest friend who came by a link and bought.
    page.locator("tr", has_text="by link").filter(has_text="bought").first.locator(
        "a"
    ).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / "admin.png")
    page.close()


def main(link: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        landing(browser, link)
        admin(browser, urljoin(link, "/admin/"))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
