"""Disputes from the first word to the kept promise, in a real browser, through pages only.

``JIEAN_PICTURES=docs/images uv run pytest tests/browser/test_disputes.py -k quarrel`` takes the pictures of ``docs/disputes.md``.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from jiean.disputes import tracking
from jiean.disputes.commands import Side, ask_body, keep_room
from jiean.disputes.models import Dispute, Paper, Party
from jiean.disputes.queries import token_of
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_board import connected, free_unit
from tests.browser.test_story import crew_username, no_sideways, tap
from tests.dispatch.post import Post
from tests.disputes.scenes import Case, body, case, works_for
from tests.disputes.test_posts import opened
from tests.town import Town

pytestmark = pytest.mark.browser

WORDS = "两个摊主为门口卸货抢道吵了起来，推翻了一筐鱼，要赔八百"
PICTURES = os.environ.get("JIEAN_PICTURES", "")
COLOURS = 200


def shot(page: Page, name: str, at: Locator | None = None) -> None:
    """A small picture for the docs, where they are asked for."""
    if not PICTURES:
        return
    if at is not None:
        at.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(COLOURS).save(Path(PICTURES) / f"walk-{name}.png", optimize=True)


def put(page: Page, selector: str, value: str | bool) -> None:
    """Fill one field, whatever it is."""
    field = page.locator(selector)
    kind = field.evaluate("field => field.type")
    if kind == "select-one":
        field.select_option(str(value))
    elif kind == "checkbox":
        field.set_checked(bool(value))
    else:
        field.fill(str(value))


def opened_form(page: Page, deed: str) -> Locator:
    """The form of a deed, unfolded."""
    form = page.locator(f"form[action$='/{deed}']")
    form.evaluate("form => { const fold = form.closest('details'); if (fold) fold.open = true; }")
    return form


def do(page: Page, deed: str, **given: str | bool) -> None:
    """One deed on a dispute's page, as a person does it; it is done when the page says so."""
    form = opened_form(page, deed)
    for name, value in given.items():
        put(page, f"#{deed}_{name}", value)
    with page.expect_navigation():
        form.locator("button").last.click()
    expect(page.locator(".notice-success")).to_be_visible()


def own_page(open_page: OpenPage, row: Dispute, standing: Party.Standing) -> Page:
    """A party's own page, reached as the slip says: number and code."""
    party = row.parties.get(standing=standing)
    page = open_page(f"/dispute?number={row.number}", size=PHONE)
    page.fill("[name=code]", tracking.code_of(row.number, party.pk))
    with page.expect_navigation():
        page.locator("main form button").click()
    no_sideways(page)
    return page


def at_table(town: Town, **more: object) -> Case:
    """A dispute whose mediation has begun, by commands."""
    return case(town, **more).begun()


def local_minute(at: dt.datetime) -> str:
    return clocks.local(at).strftime("%Y-%m-%dT%H:%M")


def day_after(days: int) -> str:
    return (clocks.local_day(clocks.now()) + dt.timedelta(days=days)).isoformat()


def reported(open_page: OpenPage) -> str:
    """A stallholder reports from the market's poster; the number."""
    page = open_page("/report/p/market2345", size=PHONE)
    for name, words in {"text": WORDS, "name": "鲍春生", "phone": "13800138011"}.items():
        page.fill(f"[name={name}]", words)
    page.click("main form button.button-huge")
    number = page.locator(".big-number").inner_text()
    shot(page, "1-reported")
    return number


def sent_and_handed_over(open_page: OpenPage, live_post: Post, number: str) -> None:
    """The desk accepts, the board sends a car, the crew hands it to mediation at the scene."""
    desk = connected(open_page("/desk", "hanli"))
    desk.locator(".queue-row", has_text=number).click()
    expect(desk.locator(".said").first).to_have_text(WORDS)
    desk.get_by_role("button", name=re.compile("受理出警")).click()
    expect(desk.locator(".notice-success")).to_be_visible()
    board = connected(open_page("/board", "chenxiao"))
    row = board.locator(".row", has_text="卸货").first
    row.focus()
    board.keyboard.press("Enter")
    expect(board.locator("[data-send='1']")).to_be_focused()
    shot(board, "2-board")
    board.keyboard.press("Enter")
    expect(board.locator(".assignment-head").first).to_contain_text("已派出")
    phone = connected(open_page("/my", crew_username(live_post, "P-01"), PHONE))
    for step in ("ack", "go", "scene"):
        tap(phone, step)
    phone.select_option("#result-disposition", "mediation")
    phone.fill("#result-outcome", "双方同意到站点调解")
    shot(phone, "3-scene", phone.locator("#result-outcome"))
    phone.locator(".order form.form button.button-main").click()
    expect(phone.locator("#orders .empty-text")).to_be_visible()


