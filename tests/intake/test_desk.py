"""The desk's deeds: correct, merge, split, refer, rule, answer."""

from __future__ import annotations

import pytest

from jiean.intake.commands import (
    answer_referral,
    answer_report,
    close_report,
    correct_report,
    merge_reports,
    recall_referral,
    refer_report,
    reject_report,
    rule_referral,
    split_report,
    undo_merge,
)
from jiean.intake.models import Kind, Outcome, Referral, Report, Urgency
from jiean.intake.queries import Filter, exported, queue, queue_count, referrals_to_own_body, report_detail
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, IllegalMove, Invalid, NotFound
from jiean.kernel.models import Event
from jiean.kernel.workflow import timeline
from jiean.people.commands import create_account, give_role
from jiean.people.queries import actor_of
from tests.intake.scenes import HYDRANT, PUBLIC, body, referred, refused, reported
from tests.town import MARKET_AT, SCHOOL_AT, SYSTEM, VILLAGE_AT, Town


def again(report: Report) -> Report:
    report.refresh_from_db()
    return report


def test_a_person_corrects_the_machine_but_not_an_alarm(town: Town) -> None:
    report = reported()
    correct_report(
        town.dispatcher, report.pk, kind=Kind.TRAFFIC, urgency=Urgency.SOON, lon=SCHOOL_AT[0], lat=SCHOOL_AT[1]
    )
    assert (again(report).kind, report.urgency, report.cell_id) == ("traffic", 2, town.cells["SJ-002"].pk)
    assert report.advice["kind"] == "dispute", "the record keeps both"
    alarm = reported("救命,有人拿刀")
    with pytest.raises(Invalid):
        correct_report(town.dispatcher, alarm.pk, kind=Kind.OTHER, urgency=Urgency.IN_TURN)
    with pytest.raises(Conflict) as clash:
        correct_report(town.dispatcher, report.pk, kind=Kind.NOISE, urgency=Urgency.SOON, version=1)
    assert clash.value.current.kind == "traffic"
    with pytest.raises(NotFound):
        correct_report(town.market_officer, report.pk, kind=Kind.NOISE, urgency=Urgency.SOON)


def test_a_merge_is_a_link_and_its_undoing_exact(town: Town) -> None:
    main, other, third = reported(), reported(HYDRANT), reported()
    referral = referred(town, third)
    merge_reports(town.dispatcher, main.pk, [other.pk, third.pk])
    assert (again(other).state, other.merged_into_id) == ("MERGED", main.pk)
    assert again(third).merged_from_state == "REFERRED"
    detail = report_detail(town.dispatcher, main.pk)
    assert [row["id"] for row in detail.merged] == [other.pk, third.pk] and detail.is_hot
    assert queue(town.dispatcher, Filter()).rows[0].merged_count == 2
    with pytest.raises(IllegalMove):
        merge_reports(town.dispatcher, reported().pk, [main.pk])
    undo_merge(town.dispatcher, third.pk)
    assert (again(third).state, third.merged_into, third.merged_from_state) == ("REFERRED", None, "")
    referral.refresh_from_db()
    assert referral.state == "SENT"
    with pytest.raises(IllegalMove):
        undo_merge(town.dispatcher, third.pk)


def test_nothing_merges_into_itself_or_a_stranger(town: Town) -> None:
    main = reported()
    for wrong in ([], [main.pk]):
        with pytest.raises(Invalid):
            merge_reports(town.dispatcher, main.pk, wrong)
    with pytest.raises(NotFound):
        merge_reports(town.dispatcher, main.pk, [999_999])
    closed = reported()
    reject_report(town.dispatcher, closed.pk, reason="重复")
    with pytest.raises(IllegalMove):
        merge_reports(town.dispatcher, closed.pk, [main.pk])


def test_several_things_in_one_report_are_split(town: Town) -> None:
    report = reported("门口吵架,另外路灯也坏了")
    parts = split_report(town.dispatcher, report.pk, texts=["门口吵架", "路灯坏了"])
    rows = Report.objects.filter(pk__in=parts)
    assert {(row.split_from_id, row.cell_id) for row in rows} == {(report.pk, report.cell_id)}
    for wrong in ([], ["x"] * 6, [" "]):
        with pytest.raises(Invalid):
            split_report(town.dispatcher, report.pk, texts=wrong)
    assert Report.objects.count() == 3


def test_a_body_signs_works_and_answers(town: Town) -> None:
    mediator, other = mediator_of(town, "mediation"), mediator_of(town, "labour")
    report = reported()
    referral = referred(town, report)
    assert again(report).state == "REFERRED"
    with pytest.raises(IllegalMove):
        answer_report(town.dispatcher, report.pk, outcome=Outcome.HANDLED)
    assert [row.pk for row in referrals_to_own_body(mediator)] == [referral.pk]
    assert report_detail(mediator, report.pk).report == report
    for look in (lambda: report_detail(other, report.pk), lambda: answer(other, referral, Referral.State.ACCEPTED)):
        with pytest.raises(NotFound):
            look()
    answer(mediator, referral, Referral.State.ACCEPTED)
    with pytest.raises(IllegalMove):
        answer(mediator, referral, Referral.State.REFUSED)
    answer(mediator, referral, Referral.State.DONE)
    assert (again(report).state, report.outcome, report.answer) == ("ANSWERED", "passed_on", "说明")
    with pytest.raises(NotFound):
        report_detail(mediator, report.pk)
    told = Event.objects.get(name="intake.ReportReferred")
    assert told.account_ids == [mediator.account_id], "a push reaches only the body it concerns"


