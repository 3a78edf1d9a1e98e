"""Points on the globe: the datums met in China, distances, and H3 cells.

Stored coordinates are WGS-84 degrees. Chinese map services speak GCJ-02 or BD-09; the doors convert. The public
forms of both shifts were never published officially; the formulas here are those of the open `eviltransform` and
`prcoords` projects, which the tests compare with.
"""

import math
from collections.abc import Callable

import h3

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the WGS-84 ellipsoid."""

CELL_RESOLUTION = 10
"""H3 resolution of stored cells: hexagons of about 15,000 square metres (h3geo.org, table of cell statistics)."""

_AXIS_M = 6_378_245.0
_ECCENTRICITY2 = 0.00669342162296594323
"""Krasovsky 1940 ellipsoid, which the GCJ-02 formula is written on."""
_BD_TURN = math.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006

Point = tuple[float, float]
"""Longitude and latitude in degrees, in this order."""


def on_globe(lon: float, lat: float) -> bool:
    """Whether the numbers can be a longitude in [-180, 180] and a latitude in [-90, 90]; False for NaN."""
    return -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0


def in_china_box(lon: float, lat: float) -> bool:
    """Whether the shift applies: the rectangle that map services use, not the country's border."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    """Shift a WGS-84 point as Chinese maps do; a point outside the box passes unchanged."""
    if not in_china_box(lon, lat):
        return lon, lat
    east, north = _wave(lon - 105.0, lat - 35.0)
    radians = math.radians(lat)
    magic = 1 - _ECCENTRICITY2 * math.sin(radians) ** 2
    north_m = _AXIS_M * (1 - _ECCENTRICITY2) / (magic * math.sqrt(magic))
    east_m = _AXIS_M / math.sqrt(magic) * math.cos(radians)
    return lon + math.degrees(east / east_m), lat + math.degrees(north / north_m)


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """Undo the shift by iteration; the error is below 1e-9 degrees (0.1 mm)."""
    return _invert(wgs84_to_gcj02, lon, lat) if in_china_box(lon, lat) else (lon, lat)


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    """Baidu's second shift of a GCJ-02 point; outside the box it passes unchanged."""
    if not in_china_box(lon, lat):
        return lon, lat
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_TURN)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_TURN)
    return radius * math.cos(angle) + _BD_LON, radius * math.sin(angle) + _BD_LAT


def bd09_to_gcj02(lon: float, lat: float) -> Point:
    """Undo Baidu's second shift by iteration; the error is below 1e-9 degrees."""
    return _invert(gcj02_to_bd09, lon, lat) if in_china_box(lon, lat) else (lon, lat)


def bd09_to_wgs84(lon: float, lat: float) -> Point:
    """Baidu coordinates to WGS-84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def wgs84_to_bd09(lon: float, lat: float) -> Point:
    """WGS-84 to Baidu coordinates."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


_TO_WGS84: dict[str, Callable[[float, float], Point] | None] = {
    "wgs84": None,
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}
DATUMS = tuple(_TO_WGS84)
"""The datums a door takes coordinates in."""


def to_wgs84(lon: float, lat: float, datum: str) -> Point:
    """A point given in one of `DATUMS` as WGS-84. Raises KeyError for another datum."""
    convert = _TO_WGS84[datum]
    return convert(lon, lat) if convert else (lon, lat)


def _wave(x: float, y: float) -> Point:
    """The GCJ-02 displacement in metres east and north; x and y are degrees from (105, 35)."""
    common = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y / 30 * math.pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return east, north


def _invert(shift: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """Find the point that `shift` moves onto (lon, lat): fixed point iteration, contracting about 1:1000 a step.

    The shift has a jump at the box's edge, where no point may map onto the wanted one; the last step is then kept.
    """
    guess_lon, guess_lat = lon, lat
    for _ in range(12):
        moved_lon, moved_lat = shift(guess_lon, guess_lat)
        step_lon, step_lat = lon - moved_lon, lat - moved_lat
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        if abs(step_lon) < 1e-12 and abs(step_lat) < 1e-12:
            break
    return guess_lon, guess_lat


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres between two points in degrees."""
    half_lat, half_lon = math.radians(lat2 - lat1) / 2, math.radians(lon2 - lon1) / 2
    square = math.sin(half_lat) ** 2
    square += math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(square, 1.0)))


def h3_cell(lon: float, lat: float, resolution: int = CELL_RESOLUTION) -> int:
    """The H3 cell of a point as a signed 64-bit number, fit for a `bigint` column. Raises ValueError off the globe."""
    if not on_globe(lon, lat):
        raise ValueError("not a point on the globe")
    return _signed(h3.str_to_int(h3.latlng_to_cell(lat, lon, resolution)))


def h3_parent(cell: int, resolution: int) -> int:
    """The coarser H3 cell that holds `cell`; both as signed 64-bit numbers."""
    return _signed(h3.str_to_int(h3.cell_to_parent(h3.int_to_str(cell % 2**64), resolution)))


def h3_outline(cell: int) -> tuple[Point, ...]:
    """Corners of a cell as (lon, lat)."""
    return tuple((lon, lat) for lat, lon in h3.cell_to_boundary(h3.int_to_str(cell % 2**64)))


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number
