"""Travel times, nearest units and paths against hand cases, scipy's Dijkstra and properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from jiean.engine.roads import Roads, Snap, Snaps, nearest, path, snap, snap_many, travel_times
from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.speeds import DrivingSpeeds

DEGREE_M = 111_195.08  # one degree of latitude on the sphere of plane.EARTH_RADIUS_M


def street(tail, head, points, *, seconds=None, two_way=True, name="", limit=None, road_class="residential"):
    return Segment(tail, head, points, None, seconds, road_class, limit, name, two_way)


def network(segments) -> Roads:
    return build(segments, source="test", attribution="", counts={}, speeds=DrivingSpeeds())


def square(**first) -> Roads:
    """A block of 0.01 degrees at the equator; streets of 100, 200, 300 and 400 s, clockwise from the south."""
    a, b, c, d = (0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)
    return network(
        [
            street(1, 2, [a, b], seconds=100, name="南街", **first),
            street(2, 3, [b, c], seconds=200, name="东街"),
            street(3, 4, [c, d], seconds=300, name="北街"),
            street(4, 1, [d, a], seconds=400, name="西街"),
        ]
    )


def crooked_town(seed: int = 7, side: int = 14) -> Roads:
    """A perturbed grid with one-way streets, missing blocks, a loop and parallel streets."""
    chance = np.random.default_rng(seed)
    place = {
        (i, j): (121.4 + (i + chance.uniform(-0.3, 0.3)) * 0.002, 31.2 + (j + chance.uniform(-0.3, 0.3)) * 0.002)
        for i in range(side)
        for j in range(side)
    }
    segments = []
    for (i, j), here in place.items():
        for there in ((i + 1, j), (i, j + 1)):
            if there in place and chance.random() < 0.9:
                middle = tuple((np.array(here) + place[there]) / 2 + chance.uniform(-2e-4, 2e-4, 2))
                segments.append(
                    street(i * 100 + j, there[0] * 100 + there[1], [here, middle, place[there]],
                           two_way=bool(chance.random() < 0.7), name=f"路{i}", limit=float(chance.choice([20, 40, 60])))
                )  # fmt: skip
    x, y = place[3, 3]
    segments.append(street(303, 303, [(x, y), (x + 4e-4, y + 2e-4), (x, y + 5e-4), (x, y)], two_way=False, name="环"))
    segments.append(street(303, 303, [(x, y), (x - 4e-4, y - 2e-4), (x, y - 5e-4), (x, y)], name="小环"))
    segments.append(street(505, 506, [place[5, 5], place[5, 6]], seconds=1.0, name="快"))
    return network(segments)


@pytest.fixture(scope="module")
def town() -> Roads:
    return crooked_town()


def random_snaps(roads: Roads, chance: np.random.Generator, count: int) -> Snaps:
    return Snaps(
        chance.integers(0, roads.edge_tail.size, count).astype(np.int32), chance.random(count), np.zeros(count)
    )


def by_scipy(roads: Roads, origins: Snaps, target: Snap) -> np.ndarray:
    """The same question put to scipy's Dijkstra from every end of every origin's segment."""
    tails = np.concatenate([roads.edge_tail, roads.edge_head[roads.two_way]])
    heads = np.concatenate([roads.edge_head, roads.edge_tail[roads.two_way]])
    seconds = np.concatenate([roads.seconds, roads.seconds[roads.two_way]])
    order = np.lexsort((seconds, heads, tails))  # parallel streets: keep the quickest
    first = np.unique(np.stack([tails[order], heads[order]]), axis=1, return_index=True)[1]
    kept = order[first]
    n = roads.lon.size
    graph = csr_array((seconds[kept], (tails[kept], heads[kept])), shape=(n, n))
    entries = [(int(roads.edge_tail[target.edge]), target.fraction * roads.seconds[target.edge])]
    if roads.two_way[target.edge]:
        entries.append((int(roads.edge_head[target.edge]), (1 - target.fraction) * roads.seconds[target.edge]))
    found = np.full(len(origins), np.inf)
    for i in range(len(origins)):
        here = origins[i]
        exits = [(int(roads.edge_head[here.edge]), (1 - here.fraction) * roads.seconds[here.edge])]
        if roads.two_way[here.edge]:
            exits.append((int(roads.edge_tail[here.edge]), here.fraction * roads.seconds[here.edge]))
        if here.edge == target.edge and (target.fraction >= here.fraction or roads.two_way[here.edge]):
            found[i] = abs(target.fraction - here.fraction) * roads.seconds[here.edge]
        for junction, out_s in exits:
            tree = dijkstra(graph, indices=junction)
            found[i] = min(found[i], *(out_s + tree[entry] + in_s for entry, in_s in entries))
    return found


def test_travel_times_equal_scipy_on_random_queries(town):
    chance = np.random.default_rng(1)
    for _ in range(40):
        origins, target = random_snaps(town, chance, 12), random_snaps(town, chance, 1)[0]
        np.testing.assert_allclose(travel_times(town, origins, target), by_scipy(town, origins, target), rtol=1e-12)


def test_nearest_stops_early_with_the_same_answer(town):
    chance = np.random.default_rng(2)
    for k in (0, 1, 3, 12, 99):
        origins, target = random_snaps(town, chance, 60), random_snaps(town, chance, 1)[0]
        all_s = travel_times(town, origins, target)
        found = nearest(town, origins, target, k)
        assert [round(one.travel_s, 9) for one in found] == [round(s, 9) for s in np.sort(all_s)[:k]]
        assert all(all_s[one.origin] == pytest.approx(one.travel_s, rel=1e-12) for one in found)


def test_a_path_takes_as_long_as_its_travel_time_and_follows_one_ways(town):
    chance = np.random.default_rng(3)
    for _ in range(80):
        origins, target = random_snaps(town, chance, 1), random_snaps(town, chance, 1)[0]
        way = path(town, origins[0], target)
        assert way.travel_s == pytest.approx(travel_times(town, origins, target)[0], rel=1e-12)
        steps = np.diff(way.points, axis=0) * [np.cos(np.radians(31.2)), 1]
        assert np.hypot(*steps.T).sum() * DEGREE_M == pytest.approx(way.length_m, rel=2e-3, abs=0.2)
        assert snap(town, *way.points[-1]).distance_m < 0.5


def test_hand_case_around_the_block():
    roads = square()
    origin, target = Snaps(np.array([0], np.int32), np.array([0.25]), np.zeros(1)), Snap(2, 0.5, 0.0)
    # south street east: 75 + 200 + 150 = 425 ; west: 25 + 400 + 150 = 575
    assert travel_times(roads, origin, target)[0] == pytest.approx(425)
    assert path(roads, origin[0], target).streets == ("南街", "东街", "北街")


def test_a_one_way_street_forces_the_long_way_round():
    roads = square(two_way=False)
    behind = Snaps(np.array([0], np.int32), np.array([0.75]), np.zeros(1))
    # from 0.75 back to 0.25 of the same one-way street: out by its head and round the block
    assert travel_times(roads, behind, Snap(0, 0.25, 0.0))[0] == pytest.approx(25 + 200 + 300 + 400 + 25)
    way = path(roads, behind[0], Snap(0, 0.25, 0.0))
    assert way.streets == ("南街", "东街", "北街", "西街", "南街")


def test_both_ways_the_same_street_is_driven_directly():
    roads = square()
    behind = Snaps(np.array([0], np.int32), np.array([0.75]), np.zeros(1))
    assert travel_times(roads, behind, Snap(0, 0.25, 0.0))[0] == pytest.approx(50)
    assert path(roads, behind[0], Snap(0, 0.25, 0.0)).points.shape == (2, 2)


def test_a_siren_shortens_every_time_by_its_factor(town):
    chance = np.random.default_rng(4)
    origins, target = random_snaps(town, chance, 5), random_snaps(town, chance, 1)[0]
    np.testing.assert_allclose(travel_times(town, origins, target, siren_factor=1.25) * 1.25,
                               travel_times(town, origins, target))  # fmt: skip
    with pytest.raises(ValueError, match="siren_factor"):
        travel_times(town, origins, target, siren_factor=0)


def test_no_units_no_times(town):
    empty = snap_many(town, np.empty((0, 2)))
    assert travel_times(town, empty, Snap(0, 0.5, 0.0)).shape == (0,)
    assert nearest(town, empty, Snap(0, 0.5, 0.0), 3) == ()


def test_snapping_finds_the_segment_not_the_junction():
    found = snap(square(), 0.0025, -0.001)
    assert (found.edge, found.fraction) == (0, pytest.approx(0.25, abs=1e-6))
    assert found.distance_m == pytest.approx(0.001 * DEGREE_M, rel=1e-6)


def test_snapping_at_a_junction_takes_the_lowest_edge_every_time():
    assert {snap(square(), 0.01, 0).edge for _ in range(5)} == {0}


@pytest.mark.parametrize("point", [(np.nan, 0), (181, 0), (0, 91), (0, np.inf)])
def test_points_off_the_globe_are_refused(point):
    with pytest.raises(ValueError, match="degrees"):
        snap(square(), *point)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1))
def test_every_point_snaps_back_onto_its_own_street(which, _other, fraction, _rest):
    roads = crooked_town_cached
    edge = which % roads.edge_tail.size
    line = roads.lines[edge]
    place = line.interpolate(fraction, normalized=True)
    scale = np.array([np.cos(np.radians(roads.origin[1])), 1]) * DEGREE_M
    found = snap(roads, *(np.array([place.x, place.y]) / scale + roads.origin))
    assert found.distance_m < 0.01


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_going_through_a_third_point_is_never_quicker(seed):
    chance = np.random.default_rng(seed)
    a, b, c = (random_snaps(crooked_town_cached, chance, 1) for _ in range(3))
    direct = travel_times(crooked_town_cached, a, c[0])[0]
    assert (
        direct <= travel_times(crooked_town_cached, a, b[0])[0] + travel_times(crooked_town_cached, b, c[0])[0] + 1e-9
    )


crooked_town_cached = crooked_town(seed=11, side=8)


def test_arrays_cannot_be_changed(town):
    with pytest.raises(ValueError, match="read-only"):
        town.seconds[0] = 1.0


def test_speeds_check_themselves():
    with pytest.raises(ValueError, match="share_of_limit"):
        DrivingSpeeds(share_of_limit=1.5)
    assert DrivingSpeeds().seconds(1000, "residential", 45.0) == pytest.approx(100)  # 0.8 of 45 km/h is 10 m/s
