"""How we start Chromium, for the tests and for the gallery."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

INSTALL = "uv run playwright install --with-deps chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ChromiumMissing(Exception):
    """No Chromium on this machine."""

    def __init__(self) -> None:
        super().__init__(f"Chromium is missing. Install it with: {INSTALL}")


def installed(playwright: Playwright) -> str:
    """The system's Chromium, else Playwright's own. Raises ChromiumMissing."""
    candidates = [*filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path]
    for candidate in candidates:
        if Path(candidate).exists():
            return candidate
    raise ChromiumMissing


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that draws maps in software. Raises ChromiumMissing."""
    with sync_playwright() as playwright:
        path = installed(playwright)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            raise ChromiumMissing from error
        try:
            yield browser
        finally:
            browser.close()
