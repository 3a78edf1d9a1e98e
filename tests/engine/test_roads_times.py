"""The hierarchy against the plain search, weather and closures, steps of a way, the grid against shapely, and the door."""

import json

import numpy as np
import pytest
import shapely
from tests.engine.test_roads import crooked_town, random_snaps, square

from jiean.engine import roads as engine
from jiean.engine.roads import (
    Closure,
    Conditions,
    Heading,
    Snap,
    Snaps,
    Turn,
    TurnRules,
    Unreachable,
    path,
    snap,
    snap_many,
    stretches,
    travel_times,
    under,
)
from jiean.engine.roads.__main__ import main
from jiean.engine.roads.plane import to_plane
from jiean.engine.roads.steps import turn_of
from jiean.engine.roads.times import Hierarchy, Plain

AROUND_5_5 = ((121.4095, 31.2095), (121.4105, 31.2095), (121.4105, 31.2105), (121.4095, 31.2105))


@pytest.fixture(scope="module")
def town():
    return crooked_town()


ROADS_AS_THEY_ARE = (
    Conditions(),
    Conditions(rain=0.6, hour=8),
    Conditions(closures=(Closure(AROUND_5_5, heading=Heading.EAST),)),
)


@pytest.mark.parametrize("conditions", ROADS_AS_THEY_ARE)
def test_hierarchy_and_search_agree_on_every_pair(town, conditions):
    roads = town.reweighted(*under(town, conditions))
    chance = np.random.default_rng(5)
    origins, targets = random_snaps(roads, chance, 60), random_snaps(roads, chance, 40)
    ours, plain = Hierarchy(roads).matrix(origins, targets), Plain(roads).matrix(origins, targets)
    assert ours.shape == (60, 40)
    np.testing.assert_allclose(ours, plain, rtol=0, atol=1e-7)


def test_two_states_of_the_roads_stand_side_by_side(town):
    chance = np.random.default_rng(6)
    origins, target = random_snaps(town, chance, 12), random_snaps(town, chance, 1)
    dry = Hierarchy(town)
    before = dry.matrix(origins, target)
    slow = dry.reweight(town.seconds * 2)
    np.testing.assert_allclose(slow.matrix(origins, target), 2 * before, rtol=1e-3)
    np.testing.assert_array_equal(dry.matrix(origins, target), before)


@pytest.mark.parametrize("kind", [Plain, Hierarchy])
def test_no_units_or_no_places_give_an_empty_matrix(town, kind):
    none, some = snap_many(town, np.empty((0, 2))), random_snaps(town, np.random.default_rng(7), 3)
    assert kind(town).matrix(none, some).shape == (0, 3)
    assert kind(town).matrix(some, none).shape == (3, 0)


def test_a_siren_shortens_the_hierarchys_times_too(town):
    chance = np.random.default_rng(8)
    origins, targets = random_snaps(town, chance, 5), random_snaps(town, chance, 4)
    times = engine.times_of(town)
    np.testing.assert_allclose(times.matrix(origins, targets, siren_factor=1.3) * 1.3, times.matrix(origins, targets))


def test_a_closed_street_is_gone_round_and_still_reached():
    roads = square()
    south = Snaps(np.array([0], np.int32), np.array([0.25]), np.zeros(1))
    closed = np.array([False, True, False, False])
    shut = roads.reweighted(roads.seconds, closed)
    assert travel_times(shut, south, Snap(2, 0.5, 0.0))[0] == pytest.approx(25 + 400 + 150)  # was 425 by the east
    assert travel_times(shut, south, Snap(1, 0.5, 0.0))[0] == pytest.approx(75 + 100)  # an incident on it is reached


def test_cut_off_by_closures_is_said():
    roads = square()
    shut = roads.reweighted(roads.seconds, np.array([False, True, False, True]))
    south = Snaps(np.array([0], np.int32), np.array([0.25]), np.zeros(1))
    assert travel_times(shut, south, Snap(2, 0.5, 0.0))[0] == np.inf
    assert Hierarchy(shut).matrix(south, Snaps(np.array([2], np.int32), np.array([0.5]), np.zeros(1)))[0, 0] == np.inf
    with pytest.raises(Unreachable):
        path(shut, south[0], Snap(2, 0.5, 0.0))


