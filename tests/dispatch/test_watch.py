"""The watch, the coverage of the free units, and the proof that patrols were at the key points."""

from __future__ import annotations

import datetime as dt

import pytest

from jiean.dispatch import commands as do
from jiean.dispatch.advice import COVERAGE_KEPT_S, coverage
from jiean.dispatch.models import Shift, Watch
from jiean.dispatch.queries import key_points_visited, units_now, watch_now
from jiean.grid.models import KeyPoint
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden, IllegalMove, Invalid, NotFound
from jiean.kernel.workflow import timeline
from tests.dispatch.post import SYSTEM, Post, lay_roads
from tests.town import VILLAGE_AT, Town


def at(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    monkeypatch.setattr(clocks, "now", lambda: moment)


class TestTheWatch:
    def test_a_commander_takes_it_and_the_next_one_takes_over(self, town: Town) -> None:
        assert watch_now(town.dispatcher).commander == ""
        do.tell_weather(town.dispatcher, weather="rain")
        do.take_command(town.commander)
        now = watch_now(town.dispatcher)
        assert (now.commander, now.weather) == ("韩立", "rain")

    def test_weather_is_told_and_the_history_says_by_whom(self, town: Town) -> None:
        do.take_command(town.commander)
        watch = do.tell_weather(town.dispatcher, weather="dry")
        assert Watch.objects.count() == 1
        assert [(line.code, line.account_id) for line in timeline(watch)] == [
            ("taken", town.commander.account_id),
            ("weather_dry", town.dispatcher.account_id),
        ]

    def test_who_may_not_is_refused(self, town: Town) -> None:
        with pytest.raises(Forbidden):
            do.take_command(town.dispatcher)
        with pytest.raises(Forbidden):
            do.tell_weather(town.market_officer, weather="rain")
        with pytest.raises(Invalid):
            do.tell_weather(town.dispatcher, weather="snow")
        assert not Watch.objects.exists()

    def test_a_watch_nobody_took_over_is_not_believed_for_days(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        do.take_command(town.commander)
        do.tell_weather(town.commander, weather="rain")
        at(monkeypatch, clocks.now() + dt.timedelta(hours=26))
        stale = watch_now(town.dispatcher)
        assert (stale.commander, stale.weather) == ("", "unknown")


class TestNotes:
    def test_a_line_is_added_and_nothing_else_changes(self, post: Post) -> None:
        incident = post.incident()
        do.note_incident(post.town.dispatcher, incident.pk, words="电台：路口堵车")
        line = timeline(incident)[-1]
        assert (line.code, line.reason, line.from_state) == ("noted", "电台：路口堵车", "")
        version = incident.version
        incident.refresh_from_db()
        assert incident.version == version

    def test_refusals(self, post: Post) -> None:
        incident = post.incident()
        with pytest.raises(Invalid):
            do.note_incident(post.town.dispatcher, incident.pk, words="  ")
        with pytest.raises(NotFound):
            do.note_incident(post.crew("P-01"), incident.pk, words="不是我的")
        do.cancel_incident(post.town.dispatcher, incident.pk, reason="和好了")
        with pytest.raises(IllegalMove):
            do.note_incident(post.town.dispatcher, incident.pk, words="晚了")


class TestCoverage:
    def test_free_units_reach_a_small_town_at_ten_metres_a_second(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at(monkeypatch, clocks.now() + dt.timedelta(minutes=5))
        found = coverage(units_now(post.town.dispatcher))
        assert found is not None
        assert (found.percent, found.cells, found.of) == (100, 3, 3)

    def test_busy_units_cover_nothing(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        for call_sign, unit in post.units.items():
            do.assign_unit(post.town.dispatcher, post.incident(place_words=call_sign).pk, unit.pk)
        at(monkeypatch, clocks.now() + dt.timedelta(seconds=COVERAGE_KEPT_S + 60))
        found = coverage(units_now(post.town.dispatcher))
        assert found is not None
        assert (found.share, found.cells) == (0.0, 0)

    def test_it_is_kept_for_some_seconds(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        start = clocks.now() + dt.timedelta(minutes=10)
        at(monkeypatch, start)
        units = units_now(post.town.dispatcher)
        first = coverage(units)
        at(monkeypatch, start + dt.timedelta(seconds=COVERAGE_KEPT_S - 1))
        assert coverage([]) is first
        at(monkeypatch, start + dt.timedelta(seconds=COVERAGE_KEPT_S + 1))
        again = coverage([])
        assert again is not None and again.share == 0.0

    def test_cells_weigh_what_calls_they_had(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        """On slow streets the one car reaches only its own cell, but three of four calls came from there."""
        at(monkeypatch, clocks.now() + dt.timedelta(minutes=20))
        lay_roads(limit_kmh=10.0)
        for lon in (121.475, 121.475, 121.475, 121.495):
            post.incident(lon=lon)
        found = coverage([unit for unit in units_now(post.town.dispatcher) if unit.call_sign == "P-01"])
        assert found is not None
        assert (found.percent, found.cells, found.of) == (75, 1, 3)


class TestKeyPoints:
    @pytest.fixture
    def night(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
        """22:00 of tomorrow on the station's clock, so that the duties made now have begun; the units' shifts run all day."""
        moment = clocks.local(clocks.now() + dt.timedelta(days=1)).replace(hour=22, minute=0, second=0, microsecond=0)
        Shift.objects.update(starts_at=moment - dt.timedelta(hours=12), ends_at=moment + dt.timedelta(hours=8))
        KeyPoint.objects.update(dwell_min=5)
        at(monkeypatch, moment)
        return moment.astimezone(dt.UTC)

    def stay(self, post: Post, sign: str, since: dt.datetime, minutes: float, east_m: float = 0) -> None:
        """Fixes every 30 s at the culvert, or ``east_m`` beside it."""
        lon = VILLAGE_AT[0] + east_m / (111_320 * 0.855)
        moments = [since + dt.timedelta(seconds=30 * n) for n in range(int(minutes * 2) + 1)]
        do.record_positions(SYSTEM, [do.Fix(post.units[sign].pk, lon, VILLAGE_AT[1], one) for one in moments])

    def test_a_stay_of_the_asked_length_is_a_visit(self, post: Post, night: dt.datetime) -> None:
        self.stay(post, "P-02", night - dt.timedelta(hours=2), minutes=5)
        found = key_points_visited(post.town.commander)
        assert [(point.name, point.visits, point.passes) for point in found.points] == [("盈中涵洞", 1, 0)]
        assert (found.visited, found.by_night) == (1, True)

    def test_two_short_stays_are_no_visit(self, post: Post, night: dt.datetime) -> None:
        self.stay(post, "P-02", night - dt.timedelta(hours=2), minutes=3)
        self.stay(post, "P-02", night - dt.timedelta(hours=1), minutes=3)
        self.stay(post, "P-01", night - dt.timedelta(hours=2), minutes=4)
        point = key_points_visited(post.town.commander).points[0]
        assert (point.visits, point.passes) == (0, 3)

    def test_a_street_away_or_in_the_afternoon_does_not_count(self, post: Post, night: dt.datetime) -> None:
        self.stay(post, "P-02", night - dt.timedelta(hours=1), minutes=10, east_m=95)
        self.stay(post, "P-02", night - dt.timedelta(hours=6), minutes=10)
        point = key_points_visited(post.town.commander).points[0]
        assert (point.visits, point.passes) == (0, 0)
        self.stay(post, "P-01", night - dt.timedelta(hours=1), minutes=10, east_m=75)
        assert key_points_visited(post.town.commander).visited == 1

    def test_a_night_runs_over_midnight(self, post: Post, night: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stay(post, "P-02", night - dt.timedelta(minutes=30), minutes=6)
        at(monkeypatch, night + dt.timedelta(hours=5))
        found = key_points_visited(post.town.commander)
        assert (found.visited, found.by_night) == (1, True)
        at(monkeypatch, night + dt.timedelta(hours=11))
        assert (key_points_visited(post.town.commander).visited, key_points_visited(post.town.commander).by_night) == (
            0,
            False,
        )

    def test_the_public_is_not_told(self, post: Post) -> None:
        with pytest.raises(Forbidden):
            key_points_visited(Actor.public())
