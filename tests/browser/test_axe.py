"""axe finds nothing at WCAG 2.2 AA on any page, in both themes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, get_resolver, resolve

from jiean.disputes.commands import call_next, issue_paper, take_ticket
from jiean.disputes.models import PaperKind, Signature
from jiean.disputes.queries import token_of
from jiean.intake.commands import answer_report
from jiean.intake.models import Outcome, Report
from jiean.kernel.actor import Actor
from tests.browser.conftest import DESK, PHONE, OpenPage
from tests.browser.pages import ADMIN, COMMANDER, DISPATCHER, MEDIATOR, OFFICER, PAGES, PUBLIC, Page, ask
from tests.dispatch.post import Post
from tests.disputes.scenes import case
from tests.disputes.test_posts import opened

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WHO = {
    PUBLIC: None,
    DISPATCHER: "chenxiao",
    COMMANDER: "hanli",
    OFFICER: "wangxm",
    MEDIATOR: "zhouping",
    ADMIN: "shenqing",
}
ROOMS = ("screens", "intake", "people", "grid", "dispatch", "vault", "disputes", "twin")
NO_PAGES = {
    "intake:worker",  # a script
    "screens:look", "screens:board-queue", "screens:board-units", "screens:board-alarms", "screens:board-watch",
    "screens:board-incident", "screens:board-command", "screens:board-close", "screens:board-contact",
    "screens:board-note", "screens:board-move", "screens:board-step", "screens:wall-figures", "screens:my-orders",
    "screens:my-tasks", "screens:my-step", "screens:my-result", "screens:my-feedback",
    "screens:my-contact", "intake:similar", "intake:caller", "intake:choose-model", "intake:judge-issue", "intake:apart",
    "intake:follow", "intake:own-file", "intake:ask-rights",
    "intake:answer-rights", "intake:own-photo", "intake:photo", "intake:merge", "intake:contact", "intake:deed", "intake:export",
    "people:confirm-roles", "people:staff-template", "people:staff-draft", "people:person-deed", "grid:cells-json",
    "grid:draft", "dispatch:units", "dispatch:send", "dispatch:way", "dispatch:reach",
    "dispatch:hints", "dispatch:move", "dispatch:end-move", "dispatch:batch", "dispatch:my-move", "dispatch:divert",
    "dispatch:patrol-way", "dispatch:my-patrol", "dispatch:closure", "dispatch:closure-map", "dispatch:closure-streets",
    "dispatch:my-way",
    "disputes:between",
    "disputes:deed", "disputes:party", "disputes:talk", "disputes:drop-rule", "disputes:own-deed",
    "disputes:post-take", "disputes:post-call", "disputes:post-end", "disputes:post-duty", "disputes:post-duty-drop",
    "disputes:return-file", "disputes:room", "disputes:room-close", "disputes:subscribe", "disputes:feed", "disputes:meeting",
    "disputes:ranked", "disputes:mediators-template", "disputes:mediators-draft", "disputes:certificate",
    "disputes:certificate-drop", "disputes:flag-words", "disputes:joining", "disputes:precedent", "disputes:precedent-deed",
    "disputes:write-precedent", "disputes:beside", "disputes:end-step",
    "disputes:sign", "disputes:paper-file", "disputes:own-paper", "twin:trials", "twin:state", "twin:replay",
    "twin:stop", "twin:calculation-state", "twin:calls-file", "twin:stop-calculation", "twin:export-json", "twin:export-csv",
    "twin:cell-map", "twin:cell-file", "twin:move-piece", "twin:accept-cells", "twin:drop-cells", "twin:hand-over-cells",
    "vault:answer-look-ups", "vault:review-glass", "vault:glass-matter",
}  # fmt: skip
"""Fragments, deeds, files; and the two previews, which have no address before a file was sent."""


def names_of(namespace: str) -> list[str]:
    """The names of a room's addresses."""
    resolver = get_resolver().namespace_dict[namespace][1]
    return [pattern.name for pattern in resolver.url_patterns if isinstance(pattern, URLPattern) and pattern.name]


RUN = """async (tags) => (await axe.run(document, {runOnly: tags})).violations
    .map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)"""


