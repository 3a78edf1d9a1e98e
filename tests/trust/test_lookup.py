"""T-BULK: people are looked up exactly, masked, at most five; every look-up is counted in its own transaction; many ask, too many stop."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from jiean.intake.queries import open_of_caller, reports_of_telephone_end
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Forbidden, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from jiean.kernel.models import Event as EventRow
from jiean.screens.board.board import access_alarms
from jiean.vault.commands import answer_look_ups, look_up, look_up_end, look_up_named, lookups, seal
from jiean.vault.commands.lookups import LookUpsStopped
from jiean.vault.models import Kind, LookUp, LookUpQuestion, MatterKind
from jiean.vault.queries import open_questions
from tests.intake.scenes import with_contact
from tests.town import SYSTEM, Town

pytestmark = pytest.mark.trust
NOBODY = "13900000000"


class Clock:
    """The station's clock, moved by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clocks.now()
        monkeypatch.setattr(clocks, "now", lambda: self.at)

    def pass_s(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock(town: Town, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def looked_up(actor: Actor, times: int, clock: Clock, every_s: float) -> int:
    """How many of so many look-ups got through, each with a fresh proof."""
    through = 0
    for _time in range(times):
        clock.pass_s(every_s)
        try:
            look_up(replace(actor, proved_at=clock.at), Kind.REPORTER, "phone", NOBODY)
        except LookUpsStopped:
            continue
        through += 1
    return through


def test_330_look_ups_a_day_are_stopped_on_the_first_day(town: Town, clock: Clock) -> None:
    dispatcher = town.dispatcher
    assert looked_up(dispatcher, 330, clock, 86_400 / 331) == 200
    assert LookUp.objects.count() == 200
    reasons = list(LookUpQuestion.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == ["day", "stop"]
    refused = AuditEntry.objects.filter(action="vault.look_up", outcome="refused")
    assert refused.count() == 130 and refused[0].details["refused"] == "look_ups_stopped"


def test_without_a_stop_all_330_get_through(town: Town, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plant: a limit nobody set lets the replay through, so the test above can fail."""
    monkeypatch.setattr(lookups, "STOP_PER_DAY", 10**6)
    assert looked_up(town.dispatcher, 210, clock, 200) == 210


def test_thirty_an_hour_ask_once_an_hour_and_go_on(town: Town, clock: Clock) -> None:
    dispatcher = town.dispatcher
    assert looked_up(dispatcher, 30, clock, 60) == 30
    assert not LookUpQuestion.objects.exists()
    assert looked_up(dispatcher, 6, clock, 1) == 6
    assert [row.reason for row in open_questions(town.commander)] == ["hour"]
    assert [str(alarm.word) for alarm in access_alarms(town.commander)] == ["有人查人较多"]
    assert EventRow.objects.filter(name="vault.LookUpsAsked").count() == 1
    clock.pass_s(3600)
    assert looked_up(dispatcher, 31, clock, 1) == 31
    assert LookUpQuestion.objects.filter(reason="hour").count() == 2


def test_an_answer_lets_go_on_or_ends_the_day(town: Town, clock: Clock) -> None:
    dispatcher, commander = town.dispatcher, town.commander
    looked_up(dispatcher, 200, clock, 200)
    assert looked_up(dispatcher, 1, clock, 1) == 0
    stop = LookUpQuestion.objects.get(reason="stop")
    answer_look_ups(commander, stop.pk, allowed=True)
    with pytest.raises(Invalid):
        answer_look_ups(commander, stop.pk, allowed=False)
    clock.pass_s(1)
    assert looked_up(dispatcher, 5, clock, 1) == 5
    answer_look_ups(commander, LookUpQuestion.objects.get(reason="day").pk, allowed=False)
    assert looked_up(dispatcher, 1, clock, 1) == 0
    clock.pass_s(86_400)
    assert looked_up(dispatcher, 1, clock, 1) == 1


def test_nobody_answers_their_own_and_no_other_role_answers(town: Town, clock: Clock) -> None:
    commander = town.commander
    looked_up(commander, 31, clock, 1)
    own = LookUpQuestion.objects.get()
    assert not open_questions(commander) and not access_alarms(commander)
    for actor in (commander, town.dispatcher, town.newcomer(Role.AUDITOR)):
        with pytest.raises(NotFound):
            answer_look_ups(actor, own.pk, allowed=True)
    assert answer_look_ups(town.newcomer(Role.COMMANDER), own.pk, allowed=True).allowed


def test_every_way_of_looking_up_is_counted_and_found_or_not_in_the_audit(town: Town) -> None:
    report = with_contact()
    open_of_caller(town.dispatcher, "13800001234")
    reports_of_telephone_end(town.dispatcher, "1234")
    look_up_end(town.dispatcher, MatterKind.REPORT, Kind.REPORTER, "9999")
    look_up_named(town.dispatcher, Kind.REPORTER, "张三丰", "新街路 1 号")
    assert LookUp.objects.filter(account_id=town.dispatcher.account_id).count() == 4
    assert AuditEntry.objects.filter(action="vault.looked_up", subject_id=report.pk).count() == 2
    assert AuditEntry.objects.filter(action__startswith="vault.look_up", outcome="done").count() == 4
    look_up(SYSTEM, Kind.REPORTER, "phone", NOBODY)
    assert LookUp.objects.count() == 4


def test_a_look_up_taken_back_is_not_counted_and_one_refused_finds_nothing(town: Town) -> None:
    with pytest.raises(Forbidden):
        look_up(town.mediator, Kind.REPORTER, "phone", NOBODY)
    with pytest.raises(Invalid):
        look_up_named(town.dispatcher, Kind.REPORTER, "张三丰", " ")
    assert not LookUp.objects.exists()


def test_name_and_address_together_find_and_neither_alone(town: Town) -> None:
    given = {"name": "张三丰", "address": "新街路 1 号 3 单元"}
    records = [seal(SYSTEM, MatterKind.TENANCY, number, Kind.OCCUPANT, given) for number in range(7)]
    found = look_up_named(town.dispatcher, Kind.OCCUPANT, "张三丰", "新街路1号3单元")
    assert [one.record_id for one in found] == records[:1:-1], "the newest five"
    assert all("三丰" not in one.masked["name"] for one in found)
    for name, address in (
        ("张三", given["address"]),
        (given["name"], "新街路 1 号"),
        (given["address"], given["name"]),
    ):
        assert not look_up_named(town.dispatcher, Kind.OCCUPANT, name, address)
    assert not look_up_named(town.dispatcher, Kind.PARTY, given["name"], given["address"])


def test_the_pages(town: Town, clock: Clock) -> None:
    with_contact()
    desk, command = town.browser("chenxiao"), town.browser("hanli")
    shown = desk.post("/person", {"kind": "reporter", "phone": "138-0000-1234"}).content.decode()
    assert "138****1234" in shown and "张三丰" not in shown
    assert "没有查到" in desk.post("/person", {"kind": "reporter", "phone": NOBODY}).content.decode()
    assert desk.post("/person", {"kind": "reporter", "name": "张三丰"}).status_code == 422
    looked_up(town.dispatcher, 31, clock, 0.1)
    page = command.get("/look-ups").content.decode()
    question = LookUpQuestion.objects.get()
    assert "陈晓" in page and f"/look-ups/{question.pk}" in page
    assert command.post(f"/look-ups/{question.pk}", {"allowed": "no", "version": 1}).status_code == 302
    stopped = desk.post("/person", {"kind": "reporter", "phone": NOBODY})
    assert stopped.status_code == 429 and "请值班指挥长答复" in stopped.content.decode()
    assert (
        desk.post(
            "/desk/new", {"text": "有人晕倒", "place_words": "门口", "channel": "desk_phone", "key": "k"}
        ).status_code
        == 302
    )