def diverted(open_page: OpenPage) -> Dispute:
    """The desk finds it in its list, notes both sides and sends it on."""
    row = Dispute.objects.get(facts__contains="卸货")
    desk = open_page("/disputes", "chenxiao")
    desk.locator("#cases .case", has_text=row.number).click()
    do(desk, "side", standing="applicant", nature="person", name="鲍春生", phone="13800138011")
    do(desk, "side", standing="respondent", nature="person", name="路满仓", phone="13800138022")
    do(desk, "divert", organisation_id=str(body("mediation").pk), reason="双方都愿意")
    return row


def mediated(open_page: OpenPage, row: Dispute, account_id: int, room_id: int) -> Page:
    """The mediator signs, is named, books the post's room, holds the session and writes down what was agreed."""
    page = open_page("/disputes", "zhouping", PHONE)
    page.locator(".case", has_text=row.number).first.click()
    do(page, "sign")
    do(page, "mediator", account_id=str(account_id))
    do(page, "begin", agreed=True)
    no_sideways(page)
    do(page, "meet", starts_at=local_minute(clocks.now() + dt.timedelta(hours=2)), room_id=str(room_id))
    expect(page.locator("section", has_text="约好的调解会").first).to_contain_text("新街蜂巢站点")
    shot(page, "4-meeting", page.locator("h2", has_text="约好的调解会"))
    at = local_minute(clocks.now())
    do(page, "talk", at=at, place_words="新街蜂巢站点", note_words="双方说清了卸货的先后，路满仓愿意赔鱼钱")
    do(
        page, "settle", facts="为门口卸货先后起争执，推翻一筐鱼", liability="路满仓推翻鱼筐，承担主要责任",
        terms="路满仓赔鲍春生八百元；以后早六点前鲍春生先卸货", performance="当场转账", perform_by=day_after(5),
    )  # fmt: skip
    return page


def signed_agreement(page: Page, open_page: OpenPage, row: Dispute) -> None:
    """The agreement is issued, signed on the screen, printed, and its number checked as a stranger would."""
    do(page, "paper", kind="agreement")
    page.locator("section", has_text="文书").get_by_role("link", name=re.compile("打开")).first.click()
    paper = Paper.objects.get(dispute=row, kind="agreement")
    expect(page.locator("article header")).to_contain_text(paper.number)
    place = page.locator(".party", has_text="申请人").first.locator("details.sign")
    place.locator("summary").click()
    box = place.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=6)
    page.mouse.up()
    with page.expect_navigation():
        place.locator("button.button-main").click()
    expect(page.locator("img.signature")).to_have_count(1)
    shot(page, "5-agreement", page.locator("article header"))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="打印用 PDF").click()
    file = waiting.value
    assert file.suggested_filename.endswith(".pdf") and file.path().read_bytes().startswith(b"%PDF-")
    stranger = open_page(f"/paper/{token_of(paper)}", size=PHONE)
    expect(stranger.locator("main")).to_contain_text(paper.number)
    expect(stranger.locator("main")).to_contain_text("系统里有 1 个签名")
    assert "鲍春生" not in stranger.content(), "whoever scans it learns no name"
    shot(stranger, "6-check")


def followed_up(page: Page, row: Dispute) -> None:
    """Confirmation applied for, the promise asked after twice, closed."""
    page.goto(f"/disputes/{row.pk}")
    do(page, "paper", kind="confirm")
    do(page, "confirm")
    do(page, "call-back", kept="not_yet", satisfied="true", words="月底转账")
    do(page, "call-back", kept="whole", satisfied="true", words="已经转账")
    shot(page, "7-called-back", page.locator("h2", has_text="回访记录"))
    do(page, "close")


