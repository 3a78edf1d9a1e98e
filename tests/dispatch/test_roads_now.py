"""The roads under the weather somebody told, the hour, and the station's own settings."""

import datetime as dt
import logging

import numpy as np
import pytest
from django.conf import settings

from jiean.dispatch.advice import advise, road_settings, town_roads
from jiean.dispatch.commands import tell_weather
from jiean.grid.commands import add_key_point
from jiean.kernel import clocks
from jiean.kernel.actor import Actor


@pytest.fixture
def own():
    """The station's settings file, away again afterwards."""
    file = settings.ROADS_FILE.with_suffix(".toml")
    yield file
    file.unlink(missing_ok=True)


def later(monkeypatch, seconds=16.0):
    """What was kept for a moment is read again."""
    now = clocks.now() + dt.timedelta(seconds=seconds)
    monkeypatch.setattr(clocks, "now", lambda: now)


def test_rain_told_on_the_board_slows_the_roads_and_low_ground_most(post, monkeypatch):
    dry = town_roads()
    add_key_point(Actor.system(), name="桥洞", kind="culvert", lon=121.4751, lat=31.235)
    tell_weather(post.town.dispatcher, weather="rain")
    later(monkeypatch)
    wet = town_roads()
    slower = wet.seconds / dry.seconds
    assert slower.min() == pytest.approx(1.09)
    assert slower.max() == pytest.approx(1.09 * 1.6)
    assert 1 <= (slower > 1.2).sum() < slower.size / 8
    assert advise(post.town.dispatcher, post.incident().pk).best is not None


def test_turns_cost_time_unless_the_station_says_they_are_free(post, own):
    assert town_roads().net.turned
    own.write_text("[turns]\ncost = false\n[siren]\npatrol_car = 2\n", "utf-8")
    assert not town_roads().net.turned
    assert road_settings().siren_factor("patrol_car") == 2


def test_rush_hours_follow_the_stations_clock(post, own, monkeypatch):
    own.write_text("[rush]\nresidential = { 8 = 1.5 }\n", "utf-8")
    morning = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    monkeypatch.setattr(clocks, "now", lambda: morning)
    rush = town_roads().seconds
    monkeypatch.setattr(clocks, "now", lambda: morning + dt.timedelta(hours=1))
    np.testing.assert_allclose(rush, 1.5 * town_roads().seconds)


def test_a_siren_is_the_classes_own(post, own):
    own.write_text("[turns]\ncost = false\n[siren]\npatrol_car = 2\nptu = 1\n", "utf-8")
    times = {}
    for grade in (1, 3):
        units = advise(post.town.dispatcher, post.incident(grade=grade).pk).units
        times[grade] = {unit.call_sign: unit.travel_s for unit in units}
    assert times[1]["P-01"] == pytest.approx(times[3]["P-01"] / 2)
    assert times[1]["PTU-1"] == pytest.approx(times[3]["PTU-1"])


def test_settings_that_cannot_be_cost_nobody_the_advice(post, own, caplog):
    own.write_text("[turns]\nleft_s = -1\n", "utf-8")
    with caplog.at_level(logging.ERROR):
        assert town_roads() is not None
    assert "left_s is -1" in caplog.text
