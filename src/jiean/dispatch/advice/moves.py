"""Which idle unit should wait elsewhere, so that the free units reach more of the town. A person accepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from jiean.dispatch.advice.ground import Demand, demand, place_of
from jiean.dispatch.models import Move
from jiean.dispatch.queries.moves import dismissed_lately, standing_moves
from jiean.dispatch.queries.units import UnitRow, units_now
from jiean.dispatch.targets import ARRIVE
from jiean.dispatch.words import duration_words
from jiean.engine import coverage as engine
from jiean.engine import roads as engine_roads
from jiean.grid.queries import key_points
from jiean.kernel.actor import Actor

BUSY_SHARE = 0.2
"""Share of the time a unit is taken to be busy when moves are weighed; as the simulation's own default."""
LEAST_GAIN = 0.02
"""A move that adds less expected coverage (a share) is not proposed: a crew is not moved for nothing."""
LONGEST_WAY_S = 900.0


@dataclass(frozen=True, slots=True)
class Post:
    """A place where a unit may wait: a key point, or a unit's own base."""

    code: str
    words: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class MoveAdvice:
    """One proposed move: who, where to, how long the way is, and the expected coverage before and after, shares."""

    unit_id: int
    call_sign: str
    post: Post
    travel_s: float
    before: float
    gain: float

    @property
    def travel_words(self) -> str:
        return duration_words(self.travel_s)

    @property
    def percents(self) -> tuple[int, int]:
        return round(100 * self.before), round(100 * (self.before + self.gain))


def propose_move(actor: Actor) -> MoveAdvice | None:
    """The one move of a free unit that adds the most expected coverage, or None. Raises Forbidden. Six statements."""
    standing = {move.unit_id: move for move in standing_moves(actor)}
    units, wanted = units_now(actor), demand()
    if wanted is None:
        return None
    free = [unit for unit in units if unit.is_free and unit.unit_class != "post" and place_of(unit)]
    posts = _posts(units)
    unwanted = dismissed_lately()
    barred = [[(unit.id, post.words) in unwanted for post in posts] for unit in free]
    return _best(wanted, free, posts, standing, np.array(barred, np.bool_)) if free and posts else None


def judged_move(actor: Actor, unit_id: int, post_code: str) -> MoveAdvice | None:
    """The numbers of one move as they are now, whoever proposed it; None where it cannot be made."""
    standing = {move.unit_id: move for move in standing_moves(actor)}
    units, wanted = units_now(actor), demand()
    free = [unit for unit in units if unit.is_free and place_of(unit)]
    posts = [post for post in _posts(units) if post.code == post_code]
    if wanted is None or not posts or all(unit.id != unit_id for unit in free):
        return None
    barred = np.array([[unit.id != unit_id] for unit in free], np.bool_)
    return _best(wanted, free, posts, standing, barred, least=-1.0)


def _best(
    wanted: Demand, free: Sequence[UnitRow], posts: Sequence[Post], standing: dict[int, Move],
    barred: np.ndarray, least: float = LEAST_GAIN,
) -> MoveAdvice | None:  # fmt: skip
    """Each unit may stay where it is or is bound for; those places stand behind the posts, and are nobody else's."""
    here = [place_of(unit) or (unit.base_lon, unit.base_lat) for unit in free]
    bound = [_goal(standing.get(unit.id), place) for unit, place in zip(free, here, strict=True)]
    points = [*((post.lon, post.lat) for post in posts), *bound]
    times = wanted.seconds_from(points)
    ways = np.full((len(free), len(points)), np.inf)
    ways[:, : len(posts)] = _ways(wanted, here, points[: len(posts)])
    ways[:, : len(posts)][barred | (ways[:, : len(posts)] > LONGEST_WAY_S)] = np.inf
    at = len(posts) + np.arange(len(free))
    before = engine.expected_coverage(times, at, wanted.weight, busy_share=BUSY_SHARE, within_s=ARRIVE.seconds)
    found = engine.propose_moves(
        times, ways, at, wanted.weight, busy_share=BUSY_SHARE, within_s=ARRIVE.seconds, least_gain=least
    )
    if not found:
        return None
    unit, move = free[found[0].unit], found[0]
    return MoveAdvice(unit.id, unit.call_sign, posts[move.post], move.travel_s, before, move.gain)


def _ways(wanted: Demand, origins: Sequence[tuple[float, float]], ends: Sequence[tuple[float, float]]) -> np.ndarray:
    starts = engine_roads.snap_many(wanted.roads, np.array(origins))
    goals = engine_roads.snap_many(wanted.roads, np.array(ends))
    return engine_roads.times_of(wanted.roads).matrix(starts, goals)


def _goal(move: Move | None, here: tuple[float, float]) -> tuple[float, float]:
    return (move.lon, move.lat) if move is not None else here


def _posts(units: Sequence[UnitRow]) -> list[Post]:
    return list(_all_posts(units))


def _all_posts(units: Sequence[UnitRow]) -> Iterator[Post]:
    for point in key_points():
        yield Post(f"k{point.pk}", point.name, point.lon, point.lat)
    for unit in units:
        yield Post(f"b{unit.id}", _("%(sign)s 驻点") % {"sign": unit.call_sign}, unit.base_lon, unit.base_lat)
