"""Datums against two independent libraries, distances and H3 cells."""

import math
import warnings

import eviltransform
import h3
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiean.kernel import geo

in_china = st.tuples(st.floats(73.5, 134.5), st.floats(18.5, 53.0))


@given(in_china)
def test_gcj02_equals_prcoords_and_eviltransform(point):
    lon, lat = point
    ours = geo.wgs84_to_gcj02(lon, lat)
    assert ours == pytest.approx(tuple(reversed(prcoords.wgs_gcj((lat, lon)))), abs=1e-9)
    # eviltransform divides by another ellipsoid's axis (6,378,137 m): up to 1.3 cm of difference
    assert ours == pytest.approx(tuple(reversed(eviltransform.wgs2gcj(lat, lon))), abs=2e-7)


@given(in_china)
def test_back_to_wgs84_equals_both_and_is_exact(point):
    lon, lat = point
    ours = geo.gcj02_to_wgs84(lon, lat)
    assert geo.wgs84_to_gcj02(*ours) == pytest.approx((lon, lat), abs=1e-10)
    assert ours == pytest.approx(tuple(reversed(prcoords.gcj_wgs_bored((lat, lon)))), abs=2e-5)
    assert ours == pytest.approx(tuple(reversed(eviltransform.gcj2wgs_exact(lat, lon))), abs=2e-6)


@given(in_china)
def test_bd09_equals_both_and_is_exact(point):
    lon, lat = point
    ours = geo.gcj02_to_bd09(lon, lat)
    assert ours == pytest.approx(tuple(reversed(prcoords.gcj_bd((lat, lon)))), abs=1e-9)
    assert ours == pytest.approx(tuple(reversed(eviltransform.gcj2bd(lat, lon))), abs=1e-9)
    assert geo.bd09_to_gcj02(*ours) == pytest.approx((lon, lat), abs=1e-10)
    assert geo.bd09_to_wgs84(*geo.wgs84_to_bd09(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


@pytest.mark.parametrize("point", [(-122.44, 37.78), (2.35, 48.85), (151.2, -33.9), (0.0, 0.0), (72.0, 30.0)])
def test_outside_the_box_points_pass_unchanged(point):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert tuple(prcoords.wgs_gcj(tuple(reversed(point)))) == tuple(reversed(point))
    for convert in (geo.wgs84_to_gcj02, geo.gcj02_to_wgs84, geo.gcj02_to_bd09, geo.bd09_to_gcj02):
        assert convert(*point) == point


def test_the_shift_is_hundreds_of_metres_in_shanghai():
    assert 300 < geo.distance_m(121.47, 31.23, *geo.wgs84_to_gcj02(121.47, 31.23)) < 700


@pytest.mark.parametrize(
    ("point", "answer"),
    [((121.4, 31.2), True), ((180, 90), True), ((180.01, 0), False), ((0, -90.01), False), ((math.nan, 0), False),
     ((0, math.inf), False)],
)  # fmt: skip
def test_on_globe(point, answer):
    assert geo.on_globe(*point) is answer


def test_distances_by_hand():
    assert geo.distance_m(0, 0, 0, 1) == pytest.approx(111_195.08, abs=0.01)
    assert geo.distance_m(0, 0, 180, 0) == pytest.approx(math.pi * geo.EARTH_RADIUS_M)
    assert geo.distance_m(121.4, 31.2, 121.4, 31.2) == 0


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_h3_cells_fit_a_signed_bigint_and_come_back(lon, lat):
    cell = geo.h3_cell(lon, lat)
    assert -(2**63) <= cell < 2**63
    assert h3.int_to_str(cell % 2**64) == h3.latlng_to_cell(lat, lon, geo.CELL_RESOLUTION)
    assert h3.int_to_str(geo.h3_parent(cell, 7) % 2**64) == h3.cell_to_parent(h3.latlng_to_cell(lat, lon, 10), 7)


def test_a_cell_off_the_globe_is_refused_and_outlines_close_around_the_point():
    with pytest.raises(ValueError, match="globe"):
        geo.h3_cell(200, 0)
    outline = geo.h3_outline(geo.h3_cell(121.47, 31.23))
    assert len(outline) == 6
    assert all(geo.distance_m(121.47, 31.23, lon, lat) < 200 for lon, lat in outline)
