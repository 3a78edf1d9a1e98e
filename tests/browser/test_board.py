"""The board under the keyboard, two boards in step, the broken line, and the map that stays where it was put."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, Route, expect

from jiean.dispatch.commands import (
    acknowledge_assignment,
    arrive_assignment,
    assign_unit,
    en_route_assignment,
    note_incident,
    recall_assignment,
)
from jiean.dispatch.models import Assignment, Incident
from jiean.intake.commands import accept_as_incident
from tests.browser.conftest import PHONE, OpenPage, Web
from tests.dispatch.post import Post
from tests.intake.scenes import with_contact
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

PATIENCE_MS = 1000 * PATIENCE_S
LOOK_MS = 50
MOST_ROWS_DOWN = 60
SETTLED_MS = 300
WIDE_ENOUGH = "selector => document.querySelector(selector)?.getBoundingClientRect().height >= 44"
"""For a thumb; asked inside the page, where news may put a new button in the place of the old one at any moment."""
expect.set_options(timeout=PATIENCE_MS)


def free_unit(post: Post, call_sign: str) -> None:
    """Take a unit out of whatever an earlier test left it in."""
    for order in Assignment.objects.filter(
        unit=post.units[call_sign], cleared_at=None, declined_at=None, recalled_at=None
    ):
        recall_assignment(post.town.dispatcher, order.pk, reason="测试")


def connected(page: Page) -> Page:
    expect(page.locator(".connection").first).to_have_attribute("data-connection", "on")
    return page


def until(page: Page, come: Callable[[], bool]) -> None:
    """Let the page run on until something has come about on our side of it."""
    for _look in range(int(PATIENCE_MS / LOOK_MS)):
        if come():
            return
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError("it did not come about")


def test_a_dispatcher_sends_the_first_suggestion_without_a_mouse(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-01")
    incident = live_post.incident(grade=1, place_words="一号门", summary="急")
    page = connected(open_page("/board", "chenxiao"))
    expect(page.locator(f"#row-{incident.pk}")).to_be_visible()
    for _press in range(MOST_ROWS_DOWN):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.dataset.incident") == str(incident.pk):
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-send='1']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".assignment-head").first).to_contain_text("已派出")
    expect(page.locator(f"#row-{incident.pk} .row-units")).not_to_be_empty()
    assert Assignment.objects.filter(incident=incident).count() == 1


def test_news_neither_empties_the_advice_nor_takes_the_key_from_under_the_hand(
    open_page: OpenPage, live_post: Post
) -> None:
    free_unit(live_post, "P-01")
    incident = live_post.incident(grade=2, place_words="静门", summary="静")
    page = connected(open_page(f"/board?open={incident.pk}", "chenxiao"))
    page.locator(f"#row-{incident.pk}").click()
    first = page.locator("[data-send='1']")
    expect(first).to_be_visible()
    first.focus()
    page.evaluate("document.querySelector('[data-advice]').dataset.mark = 'kept'")
    held: list[Route] = []
    page.route("**/dispatch/incident/*/units*", lambda route: held.append(route))
    with page.expect_response(f"**/board/incident/{incident.pk}*"):
        page.evaluate("document.querySelector('[data-incident-open]').dispatchEvent(new CustomEvent('news'))")
    expect(page.locator("[data-advice][data-mark=kept] [data-send='1']")).to_be_focused()
    with page.expect_request("**/dispatch/incident/*/units*"):
        page.evaluate("document.querySelector('[data-advice]').dispatchEvent(new CustomEvent('news'))")
    expect(first).to_be_focused()
    held[-1].continue_()
    expect(first).to_be_focused()


def test_the_way_of_a_suggested_unit_is_shown_while_it_is_looked_at(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-01")
    incident = live_post.incident(place_words="路门")
    page = connected(open_page(f"/board?incident={incident.pk}", "chenxiao"))
    button = page.locator("[data-send='1']")
    expect(button).to_be_visible()
    ways: list[Response] = []
    page.on("response", lambda answer: ways.append(answer) if "/way/" in answer.url else None)

    def looked_at() -> bool:
        page.mouse.move(5, 5)
        button.hover()
        return bool(ways)

    until(page, looked_at)  # the map comes when it has loaded
    assert len(ways[0].json()["line"]) >= 2


def test_the_command_line_opens_and_sends(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-02")
    incident = live_post.incident(place_words="命令门")
    page = connected(open_page("/board", "chenxiao"))
    page.keyboard.press("/")
    page.keyboard.type(str(incident.number))
    page.keyboard.press("Enter")
    expect(page.locator(".incident-place")).to_have_text("命令门")
    page.keyboard.press("/")
    page.keyboard.type(f"/a {incident.number} P-02")
    page.keyboard.press("Enter")
    expect(page.locator("#command-answer")).to_contain_text("P-02")
    expect(page.locator(".assignment-head")).to_contain_text("P-02")


def test_two_boards_stay_in_step(open_page: OpenPage, live_post: Post) -> None:
    """Defect 4 of the list in PRODUCT: wall and desk out of step."""
    first, second = (connected(open_page("/board", who)) for who in ("chenxiao", "hanli"))
    incident = live_post.incident(place_words="同步门")
    for page in (first, second):
        expect(page.locator(f"#row-{incident.pk}")).to_be_visible()
    wall = open_page("/wall", "hanli")
    expect(wall.locator(f"[data-incident='{incident.pk}']")).to_have_count(1)


def test_a_broken_line_is_loud_and_heals(open_page: OpenPage, web: Web, live_post: Post) -> None:
    page = connected(open_page("/board", "chenxiao"))
    web.stop()
    band = page.locator("#connection")
    expect(band).to_be_visible()
    expect(band).to_contain_text("未连接，最后更新")
    assert re.search(r"\d\d:\d\d:\d\d", band.inner_text())
    incident = live_post.incident(place_words="断线时的事")
    web.start()
    expect(band).to_be_hidden(timeout=40_000)
    expect(page.locator(f"#row-{incident.pk}")).to_be_visible()


def test_what_is_being_read_stays_in_place_and_new_rows_are_counted(open_page: OpenPage, live_post: Post) -> None:
    for number in range(12):
        live_post.incident(grade=4, place_words=f"旧事 {number}")
    page = connected(open_page("/board", "chenxiao", (1440, 500)))
    queue = page.locator("#queue-rows")
    queue.evaluate("box => box.scrollTo(0, 300)")
    reading = "() => document.elementFromPoint(100, 250).closest('.row').id"
    row = page.evaluate(reading)
    incident = live_post.incident(grade=1, place_words="新事")
    expect(page.locator(f"#row-{incident.pk}")).to_have_count(1)
    expect(page.locator("#new-rows")).to_contain_text("1 条新警情")
    assert page.evaluate(reading) == row
    page.locator("#new-rows").click()
    expect(page.locator(f"#row-{incident.pk}")).to_be_in_viewport()
    expect(page.locator("#new-rows")).to_be_hidden()


def test_keys_are_shown_on_demand(open_page: OpenPage) -> None:
    page = open_page("/board", "chenxiao")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_splitters_move_by_key_and_are_remembered(open_page: OpenPage) -> None:
    page = open_page("/board", "chenxiao")
    splitter = page.locator("[data-splitter=queue]")
    splitter.focus()
    before = page.locator(".queue").bounding_box()
    splitter.press("ArrowRight")
    after = page.locator(".queue").bounding_box()
    assert before and after and after["width"] == before["width"] + 16
    page.reload()
    again = page.locator(".queue").bounding_box()
    assert again and again["width"] == after["width"]


def test_an_officer_takes_an_order_with_one_thumb(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "PTU-1")
    crew = live_post.crew("PTU-1")
    username = next(name for name, account in live_post.town.accounts.items() if account.pk == crew.account_id)
    page = connected(open_page("/my", username, PHONE))
    incident = live_post.incident(place_words="手机门")
    assign_unit(live_post.town.dispatcher, incident.pk, live_post.units["PTU-1"].pk)
    expect(page.locator(".order-place")).to_have_text("手机门")
    for step in ("ack", "go", "scene"):
        button = page.locator(f"button[value={step}]")
        page.wait_for_function(WIDE_ENOUGH, arg=f"button[value={step}]")
        button.click()
        expect(button).to_have_count(0)
    page.select_option("#result-disposition", "helped")
    page.fill("#result-outcome", "送回家了")
    page.locator(".order .button-huge").click()
    expect(page.locator("#orders .empty-text")).to_have_text("现在没有派给您的警情")
    incident.refresh_from_db()
    assert incident.state == Incident.State.HANDLED


def test_what_was_chosen_while_the_news_was_on_its_way_stays(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "PTU-1")
    crew = live_post.crew("PTU-1")
    username = next(name for name, account in live_post.town.accounts.items() if account.pk == crew.account_id)
    order = assign_unit(
        live_post.town.dispatcher, live_post.incident(place_words="慢门").pk, live_post.units["PTU-1"].pk
    )
    arrive_assignment(crew, order.pk)
    page = connected(open_page("/my", username, PHONE))
    held: list[Route] = []
    page.route("**/my/orders*", lambda route: held.append(route))
    with page.expect_request("**/my/orders*"):
        page.evaluate("document.querySelector('#orders').dispatchEvent(new CustomEvent('news'))")
    page.select_option("#result-disposition", "helped")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.querySelector('#result-disposition').dataset.old = 'yes'")
    held[0].continue_()
    expect(page.locator("#result-disposition")).not_to_have_attribute("data-old", "yes")
    expect(page.locator("#result-disposition")).to_have_value("helped")


def test_news_heard_while_an_answer_is_on_its_way_is_not_lost(open_page: OpenPage, live_post: Post) -> None:
    """The panel's answer puts a new page in the place of the one that asked; what was told meanwhile must still be fetched."""
    free_unit(live_post, "P-02")
    incident = live_post.incident(place_words="快门")
    order = assign_unit(live_post.town.dispatcher, incident.pk, live_post.units["P-02"].pk)
    page = connected(open_page(f"/board?incident={incident.pk}", "chenxiao"))
    stamps = page.locator("#incident .stamps .is-set")
    expect(stamps).to_have_count(1)
    held: list[Route] = []
    page.route(f"**/board/incident/{incident.pk}*", lambda route: held.append(route), times=1)
    acknowledge_assignment(live_post.crew("P-02"), order.pk)
    until(page, lambda: len(held) == 1)
    answer = held[0].fetch()
    with page.expect_event("console", lambda said: said.text == "heard"):
        page.evaluate("document.addEventListener('jiean:news', () => console.log('heard'), {once: true})")
        en_route_assignment(live_post.crew("P-02"), order.pk)
    held[0].fulfill(response=answer)
    expect(stamps).to_have_count(3)