def test_the_market_quarrel_from_the_phone_to_the_kept_promise(open_page: OpenPage, live_post: Post) -> None:
    free_unit(live_post, "P-01")
    works_for(live_post.town, "zhouping", "mediation")
    post = opened(live_post.town, "HP-WALK")
    room = keep_room(live_post.town.commander, post.premises_id, "一号调解室", seats=6)
    sent_and_handed_over(open_page, live_post, reported(open_page))
    row = diverted(open_page)
    page = mediated(open_page, row, live_post.town.mediator.account_id or 0, room.pk)
    signed_agreement(page, open_page, row)
    followed_up(page, row)
    resident = own_page(open_page, row, Party.Standing.APPLICANT)
    expect(resident.locator("h1")).to_have_text("调解办结")
    expect(resident.locator("main")).to_contain_text("路满仓赔鲍春生八百元")
    with resident.expect_download() as waiting:
        resident.get_by_role("link", name=re.compile("调解协议书")).click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")
    opened_form(resident, "rate")
    resident.check("form[action$='/rate'] input[value=yes]")
    resident.fill("#rate_words", "谈得清楚，钱也收到了")
    with resident.expect_navigation():
        resident.locator("form[action$='/rate'] button").click()
    expect(resident.locator("main")).to_contain_text("您评价：满意")
    shot(resident, "8-content", resident.get_by_text("您评价：满意"))
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("CLOSED", "settled")


def works_at(town: Town, code: str, role: Role = Role.OFFICER) -> str:
    """Somebody new who works for a body; the username."""
    town.newcomer(role)
    username = list(town.accounts)[-1]
    works_for(town, username, code)
    return username


def answered(open_page: OpenPage, username: str, row: Dispute, **given: str) -> Page:
    """What a body that was asked says, from its own list."""
    page = open_page("/disputes", username, PHONE)
    page.locator("section", has_text="我的协办").locator(".case", has_text=row.number).click()
    no_sideways(page)
    for name, words in given.items():
        field = page.locator(f"main form [name={name}]")
        if name == "joins":
            page.check(f"main form [name=joins][value={words}]")
        else:
            field.fill(words)
    with page.expect_navigation():
        page.locator("main form button.button-main").click()
    expect(page.locator(".notice-success")).to_be_visible()
    return page


def test_wages_six_bodies_at_one_table_and_one_that_stays_away(open_page: OpenPage, live_post: Post) -> None:
    town = live_post.town
    one = at_table(town, kind="labour", facts="饭店欠六个人三个月工资，共九万")
    joins, stays = works_at(town, "labour"), works_at(town, "justice")
    for code in ("court", "women", "union"):
        ask_body(one.mediator, one.row.pk, body(code).pk, task="到场", due_on=dt.date.fromisoformat(day_after(3)))
    page = open_page(f"/disputes/{one.row.pk}", "zhouping")
    for code in ("labour", "justice"):
        do(page, "ask-body", organisation_id=str(body(code).pk), task="核工资单", due_on=day_after(3))
    form = opened_form(page, "ask-body")
    put(page, "#ask-body_organisation_id", str(body("police").pk))
    put(page, "#ask-body_task", "维持秩序")
    put(page, "#ask-body_due_on", day_after(3))
    form.locator("button").click()
    expect(page.locator("main")).to_contain_text("协办最多五家")
    answered(open_page, stays, one.row, joins="no", reply="本周人手不够")
    helper = answered(open_page, joins, one.row, joins="yes")
    helper.locator("section", has_text="我的协办").locator(".case", has_text=one.row.number).click()
    helper.fill("main form [name=opinion]", "少发九万一千二，按月补齐")
    helper.locator("main form button.button-main").click()
    expect(helper.locator(".notice-success")).to_be_visible()
    page.goto(f"/disputes/{one.row.pk}")
    joint = page.locator("section[aria-labelledby=joint]")
    expect(joint).to_contain_text("本周人手不够")
    expect(joint).to_contain_text("少发九万一千二，按月补齐")
    do(page, "ask-body", organisation_id=str(body("police").pk), task="维持秩序", due_on=day_after(3))
    do(
        page, "settle", facts="欠三个月工资", liability="饭店没有按月发", terms="分两次发清九万一千二百元",
        performance="银行转账", perform_by=day_after(30),
    )  # fmt: skip
    assert helper.goto(f"/disputes/{one.row.pk}").status == 404, "who helped sees it no more"  # type: ignore[union-attr]
    assert set(one.row.joined_bodies.values_list("state", flat=True)) == {"RELEASED", "REFUSED"}
    one.row.refresh_from_db()
    assert (one.row.desk, one.row.level) == (body("mediation"), "joint")


HIDDEN = "桂花弄 17 号 602"


