"""Picture every page at every size, in both languages and both themes, into ./gallery/ with an index to flick through.

uv run python -m tests.gallery                       starts a demonstration station of its own
uv run python -m tests.gallery --url http://…        pictures a demonstration station that runs already
uv run python -m tests.gallery --only board,wall     some pages
uv run python -m tests.gallery --size desk --theme dark --language en     some looks
"""

from __future__ import annotations

import argparse
import html
import itertools
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from bench.ports import free_port
from playwright.sync_api import Browser, BrowserContext

from jiean.config.demo.accounts import DEMO_PASSWORD
from tests.browser.chromium import ChromiumMissing, chromium
from tests.browser.pages import ADMIN, COMMANDER, DISPATCHER, MEDIATOR, OFFICER, PAGES, PUBLIC, Page, ask

SIZES = {"phone": (390, 844), "desk": (1440, 900), "wall": (3840, 2160)}
LANGUAGES = {"zh": "zh-hans", "en": "en"}
THEMES = ("light", "dark")
USERNAMES = {DISPATCHER: "diaodu", COMMANDER: "zhihui", OFFICER: "minjing", MEDIATOR: "tiaojie", ADMIN: "guanli"}
READY_WITHIN_S = 180
PLANNED = {"/twin": "/twin/1", "/twin/sites": "/twin/calculations/1", "/twin/cells": "/twin/cells/1"}
"""Where a plan is asked for, and where the first one is shown."""
SETTLE_MS = {"phone": 1200, "desk": 3000, "wall": 8000}


@contextmanager
def demo_station() -> Iterator[str]:
    """A demonstration station in a folder of its own, with its simulated day running."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "jiean.config.cli", "demo", "--port", str(port), "--data-dir", folder]
        process = subprocess.Popen(command)
        try:
            _wait_for(f"http://127.0.0.1:{port}/accounts/login/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the demonstration station did not start")


def sign_in(browser: Browser, url: str) -> dict[str, object]:
    """The cookies of each role."""
    kept: dict[str, object] = {PUBLIC: []}
    for role, username in USERNAMES.items():
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{url}/accounts/login/")
        page.fill("#id_login", username)
        page.fill("#id_password", DEMO_PASSWORD)
        page.click("form.form button[type=submit]")
        page.wait_for_load_state()
        kept[role] = context.cookies()
        context.close()
    return kept


def at_this_station(browser: Browser, url: str, cookies: dict[str, object], pages: Sequence[Page]) -> list[Page]:
    """The pages, with the address on the first place's own poster for the report form of a place."""
    context = browser.new_context()
    context.add_cookies(cookies[DISPATCHER])  # type: ignore[arg-type]
    poster = context.new_page()
    poster.goto(f"{url}/place/1/poster")
    path = urlsplit(poster.locator(".poster-url").inner_text()).path
    context.close()
    return [replace(page, path=path) if page.name == "report-here" else page for page in pages]


def picture(context: BrowserContext, url: str, page: Page, size: str, target: Path) -> None:
    """One screenshot, after the page has come to rest."""
    view = context.new_page()
    view.goto(f"{url}{page.path}")
    if page.asks:
        ask(view, page)
    if page.click:  # from inside the page: a live list never stands still for a pointer, and may be empty just now
        view.evaluate("selector => document.querySelector(selector)?.click()", page.click)
    view.wait_for_timeout(SETTLE_MS[size])
    view.screenshot(path=target, full_page=size != "wall")
    view.close()


def plan_first(browser: Browser, url: str, cookies: dict[str, object]) -> None:
    """Ask for a trial, posts and cells as the commander would, and wait: a new station has none to show."""
    context = browser.new_context()
    context.add_cookies(cookies[COMMANDER])  # type: ignore[arg-type]
    page = context.new_page()
    for asked, shown in PLANNED.items():
        if page.goto(f"{url}{shown}").ok:  # type: ignore[union-attr]
            continue
        page.goto(f"{url}{asked}")
        with page.expect_navigation():
            page.click("main form[method=post] .button-main")
        page.locator("main progress").wait_for(state="detached", timeout=1000 * READY_WITHIN_S)  # it loads itself anew
    context.close()


Looks = Sequence[tuple[str, str, str]]


def take(browser: Browser, url: str, pages: Sequence[Page], folder: Path, looks: Looks) -> list[str]:
    """All pictures in these looks; answers their file names."""
    folder.mkdir(exist_ok=True)
    cookies, names = sign_in(browser, url), []
    pages = at_this_station(browser, url, cookies, pages)
    if any(page.path in PLANNED.values() for page in pages):
        plan_first(browser, url, cookies)
    for size, language, theme in looks:
        width, height = SIZES[size]
        for page in pages:
            context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
            context.add_cookies(cookies[page.role])  # type: ignore[arg-type]
            chosen = {"language": LANGUAGES[language], "jiean_theme": theme}
            context.add_cookies([{"name": name, "value": value, "url": url} for name, value in chosen.items()])
            name = f"{page.name}-{size}-{language}-{theme}.png"
            picture(context, url, page, size, folder / name)
            context.close()
            names.append(name)
            print(name, flush=True)
    return names


def write_index(names: Sequence[str], folder: Path) -> None:
    """One page with every picture, by page."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rsplit("-", 3)[0], []).append(name)
    body = "".join(
        f"<h2>{html.escape(page)}</h2><div>"
        + "".join(f'<a href="{name}"><img loading="lazy" src="{name}" alt="{name}"><br>{name}</a>' for name in shots)
        + "</div>"
        for page, shots in groups.items()
    )
    style = "body{font:14px sans-serif;margin:2em}div{display:flex;flex-wrap:wrap;gap:1em}img{height:260px;border:1px solid #ccc}"
    (folder / "index.html").write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{body}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    parser.add_argument("--out", type=Path, default=Path("gallery"))
    parser.add_argument("--size", choices=SIZES, action="append")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--theme", choices=THEMES, action="append")
    given = parser.parse_args()
    looks = list(itertools.product(given.size or SIZES, given.language or LANGUAGES, given.theme or THEMES))
    wanted = set(filter(None, given.only.split(",")))
    pages = [page for page in PAGES if not wanted or page.name in wanted]
    try:
        with chromium() as browser:
            if given.url:
                names = take(browser, given.url.rstrip("/"), pages, given.out, looks)
            else:
                with demo_station() as url:
                    names = take(browser, url, pages, given.out, looks)
    except ChromiumMissing as missing:
        raise SystemExit(str(missing)) from None
    write_index(names, given.out)
    print(f"{len(names)} pictures: open {given.out / 'index.html'}")


if __name__ == "__main__":
    main()