def test_rain_slows_and_floods_low_ground(town):
    seconds, closed = under(town, Conditions(rain=0.5, low_lying=(AROUND_5_5,)))
    low = seconds > town.seconds * 1.3
    assert 0 < low.sum() < 20
    assert not closed.any()
    np.testing.assert_allclose(seconds[~low], town.seconds[~low] * 1.075)
    _, flooded = under(town, Conditions(rain=0.9, low_lying=(AROUND_5_5,)))
    np.testing.assert_array_equal(flooded, np.stack([low, low], axis=1))
    line = (AROUND_5_5[0], AROUND_5_5[2])
    assert under(town, Conditions(closures=(Closure(line),)))[1].any()


@pytest.mark.parametrize("wrong", [{"rain": 1.5}, {"hour": 24}, {"low_lying": (((1.0, 2.0),),)}, {"rain_slows": -1}])
def test_conditions_check_themselves(wrong):
    with pytest.raises(engine.RoadsError):
        Conditions(**wrong)


@pytest.mark.parametrize("turning", [None, TurnRules(0, 0, 0)], ids=["turns free", "turns"])
def test_one_way_of_a_street_may_be_closed_alone(turning):
    """The square's streets go round it against the clock; its south street leads east."""
    roads = square().turned(turning)
    taken = stretches(roads, Closure(street="东街", heading=Heading.NORTH))
    np.testing.assert_array_equal(np.argwhere(taken), [[1, 0]])
    shut = roads.reweighted(*under(roads, Conditions(closures=(Closure(street="东街", heading=Heading.NORTH),))))
    south, north = Snaps(np.array([0], np.int32), np.array([0.25]), np.zeros(1)), Snap(2, 0.5, 0.0)
    back = Snaps(np.array([2], np.int32), np.array([0.5]), np.zeros(1))
    assert travel_times(shut, south, north)[0] == pytest.approx(25 + 400 + 150)  # north is gone round
    for kind in (Plain, Hierarchy):
        assert kind(shut).matrix(back, south)[0, 0] == pytest.approx(kind(roads).matrix(back, south)[0, 0])


def test_a_closure_is_drawn_or_named(town):
    line = AROUND_5_5[0], AROUND_5_5[2]
    drawn = stretches(town, Closure(line))
    assert 0 < drawn.any(axis=1).sum() < 20
    name = town.edge_name(int(np.flatnonzero(drawn[:, 0])[0]))
    named, both = stretches(town, Closure(street=name)), stretches(town, Closure(line, name))
    np.testing.assert_array_equal(both, drawn & named)
    assert not stretches(town, Closure(street="没有的街")).any()
    assert not stretches(town, Closure(street=name))[~town.two_way, 1].any()
    with pytest.raises(engine.RoadsError, match="a line or the name"):
        Closure()
    with pytest.raises(engine.RoadsError, match="two points"):
        Closure(((1.0, 2.0),))


@pytest.mark.parametrize("bad", [np.nan, -1.0, 0.0, np.inf])
def test_times_that_are_none_are_refused(town, bad):
    seconds = town.seconds.copy()
    seconds[3] = bad
    with pytest.raises(engine.RoadsError, match="finite time"):
        town.reweighted(seconds)


def test_steps_name_streets_and_turns():
    steps = path(square(), Snap(0, 0.25, 0.0), Snap(2, 0.5, 0.0)).steps
    assert [(step.turn, step.street) for step in steps] == [
        (Turn.DEPART, "南街"), (Turn.LEFT, "东街"), (Turn.LEFT, "北街"), (Turn.ARRIVE, ""),
    ]  # fmt: skip
    assert [step.travel_s for step in steps] == pytest.approx([75, 200, 150, 0])


