"""The shipped town: its numbers, its exact tiling, and travel times on its real streets against scipy."""

import json
from importlib.resources import files

import numpy as np
import pytest
import shapely
from tests.engine.test_roads import by_scipy, random_snaps

from jiean.engine.roads import Snaps, load, snap_many, travel_times

DATA = files("jiean.config.demo").joinpath("data")


def read(name):
    return json.loads(DATA.joinpath(name).read_text("utf-8"))


@pytest.fixture(scope="module")
def roads():
    return load(DATA.joinpath("roads.npz"))


@pytest.fixture(scope="module")
def areas():
    return read("areas.geojson")["features"]


def outlines(areas, level):
    return {
        area["properties"]["code"]: shapely.geometry.shape(area["geometry"])
        for area in areas
        if area["properties"]["level"] == level
    }


def test_travel_times_on_the_real_streets_equal_scipy(roads):
    chance = np.random.default_rng(12312)
    for _ in range(25):
        origins, target = random_snaps(roads, chance, 12), random_snaps(roads, chance, 1)[0]
        np.testing.assert_allclose(travel_times(roads, origins, target), by_scipy(roads, origins, target), rtol=1e-12)


def test_the_cells_tile_the_town_without_hole_or_overlap(areas):
    cells = list(outlines(areas, "cell").values())
    assert len(cells) == 128
    whole = shapely.union_all(cells)
    assert isinstance(whole, shapely.Polygon)
    assert not whole.interiors
    assert sum(cell.area for cell in cells) == pytest.approx(whole.area, rel=1e-12)
    assert shapely.coverage_is_valid(cells)


def test_every_community_is_the_union_of_its_cells(areas):
    communities = outlines(areas, "community")
    kinds = [area["properties"]["kind"] for area in areas if area["properties"]["level"] == "community"]
    assert (kinds.count("village"), kinds.count("community")) == (15, 13)
    cells = outlines(areas, "cell")
    for code, outline in communities.items():
        own = [cells[area["properties"]["code"]] for area in areas if area["properties"].get("community") == code]
        assert shapely.union_all(own).symmetric_difference(outline).area < 1e-12
        assert isinstance(outline, shapely.Polygon)


def test_places_lie_in_the_town_and_beside_its_streets(areas, roads):
    places = read("places.json")
    assert (
        sum(place["kind"] in {"station", "governance_post", "police_post", "hive_post"} for place in places["premises"])
        == 30
    )
    assert len(places["premises"]) >= 90
    assert len(places["key_points"]) == 12
    points = [(place["lon"], place["lat"]) for place in (*places["premises"], *places["key_points"])]
    town = shapely.union_all(list(outlines(areas, "cell").values()))
    assert shapely.contains_xy(town, np.array(points)).all()
    near: Snaps = snap_many(roads, points)
    assert near.distance_m.max() < 60


def test_staff_and_units_are_those_of_the_town(areas):
    people = read("people.json")
    assert sum(person["role"] == "OFC" for person in people) == 53
    assert sum(person["role"] == "SOC" for person in people) == 102
    assert len({person["role"] for person in people}) == 13
    assert len({person["username"] for person in people}) == len({person["name"] for person in people}) == len(people)
    for role in ("OFC", "SOC"):
        held = [code for person in people if person["role"] == role for code in person["cells"]]
        assert sorted(held) == sorted(outlines(areas, "cell"))
    units = read("units.json")
    assert [unit["unit_class"] for unit in units].count("patrol_car") == 12
    assert len(units) == 15


def test_rates_are_a_day_of_forty_calls_and_more_with_sources():
    rates = read("rates.json")
    assert 40 <= sum(rates["per_day_by_kind"].values()) <= 60
    assert sum(rates["share_by_hour"]) == pytest.approx(1, abs=1e-3)
    assert len(rates["share_by_hour"]) == 24
    assert set(rates["sources"]) == {"per_day", "kinds", "hours"}


def test_the_data_stays_small():
    assert sum(len(file.read_bytes()) for file in DATA.iterdir()) < 6_000_000