def test_an_answer_for_an_incident_no_longer_open_is_thrown_away(open_page: OpenPage, live_post: Post) -> None:
    first, second = (live_post.incident(place_words=words) for words in ("先门", "后门"))
    page = connected(open_page(f"/board?incident={first.pk}", "chenxiao"))
    held: list[Route] = []
    page.route(f"**/board/incident/{first.pk}*", lambda route: held.append(route))
    note_incident(live_post.town.dispatcher, first.pk, words="路上堵")
    until(page, lambda: len(held) == 1)
    page.locator(f"#row-{second.pk}").click()
    expect(page.locator(f"[data-incident-open='{second.pk}']")).to_be_visible()
    with page.expect_response(f"**/board/incident/{first.pk}*"):
        held[0].continue_()
    page.wait_for_timeout(SETTLED_MS)
    expect(page.locator(f"[data-incident-open='{second.pk}']")).to_be_visible()


def test_pages_never_scroll_sideways_on_a_phone(open_page: OpenPage) -> None:
    for path, who in (
        ("/my", "wangxm"),
        ("/board", "chenxiao"),
        ("/wall", "hanli"),
        ("/q", "chenxiao"),
        ("/place/1", "chenxiao"),
        ("/disputes", "chenxiao"),
        ("/disputes/rules", "hanli"),
    ):
        page = open_page(path, who, (360, 740))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