def mediator_of(town: Town, code: str) -> Actor:
    account = create_account(SYSTEM, f"med-{code}", "调解", organisation_id=body(code).pk)
    give_role(SYSTEM, account.pk, Role.MEDIATOR)
    actor = actor_of(account.pk, Role.MEDIATOR)
    assert actor is not None
    return actor


def answer(actor: Actor, referral: Referral, state: Referral.State) -> Referral:
    return answer_referral(actor, referral.pk, state=state, reply="说明")


def test_after_two_refusals_the_commander_rules_and_it_stands(town: Town) -> None:
    report = refused(town, reported())
    assert (report.state, report.refusals, report.needs_ruling) == ("NEW", 1, False)
    received = report.received_at
    report = refused(town, report, "labour")
    assert report.needs_ruling and report.received_at == received, "the clock has been running on"
    assert Event.objects.filter(name="intake.RulingNeeded").count() == 1
    assert queue_count(town.commander, Filter(ruling=True)) == 1
    with pytest.raises(IllegalMove):
        refer_report(town.dispatcher, report.pk, body("justice").pk)
    with pytest.raises(NotFound):
        rule_referral(town.dispatcher, report.pk, body("justice").pk, reason="归司法所")
    with pytest.raises(Invalid):
        rule_referral(town.commander, report.pk, body("justice").pk, reason="")
    ruling = rule_referral(town.commander, report.pk, body("justice").pk, reason="归司法所")
    assert (ruling.ruled, ruling.round) == (True, 3)
    with pytest.raises(IllegalMove):
        answer(town.dispatcher, ruling, Referral.State.REFUSED)
    answer(town.dispatcher, ruling, Referral.State.ACCEPTED)


def test_a_referral_is_recalled_with_a_reason(town: Town) -> None:
    report = reported()
    referral = referred(town, report)
    with pytest.raises(Invalid):
        recall_referral(town.dispatcher, referral.pk, reason="")
    recall_referral(town.dispatcher, referral.pk, reason="转错了")
    assert (again(report).state, report.refusals) == ("NEW", 0)
    assert [line.code for line in timeline(report)] == ["referred", "recalled"]
    with pytest.raises(IllegalMove):
        answer(town.dispatcher, referral, Referral.State.ACCEPTED)
    with pytest.raises(Invalid):
        refer_report(town.dispatcher, report.pk, 999_999)
    with pytest.raises(IllegalMove):
        rule_referral(town.commander, report.pk, body().pk, reason="x")


def test_answered_closed_and_not_answered_twice(town: Town) -> None:
    report = reported()
    answer_report(town.market_officer, report.pk, outcome=Outcome.HANDLED, answer="已劝离")
    with pytest.raises(IllegalMove):
        answer_report(town.market_officer, report.pk, outcome=Outcome.HANDLED)
    close_report(town.dispatcher, report.pk)
    with pytest.raises(IllegalMove) as refusal:
        answer_report(town.dispatcher, report.pk, outcome=Outcome.HANDLED)
    assert "重新打开" in str(refusal.value.message)
    with pytest.raises(NotFound):
        reject_report(PUBLIC, report.pk, reason="x")


def test_list_count_and_export_are_one(town: Town) -> None:
    for number in range(30):
        reported(f"第 {number} 件,路灯坏了", at=(MARKET_AT, SCHOOL_AT, VILLAGE_AT)[number % 3])
    alarm = reported("楼里着火了")
    corrected = reported("说不清的事")
    correct_report(town.dispatcher, corrected.pk, kind=Kind.HOUSING, urgency=Urgency.TODAY)
    for actor in (town.dispatcher, town.market_officer, town.school_officer, town.mediator):
        for chosen in (
            Filter(),
            Filter(cell_id=town.cells["SJ-001"].pk),
            Filter(kind="housing"),
            Filter(urgency=1),
            Filter(late=True),
            Filter(words="B2"),
            Filter(states=("CLOSED",)),
        ):
            first = queue(actor, chosen)
            pages = [
                row.number
                for page in range(1, -(-first.total // 25) + 1)
                for row in queue(actor, chosen, page=page).rows
            ]
            assert len(pages) == len(set(pages)) == first.total == queue_count(actor, chosen)
            assert [row[0] for row in exported(actor, chosen)] == pages
    assert queue(town.dispatcher, Filter()).rows[0].number == alarm.number
    assert queue(town.dispatcher, Filter(kind="housing")).rows[0].number == corrected.number
    assert queue(town.dispatcher, Filter(), page=99).page == 2


def test_the_export_holds_no_words_of_people(town: Town) -> None:
    reported("=cmd|幸福里三号楼")
    assert "幸福里" not in str(list(exported(town.dispatcher, Filter())))
