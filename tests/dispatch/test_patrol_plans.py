"""The shift's patrol plan: made from real units and key points, kept, shown on the map, and on the crew's phone as a list."""

import datetime as dt

import numpy as np
import pytest
from django.urls import reverse

from jiean.dispatch.advice import patrol_line, propose_patrol
from jiean.dispatch.commands import keep_patrol, tell_weather
from jiean.dispatch.models import PatrolPlan
from jiean.dispatch.queries import my_routes, patrol_now, routes_of
from jiean.grid.commands import add_key_point
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict, Forbidden, Invalid

PLACES = {"中街": ("main_road", 121.476), "桥洞": ("culvert", 121.487), "夜市": ("hotspot", 121.494)}


@pytest.fixture
def pointed(post):
    for name, (kind, lon) in PLACES.items():
        add_key_point(Actor.system(), name=name, kind=kind, lon=lon, lat=31.2350)
    return post


def planned(post):
    found = propose_patrol(post.town.dispatcher, np.random.default_rng(1))
    return found, keep_patrol(
        post.town.dispatcher, routes=found.routes, left_out=found.left_out, drive_s=found.drive_s, weather=found.weather,
        ends_at=found.ends_at,
    )  # fmt: skip


def names(plan):
    return {stop.name for route in routes_of(plan) for stop in route.stops}


def test_dry_days_go_to_main_roads_and_wet_ones_to_low_ground(pointed):
    found, plan = planned(pointed)
    assert (found.weather, names(plan), found.left_out) == ("dry", {"中街", "夜市"}, 0)
    tell_weather(pointed.town.dispatcher, weather="rain")
    found, plan = planned(pointed)
    assert (found.weather, names(plan)) == ("rain", {"桥洞", "夜市", "盈中涵洞"})


def test_stops_follow_one_another_within_the_shift_with_their_dwell(pointed):
    _found, plan = planned(pointed)
    visits = [stop for route in routes_of(plan) for stop in route.stops]
    assert len(visits) == 4  # two key points, twice each
    for route in routes_of(plan):
        for one, following in zip(route.stops, route.stops[1:], strict=False):
            assert one.leave < following.begin
    assert all(stop.leave - stop.begin == dt.timedelta(minutes=10) and stop.leave <= plan.ends_at for stop in visits)


def test_a_crew_finds_its_own_route_and_no_other(pointed):
    _found, plan = planned(pointed)
    for call_sign, crew in pointed.crews.items():
        mine = my_routes(crew)
        assert [route.call_sign for route in mine] == [
            one.call_sign for one in routes_of(plan) if one.call_sign == call_sign
        ]


def test_the_newest_plan_stands_until_it_ends(pointed, monkeypatch):
    planned(pointed)
    _, newest = planned(pointed)
    assert patrol_now(pointed.town.dispatcher).pk == newest.pk
    monkeypatch.setattr(clocks, "now", lambda: newest.ends_at)
    assert patrol_now(pointed.town.dispatcher) is None


def test_the_times_are_drawn_anew(pointed):
    begins = [
        [
            stop["begin"]
            for route in propose_patrol(pointed.town.dispatcher, np.random.default_rng(seed)).routes
            for stop in route["stops"]
        ]
        for seed in (1, 2)
    ]
    assert begins[0] != begins[1]


def test_without_key_points_or_free_units_it_says_so(post):
    with pytest.raises(Conflict) as refused:
        propose_patrol(post.town.dispatcher, np.random.default_rng(1))
    assert "重点点位" in str(refused.value.message)


def test_only_the_desk_plans(pointed):
    with pytest.raises(Forbidden):
        patrol_now(pointed.crew("P-01"))
    with pytest.raises(Forbidden):
        keep_patrol(pointed.crew("P-01"), routes=[{"unit": 1, "stops": []}], left_out=0, drive_s=0.0, weather="dry",
                    ends_at=clocks.now() + dt.timedelta(hours=1))  # fmt: skip
    later = clocks.now() + dt.timedelta(hours=1)
    with pytest.raises(Invalid):
        keep_patrol(pointed.town.dispatcher, routes=[], left_out=0, drive_s=0.0, weather="dry", ends_at=later)


def test_the_line_runs_along_the_streets(pointed):
    stops = [{"lon": 121.4751, "lat": 31.2350}, {"lon": 121.4902, "lat": 31.2401}]
    line = patrol_line(stops)
    assert len(line) > 3
    assert line[0] == pytest.approx((121.4751, 31.2350), abs=1e-3)
    assert patrol_line(stops[:1]) == [(121.4751, 31.2350)]


def test_the_page_plans_and_shows_and_the_phone_lists(pointed):
    desk = pointed.town.browser("chenxiao")
    assert "还没有巡逻计划" in desk.get(reverse("dispatch:patrol")).content.decode()
    answer = desk.post(reverse("dispatch:patrol"), follow=True)
    assert "中街" in answer.content.decode()
    unit = PatrolPlan.objects.get().routes[0]["unit"]
    assert len(desk.get(reverse("dispatch:patrol-way", args=[unit])).json()["line"]) >= 2
    assert desk.get(reverse("dispatch:patrol-way", args=[999_999])).status_code == 404
    assert desk.get(reverse("dispatch:my-patrol")).status_code == 403
