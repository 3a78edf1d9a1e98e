"""Metres on the ground: great circles for lengths, a local plane for nearness."""

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.errors import WrongDatum

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the WGS-84 ellipsoid (Moritz 2000, Geodetic Reference System 1980, table of derived constants)."""


def great_circle_m(lon1: Floats, lat1: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Great-circle distances in metres (haversine form, stable for short distances).

    Parameters are arrays (float64, degrees, WGS-84) of one shape; so is the result.
    """
    half_lat: Floats = np.radians(lat2 - lat1) / 2
    half_lon = np.radians(lon2 - lon1) / 2
    square = np.sin(half_lat) ** 2 + np.cos(np.radians(lat1)) * np.cos(np.radians(lat2)) * np.sin(half_lon) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0)))
    return metres


def to_plane(points: Floats, origin: tuple[float, float]) -> Floats:
    """Project degrees to metres east and north of `origin` (equirectangular).

    Parameters
    ----------
    points : float64, shape (n, 2)
        Longitude and latitude, degrees.
    origin : (lon, lat)
        Degrees. Within 30 km of it distances err by less than 0.4 % below 50 degrees of latitude.
    """
    return np.asarray((points - np.asarray(origin)) * metres_a_degree(origin[1]), dtype=np.float64)


def metres_a_degree(lat: float) -> Floats:
    """Metres in a degree of longitude and of latitude at this latitude, shape (2,)."""
    metres: Floats = np.array([np.cos(np.radians(lat)), 1.0]) * np.radians(1.0) * EARTH_RADIUS_M
    return metres


def check_degrees(lon: Floats, lat: Floats) -> None:
    """Refuse coordinates that cannot be degrees. Raises WrongDatum.

    Longitudes must lie in [-180, 180] and latitudes in [-90, 90]. A town wider than 5 degrees is refused too: one
    stray point would otherwise stretch the local plane.
    """
    if lon.size == 0:
        return
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise WrongDatum("Some coordinates are not numbers.")
    if np.abs(lon).max() > 180 or np.abs(lat).max() > 180:
        raise WrongDatum("Coordinates look like projected metres; degrees of WGS-84 longitude and latitude are needed.")
    if np.abs(lat).max() > 90:
        raise WrongDatum("Latitudes beyond 90 degrees: longitude and latitude seem to be swapped.")
    if np.ptp(lon) > 5 or np.ptp(lat) > 5:
        raise WrongDatum("The network is wider than 5 degrees; cut it to one town, or look for stray points.")
