"""The town a simulation runs in, and the scenario it runs: frozen values that check themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import numpy.typing as npt

from jiean.engine import assign
from jiean.engine.policy import Penalties
from jiean.engine.simulation.errors import SimulationError

Floats = npt.NDArray[np.float64]
GROUPS = ("traffic", "public_order")
AWAY_S = 7200.0
"""A place no open road leads to is taken to be two hours away: its calls are late, and no wait is endless."""


@dataclass(frozen=True, eq=False)
class Town:
    """Places and what happens there.

    travel_s : float64 (places, places) dry free-flow seconds, zero or more
    weight : float64 (places,) share of the calls, zero or more, summing to 1; a post that is no demand has 0
    per_hour : float64 (24,) calls an hour; group_share : float64 (2,) of traffic and public order
    base : the place of the one station; candidates : int (m,) places where a unit may be posted
    lon, lat : float64 (places,) degrees, for drawing
    """

    travel_s: Floats
    weight: Floats
    per_hour: Floats
    group_share: Floats
    base: int
    candidates: npt.NDArray[np.int64]
    lon: Floats
    lat: Floats

    def __post_init__(self) -> None:
        places = self.weight.size
        if places == 0 or self.travel_s.shape != (places, places):
            raise SimulationError(f"travel_s must be square over {places} places and not empty.")
        for name in ("travel_s", "weight", "per_hour", "group_share"):
            values = getattr(self, name)
            if not np.isfinite(values).all() or (values < 0).any():
                raise SimulationError(f"{name} holds a number that is negative or not finite.")
        if not self.weight.sum() > 0 or not self.per_hour.sum() > 0:
            raise SimulationError("weight or per_hour is zero everywhere: the town has no demand.")
        if self.per_hour.shape != (24,) or self.group_share.shape != (len(GROUPS),):
            raise SimulationError("per_hour needs 24 numbers and group_share 2.")
        if not 0 <= self.base < places or not self.candidates.size or not (self.candidates < places).all():
            raise SimulationError("base or candidates name no place of this town.")

    @cached_property
    def toward_s(self) -> Floats:
        """``travel_s`` turned round, (places, places): the way to a place from every other lies together in memory."""
        return np.ascontiguousarray(self.travel_s.T)


@dataclass(frozen=True)
class Scenario:
    """How the cars stand and work.

    posts : the place of every car on dry days; wet_posts : on wet ones, where other than dry
    pooled : every car takes every call; else the first half takes traffic and the others public order
    standard_s : the promised response, from the call to the first car's arrival
    speed : factor on travel times (above 1 is slower); demand : factor on calls
    on_scene_min, on_scene_shape : mean minutes and shape of the gamma-distributed time on scene and after
    second_share : share of calls that need a second car; urgent_share : share of grade 1
    rain_share, rain_hours : share of hours that are wet and mean length of a spell; rain_slows : share more time
    on_duty : hours of the day each car works, None for always
    declined_share : share of calls whose first car says no; decline_s : seconds until another is ordered
    break_min : minutes of rest each car takes in every eight hours, the cars one after another; grade 1 ends a break
    round_stops : places an idle car goes round besides its post, 0 to stay; round_dwell_min : minutes at each
    coverage_lost_s : what a car costs for the whole share of calls it would leave uncovered (`policy.cost_s`), not for urgent calls
    move_gain : after every order and clearing one standing car moves where this adds so much expected coverage; 0 for never
    stands : the places cars may move to, None for the posts
    """

    posts: tuple[int, ...]
    wet_posts: tuple[int, ...] | None = None
    pooled: bool = True
    move_up: bool = False
    standard_s: float = 300.0
    handling_s: float = 60.0
    speed: float = 1.0
    demand: float = 1.0
    on_scene_min: float = 25.0
    on_scene_shape: float = 2.0
    second_share: float = 0.0
    urgent_share: float = 0.1
    rain_share: float = 0.0
    rain_hours: float = 6.0
    rain_slows: float = 0.2
    busy_share: float = 0.2
    on_duty: tuple[frozenset[int], ...] | None = None
    declined_share: float = 0.0
    decline_s: float = 45.0
    break_min: float = 0.0
    round_stops: float = 0
    round_dwell_min: float = 5.0
    coverage_lost_s: float = 0.0
    move_gain: float = 0.0
    stands: tuple[int, ...] | None = None

    @property
    def penalties(self) -> Penalties:
        """The board's penalties without the rest after an order: a simulated unit has no shift sheet."""
        return assign.Parameters(short_rest_s=0.0, coverage_lost_s=float(self.coverage_lost_s)).penalties

    def __post_init__(self) -> None:
        if not self.posts:
            raise SimulationError("posts is empty: there is no car.")
        for name, given in (("wet_posts", self.wet_posts), ("on_duty", self.on_duty)):
            if given is not None and len(given) != len(self.posts):
                raise SimulationError(f"{name} must give one entry for every car.")
        for words, names, allowed in _RANGES:
            for name in names:
                if not allowed(getattr(self, name)):
                    raise SimulationError(f"{name} is {getattr(self, name)}; {words} is needed.")


_RANGES: tuple[tuple[str, tuple[str, ...], Callable[[float], bool]], ...] = (
    (
        "a number above zero",
        ("standard_s", "speed", "on_scene_min", "on_scene_shape", "rain_hours"),
        lambda x: 0 < x < inf,
    ),
    ("zero or more", ("demand", "handling_s", "rain_slows", "decline_s", "round_dwell_min"), lambda x: 0 <= x < inf),
    (
        "a share in [0, 1)",
        ("second_share", "urgent_share", "rain_share", "busy_share", "declined_share", "move_gain"),
        lambda x: 0 <= x < 1,
    ),
    ("a number from 0 to 240", ("break_min",), lambda x: 0 <= x <= 240),
    ("a whole number from 0 to 20", ("round_stops",), lambda x: 0 <= x <= 20 and x == int(x)),
    ("a number from 0 to 3600", ("coverage_lost_s",), lambda x: 0 <= x <= 3600),
)
