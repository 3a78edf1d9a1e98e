"""axe finds nothing at WCAG 2.2 AA on any page, in both themes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import DESK, PHONE, OpenPage
from tests.browser.pages import ADMIN, COMMANDER, DISPATCHER, OFFICER, PAGES, PUBLIC, Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WHO = {PUBLIC: None, DISPATCHER: "chenxiao", COMMANDER: "hanli", OFFICER: "wangxm", ADMIN: "shenqing"}
RUN = """async (tags) => (await axe.run(document, {runOnly: tags})).violations
    .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)"""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize(("theme", "size"), [("light", PHONE), ("dark", DESK)], ids=["light-phone", "dark-desk"])
def test_axe_finds_nothing(open_page: OpenPage, page: Page, theme: str, size: tuple[int, int]) -> None:
    opened = open_page(page.path, WHO[page.role], size, theme)
    if page.click and opened.locator(page.click).first.is_visible():
        opened.locator(page.click).first.click()
    opened.evaluate(AXE.read_text())  # a script tag would be refused by our own CSP
    assert opened.evaluate(RUN, RULES) == []
