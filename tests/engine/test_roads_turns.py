"""Turns that cost time or are forbidden: hand cases, scipy on both ends of every directed edge, the words of a map, the store."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.test_roads import crooked_town, network, random_snaps, street
from tests.engine.test_roads_files import NODES, osm, road

from jiean.engine.roads import (
    Conditions,
    RoadsError,
    Snap,
    Snaps,
    Turn,
    TurnRules,
    load,
    nearest,
    path,
    save,
    travel_times,
    under,
)
from jiean.engine.roads.check import check
from jiean.engine.roads.osm import read_osm
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.times import Hierarchy, Plain

RULES = TurnRules(left_s=6.0, right_s=2.0, back_s=20.0)
WEST, EAST, NORTH, SOUTH, RING = range(5)


def one(edge: int, fraction: float) -> Snaps:
    return Snaps(np.array([edge], np.int32), np.array([fraction]), np.zeros(1))


def crossing():
    """Four streets of 100 s out of one junction, and a street of 500 s that joins the far ends of south and east."""
    middle, west, east, north, south = (0, 0), (-0.01, 0), (0.01, 0), (0, 0.01), (0, -0.01)
    return network([
        street(1, 2, [middle, west], seconds=100, name="西街"), street(1, 3, [middle, east], seconds=100, name="东街"),
        street(1, 4, [middle, north], seconds=100, name="北街"), street(1, 5, [middle, south], seconds=100, name="南街"),
        street(5, 3, [south, (0.01, -0.01), east], seconds=500, name="环街"),
    ])  # fmt: skip


def forbid(roads, *turns):
    return replace(roads, banned=np.array(turns, np.int32))


@pytest.mark.parametrize(
    ("begin", "end", "wait_s"),
    [(SOUTH, WEST, 6.0), (SOUTH, EAST, 2.0), (SOUTH, NORTH, 0.0), (NORTH, WEST, 2.0), (NORTH, EAST, 6.0)],
)
@pytest.mark.parametrize("kind", [Plain, Hierarchy])
def test_left_costs_more_than_right_and_straight_nothing(begin, end, wait_s, kind):
    roads = crossing().turned(RULES)
    assert kind(roads).matrix(one(begin, 0.5), one(end, 0.5))[0, 0] == pytest.approx(100 + wait_s)
    assert path(roads, one(begin, 0.5)[0], Snap(end, 0.5, 0.0)).travel_s == pytest.approx(100 + wait_s)


def test_a_forbidden_turn_is_gone_round():
    # state 2e + 1 drives an edge back to the middle; 2e leaves the middle
    roads = forbid(crossing(), (2 * SOUTH + 1, 2 * EAST)).turned(RULES)
    way = path(roads, one(SOUTH, 0.5)[0], Snap(EAST, 0.5, 0.0))
    # out and back by the west (left, then straight) or the north (straight, then left); the ring would take 500
    assert way.travel_s == pytest.approx(50 + 100 + 20 + 100 + 6 + 50)
    assert [step.turn for step in way.steps if step.turn is Turn.TURN_BACK] == [Turn.TURN_BACK]
    assert sum(step.travel_s for step in way.steps) == pytest.approx(way.travel_s)
    assert travel_times(roads.turned(replace(RULES, restrictions=False)), one(SOUTH, 0.5), Snap(EAST, 0.5, 0.0))[
        0
    ] == pytest.approx(102)
    assert travel_times(roads.turned(None), one(SOUTH, 0.5), Snap(EAST, 0.5, 0.0))[0] == pytest.approx(100)


def test_a_ban_that_cuts_a_street_off_is_lifted_and_counted():
    into_west = [(2 * e + 1, 2 * WEST) for e in (WEST, EAST, NORTH, SOUTH)]
    roads = forbid(crossing(), *into_west).turned(RULES)
    assert roads.turns.lifted == 4
    assert np.isfinite(travel_times(roads, one(SOUTH, 0.5), Snap(WEST, 0.5, 0.0))[0])


@pytest.fixture(scope="module")
def town():
    """The crooked town with a tenth of its turns forbidden, turning round left alone."""
    free = crooked_town().turned(RULES)
    turns, chance = free.turns, np.random.default_rng(3)
    some = chance.choice(turns.tails.size, turns.tails.size // 10, replace=False)
    banned = np.stack([turns.tails[some], turns.enters[some]], axis=1)
    return replace(free, banned=banned[(banned[:, 0] ^ 1) != banned[:, 1]]).turned(RULES)


def test_search_and_hierarchy_equal_scipy_with_turns(town):
    assert town.turns.lifted < len(town.banned) / 2
    seen = check(town, 1000, np.random.default_rng(1))
    assert (seen.turns, seen.mismatches, seen.hierarchy_mismatches) == (True, 0, 0)


def test_with_closures_both_still_agree(town):
    closed = np.random.default_rng(4).random(town.edge_tail.size) < 0.15
    seen = check(town.reweighted(town.seconds * 1.3, closed), 400, np.random.default_rng(2))
    assert (seen.mismatches, seen.hierarchy_mismatches) == (0, 0)


def test_nearest_and_paths_agree_with_the_matrix(town):
    chance = np.random.default_rng(5)
    origins, targets = random_snaps(town, chance, 30), random_snaps(town, chance, 20)
    wanted = Hierarchy(town).matrix(origins, targets)
    for j in range(20):
        found = nearest(town, origins, targets[j], 3)
        assert [x.travel_s for x in found] == pytest.approx(np.sort(wanted[:, j])[:3])
        way = path(town, origins[j], targets[j])
        assert way.travel_s == pytest.approx(wanted[j, j])
        assert sum(step.travel_s for step in way.steps) == pytest.approx(way.travel_s)
        assert sum(step.length_m for step in way.steps) == pytest.approx(way.length_m)


def test_rules_check_themselves():
    with pytest.raises(RoadsError, match="left_s is -1"):
        TurnRules(left_s=-1)


NORTH_OF_5 = NODES | {6: (121.405, 31.21)}
TOWN = (
    ([1, 5, 2], road(name="南街")),
    ([2, 3], road()),
    ([3, 6, 4], road()),
    ([4, 1], road()),
    ([5, 6], road(name="中街")),
)


def restriction(came, via, went, **tags):
    members = [("way", came, "from"), ("node", via, "via"), ("way", went, "to")]
    body = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
    tags = {"type": "restriction"} | {key.replace("__", ":"): value for key, value in tags.items()}
    return body + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def read(tmp_path, *relations):
    text = osm(*TOWN, nodes=NORTH_OF_5).replace("</osm>", "")
    text += "".join(f'<relation id="{i}" version="1">{body}</relation>' for i, body in enumerate(relations, start=1))
    (tmp_path / "town.osm").write_text(text + "</osm>", "utf-8")
    return read_osm(tmp_path / "town.osm")


def turns_at(roads, banned):
    """(from, into) as the names of the streets, with the way each is driven."""
    return {tuple((roads.edge_name(x >> 1), x & 1) for x in pair) for pair in banned.tolist()}


def test_no_turn_is_read_from_every_side_it_comes_from(tmp_path):
    roads = read(tmp_path, restriction(5, 5, 1, restriction="no_left_turn"))
    assert turns_at(roads, roads.banned) == {
        (("中街", 1), ("南街", 0)),
        (("中街", 1), ("南街", 1)),
    }  # both arms of the way
    assert roads.report.counts["restrictions_kept"] == 1


def test_only_turn_forbids_all_others(tmp_path):
    roads = read(tmp_path, restriction(1, 5, 5, restriction="only_left_turn"))
    assert all(came == "南街" and went == "南街" for (came, _), (went, _) in turns_at(roads, roads.banned))
    assert len(roads.banned) == 4  # from either arm: straight on, and back
    assert roads.turned(RULES).turns.lifted == 0


def test_no_u_turn_forbids_turning_round_alone(tmp_path):
    roads = read(tmp_path, restriction(5, 6, 5, restriction="no_u_turn"))
    assert turns_at(roads, roads.banned) == {(("中街", 0), ("中街", 1))}


@pytest.mark.parametrize(
    ("relation", "word"),
    [
        (restriction(5, 5, 1, restriction="no_left_turn", **{"except": "bus;motorcar"}), "restrictions_not_for_cars"),
        (restriction(5, 5, 1, restriction__hgv="no_left_turn"), "restrictions_not_for_cars"),
        (restriction(5, 5, 1, restriction="no_left_turn").replace('"node"', '"way"'), "restrictions_over_a_way"),
        (restriction(5, 5, 77, restriction="no_left_turn"), "restrictions_not_placed"),
        (restriction(77, 5, 1, restriction="only_left_turn"), "restrictions_not_placed"),
    ],
)
def test_what_does_not_hold_for_cars_is_counted_and_left_out(tmp_path, relation, word):
    roads = read(tmp_path, relation)
    assert roads.report.counts[word] == 1
    assert not len(roads.banned)


def test_the_store_keeps_forbidden_turns_and_reads_files_without(tmp_path):
    roads = read(tmp_path, restriction(5, 5, 1, restriction="no_left_turn"))
    save(roads, tmp_path / "roads.npz")
    np.testing.assert_array_equal(load(tmp_path / "roads.npz").banned, roads.banned)
    with np.load(tmp_path / "roads.npz") as stored:
        np.savez(tmp_path / "old.npz", **{name: stored[name] for name in stored if name != "banned"})
    assert not len(load(tmp_path / "old.npz").banned)


def test_rush_hours_go_by_class_and_hour():
    roads = network([
        street(1, 2, [(0, 0), (0.01, 0)], seconds=100, road_class="primary_link"), street(2, 3, [(0.01, 0), (0.01, 0.01)], seconds=100),
        street(3, 1, [(0.01, 0.01), (0, 0)], seconds=100, road_class="tertiary"),
    ])  # fmt: skip
    assert under(roads, Conditions(hour=8))[0] == pytest.approx([140, 100, 120])
    rush = {"residential": {8: 2.0}}
    assert under(roads, Conditions(hour=8, rush=rush))[0] == pytest.approx([100, 200, 100])
    assert under(roads, Conditions(hour=9, rush=rush))[0] == pytest.approx([100, 100, 100])


@pytest.mark.parametrize(
    "rush", [{"alley": {8: 1.1}}, {"primary": {24: 1.1}}, {"primary": {8: 0.1}}, {"primary_link": {8: 1.1}}]
)
def test_rush_hours_that_cannot_be_are_refused(rush):
    with pytest.raises(RoadsError, match="Rush hours of"):
        Conditions(rush=rush)


def test_without_a_posted_limit_the_countrys_holds():
    speeds = DrivingSpeeds.of_country("cn")
    assert speeds.seconds(1000, "residential", None) == pytest.approx(1000 / (0.8 * 30 / 3.6))
    assert speeds.seconds(1000, "residential", 50.0) == pytest.approx(1000 / (0.8 * 50 / 3.6))
    assert DrivingSpeeds.of_country("fr").seconds(1000, "motorway", None) == pytest.approx(1000 / (0.8 * 130 / 3.6))
    assert speeds.seconds(1000, "service", None) == DrivingSpeeds().seconds(1000, "service", None)
    with pytest.raises(RoadsError, match="known are cn, de, fi, fr, gb, jp, nz"):
        DrivingSpeeds.of_country("xx")