@pytest.mark.parametrize("width", [780, 1000])
def test_the_bar_of_many_links_moves_itself_and_not_the_page_on_a_tablet(open_page: OpenPage, width: int) -> None:
    page = open_page("/staff", "hanli", (width, 900), language="en")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.menu-who').getClientRects().length") == 1, "a name in one line"


@pytest.mark.parametrize(("path", "who"), [("/my", "wangxm"), ("/board", "chenxiao"), ("/desk", "hanli")])
def test_the_menu_is_all_on_the_screen_of_a_phone(open_page: OpenPage, path: str, who: str) -> None:
    page = open_page(path, who, (360, 740))
    menu = page.locator(".bar .menu", has=page.locator(".menu-who"))
    menu.locator("summary").click()
    box = menu.locator(".menu-body").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert box["height"] > 200
    menu.locator(".menu-body a, .menu-body button").last.click(trial=True)


def test_the_opened_contact_stays_while_news_comes_in(open_page: OpenPage, live_post: Post) -> None:
    report = with_contact()
    accepted = accept_as_incident(live_post.town.dispatcher, report.pk)
    page = connected(open_page(f"/board?incident={accepted.incident_id}", "chenxiao"))
    contact = page.locator(".incident-contact")
    expect(contact).not_to_contain_text("13800001234")
    contact.locator("button").click()
    expect(contact).to_contain_text("13800001234")
    note_incident(live_post.town.commander, accepted.incident_id or 0, words="电台里说的")
    expect(page.locator("#incident .timeline")).to_contain_text("电台里说的")
    expect(contact).to_contain_text("13800001234")
    page.reload()
    expect(contact).not_to_contain_text("13800001234")


