"""One matter from a resident's phone to the resident's phone, through every screen it crosses, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from jiean.dispatch.models import Assignment, Incident
from jiean.intake.commands.studying import keep_study
from jiean.intake.models import Report
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_board import WIDE_ENOUGH, connected, free_unit
from tests.dispatch.post import Post
from tests.town import SYSTEM
from tests.worker import run_jobs

pytestmark = pytest.mark.browser

WORDS = "两个司机在市场门口为排队吵起来，推搡了几下，围了十几个人"
NO_SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def no_sideways(page: Page) -> None:
    assert page.evaluate(NO_SIDEWAYS), page.url


def tap(page: Page, step: str) -> None:
    """Press one of the phone's big buttons and wait until the order has moved on."""
    button = page.locator(f"button[value={step}]")
    page.wait_for_function(WIDE_ENOUGH, arg=f"button[value={step}]")
    button.click()
    expect(button).to_have_count(0)


def crew_username(post: Post, call_sign: str) -> str:
    account_id = post.crew(call_sign).account_id
    return next(name for name, account in post.town.accounts.items() if account.pk == account_id)


def test_a_matter_from_the_residents_phone_and_back(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-01")

    # a resident at the market scans the poster, writes, and gets number and code
    resident = open_page("/report/p/market2345", size=PHONE)
    no_sideways(resident)
    resident.fill("textarea[name=text]", WORDS)
    resident.fill("[name=name]", "张三")
    resident.fill("[name=phone]", "13800138000")
    resident.click("main form button.button-huge")
    number = resident.locator(".big-number").inner_text()
    assert re.fullmatch(r"B\d\d-\d{6}", number)
    report = Report.objects.get(number=number)

    # the desk sees it come in by itself and takes it with one key
    desk = connected(open_page("/desk", "hanli"))
    desk.locator(".queue-row", has_text=number).click()
    expect(desk.locator(".said").first).to_have_text(WORDS)
    expect(desk.get_by_text("13800138000")).to_have_count(0)

    # what the model reads in it seconds later appears by itself; a choice begun meanwhile stays
    connected(desk).select_option("[name=urgency]", "4")
    desk.locator("h1").click()
    keep_study(SYSTEM, {report.pk: report.advice | {"likeliest": [["police", 0.61], ["mediation", 0.2]]}})
    expect(desk.locator("#proposal")).to_contain_text("61 %")
    expect(desk.locator("[name=urgency]")).to_have_value("4")
    board = connected(open_page("/board", "chenxiao"))
    phone = connected(open_page("/my", crew_username(live_post, "P-01"), PHONE))
    desk.keyboard.press("a")
    expect(desk.locator(".notice-success")).to_be_visible()
    incident = Incident.objects.get(report_id=report.pk)

    # it stands on the dispatcher's board without a reload; Enter opens it, Enter sends the first suggestion
    row = board.locator(f"#row-{incident.pk}")
    expect(row).to_be_visible()
    row.focus()
    board.keyboard.press("Enter")
    expect(board.locator("[data-send='1']")).to_be_focused()
    expect(board.locator("[data-send='1']")).to_contain_text("P-01")
    board.keyboard.press("Enter")
    expect(board.locator(".assignment-head").first).to_contain_text("已派出")

    # the crew's phone shows it; three taps and a result
    expect(phone.locator(".order-words")).to_contain_text("两个司机")
    no_sideways(phone)
    for step in ("ack", "go", "scene"):
        tap(phone, step)
    expect(board.locator("#incident .stamps .is-set")).to_have_count(4)
    phone.select_option("#result-disposition", "settled_on_spot")
    phone.fill("#result-outcome", "双方握手言和")
    phone.locator(".order form.form button.button-main").click()
    expect(phone.locator("#orders .empty-text")).to_have_text("现在没有派给您的警情")

    # the board asks for the feedback by itself, then for the review
    expect(board.locator("#feedback-outcome")).to_have_value("双方握手言和")
    board.fill("#feedback-outcome", "当场和解，已劝离")
    board.locator("#incident .pane form.form button.button-main").click()
    expect(row).to_have_count(0)
    commander = connected(open_page("/board?state=FED_BACK", "hanli"))
    commander.locator(f"#row-{incident.pk}").click()
    commander.locator("#incident button[value=review]").click()
    expect(commander.locator("#incident .chip").first).to_have_text("已审核")
    run_jobs()

    # the resident follows it and is content
    resident.click("main a.button-main")
    expect(resident.locator("h1")).to_have_text("已答复")
    expect(resident.locator(".timeline")).to_contain_text("已受理，正在安排处理")
    no_sideways(resident)
    resident.check("input[name=satisfied][value=yes]")
    resident.locator("form[action$=rate] button").click()
    expect(resident.locator("h1")).to_have_text("已办结")
    expect(resident.locator(".timeline")).to_contain_text("您评价：满意")
    report.refresh_from_db()
    assert (report.state, report.satisfied) == (Report.State.CLOSED, True)


def without_news(page: Page) -> Page:
    """The same page with its line cut, so that it goes on showing what was there."""
    page.context.route("**/live", lambda route: route.abort())
    page.reload()
    return page


def test_two_dispatchers_on_one_incident(open_page: OpenPage, live_post: Post) -> None:
    """Defect 8: the second one's save overwrites nothing; both boards end up showing the same."""
    incident = live_post.incident(grade=3, place_words="两人同时办")
    address = f"/board?incident={incident.pk}"
    first, second = connected(open_page(address, "chenxiao")), without_news(open_page(address, "hanli"))
    for page, grade in ((first, "2"), (second, "1")):
        page.locator("summary", has_text="改级别").click()
        page.select_option("#move-grade", grade)
    first.locator("button[value=grade]").click()
    expect(first.locator(".incident-line .grade")).to_have_text("二级")
    second.locator("button[value=grade]").click()
    clash = second.locator("#incident [data-clash]")
    expect(clash).to_contain_text("刚才有人改过，您的没有保存")
    expect(clash.locator("tr", has_text="改级别").locator("td")).to_have_text(["一级", "二级"])
    expect(second.locator(".incident-line .grade")).to_have_text("二级")
    second.context.unroute("**/live")
    expect(second.locator("#connection")).to_be_hidden(timeout=40_000)
    for page in (first, second):
        expect(page.locator(f"#row-{incident.pk} .grade")).to_have_text("二级")
    incident.refresh_from_db()
    assert incident.grade == 2


def test_two_dispatchers_send_the_same_unit(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-01")
    one, other = (live_post.incident(place_words=words) for words in ("先派的", "后派的"))
    first = connected(open_page(f"/board?incident={one.pk}", "chenxiao"))
    second = without_news(open_page(f"/board?incident={other.pk}", "hanli"))
    buttons = [page.get_by_role("button", name=re.compile("派 P-01")) for page in (first, second)]
    expect(buttons[1]).to_be_visible()
    buttons[0].click()
    expect(first.locator(".assignment-head")).to_contain_text("P-01")
    buttons[1].click()
    expect(second.locator("#refusal")).to_contain_text("P-01 正在处置")
    assert Assignment.objects.filter(incident__in=[one, other]).count() == 1


def test_what_happened_while_the_line_was_cut_is_all_there_afterwards(open_page: OpenPage, live_post: Post) -> None:
    page = connected(open_page("/board", "chenxiao"))
    context: BrowserContext = page.context
    context.set_offline(True)
    expect(page.locator("#connection")).to_be_visible()
    expect(page.locator("#connection")).to_contain_text("未连接，最后更新")
    made = [live_post.incident(place_words=f"断线 {n}") for n in range(5)]
    context.set_offline(False)
    expect(page.locator("#connection")).to_be_hidden(timeout=40_000)
    for incident in made:
        expect(page.locator(f"#row-{incident.pk}")).to_have_count(1)
