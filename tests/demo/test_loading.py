"""Loading the town: everything is there, a second run changes nothing, and the past is past."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pytest
from django.conf import settings

from jiean.config.demo import disputes, loader, past, precedents, steps
from jiean.config.demo.crews import Crew
from jiean.config.demo.places import Places
from jiean.config.demo.replay import cues
from jiean.config.demo.scripts import endings
from jiean.config.demo.town import rates, samples
from jiean.config.imports import roads as bring_roads
from jiean.dispatch.imports import PastCall, PastOrder
from jiean.dispatch.models import Assignment, Incident, Shift, Unit
from jiean.dispatch.queries import units_now
from jiean.disputes.models import Dispute
from jiean.disputes.queries import without_desk
from jiean.disputes.queries.figures import FEW
from jiean.engine.roads import load
from jiean.grid.models import Cell, Premises, Town
from jiean.intake.models import Report
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.people.models import Account, Duty

STEPS = (loader.bring_files, steps.lay_areas, steps.lay_places, steps.take_staff, steps.take_units, steps.plan_shifts,
         past.live_the_past, past.look_back)  # fmt: skip


@pytest.fixture
def a_short_past(monkeypatch):
    monkeypatch.setattr(past, "MATTERS_A_DAY", 1)
    monkeypatch.setattr(steps, "DAYS_AHEAD", 2)


@pytest.mark.django_db
def test_the_town_is_loaded_once(a_short_past):
    first = [step() for step in STEPS]
    counts = {
        model: model._default_manager.count()
        for model in (Cell, Premises, Account, Duty, Unit, Shift, Incident, Report)
    }
    assert counts[Cell] == 128
    assert counts[Unit] == 15
    assert Account.objects.filter(role_holdings__role=Role.OFFICER).count() == 53
    assert settings.ROADS_FILE.exists()
    assert [step() for step in STEPS] == first
    assert counts == {model: model._default_manager.count() for model in counts}
    _check_the_past()
    assert all(unit.on_duty for unit in units_now(Actor.system()))
    assert {duty.kind for duty in Duty.objects.all()} == {"officer", "worker"}
    for step in (disputes.live_the_quarrels, precedents.teach):
        assert "--reset" in step(), "a demonstration from before there were disputes opens all the same"


def _check_the_past() -> None:
    now = clocks.now()
    rows = list(Incident.objects.all())
    assert 4 <= len(rows) <= 7
    for row in rows:
        assert row.state == Incident.State.ARCHIVED
        assert now - dt.timedelta(days=8) < row.received_at < now
        stamps = [row.received_at, row.dispatched_at, row.first_arrival_at, row.cleared_at, row.fed_back_at]
        assert stamps == sorted(stamps)
        assert row.cell is not None
    assert not Report.objects.exclude(state="CLOSED").exists()
    assert not Assignment.objects.exclude(state="CLEARED").exists()


@pytest.mark.django_db
def test_roads_alone_make_a_station_of_one_cell(tmp_path):
    (tmp_path / "nodes.csv").write_text("node_id,lon,lat\n1,-122.45,37.77\n2,-122.44,37.77\n3,-122.44,37.78\n")
    (tmp_path / "edges.csv").write_text("u,v,name,length_m,highway\n1,2,OAK,900,primary\n2,3,ELM,1100,tertiary\n")
    said: list[str] = []
    settings.ROADS_FILE.unlink(missing_ok=True)
    assert bring_roads.run(tmp_path / "edges.csv", said.append) == 0
    assert said[0].startswith("3 junctions, 2 street segments")
    assert Cell.objects.count() == 1
    assert Town.objects.get().west < -122.45
    general = load(settings.ROADS_FILE).seconds
    assert bring_roads.run(tmp_path / "edges.csv", said.append, country="jp") == 0
    assert (load(settings.ROADS_FILE).seconds != general).any()
    assert bring_roads.run(tmp_path / "edges.csv", said.append, country="xx") == 1
    assert "known are cn, de" in said[-1]
    (tmp_path / "edges.csv").write_text("nothing\n")
    kept = settings.ROADS_FILE.read_bytes()
    assert bring_roads.run(tmp_path / "edges.csv", said.append) == 1
    assert said[-1].startswith("nothing was imported: ")
    assert settings.ROADS_FILE.read_bytes() == kept


def test_every_kind_has_texts_rates_and_an_ending():
    assert set(samples()) == set(rates().per_day) == set(Incident.Kind.values)
    for kind in samples():
        assert all(code in Incident.Disposition.values for code, _words in endings(kind))


def test_reports_happen_in_the_town():
    places, chance = Places(), np.random.default_rng(1)
    for at in ("market", "home", "road", "school"):
        lon, lat, words, _id = places.pick(at, chance)
        assert (121.40 < lon < 121.56, 31.17 < lat < 31.29, bool(words)) == (True, True, True)


class Door:
    """What a crew says to the station, kept."""

    def __init__(self, place: tuple[float, float]) -> None:
        self.place, self.said = place, []

    def get(self, path):
        row = {"lon": self.place[0], "lat": self.place[1], "grade": 3, "kind": "traffic"}
        return type("Answer", (), {"ok": True, "json": lambda _self: {"row": row}})()

    def post(self, path, body=None, **headers):
        self.said.append(path.rsplit("/", 1)[-1])
        return type("Answer", (), {"ok": True, "status": 202})()


def test_a_crew_signs_drives_there_arrives_clears_and_feeds_back():
    places = Places()
    begin, end = (121.47, 31.23), (121.48, 31.235)
    door = Door(end)
    crew = Crew(door, places.roads, np.random.default_rng(3), 20.0, 1, False, *begin)
    unit = {"assignment_id": 7, "status": "ASSIGNED", "incident_id": 1}
    following = {"ack": "ACKNOWLEDGED", "go": "EN_ROUTE", "scene": "ON_SCENE"}
    now = 0.0
    while now < 600 and "feed_back" not in door.said:
        before = len(door.said)
        crew.move(now)
        crew.follow(unit, now)
        for said in door.said[before:]:
            unit = unit | {"status": following.get(said, unit["status"])}
        now += 1
    assert door.said == ["ack", "go", "scene", "clear", "feed_back"]
    assert abs(crew.lon - end[0]) < 2e-3


def test_a_replay_keeps_offsets_cuts_the_years_and_plays_backward_stamps_at_once():
    start = dt.datetime(2009, 1, 10, tzinfo=dt.UTC)
    order = PastOrder(
        "E1", "patrol_car", start + dt.timedelta(seconds=40), None, start - dt.timedelta(seconds=5), None, ()
    )
    calls = [
        PastCall(n, "fire", 2, start + dt.timedelta(days=n * 365), (1.0, 2.0), "", "fire", (order,), ()) for n in (0, 1)
    ]
    found = list(cues(calls, 20.0))
    assert [(cue.at_s, cue.deed) for cue in found[:3]] == [(0.0, "open"), (2.0, "assign"), (0.0, "scene")]
    assert found[3].at_s == 20.0


def _places_with_many_open() -> set[str]:
    """Where as many open quarrels were told of as the overview's map wants of a cell; every third is told at a post instead."""
    there = Counter(
        one.at for number, one in enumerate(disputes.quarrels())
        if one.at and number % 3 and one.reaches in (*Dispute.LIVE, "RULING")
    )  # fmt: skip
    return {place for place, open_there in there.items() if open_there >= FEW}


@pytest.mark.django_db
def test_the_quarrels_reach_every_state_once(monkeypatch):
    picked = {quarrel.reaches: quarrel for quarrel in reversed(disputes.quarrels())}
    assert len(disputes.quarrels()) == 60
    assert _places_with_many_open() == {"ES-01", "MK-01"}, "the map of open disputes has cells it may tell of"
    monkeypatch.setattr(
        disputes, "quarrels", lambda: tuple(sorted(picked.values(), key=lambda one: one.reaches == "JOINED"))
    )
    loader.make_key()
    steps.lay_areas()
    steps.lay_places()
    disputes.take_staff_long_ago()
    first = disputes.live_the_quarrels()
    assert disputes.live_the_quarrels() == first
    stand = set(Dispute.objects.values_list("state", flat=True))
    assert stand == {state.value for state in Dispute.State}
    assert Dispute.objects.filter(needs_ruling=True).count() == 1
    assert without_desk(Actor.system()) == 0