def test_the_phone_shakes_for_a_new_order_while_the_switch_is_on(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-02")
    crew = live_post.crew("P-02")
    username = next(name for name, account in live_post.town.accounts.items() if account.pk == crew.account_id)
    page = connected(open_page("/my", username, PHONE))
    page.evaluate(
        "() => { window.shaken = [];"
        " navigator.vibrate = () => shaken.push(document.querySelector('.order-place')?.textContent); }"
    )
    for on in (True, False):
        page.locator("[data-ring]").set_checked(on)
        incident = live_post.incident(place_words=f"响铃 {on}")
        order = assign_unit(live_post.town.dispatcher, incident.pk, live_post.units["P-02"].pk)
        expect(page.locator(".order-place")).to_have_text(f"响铃 {on}")
        assert page.evaluate("window.shaken") == ["响铃 True"]
        recall_assignment(live_post.town.dispatcher, order.pk, reason="测试")
        expect(page.locator(".order-place")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-ring]")).not_to_be_checked()


def test_a_tap_that_was_not_sent_is_kept_said_and_counted(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-02")
    crew = live_post.crew("P-02")
    username = next(name for name, account in live_post.town.accounts.items() if account.pk == crew.account_id)
    assign_unit(live_post.town.dispatcher, live_post.incident(place_words="没信号").pk, live_post.units["P-02"].pk)
    page = connected(open_page("/my", username, PHONE))
    expect(page.locator("[data-outbox]")).to_contain_text("操作都已送出")
    page.route("**/api/v1/orders/**", lambda route: route.abort())
    page.locator("button[value=ack]").click()
    expect(page.locator("[data-outbox]")).to_contain_text("等待送出 1")
    expect(page.locator("#deeds")).to_contain_text("没信号")
    page.unroute("**/api/v1/orders/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("button[value=ack]")).to_have_count(0)
    expect(page.locator("[data-outbox]")).to_contain_text("操作都已送出")