def test_steps_add_up_to_the_way(town):
    chance = np.random.default_rng(9)
    for _ in range(30):
        a, b = random_snaps(town, chance, 1)[0], random_snaps(town, chance, 1)[0]
        way = path(town, a, b)
        assert sum(step.travel_s for step in way.steps) == pytest.approx(way.travel_s)
        assert sum(step.length_m for step in way.steps) == pytest.approx(way.length_m)


@pytest.mark.parametrize(
    ("degrees", "turn"),
    [(0, Turn.STRAIGHT), (-19, Turn.STRAIGHT), (30, Turn.SLIGHT_LEFT), (-30, Turn.SLIGHT_RIGHT), (90, Turn.LEFT),
     (-90, Turn.RIGHT), (150, Turn.SHARP_LEFT), (-150, Turn.SHARP_RIGHT), (180, Turn.TURN_BACK), (-175, Turn.TURN_BACK)],
)  # fmt: skip
def test_turn_words(degrees, turn):
    assert turn_of(degrees) is turn


def test_the_grid_finds_what_shapely_finds(town):
    west, east, south, north = town.lon.min(), town.lon.max(), town.lat.min(), town.lat.max()
    places = np.random.default_rng(10).uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (800, 2))
    ours = snap_many(town, places)
    flat = shapely.points(to_plane(places, town.origin))
    lines = town.lines[ours.edge]
    _, least = town.tree.query_nearest(flat, all_matches=False, return_distance=True)
    np.testing.assert_allclose(ours.distance_m, least, atol=1e-6)
    np.testing.assert_allclose(ours.distance_m, shapely.distance(lines, flat), atol=1e-6)
    np.testing.assert_allclose(ours.fraction, shapely.line_locate_point(lines, flat, normalized=True), atol=1e-6)


def test_a_point_far_outside_still_snaps(town):
    assert snap(town, 120.0, 30.0).distance_m > 100_000


def table(folder, *, third="3,121.402,31.2", edge="2,3,200,20,"):
    nodes, edges = folder / "nodes.csv", folder / "edges.csv"
    nodes.write_text(f"node_id,lon,lat\n1,121.4,31.2\n2,121.401,31.201\n{third}\n", "utf-8")
    rows = ["1,2,150,15,", edge, "3,1,190,18,", "2,1,150,14,1"]
    edges.write_text("u,v,length_m,t_regular_s,oneway\n" + "\n".join(rows) + "\n", "utf-8")
    return ["check", "--nodes", str(nodes), "--edges", str(edges), "--queries", "50", "--json"]


def test_the_door_says_every_answer_agrees(tmp_path, capsys):
    assert main(table(tmp_path)) == 0
    sheet = json.loads(capsys.readouterr().out)
    assert (sheet["queries"], sheet["mismatches"], sheet["agreement"]) == (50, 0, 1.0)
    assert sheet["hierarchy_agreement"] == 1.0
    assert sheet["junctions"] == 3


@pytest.mark.parametrize(
    ("broken", "words"),
    [({"edge": "2,3,200,-20,"}, "Line 3 of the edges: t_regular_s is '-20'"), ({"edge": "2,3,200,nan,"}, "t_regular_s is 'nan'"),
     ({"third": "3,531200,31.2"}, "WrongDatum"), ({"edge": "2,3,200,soon,"}, "t_regular_s is 'soon'")],
)  # fmt: skip
def test_the_door_refuses_a_bad_table_and_names_the_culprit(tmp_path, capsys, broken, words):
    assert main(table(tmp_path, **broken)) == 2
    assert words in capsys.readouterr().err


def test_the_door_refuses_missing_files_and_no_queries(tmp_path, capsys):
    assert main(["check", "--nodes", str(tmp_path / "no.csv"), "--edges", str(tmp_path / "no.csv")]) == 2
    assert main([*table(tmp_path)[:-3], "--queries", "0"]) == 2
    assert "FileBroken" in capsys.readouterr().err