LIGHTEN = """() => {
    const paper = () => getComputedStyle(document.documentElement).getPropertyValue("--page");
    const before = paper();
    document.querySelector("link[href*='tokens-dark']").media = "not all";
    document.querySelector("meta[name='color-scheme']").content = "light";
    document.documentElement.dataset.theme = "light";
    return [before, paper()];
}"""
"""What the page shell says in the light look; the colours of the paper before and after."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing(open_page: OpenPage, page: Page) -> None:
    """Dark at a desk, then light on a phone: the same page in the other look."""
    opened = open_page(page.path, WHO[page.role], DESK, "dark")
    if page.click:
        opened.locator(page.click).first.click()
    if page.leads_to:
        opened.wait_for_url(lambda address: resolve(urlsplit(address).path).view_name == page.leads_to)
    if page.asks:
        ask(opened, page)
    opened.evaluate(AXE.read_text())  # a script tag would be refused by our own CSP
    assert opened.evaluate(RUN, RULES) == []
    opened.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    dark, light = opened.evaluate(LIGHTEN)
    assert dark != light, "the second look is another one"
    assert opened.evaluate(RUN, RULES) == []


def test_every_address_that_is_a_page_is_looked_at() -> None:
    """Of our own addresses that answer GET with a page, none is missing above; fragments are part of the page that holds them."""
    looked_at = {resolve(page.path.split("?")[0]).view_name for page in PAGES if page.name != "not-found"}
    clicked = {page.leads_to for page in PAGES}
    elsewhere = {
        "disputes:slip",
        "disputes:own",
        "disputes:paper",
        "disputes:check",
        "disputes:post-wall",
        "disputes:post-keep",
        "disputes:public-post",
        "intake:done",
        "intake:tracked",
        "intake:own-data",
    }  # need a report of the browser's own: looked at below
    own = {f"{namespace}:{name}" for namespace in ROOMS for name in names_of(namespace)}
    assert own - looked_at - clicked - elsewhere - NO_PAGES == set()


@pytest.mark.parametrize(("theme", "size"), [("light", PHONE), ("dark", DESK)], ids=["light-phone", "dark-desk"])
def test_axe_finds_nothing_on_the_reporters_own_pages(
    open_page: OpenPage, live_post: Post, theme: str, size: tuple[int, int]
) -> None:
    page = open_page("/report", size=size, theme=theme)
    page.fill("textarea", "楼道里堆满了电动车电池，下楼都难")
    page.fill("[name=place_words]", "新街路 1 号")
    page.click("main form button.button-main")
    number = page.locator(".big-number").inner_text()
    for _answered in (False, True):
        page.evaluate(AXE.read_text())
        assert page.evaluate(RUN, RULES) == []
        report = Report.objects.get(number=number)
        if report.state == Report.State.NEW:
            answer_report(live_post.town.dispatcher, report.pk, outcome=Outcome.HANDLED, answer="已经清走了")
        page.goto(f"/track/{number}/data")
        page.evaluate(AXE.read_text())
        assert page.evaluate(RUN, RULES) == []
        page.goto(f"/track/{number}")


def test_axe_finds_nothing_on_a_paper_and_its_check(open_page: OpenPage, live_post: Post) -> None:
    """A signature drawn with the pointer stands on the paper; the printed code's page says nothing of whom."""
    one = case(live_post.town).settled()
    paper = issue_paper(one.mediator, one.row.pk, PaperKind.AGREEMENT)
    page = open_page(f"/disputes/{one.row.pk}/paper/{paper.pk}", "zhouping", size=PHONE, theme="light")
    page.locator("details.sign summary").first.click()
    pad = page.locator("canvas").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    page.evaluate(AXE.read_text())
    assert page.evaluate(RUN, RULES) == []
    page.locator("details.sign button.button-main").first.click()
    page.locator("img.signature").wait_for()
    assert Signature.objects.get(paper=paper).manner == Signature.Manner.DRAWN
    page.goto(page.url.split("/disputes")[0] + f"/paper/{token_of(paper)}")
    page.evaluate(AXE.read_text())
    assert page.evaluate(RUN, RULES) == []


def test_axe_finds_nothing_on_a_posts_pages(open_page: OpenPage, live_post: Post) -> None:
    """A hive post with somebody called and somebody waiting: its public page, its own, its screen."""
    post = opened(live_post.town, "HP-77")
    for _person in range(2):
        take_ticket(Actor.public(), post.pk, "advice")
    call_next(live_post.town.dispatcher, post.pk)
    looked_at = ((f"/post/{post.premises.code}", None), (f"/disputes/posts/{post.pk}", "chenxiao"),
                 (f"/disputes/posts/{post.pk}/wall", "chenxiao"), (f"/disputes/posts/{post.pk}/keep", "hanli"))  # fmt: skip
    for address, who in looked_at:
        page = open_page(address, who, size=PHONE, theme="light")
        page.evaluate(AXE.read_text())
        assert page.evaluate(RUN, RULES) == [], address
