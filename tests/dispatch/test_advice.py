"""Advice over the town's roads: order, reasons and shortfalls in words, and what is missing."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from jiean.dispatch import commands as do
from jiean.dispatch.advice import advise, rank_units, route, sheets, suggest_second_unit
from jiean.dispatch.models import Assignment, Shift, UnitPosition
from jiean.dispatch.reactions import escalate_order
from jiean.kernel.errors import NotFound
from jiean.kernel.workflow import timeline
from tests.dispatch.post import SYSTEM, lay_roads
from tests.town import VILLAGE_AT
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db


def by_sign(sheet):
    return {unit.call_sign: unit for unit in sheet.units}


def test_the_nearest_fitting_unit_comes_first_with_its_reasons(post):
    first, *_rest = rank_units(post.town.dispatcher, post.incident(kind="traffic").pk)
    assert (first.call_sign, first.rank, first.can_send) == ("P-01", 1, True)
    assert first.reasons[0].startswith("车程约 ")
    assert "类型适合" in first.reasons


def test_travel_goes_by_road_and_siren(post):
    calm = by_sign(advise(post.town.dispatcher, post.incident(kind="traffic").pk))["P-02"]
    urgent = by_sign(advise(post.town.dispatcher, post.incident(kind="traffic", grade=1).pk))["P-02"]
    assert calm.travel_s == pytest.approx(urgent.travel_s * 1.3)
    assert calm.travel_s > 1900 / 10  # 1.9 km as the crow flies, at 10 m/s


def test_moving_the_pin_ranks_anew(post):
    incident = post.incident(kind="traffic")
    do.relocate_incident(post.town.dispatcher, incident.pk, lon=VILLAGE_AT[0], lat=VILLAGE_AT[1])
    assert rank_units(post.town.dispatcher, incident.pk)[0].call_sign == "P-02"


def test_a_skill_can_outweigh_some_metres(post):
    """P-02 mediates: at equal distance it is preferred for a quarrel, and says so."""
    post.place("P-02", 121.4751, 31.2349)
    first = rank_units(post.town.dispatcher, post.incident().pk)[0]
    assert first.call_sign == "P-02"
    assert "有专长：调解" in first.reasons


def test_units_that_cannot_go_say_why_and_stand_last(post):
    other = post.incident()
    do.assign_unit(post.town.dispatcher, other.pk, post.units["P-01"].pk)
    Shift.objects.filter(unit=post.units["P-02"]).delete()
    sheet = advise(post.town.dispatcher, post.incident().pk)
    units = by_sign(sheet)
    assert sheet.best.call_sign == "PTU-1"
    assert units["P-01"].shortfalls == (f"正在处置 {other.number}",)
    assert units["P-02"].shortfalls == ("不在班",)


def test_old_and_absent_positions_are_said(post):
    UnitPosition.objects.all().delete()
    post.place("P-01", 121.4751, 31.2349, age_s=300)
    sheet = advise(post.town.dispatcher, post.incident().pk)
    assert any("前的" in reason for reason in by_sign(sheet)["P-01"].reasons)
    assert by_sign(sheet)["P-02"].shortfalls == ("没有位置",)
    assert "位置较旧：P-01。" in sheet.missing
    assert "没有位置：P-02、PTU-1。" in sheet.missing


def test_without_roads_it_says_so_but_units_can_still_be_sent(post):
    settings.ROADS_FILE.unlink()
    sheet = advise(post.town.dispatcher, post.incident().pk)
    assert sheet.missing[0] == "没有导入路网，无法计算车程。"
    assert sheet.best.shortfalls == ("没有路网，算不出车程",)


def test_a_place_far_from_the_roads_is_said(post):
    sheet = advise(post.town.dispatcher, post.incident(lon=121.4751, lat=31.25).pk)
    assert sheet.missing[0].startswith("地点离最近的道路 ")


def test_a_post_without_a_device_counts_from_its_base(post):
    unit = do.keep_unit(SYSTEM, call_sign="JWZ-1", unit_class="post", base_lon=121.4752, base_lat=31.235)
    crew = post.town.newcomer("OFC")
    shift = Shift.objects.get(unit=post.units["P-01"])
    do.start_shift(SYSTEM, unit.pk, name="白班", account_ids=[crew.account_id], ends_at=shift.ends_at)
    found = by_sign(advise(post.town.dispatcher, post.incident().pk))["JWZ-1"]
    assert found.can_send
    assert "按驻点计算" in found.reasons


def test_one_who_declined_is_not_advised_again(post):
    order = do.assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
    do.decline_assignment(post.crew("P-01"), order.pk, reason="爆胎")
    assert by_sign(advise(post.town.dispatcher, order.incident_id))["P-01"].shortfalls == ("已拒绝过这一单",)


def test_of_a_large_fleet_the_nearest_are_put_into_words_and_the_rest_is_counted(post, monkeypatch):
    """What is shown is what is kept; a name list that would fill the panel is cut and counted."""
    monkeypatch.setattr(sheets, "WORDED_UNITS", 2)
    monkeypatch.setattr(sheets, "NAMED_UNITS", 1)
    UnitPosition.objects.exclude(unit=post.units["P-01"]).delete()
    sheet = advise(post.town.dispatcher, post.incident(kind="traffic").pk)
    assert (len(sheet.units), sheet.of, sheet.unlisted) == (2, 3, 1)
    assert (sheet.best.call_sign, len(sheet.as_json())) == ("P-01", 2)
    assert "没有位置：P-02 等 2 个。" in sheet.missing


def test_only_the_desk_asks_for_advice(post):
    incident = post.incident()
    for actor in (post.crew("P-01"), post.town.mediator):
        with pytest.raises(NotFound):
            advise(actor, incident.pk)


def test_the_second_unit_is_another_one_and_the_timer_suggests_it(post):
    order = do.assign_unit(post.town.dispatcher, post.incident(kind="traffic").pk, post.units["P-01"].pk)
    second = suggest_second_unit(SYSTEM, order.incident_id)
    assert second not in (None, post.units["P-01"].pk)
    escalate_order(assignment_id=order.pk, incident_id=order.incident_id, level=1)
    kept = Assignment.objects.get(pk=order.pk)
    assert (kept.escalation_level, kept.suggested_unit_id) == (1, second)


def test_the_route_leads_from_the_unit_to_the_incident(post):
    incident = post.incident()
    points = route(post.town.dispatcher, incident.pk, post.units["P-02"].pk)
    assert points[0] == pytest.approx((121.4951, 31.235), abs=1e-4)
    assert points[-1] == pytest.approx((incident.lon, incident.lat), abs=1e-4)


def test_advice_keeps_to_five_statements(post):
    incident = post.incident()
    advise(post.town.dispatcher, incident.pk)  # where calls come from is read once in a quarter of a minute
    with CaptureQueriesContext(connection) as seen:
        advise(post.town.dispatcher, incident.pk)
    assert len(seen) <= 5


def test_what_a_unit_leaves_behind_is_said_and_kept(post):
    """Every call of the month came from the market, and on slow streets only P-01 is near it."""
    lay_roads(limit_kmh=10.0)
    incident = post.incident()
    sheet = by_sign(advise(post.town.dispatcher, incident.pk))
    assert (sheet["P-01"].coverage_lost, sheet["P-02"].coverage_lost) == (1.0, 0.0)
    assert "派走后五分钟可达少 100 个百分点" in sheet["P-01"].reasons
    kept = do.keep_advice(post.town.dispatcher, incident.pk, ranked=advise(post.town.dispatcher, incident.pk).as_json())
    assert set(kept.ranked[0]) == {"unit", "rank", "travel_s", "can_send", "cost_s", "lost"}


def test_an_order_nobody_signs_for_is_escalated_by_the_clock(post):
    """The whole way: event, reaction, two timers, two escalations; a signed order stays quiet."""
    unsigned = do.assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-01"].pk)
    signed = do.assign_unit(post.town.dispatcher, post.incident().pk, post.units["P-02"].pk)
    run_jobs()
    timers = ProcrastinateJob.objects.filter(task_name="dispatch.escalate_order", status="todo")
    waits = sorted({round((job.scheduled_at - unsigned.assigned_at).total_seconds()) for job in timers})
    assert waits[0] in (29, 30)
    assert waits[-1] in range(60, 64)
    do.acknowledge_assignment(post.crew("P-02"), signed.pk)
    run_jobs(also_scheduled=True)
    assert Assignment.objects.get(pk=unsigned.pk).escalation_level == 2
    assert Assignment.objects.get(pk=signed.pk).escalation_level == 0
    lines = [line.code for line in timeline(Assignment.objects.get(pk=unsigned.pk))]
    assert lines == ["assigned", "again", "alarm"]
