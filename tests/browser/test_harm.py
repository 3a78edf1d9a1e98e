"""Words that would hurt in every column of words, and every page opened on them in a real browser: nothing runs, nothing breaks out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from bench.ports import free_port
from django.apps import apps
from django.db import connection, models
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as View

from jiean.kernel import registry
from tests.browser.conftest import PHONE, Web, address_of, connected_to
from tests.browser.pages import PAGES, Page, ask
from tests.browser.test_axe import WHO
from tests.dispatch.post import Post
from tests.patience import eventually

pytestmark = [pytest.mark.browser, pytest.mark.trust]
SHORT = "<b id=hurt>"
LONG = f"{SHORT}\"'><img src=x onerror=hurt()><script>hurt()</script>{{{{7*7}}}}${{7*7}}\u202e\u2066👮🏽‍♀️" + "Wm" * 60
OURS = {"name", "address", "street", "named"}
"""Words of the station's own that stand on pages too."""
NOT_WORDS = {"password", "session_data", "network"}
HURT = "document.getElementById('hurt') !== null || window.hurtBy !== undefined"
NO_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def columns_of_words() -> list[models.Field[Any, Any]]:
    """What people wrote or named, as it stands open in the tables."""

    def of_people(column: models.Field[Any, Any]) -> bool:
        held = registry.held(column)
        return (column.name in OURS and column.model._meta.app_label != "kernel") or (
            held is not None and held.is_personal
        )

    ours = [model for model in apps.get_models() if model.__module__.startswith("jiean.")]
    return [
        column
        for column in registry.columns(ours)
        if isinstance(column, models.CharField | models.TextField)
        and not (column.choices or column.primary_key or column.unique or column.name in NOT_WORDS)
        and of_people(column)
    ]


def plant() -> int:
    """Set every row's words to what would hurt; how many columns hold some now."""
    held = 0
    with connection.cursor() as cursor:
        for column in columns_of_words():
            words = SHORT if (column.max_length or len(LONG)) < 100 else LONG[: column.max_length]
            cursor.execute(f'UPDATE "{column.model._meta.db_table}" SET "{column.column}" = %s', [words])
            held += bool(cursor.rowcount)
    return held


@pytest.fixture(scope="module")
def hurt(founded: Post, web: Web, station_database: str, django_db_blocker: Any) -> Iterator[Web]:
    """A copy of the browser tests' station in which every column of words hurts, and a web process of its own on it."""
    name = f"{station_database}_hurt"
    web.stop()
    with django_db_blocker.unblock(), connected_to("postgres"), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [station_database])
        eventually(lambda: _empty(cursor, station_database))
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {station_database}")
    web.start()
    with django_db_blocker.unblock(), connected_to(name):
        assert plant() > 25, "the station holds words"
    port = free_port()
    copy = Web(f"http://127.0.0.1:{port}", [*web.command[:-1], str(port)], web.env | {"DATABASE_URL": address_of(name)})
    copy.start()
    with django_db_blocker.unblock(), connected_to(name):
        yield copy
    copy.stop()
    with django_db_blocker.unblock(), connected_to("postgres"), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _empty(cursor: Any, database: str) -> bool:
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
    return bool(cursor.fetchone()[0] == 0)


@pytest.fixture(scope="module")
def contexts(hurt: Web, founded: Post, browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """A browser for each role, which says when a script of ours was run."""
    made = {}
    for role, username in {"": None, **WHO}.items():
        context = browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=hurt.url, reduced_motion="reduce"
        )
        context.add_init_script("window.hurt = () => { window.hurtBy = 'script'; }")
        if username:
            key = founded.town.browser(username).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": key, "url": hurt.url}])
        made[role] = context
    yield made
    for context in made.values():
        context.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_words_that_hurt_are_words_on_every_page(contexts: dict[str, BrowserContext], page: Page) -> None:
    with contextlib.closing(
        contexts[page.role].new_page()
    ) as view:  # left open its stream would stay, and a browser opens six
        answer = view.goto(page.path)
        if page.asks:
            ask(view, page)
        if page.click:
            _click(view, page)
        view.wait_for_load_state()
        assert answer is not None and answer.status < 500
        assert not view.evaluate(HURT)
        assert view.evaluate(NO_WIDER), "a word without an end breaks, and the page stays as wide as the screen"


def _click(view: View, page: Page) -> None:
    """As the gallery does: not all that can be clicked stands on a telephone."""
    view.locator(page.click).first.wait_for(state="attached")
    with view.expect_navigation() if page.leads_to else contextlib.nullcontext():
        view.evaluate("words => document.querySelector(words).click()", page.click)


def test_what_does_run_is_seen(contexts: dict[str, BrowserContext]) -> None:
    """The plant: the same words, not escaped."""
    with contextlib.closing(contexts[""].new_page()) as view:
        view.goto("/report")
        view.evaluate("words => document.querySelector('main').insertAdjacentHTML('beforeend', words)", LONG)
        assert view.evaluate(HURT)
