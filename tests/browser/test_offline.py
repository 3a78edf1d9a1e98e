"""T-OFFLINE: reports written without a network: sealed on the telephone, sent once each, whatever is lost, doubled or late on the way."""

from __future__ import annotations

import datetime as dt
import os
import re
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from jiean.dispatch.commands import arrive_assignment, assign_unit, clear_incident
from jiean.dispatch.models import Assignment, Incident
from jiean.intake.models import Photo, Report
from jiean.kernel import clocks
from jiean.kernel.models import Transition
from tests.browser.conftest import DAY_FAST, PHONE, OpenPage, Web
from tests.browser.test_board import connected, free_unit
from tests.dispatch.post import Post
from tests.intake.scenes import picture

pytestmark = [pytest.mark.browser, pytest.mark.trust]
HISTORIES = int(os.environ.get("JIEAN_HISTORIES", "40"))
CUT = 20
MOST = 10 * 1024 * 1024
WAIT_MS = 120_000
MINUTE = dt.timedelta(minutes=1)
CONTROLLED = """async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((told) => navigator.serviceWorker.addEventListener("controllerchange", told, { once: true }));
  }
}"""
HERE = Path(__file__).parent
STORY = (HERE / "histories.js").read_text(encoding="utf-8")
DEEDS = (HERE / "deed_histories.js").read_text(encoding="utf-8")


def script(page: Page, name: str) -> str:
    """The address of a script as this build serves it."""
    found = re.search(rf'"([^"]*/{name}[^"]*)"', page.request.get("/sw.js").text())
    assert found is not None
    return found[1]


def lived(page: Page, histories: int, plant: str = "") -> dict[str, Any]:
    """What came of so many random histories of the very store logic the page runs."""
    asked = {"url": script(page, "outbox"), "histories": histories, "seed": 20_26, "plant": plant}
    answer: dict[str, Any] = page.evaluate(STORY, asked)
    return answer


def test_random_histories_leave_each_report_at_the_station_once(open_page: OpenPage) -> None:
    """``JIEAN_HISTORIES=500`` lives as many."""
    page = open_page("/report/offline", size=PHONE)
    whole = lived(page, HISTORIES)
    print(whole)
    assert whole["wrong"] == [] and whole["added"] > HISTORIES and whole["repeated"] > 0
    for plant, words in (("new key each time", "the station has"), ("believes every send", "the station has")):
        assert any(words in one for one in lived(page, 10, plant)["wrong"]), plant


def test_random_histories_do_each_deed_once_or_keep_it_for_a_person(open_page: OpenPage) -> None:
    """Two telephones, three accounts, a desk that is quicker: done once as its own account, or refused and kept, never both."""
    page = open_page("/report/offline", size=PHONE)

    def deeds(histories: int, plant: str = "") -> dict[str, Any]:
        addresses = {"outboxUrl": script(page, "outbox"), "doorUrl": script(page, "door")}
        answer: dict[str, Any] = page.evaluate(
            DEEDS, addresses | {"histories": histories, "seed": 20_26, "plant": plant}
        )
        return answer

    whole = deeds(HISTORIES)
    print(whole)
    assert whole["wrong"] == [] and min(whole["added"], whole["done"], whole["refused"]) > HISTORIES
    assert whole["repeated"] > 0
    assert any("refused true" in one for one in deeds(10, "new key each time")["wrong"])


def test_the_sealing_key_cannot_be_taken_out_and_goes_with_the_rest(open_page: OpenPage) -> None:
    page = open_page("/report/offline", size=PHONE)
    asked = """async (url) => {
      const { Outbox } = await import(url);
      const outbox = new Outbox(async () => ({ status: 409, told: { detail: "x" } }), { name: "sealed" });
      await outbox.add({ text: "金丝雀" });
      const key = await outbox.sealingKey();
      const out = await crypto.subtle.exportKey("raw", key).then(() => "exported", (error) => error.name);
      await outbox.send();
      const [item] = await outbox.items();
      const kept = [item.state, (await outbox.read(item)).text];
      await outbox.wipe();
      return [key.extractable, out, ...kept, (await outbox.items()).length, (await outbox.sealingKey()) === key];
    }"""
    told = page.evaluate(asked, script(page, "outbox"))
    assert told == [False, "InvalidAccessError", "refused", "金丝雀", 0, False], "what was refused is kept for a person"


