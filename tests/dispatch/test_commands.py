"""Deeds of dispatch: the life of an incident and of its orders, who may do what, and what the record keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from jiean.dispatch import commands as do
from jiean.dispatch.models import Advice, Assignment, Incident, PositionTrack, Shift, UnitPosition
from jiean.dispatch.queries import incident_detail, units_now
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.models import AuditEntry
from jiean.kernel.models import Event as EventRow
from jiean.kernel.workflow import timeline
from tests.dispatch.post import SYSTEM, Post
from tests.town import MARKET_AT, SCHOOL_AT, VILLAGE_AT

pytestmark = pytest.mark.django_db
State = Incident.State


def names() -> list[str]:
    return list(EventRow.objects.order_by("id").values_list("name", flat=True))


def sent(post: Post, call_sign: str = "P-01", incident: Incident | None = None) -> Assignment:
    return do.assign_unit(post.town.dispatcher, (incident or post.incident()).pk, post.units[call_sign].pk)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_an_opened_incident_has_number_cell_clock_and_history(post):
    incident = post.incident()
    assert incident.number >= 1001
    assert incident.cell == post.town.cells["SJ-001"]
    assert (incident.due_code, (incident.due_at - incident.received_at).total_seconds()) == ("assign", 60)
    assert [line.code for line in timeline(incident)] == ["opened"]
    assert names()[-1] == "dispatch.IncidentOpened"


@pytest.mark.parametrize(
    "wrong",
    [{"grade": 0}, {"grade": 5}, {"kind": "party"}, {"lon": 200.0}, {"lat": float("nan")}, {"summary": " \x00 "},
     {"summary": "长" * 1001}, {"premises_id": 999_999}],
)  # fmt: skip
def test_an_incident_that_makes_no_sense_is_refused_whole(post, wrong):
    with pytest.raises(Invalid) as refused:
        post.incident(**wrong)
    assert refused.value.fields
    assert not Incident.objects.exists()


def test_a_report_becomes_one_incident_only(post):
    post.incident(report_id=7)
    with pytest.raises(Invalid):
        post.incident(report_id=7)


def test_the_whole_life(post):
    town, incident = post.town, post.incident()
    do.grade_incident(town.dispatcher, incident.pk, grade=2)
    order = sent(post, incident=incident)
    assert fresh(incident).due_code == "arrive"
    crew = post.crew("P-01")
    do.acknowledge_assignment(crew, order.pk)
    do.en_route_assignment(crew, order.pk)
    do.arrive_assignment(crew, order.pk)
    assert fresh(incident).first_arrival_at is not None
    assert fresh(incident).due_at is None
    do.clear_assignment(crew, order.pk, disposition="settled_on_spot", outcome="双方和好")
    assert (fresh(incident).state, fresh(incident).due_code) == (State.HANDLED, "feed_back")
    do.feed_back(crew, incident.pk, outcome="已现场调解")
    do.review_incident(town.commander, incident.pk)
    do.archive_incident(town.commander, incident.pk)
    done = fresh(incident)
    assert (done.state, done.disposition, done.outcome) == (State.ARCHIVED, "settled_on_spot", "已现场调解")
    stamps = [order_now := fresh(order)] and [
        order_now.assigned_at, order_now.acknowledged_at, order_now.en_route_at, order_now.on_scene_at, order_now.cleared_at,
    ]  # fmt: skip
    assert stamps == sorted(stamps)
    assert not AuditEntry.objects.filter(outcome="refused").exists()


def test_signing_is_implied_by_setting_off_but_a_missing_departure_stays_missing(post):
    order = sent(post)
    do.arrive_assignment(post.crew("P-01"), order.pk)
    assert fresh(order).acknowledged_at is not None
    assert fresh(order).en_route_at is None


def test_a_unit_holds_one_open_order_and_the_table_guards_it(post):
    order = sent(post)
    second = post.incident()
    with pytest.raises(Conflict, match="conflict"):
        sent(post, incident=second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(incident=second, unit=order.unit, assigned_at=clocks.now())


def test_a_unit_off_duty_is_not_sent(post):
    shift = Shift.objects.get(unit=post.units["P-01"])
    do.end_shift(SYSTEM, shift.pk)
    with pytest.raises(Conflict):
        sent(post)


def test_several_units_on_one_incident_keep_their_own_stamps(post):
    """Defect 1 of other systems: one unit's change must not spread to the others' orders."""
    incident = post.incident()
    first, second = sent(post, "P-01", incident), sent(post, "PTU-1", incident)
    do.arrive_assignment(post.crew("P-01"), first.pk)
    assert fresh(second).state == Assignment.State.ASSIGNED
    arrived_at = fresh(incident).first_arrival_at
    do.arrive_assignment(post.crew("PTU-1"), second.pk)
    assert fresh(incident).first_arrival_at == arrived_at
    do.clear_assignment(post.crew("P-01"), first.pk)
    assert fresh(incident).state == State.DISPATCHED
    with pytest.raises(Invalid):
        do.clear_assignment(post.crew("PTU-1"), second.pk)
    do.clear_assignment(post.crew("PTU-1"), second.pk, disposition="warned")
    assert fresh(incident).state == State.HANDLED


def test_declining_needs_a_reason_and_sends_the_incident_back_to_wait(post):
    order = sent(post)
    with pytest.raises(Invalid):
        do.decline_assignment(post.crew("P-01"), order.pk, reason=" ")
    do.decline_assignment(post.crew("P-01"), order.pk, reason="车坏了")
    assert fresh(order.incident).state == State.GRADED
    assert fresh(order.incident).due_code == "assign"
    assert next(unit for unit in units_now(SYSTEM) if unit.call_sign == "P-01").is_free


def test_recalling_one_of_two_leaves_the_incident_under_way(post):
    incident = post.incident()
    first, _second = sent(post, "P-01", incident), sent(post, "P-02", incident)
    do.recall_assignment(post.town.dispatcher, first.pk, reason="更近的到了")
    assert fresh(incident).state == State.DISPATCHED
    with pytest.raises(IllegalMove):
        do.recall_assignment(post.town.dispatcher, first.pk, reason="再撤")


def test_a_crew_cannot_recall_or_answer_for_another(post):
    order = sent(post)
    with pytest.raises(NotFound):
        do.recall_assignment(post.crew("P-01"), order.pk, reason="不想去")
    with pytest.raises(NotFound):
        do.acknowledge_assignment(post.crew("P-02"), order.pk)
    with pytest.raises(NotFound):
        do.acknowledge_assignment(post.town.mediator, order.pk)
    with pytest.raises(NotFound):
        do.acknowledge_assignment(Actor.public(), order.pk)


def test_going_off_duty_ends_the_crews_reach_at_once(post):
    order = sent(post)
    Shift.objects.filter(unit=order.unit).update(ends_at=clocks.now())
    with pytest.raises(NotFound):
        do.acknowledge_assignment(post.crew("P-01"), order.pk)


def test_a_reopened_incident_counts_and_stays_open(post):
    """Defect 3 of other systems: a reopened incident closed itself again."""
    incident = post.incident()
    order = sent(post, incident=incident)
    do.arrive_assignment(post.crew("P-01"), order.pk)
    do.clear_assignment(post.crew("P-01"), order.pk, disposition="warned")
    do.feed_back(post.town.dispatcher, incident.pk, outcome="已劝阻")
    do.reopen_incident(post.town.commander, incident.pk, reason="又吵起来了")
    again = fresh(incident)
    assert (again.state, again.reopened_count, again.disposition) == (State.GRADED, 1, "")
    do.escalate_assignment(SYSTEM, order.pk, level=1)
    with pytest.raises(NotFound):
        do.clear_assignment(post.crew("P-01"), order.pk, disposition="warned")
    with pytest.raises(IllegalMove):
        do.clear_assignment(post.town.dispatcher, order.pk, disposition="warned")
    assert fresh(incident).state == State.GRADED
    with pytest.raises(IllegalMove):
        do.reopen_incident(post.town.commander, incident.pk, reason="再来")


@pytest.mark.parametrize(
    ("deed", "state"),
    [
        (do.void_incident, State.VOIDED),
        (do.cancel_incident, State.CANCELLED),
        (do.mark_unfounded, State.UNFOUNDED),
        (do.refer_incident, State.REFERRED),
    ],
)
def test_ending_otherwise_needs_a_reason_and_frees_the_units(post, deed, state):
    order = sent(post)
    with pytest.raises(Invalid):
        deed(post.town.dispatcher, order.incident_id, reason="")
    deed(post.town.dispatcher, order.incident_id, reason="重复登记")
    assert fresh(order.incident).state == state
    assert fresh(order).state == Assignment.State.RECALLED
    assert timeline(fresh(order.incident))[-1].reason == "重复登记"


def test_a_voided_incident_is_not_reopened(post):
    incident = post.incident()
    do.void_incident(post.town.dispatcher, incident.pk, reason="测试")
    with pytest.raises(IllegalMove):
        do.reopen_incident(post.town.commander, incident.pk, reason="误操作")


def test_merging_carries_the_units_over(post):
    one, other = post.incident(), post.incident()
    order = sent(post, incident=one)
    do.merge_incidents(post.town.dispatcher, one.pk, other.pk, reason="同一件事")
    assert (fresh(one).state, fresh(one).merged_into_id) == (State.MERGED, other.pk)
    assert fresh(order).incident_id == other.pk
    assert fresh(other).state == State.DISPATCHED
    with pytest.raises(Invalid):
        do.merge_incidents(post.town.dispatcher, other.pk, other.pk)


def test_moving_the_pin_moves_the_cell_and_is_told(post):
    """Defect 7 of other systems: moving the pin did not re-route."""
    incident = post.incident()
    before = len(names())
    do.relocate_incident(
        post.town.dispatcher, incident.pk, lon=VILLAGE_AT[0], lat=VILLAGE_AT[1], place_words="盈中涵洞"
    )
    assert fresh(incident).cell == post.town.cells["SJ-003"]
    assert names()[before:] == ["dispatch.IncidentChanged"]
    assert timeline(incident)[-1].detail["from"] == list(MARKET_AT)


def test_a_stale_version_is_refused_with_the_row_as_it_stands(post):
    incident = post.incident()
    seen = incident.version
    do.grade_incident(post.town.dispatcher, incident.pk, grade=1, version=seen)
    with pytest.raises(Conflict) as refused:
        do.grade_incident(post.town.dispatcher, incident.pk, grade=4, version=seen)
    assert refused.value.current.grade == 1


def test_a_double_tap_sends_one_unit(post):
    incident = post.incident()
    first = do.assign_unit.keyed("tap-1")(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    second = do.assign_unit.keyed("tap-1")(post.town.dispatcher, incident.pk, post.units["P-01"].pk)
    assert first.pk == second.pk
    assert Assignment.objects.count() == 1


def test_the_choice_stands_beside_the_advice(post):
    incident = post.incident()
    ranked = [
        {"unit": post.units["P-01"].pk, "rank": 1, "can_send": True},
        {"unit": post.units["P-02"].pk, "rank": 2, "can_send": True},
    ]
    advice = do.keep_advice(post.town.dispatcher, incident.pk, ranked=ranked)
    assert do.keep_advice(post.town.dispatcher, incident.pk, ranked=ranked).pk == advice.pk
    do.assign_unit(post.town.dispatcher, incident.pk, post.units["P-02"].pk, advice_id=advice.pk)
    kept = Advice.objects.get()
    assert (kept.chosen_unit, kept.chosen_rank) == (post.units["P-02"], 2)


def test_only_the_desk_opens_and_sends(post):
    incident = post.incident()
    for actor in (post.crew("P-01"), post.town.mediator, post.town.admin, Actor.public()):
        with pytest.raises(NotFound):
            do.assign_unit(actor, incident.pk, post.units["P-01"].pk)
        with pytest.raises(NotFound):
            do.void_incident(actor, incident.pk, reason="不该")
    with pytest.raises(Forbidden):
        do.open_incident(
            post.town.mediator, kind="help", grade=3, lon=121.475, lat=31.235, place_words="", summary="求助"
        )


def test_an_officer_opens_incidents_in_the_own_cells_only(post):
    given = {"kind": "help", "grade": 3, "place_words": "", "summary": "求助"}
    assert do.open_incident(post.town.market_officer, lon=MARKET_AT[0], lat=MARKET_AT[1], **given).pk
    with pytest.raises(Forbidden):
        do.open_incident(post.town.market_officer, lon=SCHOOL_AT[0], lat=SCHOOL_AT[1], **given)


def test_shifts_do_not_overlap_for_unit_or_person_and_may_cross_midnight(post):
    unit, crew = post.units["P-01"], post.crew("P-01")
    later = clocks.now() + dt.timedelta(hours=8)
    night = do.start_shift(
        SYSTEM,
        unit.pk,
        name="夜班",
        account_ids=[crew.account_id],
        starts_at=later,
        ends_at=later + dt.timedelta(hours=12),
    )
    assert night.pk
    with pytest.raises(Conflict):
        do.start_shift(SYSTEM, unit.pk, name="重叠", account_ids=[crew.account_id], ends_at=later)
    with pytest.raises(Conflict, match="conflict"):
        do.start_shift(
            SYSTEM,
            post.units["P-02"].pk,
            name="分身",
            account_ids=[crew.account_id],
            starts_at=later,
            ends_at=later + dt.timedelta(hours=2),
        )
    with pytest.raises(Invalid):
        do.start_shift(
            SYSTEM,
            unit.pk,
            name="空",
            account_ids=[],
            starts_at=later + dt.timedelta(days=2),
            ends_at=later + dt.timedelta(days=2, hours=1),
        )
    with pytest.raises(Invalid):
        do.start_shift(
            SYSTEM, unit.pk, name="太长", account_ids=[crew.account_id], ends_at=clocks.now() + dt.timedelta(days=3)
        )


def test_a_shift_does_not_end_over_an_open_order(post):
    order = sent(post)
    with pytest.raises(Conflict):
        do.end_shift(SYSTEM, Shift.objects.get(unit=order.unit).pk)


def test_positions_of_off_duty_units_are_let_go_and_old_ones_do_not_overwrite(post):
    unit = post.units["P-01"]
    now = clocks.now()
    do.record_positions(
        SYSTEM, [do.Fix(unit.pk, 121.48, 31.24, now, 90), do.Fix(unit.pk, 121.47, 31.23, now - dt.timedelta(minutes=5))]
    )
    assert (UnitPosition.objects.get(unit=unit).lon, UnitPosition.objects.get(unit=unit).heading) == (121.48, 90)
    tracked = PositionTrack.objects.filter(unit_id=unit.pk).count()
    do.record_positions(SYSTEM, [do.Fix(unit.pk, 121.48, 31.24, now, 90)])
    assert PositionTrack.objects.filter(unit_id=unit.pk).count() == tracked
    do.end_shift(SYSTEM, Shift.objects.get(unit=unit).pk)
    do.record_positions(SYSTEM, [do.Fix(unit.pk, 121.49, 31.235, clocks.now())])
    assert UnitPosition.objects.get(unit=unit).lon == 121.48


def test_a_crew_sends_its_own_position_only(post):
    now = clocks.now()
    assert do.record_positions(post.crew("P-01"), [do.Fix(post.units["P-01"].pk, 121.476, 31.235, now)]) == 1
    with pytest.raises(Forbidden):
        do.record_positions(post.crew("P-01"), [do.Fix(post.units["P-02"].pk, 121.476, 31.235, now)])
    with pytest.raises(Forbidden):
        do.record_positions(post.town.dispatcher, [do.Fix(post.units["P-01"].pk, 121.476, 31.235, now)])


@pytest.mark.parametrize(
    "wrong",
    [{"lon": 200.0}, {"lat": float("nan")}, {"heading": 360}, {"ahead_s": 3600}, {"ahead_s": -90_000}],
)
def test_positions_that_make_no_sense_are_refused(post, wrong):
    at = clocks.now() + dt.timedelta(seconds=wrong.pop("ahead_s", 0))
    given = {"lon": 121.476, "lat": 31.235, "heading": None} | wrong
    with pytest.raises(Invalid):
        do.record_positions(SYSTEM, [do.Fix(post.units["P-01"].pk, given["lon"], given["lat"], at, given["heading"])])


def test_tracks_are_forgotten_after_thirty_days(post, monkeypatch):
    unit = post.units["P-01"]
    now = clocks.now()
    PositionTrack.objects.all().delete()
    for days in (0, 29, 31):
        at = now - dt.timedelta(days=days)
        slot = int(at.timestamp()) // 86400 % 32
        PositionTrack.objects.create(slot=slot, unit_id=unit.pk, at=at, lon=121.47, lat=31.23)
    do.forget_tracks(SYSTEM)
    ages = {(now - row.at).days for row in PositionTrack.objects.all()}
    assert ages == {0, 29}
    with pytest.raises(Forbidden):
        do.forget_tracks(post.town.commander)


def test_unsigned_orders_are_sent_again_then_alarm_once_each_and_signed_ones_are_left_alone(post):
    order = sent(post)
    do.escalate_assignment(SYSTEM, order.pk, level=1, suggested_unit_id=post.units["PTU-1"].pk)
    do.escalate_assignment(SYSTEM, order.pk, level=1)
    do.escalate_assignment(SYSTEM, order.pk, level=2)
    assert names().count("dispatch.OrderUnsigned") == 2
    assert (fresh(order).escalation_level, fresh(order).suggested_unit) == (2, post.units["PTU-1"])
    other = sent(post, "P-02")
    do.acknowledge_assignment(post.crew("P-02"), other.pk)
    do.escalate_assignment(SYSTEM, other.pk, level=1)
    assert fresh(other).escalation_level == 0
    with pytest.raises(NotFound):
        do.escalate_assignment(post.town.dispatcher, order.pk, level=1)


def test_every_line_of_the_history_has_words(post):
    incident = post.incident()
    order = sent(post, incident=incident)
    do.decline_assignment(post.crew("P-01"), order.pk, reason="爆胎")
    detail = incident_detail(post.town.dispatcher, incident.pk)
    assert [line.code for line in detail.timeline] == ["opened", "assigned", "assigned", "decline", "back"]
    assert all(line.words for line in detail.timeline)
    assert detail.timeline[3].call_sign == "P-01"
    assert detail.timeline[3].reason == "爆胎"


def test_roles_without_a_hand_in_it_see_nothing(post):
    incident = post.incident()
    for actor in (post.town.admin, post.town.mediator, post.town.newcomer(Role.LANDLORD), Actor.public()):
        with pytest.raises(NotFound):
            incident_detail(actor, incident.pk)
