"""Posts before and after: where the station's posts stand, and where as many would cover the same calls best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.town import Town
from jiean.engine.siting import pmedian
from jiean.kernel.access import allow
from jiean.kernel.actor import Actor
from jiean.twin.access import Can
from jiean.twin.advice import ground

DEFAULT_POSTS, MOST_POSTS = 12, 40
WITHIN_S = 300.0
"""The five minutes of the arrival target, as driving."""
PROOF_ROUNDS = 150


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts with the mean drive to a call and the share of calls within the target's driving time."""

    points: tuple[tuple[float, float], ...]
    mean_s: float
    share: float

    @property
    def percent(self) -> str:
        return f"{100 * self.share:.1f}"


@dataclass(frozen=True, slots=True)
class Sites:
    """Before and after; ``gap`` is how far the chosen posts may be from the best there is, a share. ``why`` says what is missing."""

    before: Posting | None = None
    after: Posting | None = None
    gap: float = 0.0
    why: str = ""

    @property
    def gap_percent(self) -> str:
        return f"{100 * self.gap:.2f}"


def sites_of(actor: Actor, count: int) -> Sites:
    """The key points as posts, and `count` posts by the p-median. Raises Forbidden."""
    allow(Can.SEE, actor)
    try:
        here = ground()
    except SimulationError as error:
        return Sites(why=str(error))
    town, rounds = here.town, iter(range(PROOF_ROUNDS))
    wanted = min(count, town.candidates.size)
    found = pmedian(
        town.travel_s[town.candidates].T, wanted, weights=town.weight, stop=lambda: next(rounds, None) is None
    )
    now = here.key_points or (town.base,)
    return Sites(_posting(town, now), _posting(town, town.candidates[list(found.sites)].tolist()), found.gap)


def _posting(town: Town, posts: Sequence[int]) -> Posting:
    nearest = town.travel_s[list(posts)].min(axis=0)
    weight = town.weight / town.weight.sum()
    points = tuple((float(town.lon[p]), float(town.lat[p])) for p in posts)
    return Posting(points, float(nearest @ weight), float(weight[nearest <= WITHIN_S].sum()))