def test_twenty_reports_written_while_the_line_is_cut_arrive_once(
    open_page: OpenPage, web: Web, live_post: Post
) -> None:
    page = open_page("/report", size=PHONE)
    page.add_init_script(DAY_FAST)
    page.evaluate(CONTROLLED)
    before = set(Report.objects.values_list("pk", flat=True))
    web.stop()
    try:
        page.goto("/report")
        page.wait_for_selector("#offline[data-shown]")
        page.set_input_files(
            "[name=photos]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"x" * MOST + b"x"}]
        )
        page.fill("[name=text]", "太大")
        page.fill("[name=place_words]", "三号楼")
        page.click("form button")
        expect(page.locator("#full")).to_contain_text("超过 10 MB")
        page.set_input_files("[name=photos]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
        for number in range(CUT):
            page.fill("[name=text]", f"断网时写的第 {number} 件")
            page.fill("[name=place_words]", "三号楼")
            page.click("form button")
            expect(page.locator("#waiting")).to_have_text(str(number + 1), timeout=WAIT_MS)
        page.reload()
        expect(page.locator("#waiting")).to_have_text(str(CUT), timeout=WAIT_MS)
    finally:
        web.start()
    page.add_init_script("window.aheadMs += 600_000")  # ten minutes later
    page.goto("/report")  # the ordinary page again: it sends what waits, and leads to it
    page.click("#outbox a")
    expect(page.locator("#queue [data-state=received]")).to_have_count(CUT, timeout=WAIT_MS)
    fresh = Report.objects.exclude(pk__in=before).order_by("pk")
    assert list(fresh.values_list("text", flat=True)) == [f"断网时写的第 {number} 件" for number in range(CUT)]
    for report in fresh:
        assert report.made_at and 10 * MINUTE < report.received_at - report.made_at < 15 * MINUTE, "by its age"
        assert report.device_at and report.device_at > report.received_at, "a day fast, as it said"
    photos = list(Photo.objects.filter(report__in=fresh).values_list("report_id", flat=True))
    assert photos == [fresh[0].pk], "the picture of the first, once"
    shown = page.inner_text("#queue")
    assert all(number in shown for number in fresh.values_list("number", flat=True))


def officer_of(post: Post, call_sign: str) -> str:
    """The account of the unit's crew, with nothing left from an earlier test."""
    free_unit(post, call_sign)
    crew = post.crew(call_sign)
    return next(name for name, account in post.town.accounts.items() if account.pk == crew.account_id)


def ordered(post: Post, call_sign: str, place: str) -> Assignment:
    incident = post.incident(place_words=place)
    return assign_unit(post.town.dispatcher, incident.pk, post.units[call_sign].pk)


def ordered_long_ago(post: Post, call_sign: str, place: str) -> Assignment:
    """Forty minutes ago: on duty and sent since then."""
    dispatcher, incident, at = post.town.dispatcher, post.incident(place_words=place), clocks.now() - 40 * MINUTE
    post.units[call_sign].shifts.update(starts_at=at - MINUTE)
    with pytest.MonkeyPatch.context() as past:
        past.setattr(clocks, "now", lambda: at)
        return assign_unit(dispatcher, incident.pk, post.units[call_sign].pk)


def tap(page: Page, step: str) -> None:
    page.locator(f"button[value={step}]").click()
    expect(page.locator(f"button[value={step}]:visible")).to_have_count(0)


def end(page: Page, words: str) -> None:
    page.select_option("#result-disposition", "helped")
    page.fill("#result-outcome", words)
    page.locator(".order form[data-step=clear] .button-huge").click()


def stamps(order: Assignment) -> list[str]:
    lines = Transition.objects.filter(kind="dispatch.assignment", subject_id=order.pk).order_by("pk")
    return [line.code for line in lines if line.code != "assigned"]


def test_twenty_taps_with_the_line_cut_or_the_answer_lost_are_each_done_once(
    open_page: OpenPage, live_post: Post
) -> None:
    """Five orders, four taps each: the network cut, requests lost, answers lost after the station did it, sent twice.

    The telephone is a day fast. The last four taps wait for twenty minutes: both times stand in the story, by their age.
    """
    page = open_page("/my", officer_of(live_post, "P-02"), PHONE)
    page.add_init_script(DAY_FAST)
    page.reload()
    connected(page)
    fates = cycle(["lose the answer", "lose", "twice", "through", "lose the answer", "through"])

    def fate(route: Route) -> None:
        what = next(fates)
        if what == "lose":
            return route.abort()
        answer = route.fetch()
        if what == "lose the answer":
            return route.abort()
        return route.fulfill(response=route.fetch() if what == "twice" else answer)

    for number, waited in enumerate((0, 0, 0, 0, 20)):
        order = ordered_long_ago(live_post, "P-02", f"断线门 {number}")
        expect(page.locator(".order-place")).to_have_text(f"断线门 {number}", timeout=WAIT_MS)
        page.context.set_offline(True)
        expect(page.locator("#connection")).to_be_visible()
        for done, step in enumerate(("ack", "go", "scene"), 1):
            tap(page, step)
            expect(page.locator("[data-outbox-count]")).to_have_text(str(done))
        end(page, f"说好了 {number}")
        expect(page.locator("[data-outbox-count]")).to_have_text("4")
        expect(page.locator(".order-place")).to_have_text(f"断线门 {number}")
        tapped_by, day = clocks.now(), dt.timedelta(days=1)
        page.evaluate(f"window.aheadMs += {waited * 60_000}")
        page.route("**/api/v1/orders/**", fate)
        page.context.set_offline(False)
        while page.locator(".outbox-some").is_visible():
            page.evaluate("dispatchEvent(new Event('online'))")  # what otherwise comes every fifteen seconds
            page.wait_for_timeout(100)
        expect(page.locator("#orders .empty-text")).to_be_visible(timeout=WAIT_MS)
        order.refresh_from_db()
        assert stamps(order) == ["ack", "go", "scene", "clear"] and order.incident.outcome == f"说好了 {number}"
        expect(page.locator("#deeds")).to_be_hidden()
        page.unroute("**/api/v1/orders/**")
    board = connected(open_page(f"/board?incident={order.incident_id}", "chenxiao"))
    late = Transition.objects.filter(kind="dispatch.assignment", subject_id=order.pk, device_at__isnull=False)
    for line in late:
        assert line.device_at and line.made_at and line.at >= tapped_by, "the stamp is the receipt"
        assert 19 * MINUTE < line.at - line.made_at < 22 * MINUTE and abs(line.device_at - day - tapped_by) < MINUTE
    assert list(late.order_by("pk").values_list("code", flat=True)) == ["ack", "go", "scene", "clear"]
    expect(board.locator("#incident .step-late", has_text="离线时于")).to_have_count(4)
    expect(board.locator("#incident .step-late", has_text="早于这件事本身")).to_have_count(
        1
    )  # written down after the order


def test_the_day_opens_without_the_station_and_what_clashed_is_kept_twice(
    open_page: OpenPage, web: Web, live_post: Post
) -> None:
    username = officer_of(live_post, "P-02")
    order = ordered(live_post, "P-02", "后门")
    arrive_assignment(live_post.crew("P-02"), order.pk)
    page = connected(open_page("/my", username, PHONE))
    page.evaluate(CONTROLLED)
    expect(page.locator(".order-place")).to_have_text("后门")
    page.wait_for_timeout(500)  # the day is being sealed
    web.stop()
    try:
        page.goto("/my")
        page.wait_for_selector("body[data-shown]")
        expect(page.get_by_role("alert").first).to_contain_text("未连接")
        expect(page.locator(".order-place")).to_have_text("后门")
        end(page, "我写的结果")
        clear_incident(live_post.town.dispatcher, order.incident_id, disposition="settled_on_spot", outcome="台上写的")
    finally:
        web.start()
    expect(page.locator("#deeds .deed-refused")).to_have_count(1, timeout=WAIT_MS)  # it goes back by itself
    clashed = page.locator("#deeds .deed-refused", has_text="我写的结果")
    expect(clashed).to_contain_text("台上写的")
    clashed.get_by_role("button", name="两个都留").click()
    expect(page.locator("#deeds")).to_be_hidden()
    noted = Transition.objects.get(kind="dispatch.incident", subject_id=order.incident_id, code="noted")
    assert "我写的结果" in noted.reason and Incident.objects.get(pk=order.incident_id).outcome == "台上写的"
