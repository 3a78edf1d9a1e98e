"""A real station for the browser: the web process before the test database, and one Chromium for the whole run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from bench.ports import free_port
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page

from jiean.intake.commands import Contact, submit_report
from jiean.kernel.actor import Actor
from jiean.twin.cell_ground import ground_now
from jiean.twin.commands import (
    ask_calculation,
    ask_trial,
    draft_cells,
    keep_calculation,
    keep_result,
    take_up_calculation,
    take_up_trial,
)
from jiean.twin.models import Calculation
from tests.browser.chromium import ChromiumMissing, chromium
from tests.dispatch.post import Post, open_post
from tests.disputes.scenes import case
from tests.disputes.test_posts import opened
from tests.town import MARKET_AT, VILLAGE_AT, found

READY_WITHIN_S = 120
DESK = (1440, 900)
PHONE = (390, 844)
DAY_FAST = "{ const real = Date.now; window.aheadMs = 86_400_000; Date.now = () => real() + window.aheadMs; }"
"""A page's script before all others: its clock is a day fast, and ``aheadMs`` moves it on."""


@pytest.fixture(scope="session", autouse=True)
def orm_beside_playwright() -> None:
    """Playwright keeps an event loop in this thread; our own calls of the ORM between its steps are safe."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium. Where it is missing the error names the one command that installs it."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(chromium())
        except ChromiumMissing as missing:
            pytest.exit(str(missing), returncode=3)
        yield opened


def address_of(database: str) -> str:
    """The address of a database on the test server, for another process."""
    given = connection.settings_dict
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    host = quote(given["HOST"], safe="")
    return f"postgresql://{given['USER']}{password}@:{given['PORT'] or 5432}/{database}?host={host}"


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Let this process's ORM work on another database for a while."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@pytest.fixture(scope="session")
def station_database(django_db_blocker: Any) -> Iterator[str]:
    """A database of their own for the browser tests: what other processes read must be committed, and audit rows stay."""
    name = f"jiean_browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        with connected_to("postgres"), connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}")
        with connected_to(name):
            call_command("migrate", interactive=False, verbosity=0)
    yield name
    with django_db_blocker.unblock(), connected_to("postgres"), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def founded(station_database: str, django_db_blocker: Any) -> Post:
    """The model town and its post, committed, once for the run: a test that changes something makes what it changes."""
    with django_db_blocker.unblock(), connected_to(station_database):
        post = open_post(found())
        post.incident(place_words="市场东门")
        _matters(post)
        _shown_trial(post)
        return post


def _matters(post: Post) -> None:
    """One of each that a list leads to: a report that waits, a dispute that was settled, a hive post."""
    lon, lat = MARKET_AT
    contact = Contact("甘泉生", "13911112222")
    submit_report(Actor.public(), text="楼上漏水，天花板泡坏了", lon=lon, lat=lat, contact=contact)
    case(post.town).settled()
    opened(post.town)


def _shown_trial(post: Post) -> None:
    """A trial that was played, its numbers as the engine keeps them, without playing it here; and a plan of cells."""
    system, trial = Actor.system(), ask_trial(post.town.commander, asked={"cars": 1, "at": "base", "pooled": True})
    take_up_trial(system, trial.pk)
    shown = {
        "share": [0.8, 0.7, 0.9], "median_s": [200.0, 190.0, 210.0], "p90_s": [400.0, 380.0, 420.0],
        "utilisation": [0.2, 0.1, 0.3], "shares": [0.8, 0.8], "calls": 10, "replications": 2, "days": 1.0, "seed": 1,
        "own_demand": False, "standard_s": 300.0, "histogram": [1] * 20, "legs": [[0, 0, 60, 0, 1]],
        "cells": [{"cell": post.town.cells["SJ-001"].pk, "calls": 10, "share": 0.8, "median_s": 200.0}],
        "posts": [list(MARKET_AT)], "places": [list(MARKET_AT), list(VILLAGE_AT)], "scenes": [[0, 1, 3, 0, 60, 600]],
    }  # fmt: skip
    keep_result(system, trial.pk, shown=shown)
    here = ground_now()
    asked = {"cells": 3, "borders": "kept", "fixed": [], "forced": 0.0}
    cells = [dict(one) | {"before": i} for i, one in enumerate(here.cells)]
    draft_cells(post.town.commander, asked=asked, ground=here.as_json(), cell=here.before.tolist(), cells=cells)
    _found_posts(post)


def _found_posts(post: Post) -> None:
    """Posts as the engine keeps them, without looking for them here."""
    asked = {"posts": 2, "aim": "drive", "keep": True, "budget": None}
    made = ask_calculation(post.town.commander, kind=Calculation.Kind.SITES, asked=asked)
    take_up_calculation(Actor.system(), made.pk)
    cell = post.town.cells["SJ-001"].pk
    points = [[*MARKET_AT, cell, True, 0.7], [*VILLAGE_AT, cell, False, 0.3]]
    side = {"points": points, "mean_s": 140.0, "share": 0.9}
    found = {"value": 140.0, "bound": 139.0, "gap": 0.007, "proven": False, "spent": 0.0, "cpu_s": 0.1}
    keep_calculation(Actor.system(), made.pk, shown={"before": side, "after": side} | found)


@pytest.fixture
def live_post(founded: Post, station_database: str, django_db_blocker: Any) -> Iterator[Post]:
    """The post, with this process's ORM on its database."""
    with django_db_blocker.unblock(), connected_to(station_database):
        yield founded


@dataclass
class Web:
    """The web process and how to stop it for a while."""

    url: str
    command: list[str]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.env, start_new_session=True)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/accounts/login/", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the web process did not answer")

    def stop(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)  # its workers too
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def web(station_database: str) -> Iterator[Web]:
    """The station's web process."""
    port = free_port()
    env = os.environ | {
        "DATABASE_URL": address_of(station_database),
        "JIEAN_DATA_DIR": str(settings.DATA_DIR),
        "JIEAN_STATION_KEY_FILE": str(settings.STATION_KEY_FILE),
        "DJANGO_SETTINGS_MODULE": "jiean.config.settings",
    }
    gathered = [sys.executable, "-m", "jiean.config.manage", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(
        gathered, env=env | {"JIEAN_GATHER": "1"}, check=True
    )  # pages and maps under hashed names, as served
    command = [sys.executable, "-m", "jiean.config.web", "--port", str(port)]
    station = Web(f"http://127.0.0.1:{port}", command, env)
    station.start()
    yield station
    station.stop()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, web: Web, live_post: Post) -> Iterator[OpenPage]:
    """Open an address as somebody, at a size, in a theme and a language."""
    contexts: list[BrowserContext] = []

    def opened(
        path: str,
        username: str | None = None,
        size: tuple[int, int] = DESK,
        theme: str = "light",
        language: str = "zh-hans",
        javascript: bool = True,
    ) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        context = browser.new_context(
            viewport=viewport, base_url=web.url, java_script_enabled=javascript, reduced_motion="reduce"
        )
        contexts.append(context)
        cookies = {"jiean_theme": theme, "language": language}
        if username:
            cookies["sessionid"] = live_post.town.browser(username).cookies["sessionid"].value
        context.add_cookies([{"name": name, "value": value, "url": web.url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
