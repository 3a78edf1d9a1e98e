"""How well the free units cover the town now, what sending one leaves behind, and which idle unit should move where.

Source: Daskin, M. S. (1983), "A maximum expected covering location model", Transportation Science 17, 48-70; for moves
Jagtenberg, C. J., Bhulai, S., van der Mei, R. D. (2015), "An efficient heuristic for real-time ambulance redeployment",
Operations Research for Health Care 4, 27-35 (DMEXCLP), here as a best single exchange, repeated. A person accepts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class CoverageError(ValueError):
    """A question of coverage that cannot be answered; the message names the array at fault."""


@dataclass(frozen=True)
class Coverage:
    """Share of the expected calls within reach of a free unit, and how much of it each unit alone holds, (units,).

    `lost[u]` is the share that is left without anybody when unit u is sent; 0 for one that is not free.
    """

    share: float
    lost: Floats


@dataclass(frozen=True)
class Move:
    """An idle unit, the post it should go to, the expected coverage gained (a share) and the seconds of its way."""

    unit: int
    post: int
    gain: float
    travel_s: float


def coverage_now(
    travel_s: npt.ArrayLike, weight: npt.ArrayLike, free: npt.ArrayLike, *, within_s: float = 300.0
) -> Coverage:
    """Coverage at this moment.

    Parameters
    ----------
    travel_s : float64 (units, demand)
        Seconds from where each unit is; infinite where there is no way.
    weight : float64 (demand,)
        Expected calls, zero or more, not all zero.
    free : bool (units,)
    within_s
        The promise, seconds of driving, zero or more.

    Raises
    ------
    CoverageError
    """
    times, share = _times(travel_s, "travel_s"), _shares(weight)
    may = np.asarray(free, np.bool_)
    if times.shape != (may.size, share.size):
        raise CoverageError(f"travel_s is {times.shape}; {may.size} units and {share.size} places are given.")
    reach = (times <= _within(within_s)) & may[:, None]
    count = reach.sum(axis=0)
    return Coverage(float(share[count > 0].sum()), (reach & (count == 1)) @ share)


def propose_moves(
    posts_s: npt.ArrayLike, ways_s: npt.ArrayLike, at: npt.ArrayLike, weight: npt.ArrayLike, *, busy_share: float,
    within_s: float = 300.0, most: int = 1, least_gain: float = 0.005,
) -> tuple[Move, ...]:  # fmt: skip
    """The moves of idle units that add the most expected coverage, the best first.

    Parameters
    ----------
    posts_s : float64 (posts, demand)
        Seconds from each post.
    ways_s : float64 (units, posts)
        Seconds from where each idle unit is to each post; infinite forbids the move.
    at : int (units,)
        The post where each idle unit stands or to which it is under way.
    weight : float64 (demand,)
    busy_share
        Share of the time a unit is busy, in [0, 1): the k-th unit in reach counts (1 - q) q ** (k - 1).
    most
        How many moves to propose; each counts on those before it.
    least_gain
        A smaller gain (a share of all calls) is not worth the drive.

    Raises
    ------
    CoverageError
    """
    reach = _times(posts_s, "posts_s") <= _within(within_s)
    ways, share, stand = _times(ways_s, "ways_s"), _shares(weight), np.array(at, np.int64)
    _check_moves(reach, ways, share, stand, busy_share)
    moves: list[Move] = []
    for _ in range(min(most, stand.size)):
        gain = _gains(reach, stand, share, busy_share)
        gain[~np.isfinite(ways)] = -np.inf
        unit, post = (int(i) for i in np.unravel_index(np.argmax(gain), gain.shape))
        if gain[unit, post] < max(least_gain, 1e-12):
            break
        moves.append(Move(unit, post, float(gain[unit, post]), float(ways[unit, post])))
        stand[unit] = post
    return tuple(moves)


def best_posts(
    posts_s: npt.ArrayLike, ways_s: npt.ArrayLike, weight: npt.ArrayLike, *, busy_share: float, within_s: float = 300.0,
    seconds: float = 20.0,
) -> tuple[int, ...]:  # fmt: skip
    """Where idle units would stand for the most expected coverage: an exact integer programme, for small cases.

    The check of `propose_moves`: no chain of its moves can pass what this gives. One binary a unit and post it may reach,
    one a place and the k-th unit in its reach; solved by HiGHS.

    Raises
    ------
    CoverageError
        Also where the programme was not solved to the end within `seconds`.
    """
    reach = _times(posts_s, "posts_s") <= _within(within_s)
    ways, share = _times(ways_s, "ways_s"), _shares(weight)
    _check_moves(reach, ways, share, np.zeros(len(ways), np.int64), busy_share)
    return _exact(reach, np.isfinite(ways), share, busy_share, seconds)


def _exact(
    reach: npt.NDArray[np.bool_], may: npt.NDArray[np.bool_], share: Floats, busy: float, seconds: float
) -> tuple[int, ...]:
    """Columns: x[unit, post], then y[k, place]: at least k units reach the place."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - slow to load, and only checks ask

    units, posts = may.shape
    worth = np.concatenate([(1 - busy) * busy**k * share for k in range(units)]) if units else np.empty(0)
    stands = np.kron(np.eye(units), np.ones(posts))
    reached = np.hstack([np.tile(reach.T, (1, units)), np.tile(-np.eye(share.size), (1, units))])
    rows = [
        LinearConstraint(np.hstack([stands, np.zeros((units, worth.size))]), 1, 1),
        LinearConstraint(reached, 0, np.inf),
    ]
    most = np.concatenate([may.ravel().astype(float), np.ones(worth.size)])
    whole = np.concatenate([np.ones(units * posts), np.zeros(worth.size)])
    gain = np.concatenate([np.zeros(units * posts), worth])
    found = milp(-gain, constraints=rows, bounds=Bounds(0, most), integrality=whole, options={"time_limit": seconds})
    if not found.success:
        raise CoverageError(f"The exact programme of {units} units and {posts} posts was not solved ({found.message}).")
    return tuple(int(i) for i in found.x[: units * posts].reshape(units, posts).argmax(axis=1))


