"""The calendar: what is agreed on binds room, people and dispute; who may, what is told, what did not happen, and the feed."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.db import connection
from icalendar import Calendar

from jiean.disputes import commands, tracking
from jiean.disputes.commands import Slot
from jiean.disputes.models import Appointment, Room
from jiean.disputes.queries import meetings, reminders
from jiean.kernel import clocks
from jiean.kernel.actor import Role
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.workflow import timeline
from jiean.people.commands import change_account
from tests.disputes.scenes import Case, case
from tests.town import SYSTEM, Town
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State = Appointment.State


def room(town: Town, name: str = "一号调解室") -> Room:
    return commands.keep_room(town.commander, town.market.pk, name, seats=6)


def slot(hours: float = 20, *, minutes: int = 60, **more: Any) -> Slot:
    at = (clocks.now() + dt.timedelta(hours=hours)).replace(second=0, microsecond=0)
    return Slot(at, minutes, **more)


def other_case(town: Town) -> Case:
    """Another dispute, with another mediator."""
    one = case(town)
    colleague = town.newcomer(Role.MEDIATOR, name="钱理和")
    account = town.accounts[next(name for name, row in town.accounts.items() if row.pk == colleague.account_id)]
    change_account(SYSTEM, account.pk, name=account.name, organisation_id=one.mediator.organisation_id)
    return Case(town, colleague, one.row).accepted()


class TestAgreeing:
    def test_a_room_a_mediator_and_a_dispute_are_taken_once(self, town: Town) -> None:
        one, other, first, second = case(town).accepted(), other_case(town), room(town), room(town, "二号调解室")
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(room_id=first.pk))
        assert mine.people == [one.mediator.account_id]
        with pytest.raises(Invalid) as refused:
            commands.plan_meeting(town.dispatcher, other.row.pk, slot(20.5, room_id=first.pk))
        assert set(refused.value.fields) == {"room_id"}
        with pytest.raises(Invalid) as refused:
            commands.plan_meeting(one.mediator, one.row.pk, slot(20.5, room_id=second.pk))
        assert "这件纠纷" in str(refused.value.fields)
        commands.plan_meeting(town.dispatcher, other.row.pk, slot(20.5, room_id=second.pk))
        third = case(town).accepted()
        with pytest.raises(Invalid) as refused:
            commands.plan_meeting(town.dispatcher, third.row.pk, slot(20.2, place_words="居委会"))
        assert "周平" in str(refused.value.fields), "who is taken is named"
        after = commands.plan_meeting(town.dispatcher, third.row.pk, slot(21, room_id=first.pk))
        assert after.starts_at == mine.ends_at, "one may follow the other at once"

    def test_what_is_over_binds_nobody(self, town: Town) -> None:
        one, other, where = case(town).accepted(), other_case(town), room(town)
        commands.plan_meeting(one.mediator, one.row.pk, slot(room_id=where.pk))
        commands.fail_dispute(one.mediator, one.row.pk, reason="一方不愿意调解")
        commands.plan_meeting(town.dispatcher, other.row.pk, slot(room_id=where.pk))
        assert [found.is_off for found in meetings(town.commander, clocks.local_day(clocks.now()), 3)] == [True, False]

    @pytest.mark.parametrize("wrong", [
        {"hours": -1}, {"hours": 24 * 100}, {"minutes": 0}, {"minutes": 9 * 60}, {"place_words": " "}, {"room_id": 99},
    ])  # fmt: skip
    def test_it_needs_a_place_and_a_time_to_come(self, town: Town, wrong: dict[str, Any]) -> None:
        one = case(town).accepted()
        with pytest.raises(Invalid):
            commands.plan_meeting(one.mediator, one.row.pk, slot(**({"place_words": "居委会"} | wrong)))

    def test_only_of_ones_own_and_only_while_it_is_talked_about(self, town: Town) -> None:
        one, other = case(town), other_case(town)
        with pytest.raises(NotFound):
            commands.plan_meeting(other.mediator, one.row.pk, slot(place_words="居委会"))
        with pytest.raises(IllegalMove):
            commands.plan_meeting(town.dispatcher, one.row.pk, slot(place_words="居委会"))
        with pytest.raises(Forbidden):
            commands.keep_room(town.dispatcher, town.market.pk, "三号", seats=3)
        room(town)
        with pytest.raises(Invalid):
            room(town)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_an_hour_at_once_one_hears_it(town: Town) -> None:
    one, other, where = case(town).accepted(), other_case(town), room(town)
    together, refused = threading.Barrier(2), list[str]()

    def run(row_id: int) -> None:
        together.wait()
        try:
            commands.plan_meeting(SYSTEM, row_id, slot(room_id=where.pk))
        except Invalid as refusal:
            refused.extend(refusal.fields)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each.row.pk,)) for each in (one, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert refused == ["room_id"]
    assert Appointment.objects.count() == 1


class TestAfterwards:
    def test_moved_cancelled_and_missed(self, town: Town) -> None:
        one = case(town).accepted()
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(place_words="居委会"))
        with pytest.raises(IllegalMove):
            commands.note_no_show(one.mediator, mine.pk, [one.party().pk])
        commands.move_meeting(one.mediator, mine.pk, slot(30, place_words="居委会"), reason="申请人要上班", version=1)
        with pytest.raises(Conflict):
            commands.cancel_meeting(one.mediator, mine.pk, reason="不用了", version=1)
        Appointment.objects.filter(pk=mine.pk).update(starts_at=clocks.now() - dt.timedelta(hours=1))
        with pytest.raises(Invalid):
            commands.note_no_show(one.mediator, mine.pk, [999_999])
        assert commands.note_no_show(one.mediator, mine.pk, [one.party().pk]).state == State.NO_SHOW
        with pytest.raises(IllegalMove):
            commands.cancel_meeting(one.mediator, mine.pk, reason="不用了")
        assert [line.code for line in timeline(one.row)][-3:] == ["meeting_planned", "meeting_moved", "no_show"]

    def test_a_party_reads_when_and_where_until_it_is_over(self, town: Town) -> None:
        one = case(town).accepted()
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(20, place_words="居委会二楼"))
        party, browser = one.party(), town.browser()
        browser.post("/dispute", {"number": one.row.number, "code": tracking.code_of(one.row.number, party.pk)})
        for ahead in (True, False):
            if not ahead:
                past = clocks.now() - dt.timedelta(hours=3)
                Appointment.objects.filter(pk=mine.pk).update(starts_at=past, ends_at=past + dt.timedelta(hours=1))
            page = browser.get(f"/dispute/{one.row.number}").content.decode()
            assert ("居委会二楼" in page) == ("可以改期" in page) == ahead

    def test_the_meeting_that_is_recorded_was_the_one_agreed_on(self, town: Town) -> None:
        one = case(town).begun()
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(2, place_words="居委会"))
        later = commands.plan_meeting(one.mediator, one.row.pk, slot(40, place_words="居委会"))
        commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words="双方各说了一遍")
        assert [*Appointment.objects.values_list("state", flat=True)] == [State.HELD, State.PLANNED]
        assert mine.pk < later.pk

    def test_whoever_sits_there_is_told_and_reminded_once(self, town: Town) -> None:
        one = case(town).accepted()
        commands.plan_meeting(town.dispatcher, one.row.pk, slot(20, place_words="居委会"))
        run_jobs()
        assert [message.code for message, _row in reminders(one.mediator)] == ["disputes.meeting"]
        assert commands.remind_meetings(SYSTEM) == 1
        assert commands.remind_meetings(SYSTEM) == 0

    def test_who_comes_second_from_the_page_sees_both(self, town: Town) -> None:
        one = case(town).accepted()
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(place_words="居委会"))
        browser = town.browser("zhouping")
        address = f"/disputes/{one.row.pk}/meeting/{mine.pk}"
        assert "居委会" in browser.get(address).content.decode()
        at = clocks.local(clocks.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
        form = {
            "deed": "move",
            "starts_at": at,
            "minutes": "90",
            "room_id": "",
            "place_words": "广场旁",
            "reason": "改期",
        }
        assert browser.post(address, form | {"version": mine.version}).status_code == 302
        assert browser.post(address, form | {"version": mine.version}).status_code == 409
        assert browser.post(address, {"deed": "cancel", "reason": ""}).status_code == 422


class TestFeed:
    def test_a_telephone_reads_numbers_and_rooms_and_nothing_else(self, town: Town) -> None:
        one, where, browser = case(town).accepted(), room(town), town.browser("zhouping")
        mine = commands.plan_meeting(one.mediator, one.row.pk, slot(room_id=where.pk))
        shown = browser.post("/disputes/calendar/feed").content.decode()
        address = re.search(r"/calendar/[\w-]+\.ics", shown)[0]  # type: ignore[index]
        told = town.browser().get(address)
        event = Calendar.from_ical(told.content).walk("VEVENT")[0]
        assert event["SUMMARY"].startswith(one.row.number)
        assert event.decoded("DTSTART") == mine.starts_at
        assert event["LOCATION"] == str(where)
        assert not any(word in told.content.decode() for word in ("甘泉生", "漏水", "1391111"))
        browser.post("/disputes/calendar/feed")
        assert town.browser().get(address).status_code == 404, "a new address ends the old one"

    def test_it_ends_with_the_account(self, town: Town) -> None:
        key = commands.renew_feed(town.mediator)
        assert town.browser().get(f"/calendar/{key}.ics").status_code == 200
        town.accounts["zhouping"].is_active = False
        town.accounts["zhouping"].save(update_fields=["is_active"])
        assert town.browser().get(f"/calendar/{key}.ics").status_code == 404
        commands.stop_feed(town.commander)
