"""Which cell holds a point, and what lies near."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiean.grid.commands import import_areas
from jiean.grid.imports import read_areas
from jiean.grid.queries import (
    areas_overview,
    cell_at,
    cells_geojson,
    in_town,
    key_points,
    premises_by_token,
    premises_near,
)
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Forbidden
from tests.town import MARKET_AT, OUTSIDE, SYSTEM, VILLAGE_AT, Town, areas, feature, geojson


def test_a_point_lies_in_its_cell(town: Town) -> None:
    assert cell_at(*MARKET_AT).code == "SJ-001"
    assert cell_at(*VILLAGE_AT).code == "SJ-003"
    assert cell_at(*OUTSIDE) is None
    assert in_town(*MARKET_AT) and not in_town(*OUTSIDE)


@pytest.mark.parametrize("lat", [31.230, 31.2301, 31.2357, 31.24])
def test_a_border_belongs_to_the_lowest_code(town: Town, lat: float) -> None:
    assert cell_at(121.480, lat).code == "SJ-001"
    assert cell_at(121.490, lat).code == "SJ-002"


def test_a_slanting_border_leaves_no_point_to_nobody(town: Town) -> None:
    ends = (121.4803, 31.230), (121.4791, 31.240)
    drawn = areas()
    west, south, east, north = 121.470, 31.230, 121.490, 31.240
    for area, corner in ((drawn[2], west), (drawn[3], east)):
        ring = [[corner, south], list(ends[0]), list(ends[1]), [corner, north], [corner, south]]
        area["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    import_areas(SYSTEM, read_areas(geojson(drawn)))
    chance = random.Random(7)
    for share in (chance.random() for _ in range(500)):
        lon = ends[0][0] + share * (ends[1][0] - ends[0][0])
        lat = ends[0][1] + share * (ends[1][1] - ends[0][1])
        assert cell_at(lon, lat) is not None
        assert cell_at(lon, lat).pk == cell_at(lon, lat).pk


def test_a_known_map_costs_one_statement(town: Town) -> None:
    cell_at(*MARKET_AT)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        cell_at(*VILLAGE_AT)
    assert len(statements) == 1


def test_without_a_map_nothing_is_refused(db: None) -> None:
    assert cell_at(*MARKET_AT) is None
    assert in_town(*OUTSIDE)


def test_places_near_come_nearest_first(town: Town) -> None:
    assert [row.code for row in premises_near(121.4755, 31.235, 100)] == ["P-001"]
    assert [row.code for row in premises_near(121.4805, 31.235, 2000)] == ["P-002", "P-001"]
    assert premises_by_token("market2345").code == "P-001"
    assert premises_by_token("nothing") is None
    assert [point.name for point in key_points()] == ["盈中涵洞"]


def test_the_map_carries_ids_and_communities(town: Town) -> None:
    drawn = cells_geojson()["features"]
    assert [one["properties"]["code"] for one in drawn] == ["SJ-001", "SJ-002", "SJ-003"]
    assert drawn[0]["id"] == town.cells["SJ-001"].pk
    assert drawn[2]["properties"]["community"] == "盈中村"


def test_the_overview_is_for_staff(town: Town) -> None:
    assert [len(row.cell_rows) for row in areas_overview(town.mediator)] == [2, 1]
    with pytest.raises(Forbidden):
        areas_overview(Actor.public())


def test_a_sliver_between_two_cells_belongs_to_the_nearest(town: Town) -> None:
    drawn = areas()
    ring = drawn[3]["geometry"]["coordinates"][0]
    for point in ring:
        if point[0] == 121.480:
            point[0] = 121.480_001
    import_areas(SYSTEM, read_areas(geojson(drawn)), gaps_are_right=True)
    assert cell_at(121.480_000_5, 31.235).code == "SJ-001"


def test_an_unknown_feature_is_not_taken_for_a_cell(town: Town) -> None:
    plan = read_areas(geojson([*areas(), feature(None, level="lake", code="L", name="湖")]))
    assert [finding.code for finding in plan.errors] == ["no_level"]