def expected_coverage(
    posts_s: npt.ArrayLike, at: npt.ArrayLike, weight: npt.ArrayLike, *, busy_share: float, within_s: float = 300.0
) -> float:
    """Share of calls expected to find a free unit in reach, with units standing at posts `at` (units,)."""
    reach = _times(posts_s, "posts_s") <= _within(within_s)
    count = reach[np.asarray(at, np.int64)].sum(axis=0)
    return float((_shares(weight) * (1 - busy_share**count)).sum())


def _gains(reach: npt.NDArray[np.bool_], stand: npt.NDArray[np.int64], share: Floats, busy: float) -> Floats:
    """What each move (units, posts) would add; units at one post have the same row."""
    count, near = reach[stand].sum(axis=0), reach.astype(np.float64)
    gain = np.empty((stand.size, len(reach)))
    for post in np.unique(stand):
        left = count - reach[post]
        worth = share * (1 - busy) * busy**left
        gain[stand == post] = near @ worth - near[post] @ worth
    return gain


def _check_moves(
    reach: npt.NDArray[np.bool_], ways: Floats, share: Floats, stand: npt.NDArray[np.int64], busy: float
) -> None:
    if reach.shape[1] != share.size:
        raise CoverageError(f"posts_s is {reach.shape}; {share.size} places are given.")
    if ways.shape != (stand.size, len(reach)):
        raise CoverageError(f"ways_s is {ways.shape}; {stand.size} units and {len(reach)} posts are given.")
    if stand.size and not (stand.min() >= 0 and stand.max() < len(reach)):
        raise CoverageError("at names a post that is not there.")
    if not 0 <= busy < 1:
        raise CoverageError(f"busy_share is {busy}; a share in [0, 1) is needed.")


def _times(values: npt.ArrayLike, name: str) -> Floats:
    times = np.asarray(values, np.float64)
    if times.ndim != 2 or np.isnan(times).any() or (times < 0).any():
        raise CoverageError(f"{name} must be a table of seconds of zero or more.")
    return times


def _shares(weight: npt.ArrayLike) -> Floats:
    share = np.asarray(weight, np.float64)
    if share.ndim != 1 or not np.isfinite(share).all() or (share < 0).any() or not share.sum() > 0:
        raise CoverageError("weight must hold numbers of zero or more, and not all zero.")
    return np.asarray(share / share.sum(), np.float64)


def _within(seconds: float) -> float:
    if not seconds >= 0:
        raise CoverageError(f"within_s is {seconds}; zero or more is needed.")
    return seconds
