"""The life of a dispute: from desk to desk, at the table, to the kept promise; and what each step refuses."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from jiean.disputes import commands, tracking
from jiean.disputes.commands import Side
from jiean.disputes.models import Agreement, CallBack, Dispute, Leg, Manner, Party, Way
from jiean.disputes.queries import without_desk
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from jiean.people.models import Organisation
from jiean.vault.models import SealedRecord
from tests.disputes.scenes import APPLICANT, RESPONDENT, body, case, registered, terms, works_for
from tests.town import Town

pytestmark = pytest.mark.django_db
PUBLIC = Actor.public()
State = Dispute.State


def clock_codes(row: Dispute) -> set[str]:
    return {one.code.removeprefix("disputes.") for one in clocks.deadlines_of(row) if one.state == "running"}


class TestFirstWord:
    def test_it_has_a_number_a_desk_a_clock_and_sealed_parties(self, town: Town) -> None:
        made = registered(town.market_officer, cell_id=town.cells["SJ-001"].pk)
        assert made.number.startswith("M") and made.desk.code == "police"
        assert (made.state, made.due_code) == ("REGISTERED", "disputes.divert")
        sealed = SealedRecord.objects.filter(matter_kind="dispute", matter_id=made.pk)
        assert sorted(one.masked["name"] for one in sealed) == ["甘**", "穆**"]
        assert "甘泉生" not in str(Dispute.objects.values().get(pk=made.pk))

    @pytest.mark.parametrize("role", [Role.GUARD, Role.VOLUNTEER, Role.INSPECTOR, Role.SOCIAL_WORKER, Role.SCHOOL])
    def test_any_staff_may_tell_of_one(self, town: Town, role: Role) -> None:
        assert registered(town.newcomer(role), sides=()).state == State.REGISTERED

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
    def test_others_may_not(self, town: Town, role: Role) -> None:
        with pytest.raises(Forbidden):
            registered(town.newcomer(role), sides=())
        assert not Dispute.objects.exists()

    def test_bad_input_is_named(self, town: Town) -> None:
        child = Side(Party.Standing.GUARDIAN, name="x", speaks_for=0)
        for wrong in ({"facts": " "}, {"amount_yuan": -1}, {"lon": 500.0, "lat": 0.0}, {"sides": (APPLICANT, child)}):
            with pytest.raises(Invalid):
                registered(town.dispatcher, **wrong)  # type: ignore[arg-type]
        assert not Dispute.objects.exists() and not SealedRecord.objects.exists()


class TestDesks:
    def test_the_sender_answers_until_another_signs(self, town: Town) -> None:
        one = case(town)
        leg = one.sent()
        assert (one.now.desk.code, one.row.state, one.row.due_code) == ("police", "DIVERTED", "disputes.receipt")
        commands.answer_leg(one.mediator, leg.pk, state=Leg.State.ACCEPTED)
        assert (one.now.desk.code, one.row.state, one.row.due_code) == ("mediation", "ACCEPTED", "disputes.mediate")

    def test_two_refusals_ask_for_a_ruling_that_cannot_be_refused(self, town: Town) -> None:
        one = case(town)
        for code in ("labour", "market"):
            commands.answer_leg(town.dispatcher, one.sent(code).pk, state=Leg.State.REFUSED, reply="不归我们管")
            assert one.now.desk.code == "police"
        assert one.row.needs_ruling
        with pytest.raises(IllegalMove):
            one.sent("justice")
        with pytest.raises(NotFound):
            commands.rule_desk(town.dispatcher, one.row.pk, body("justice").pk, reason="定了")
        ruled = commands.rule_desk(town.commander, one.row.pk, body("labour").pk, reason="欠薪归劳动监察")
        assert ruled is not None and ruled.ruled
        with pytest.raises(IllegalMove):
            commands.answer_leg(town.dispatcher, ruled.pk, state=Leg.State.REFUSED, reply="还是不归")
        commands.answer_leg(town.dispatcher, ruled.pk, state=Leg.State.ACCEPTED)
        assert one.now.desk.code == "labour" and not one.row.needs_ruling

    def test_a_refusal_wants_a_reason(self, town: Town) -> None:
        leg = case(town).sent()
        with pytest.raises(Invalid):
            commands.answer_leg(town.dispatcher, leg.pk, state=Leg.State.REFUSED, reply=" ")

    def test_only_the_body_asked_and_the_station_answer(self, town: Town) -> None:
        leg = case(town).sent("labour")
        stranger = works_for(town, "zhouping", "mediation")
        with pytest.raises(NotFound):
            commands.answer_leg(stranger, leg.pk, state=Leg.State.ACCEPTED)

    def test_a_desk_passes_on_what_is_not_its_and_its_clock_runs_on(self, town: Town) -> None:
        one = case(town).accepted()
        due = clocks.deadlines_of(one.row)
        month = next(row.due_at for row in due if row.code == "disputes.mediate")
        leg = commands.divert_dispute(one.mediator, one.row.pk, body("justice").pk, reason="涉及继承公证")
        assert one.now.desk.code == "mediation", "until justice signs"
        commands.answer_leg(town.dispatcher, leg.pk, state=Leg.State.ACCEPTED)
        kept = [row for row in clocks.deadlines_of(one.now) if row.code == "disputes.mediate"]
        assert [row.due_at for row in kept] == [month] and one.row.desk.code == "justice"
        assert one.row.mediator_id is None

    def test_a_closed_desk_leaves_a_figure_that_is_not_nought(self, town: Town) -> None:
        """The plant: the figure sees what the constraint cannot hold."""
        case(town).accepted()
        assert without_desk(town.commander) == 0
        Organisation.objects.filter(code="mediation").update(active=False)
        assert without_desk(town.commander) == 1


class TestTable:
    def test_nothing_begins_without_consent_both_sides_and_a_guardian(self, town: Town) -> None:
        child = replace(APPLICANT, is_minor=True)
        one = case(town, sides=(child,)).accepted()
        begin = commands.begin_mediation
        for wrong in (False, True):
            with pytest.raises(Invalid):
                begin(one.mediator, one.row.pk, agreed=wrong)
        commands.add_side(town.dispatcher, one.row.pk, RESPONDENT)
        with pytest.raises(Invalid) as no_guardian:
            begin(one.mediator, one.row.pk, agreed=True)
        assert "监护人" in str(no_guardian.value.fields["parties"])
        guardian = Side(Party.Standing.GUARDIAN, name="甘母")
        commands.add_side(one.mediator, one.row.pk, guardian, speaks_for_id=one.party().pk)
        assert begin(one.mediator, one.row.pk, agreed=True).state == State.MEDIATING

    def test_a_mediator_a_party_refused_cannot_come_back(self, town: Town) -> None:
        one = case(town).accepted()
        party = one.party(Party.Standing.RESPONDENT)
        code = tracking.code_of(one.row.number, party.pk)
        commands.refuse_mediator(PUBLIC, party.pk, reason="是对方亲戚", code=code)
        assert one.now.mediator_id is None
        with pytest.raises(Invalid):
            commands.assign_mediator(town.dispatcher, one.row.pk, one.mediator.account_id or 0)

    def test_the_other_sides_code_opens_nothing(self, town: Town) -> None:
        one = case(town).begun()
        other = tracking.code_of(one.row.number, one.party().pk)
        with pytest.raises(NotFound):
            commands.withdraw_own(PUBLIC, one.party(Party.Standing.RESPONDENT).pk, reason="x", code=other)

    def test_it_is_open_only_if_every_side_says_so(self, town: Town) -> None:
        one = case(town).accepted()
        for party in one.row.parties.all():
            assert not one.now.is_open
            commands.wish_openness(PUBLIC, party.pk, wish="open", code=tracking.code_of(one.row.number, party.pk))
        assert one.now.is_open

    def test_the_police_mediate_only_what_the_list_holds_and_at_most_twice(self, town: Town) -> None:
        one = case(town)
        commands.take_dispute(town.dispatcher, one.row.pk)
        ask = commands.set_manner
        for ground, checked in (("robbery", True), ("assault", False)):
            with pytest.raises(Invalid):
                ask(town.dispatcher, one.row.pk, manner=Manner.POLICE, ground=ground, none_excludes=checked)
        ask(town.dispatcher, one.row.pk, manner=Manner.POLICE, ground="assault", none_excludes=True)
        with pytest.raises(Invalid):
            commands.assign_mediator(town.dispatcher, one.row.pk, one.mediator.account_id or 0)
        officer = town.market_officer
        commands.assign_mediator(town.dispatcher, one.row.pk, officer.account_id or 0)
        commands.begin_mediation(officer, one.row.pk, agreed=True)
        commands.record_talk(officer, one.row.pk, at=clocks.now(), note_words="第一次没谈成")
        assert "police_again" in clock_codes(one.row)
        commands.record_talk(officer, one.row.pk, at=clocks.now(), note_words="第二次")
        assert "police_again" not in clock_codes(one.row)
        with pytest.raises(IllegalMove):
            commands.record_talk(officer, one.row.pk, at=clocks.now(), note_words="第三次")
        commands.settle_dispute(officer, one.row.pk, terms())
        assert "confirm" not in clock_codes(one.row), "a court confirms agreements of people's mediation only"

    def test_people_mediate_at_peoples_desks(self, town: Town) -> None:
        one = case(town).accepted()
        with pytest.raises(Invalid):
            commands.set_manner(one.mediator, one.row.pk, manner=Manner.POLICE, ground="assault", none_excludes=True)

    def test_notes_are_sealed_and_a_meeting_lies_between_acceptance_and_now(self, town: Town) -> None:
        one = case(town).begun()
        for days in (-3, 1):
            with pytest.raises(Invalid):
                commands.record_talk(
                    one.mediator, one.row.pk, at=clocks.now() + dt.timedelta(days=days), note_words="x"
                )
        talk = commands.record_talk(one.mediator, one.row.pk, at=clocks.now(), note_words="甘泉生愿意让一步")
        sealed = SealedRecord.objects.get(pk=talk.note_id)
        assert sealed.masked == {"note": "…"} and "让一步".encode() not in bytes(sealed.ciphertext)

    def test_the_month_is_put_off_only_by_both(self, town: Town) -> None:
        one = case(town).begun()
        later = clocks.local_day(clocks.now()) + dt.timedelta(days=50)
        extend = commands.extend_mediation
        for wrong in (
            {"both_agreed": False},
            {"until": later - dt.timedelta(days=49)},
            {"until": later.replace(year=2035)},
        ):
            given: dict[str, Any] = {"until": later, "both_agreed": True, "reason": "等鉴定"}
            with pytest.raises(Invalid):
                extend(one.mediator, one.row.pk, **given | wrong)
        extend(one.mediator, one.row.pk, until=later, both_agreed=True, reason="等鉴定")
        due = one.now.due_at
        assert due is not None and clocks.local_day(due - dt.timedelta(seconds=1)) == later

    def test_held_clocks_say_why_and_run_on(self, town: Town) -> None:
        one = case(town).begun()
        commands.hold_clocks(one.mediator, one.row.pk, reason="当事人住院")
        assert one.now.due_at is None
        commands.resume_clocks(one.mediator, one.row.pk, reason="出院了")
        assert one.now.due_code == "disputes.mediate"
        with pytest.raises(IllegalMove):
            commands.resume_clocks(one.mediator, one.row.pk, reason="再来一次")


class TestEnds:
    def test_an_agreement_starts_the_clocks_of_its_promises(self, town: Town) -> None:
        one = case(town).settled()
        assert clock_codes(one.row) == {"perform", "confirm", "call_back_7", "call_back_30"}
        assert one.now.outcome == "settled" and one.row.ended_at is not None
        sources = {row.code: row.source for row in clocks.deadlines_of(one.row)}
        assert "第三十三条" in sources["disputes.confirm"] and "第三十三条" in sources["disputes.mediate"]

    @pytest.mark.parametrize("wrong", ["facts", "liability", "terms", "performance"])
    def test_an_agreement_without_what_the_law_asks_for_is_none(self, town: Town, wrong: str) -> None:
        one = case(town).begun()
        with pytest.raises(Invalid) as said:
            commands.settle_dispute(one.mediator, one.row.pk, terms(**{wrong: " "}))
        assert wrong in said.value.fields and one.now.state == State.MEDIATING and not Agreement.objects.exists()

    def test_a_day_that_has_passed_is_no_day_of_performance(self, town: Town) -> None:
        one = case(town).begun()
        yesterday = clocks.local_day(clocks.now()) - dt.timedelta(days=1)
        with pytest.raises(Invalid):
            commands.settle_dispute(one.mediator, one.row.pk, terms(perform_by=yesterday))

    def test_two_settle_at_once_and_one_of_them_is_told(self, town: Town) -> None:
        one = case(town).begun()
        version = one.now.version
        commands.settle_dispute(one.mediator, one.row.pk, terms(), version=version)
        with pytest.raises(Conflict):
            commands.settle_dispute(one.mediator, one.row.pk, terms(), version=version)
        with pytest.raises(IllegalMove):
            commands.settle_dispute(one.mediator, one.row.pk, terms())
        assert Agreement.objects.count() == 1

    def test_a_party_withdraws_while_the_agreement_is_being_signed(self, town: Town) -> None:
        one = case(town).begun()
        party = one.party(Party.Standing.RESPONDENT)
        commands.withdraw_own(PUBLIC, party.pk, reason="不谈了", code=tracking.code_of(one.row.number, party.pk))
        with pytest.raises(IllegalMove):
            commands.settle_dispute(one.mediator, one.row.pk, terms())
        assert (one.now.state, one.row.outcome, clock_codes(one.row)) == ("WITHDRAWN", "withdrawn", set())

    def test_withdrawing_recalls_what_is_on_its_way(self, town: Town) -> None:
        one = case(town)
        leg = one.sent()
        commands.withdraw_dispute(town.dispatcher, one.row.pk, reason="双方已和好")
        leg.refresh_from_db()
        assert leg.state == Leg.State.RECALLED and one.now.state == State.WITHDRAWN

    def test_a_promise_is_followed_before_the_end(self, town: Town) -> None:
        one = case(town).settled()
        with pytest.raises(IllegalMove):
            commands.close_dispute(one.mediator, one.row.pk)
        call = commands.call_back
        with pytest.raises(Invalid):
            call(one.mediator, one.row.pk, kept=CallBack.Kept.NONE)
        call(one.mediator, one.row.pk, kept=CallBack.Kept.NOT_YET)
        with pytest.raises(IllegalMove):
            commands.close_dispute(one.mediator, one.row.pk)
        call(one.mediator, one.row.pk, kept=CallBack.Kept.WHOLE, satisfied=True)
        assert commands.close_dispute(one.mediator, one.row.pk).state == State.CLOSED
        assert clock_codes(one.row) == set()

    def test_a_failed_one_goes_to_court_and_a_closed_one_opens_again(self, town: Town) -> None:
        one = case(town).begun()
        commands.fail_dispute(one.mediator, one.row.pk, reason="赔多少谈不拢")
        commands.refer_dispute(one.mediator, one.row.pk, way=Way.COURT, reason="起诉")
        assert (one.now.outcome, one.row.way) == ("referred", "court")
        party = one.party()
        commands.ask_again(PUBLIC, party.pk, reason="还是想谈", code=tracking.code_of(one.row.number, party.pk))
        assert (one.now.state, one.row.reopened_count, one.row.outcome, clock_codes(one.row)) == (
            "ACCEPTED", 1, "", {"mediate"},
        )  # fmt: skip

    def test_a_stranger_finds_nothing(self, town: Town) -> None:
        one = case(town).begun()
        with pytest.raises(NotFound):
            commands.fail_dispute(town.newcomer(Role.MEDIATOR), one.row.pk, reason="x")
        with pytest.raises(NotFound):
            commands.fail_dispute(town.newcomer(Role.SOCIAL_WORKER), one.row.pk, reason="x")


class TestJoining:
    def test_joined_clocks_stand_still_and_run_on_afterwards(self, town: Town) -> None:
        lead, other = case(town).begun(), case(town).accepted()
        due = other.now.due_at
        commands.join_disputes(town.dispatcher, lead.row.pk, [other.row.pk])
        assert (other.now.state, other.row.due_at, other.row.joined_into_id) == ("JOINED", None, lead.row.pk)
        commands.undo_join(town.dispatcher, other.row.pk)
        assert other.now.state == State.ACCEPTED and other.row.due_at is not None and due is not None
        assert other.row.due_at >= due

    def test_no_rings_and_no_nests(self, town: Town) -> None:
        lead, other, third = case(town), case(town), case(town)
        commands.join_disputes(town.dispatcher, lead.row.pk, [other.row.pk])
        for target, joining in ((other, lead), (third, lead), (lead, other)):
            with pytest.raises((IllegalMove, Invalid)):
                commands.join_disputes(town.dispatcher, target.row.pk, [joining.row.pk])

    def test_a_split_part_is_a_matter_of_its_own(self, town: Town) -> None:
        one = case(town)
        parts = commands.split_dispute(town.dispatcher, one.row.pk, texts=["车位的事", "", "噪声的事"])
        assert [part.split_from_id for part in parts] == [one.row.pk] * 2
        assert {part.state for part in parts} == {"REGISTERED"}