def test_violence_at_home_is_kept_from_whoever_is_not_on_the_case(open_page: OpenPage, live_post: Post) -> None:
    town = live_post.town
    safe = Side(Party.Standing.APPLICANT, name="俞小满", phone="13911110000", address=HIDDEN)
    sides = (safe, Side(Party.Standing.RESPONDENT, name="单强"))
    one = at_table(town, kind="family", facts=f"夫妻吵架动了手，她搬到了{HIDDEN}", place_words=HIDDEN, sides=sides)
    page = open_page(f"/disputes/{one.row.pk}", "zhouping")
    opened_form(page, "flag")
    for name, value in (("steps", "rooms"), ("steps", "officer"), ("steps", "address"), ("reasons", "home")):
        page.check(f"form[action$='/flag'] input[name={name}][value={value}]")
    do(page, "flag", party_id=str(one.party().pk), words="邻居听见过两次")
    safety = page.locator("section[aria-labelledby=safety]")
    for words in ("分开房间谈", "民警在场", "住址保密"):
        expect(safety).to_contain_text(words)
    expect(page.locator("main")).to_contain_text(HIDDEN)

    colleague = open_page(f"/disputes/{one.row.pk}", works_at(town, "mediation", Role.MEDIATOR))
    expect(colleague.locator("main")).to_contain_text("住址保密")
    assert "桂花弄" not in colleague.content(), "neither the street nor the door"
    for role in (Role.LANDLORD, Role.VOLUNTEER, Role.GUARD, Role.OFFICER):
        town.newcomer(role)
        other = open_page(f"/disputes/{one.row.pk}", list(town.accounts)[-1])
        assert "桂花弄" not in other.content() and one.row.number not in other.content(), role
        assert other.goto("/disputes").status in (200, 403)  # type: ignore[union-attr]
        assert one.row.number not in other.content(), role

    commander = open_page("/disputes/flags", "hanli")
    commander.locator("a", has_text=one.row.number).first.click()
    do(commander, "review")
    own = own_page(open_page, one.row, Party.Standing.RESPONDENT)
    expect(own.locator("main")).to_contain_text("安全提示")
    for words in ("桂花弄", "俞小满", "邻居听见"):
        assert words not in own.content(), words


def test_what_cannot_be_settled_goes_to_court_with_its_notice(open_page: OpenPage, live_post: Post) -> None:
    one = at_table(live_post.town, kind="debt", facts="借了五万三年没还，两边说的数对不上")
    page = open_page(f"/disputes/{one.row.pk}", "zhouping", PHONE)
    do(page, "talk", at=local_minute(clocks.now()), note_words="对金额各执一词")
    do(page, "fail", reason="对欠多少说不拢")
    do(page, "paper", kind="failure")
    page.locator("section", has_text="文书").get_by_role("link", name=re.compile("打开")).first.click()
    expect(page.locator("article")).to_contain_text("人民法院")
    no_sideways(page)
    page.goto(f"/disputes/{one.row.pk}")
    do(page, "refer", way="court", reason="到区法院起诉")
    own = own_page(open_page, one.row, Party.Standing.APPLICANT)
    expect(own.locator("h1")).to_have_text("已引导其他途径")
    expect(own.locator("main")).to_contain_text("人民法院")
    with own.expect_download() as waiting:
        own.get_by_role("link", name=re.compile("不成")).click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")


def test_a_party_ends_it_on_its_own_page(open_page: OpenPage, live_post: Post) -> None:
    one = at_table(live_post.town)
    own = own_page(open_page, one.row, Party.Standing.RESPONDENT)
    fold = own.locator("details", has=own.locator("form[action$='/withdraw']"))
    fold.locator("summary").click()
    with own.expect_navigation():
        fold.locator("button").click()
    expect(own.locator("#withdraw_reason")).to_have_attribute("aria-invalid", "true")
    own.fill("#withdraw_reason", "我们自己谈")
    with own.expect_navigation():
        own.locator("form[action$='/withdraw'] button").click()
    expect(own.locator("h1")).to_have_text("当事人撤回")
    expect(own.locator("main")).to_contain_text("被申请人要求终止调解")
    mediator = open_page("/disputes", "zhouping", PHONE)
    expect(mediator.locator("#cases")).not_to_contain_text(one.row.number)
    other = own_page(open_page, one.row, Party.Standing.APPLICANT)
    expect(other.locator("h1")).to_have_text("当事人撤回")
    assert "我们自己谈" not in other.content(), "what one side said stays with who handles it"
