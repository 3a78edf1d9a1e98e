"""Residents' pages: light, and whole without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response

from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser

WEIGHT_KB = 150


@pytest.mark.parametrize("path", ["/", "/report", "/track", "/accounts/login/"])
def test_a_public_page_is_light(open_page: OpenPage, path: str) -> None:
    page = open_page("/healthz", size=PHONE)
    sizes: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        sizes[answer.url] = len(answer.body())

    page.on("response", weigh)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert sum(sizes.values()) <= WEIGHT_KB * 1024, sizes


def test_a_resident_reports_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/", size=PHONE, javascript=False)
    page.click("a.button-main")
    page.fill("textarea", "楼道里堆满了电动车电池，下楼都难")
    page.fill("[name=place_words]", "新街路 1 号")
    page.click("main form button.button-main")
    assert page.locator(".big-number").inner_text().startswith("B")
