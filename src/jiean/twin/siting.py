"""Posts before and after: where the station's posts stand, and where others would serve the same calls best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jiean.engine.siting import Aim, SitingError, Wishes, sited
from jiean.grid.queries import cells, key_points
from jiean.twin.advice import Ground, drawn_closed

DEFAULT_POSTS, MOST_POSTS = 12, 40
WITHIN_S = 300.0
"""The five minutes of the arrival target, as driving."""
PROOF_ROUNDS = 150
"""Rounds of proving: a p-median of a town is proven, or all but, long before."""
SOLVER_S = 30.0


@dataclass(frozen=True, slots=True)
class Post:
    """A post for the map and the table: degrees, its cell's code, whether it was there before, the share of calls it serves."""

    lon: float
    lat: float
    cell: str
    kept: bool
    share: float

    @property
    def percent(self) -> str:
        return f"{100 * self.share:.1f}"


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts with the mean drive to a call and the share of calls within the target's driving time."""

    points: tuple[Post, ...]
    mean_s: float
    share: float

    @property
    def percent(self) -> str:
        return f"{100 * self.share:.1f}"


@dataclass(frozen=True, slots=True)
class Sites:
    """Before and after, the figure asked for with its bound (seconds, or a share), what of the budget was spent, and the
    roads that were closed, for the map."""

    before: Posting
    after: Posting
    aim: str
    value: float
    bound: float
    gap: float
    proven: bool
    spent: float
    cpu_s: float
    closed: dict[str, Any]

    @property
    def gap_percent(self) -> str:
        return f"{100 * self.gap:.2f}"

    @property
    def value_percent(self) -> str:
        return f"{100 * self.value:.1f}"

    @property
    def bound_percent(self) -> str:
        return f"{100 * self.bound:.1f}"

    @property
    def spent_percent(self) -> str:
        return f"{100 * self.spent:.0f}"


def worked_out(
    here: Ground, asked: Mapping[str, Any], tell: Callable[[float], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """Posts for what was asked, in plain numbers to keep; `tell` gets the share done. Raises SitingError, Infeasible."""
    spots = [*here.town.candidates.tolist(), *here.key_points]
    rounds = iter(range(PROOF_ROUNDS))

    def enough() -> bool:
        done = next(rounds, None)
        tell(1.0 if done is None else done / PROOF_ROUNDS)
        return (done is None and wishes.aim is Aim.DRIVE) or stop()

    wishes = wishes_of(here, asked, spots)
    found = sited(here.town.travel_s[spots].T, here.town.weight, wishes, stop=enough)
    chosen = [spots[one] for one in found.sites]
    kept = here.key_points if asked["keep"] else ()
    return {
        "before": _posting(here, here.key_points or (here.town.base,), ()), "after": _posting(here, chosen, kept),
        "value": found.value, "bound": found.bound, "gap": found.gap, "proven": found.proven, "spent": found.spent,
        "cpu_s": round(found.cpu_s, 2), "closed": here.closed,
    }  # fmt: skip


def wishes_of(here: Ground, asked: Mapping[str, Any], spots: Sequence[int]) -> Wishes:
    """What a form asked, by candidate numbers. Raises SitingError."""
    by_code = {row.code: row.pk for row in cells()}
    shut = {by_code[code] for code in asked["must_not"] if code in by_code}
    wanted = [by_code[code] for code in asked["must"] if code in by_code]
    owner = [here.cells[spot] for spot in spots]
    first = {cell: owner.index(cell) for cell in wanted if cell in owner}
    fixed = range(len(spots) - len(here.key_points), len(spots))
    prices = _prices(asked, owner, by_code) if asked["budget"] else None
    return Wishes(
        asked["posts"], Aim(asked["aim"]), WITHIN_S, asked["busy"], existing=tuple(fixed) if asked["keep"] else (),
        must=tuple(first.values()), must_not=tuple(i for i, cell in enumerate(owner) if cell in shut),
        site_costs=prices, budget=asked["budget"] or None, most_share=asked["most_share"] or None, seconds=SOLVER_S,
    )  # fmt: skip


def _prices(asked: Mapping[str, Any], owner: Sequence[int], by_code: Mapping[str, int]) -> tuple[float, ...]:
    """What a post costs at each candidate: its cell's price where one was given, else the common one."""
    of_cell = {by_code[code]: price for code, price in asked["costs"].items() if code in by_code}
    return tuple(float(of_cell.get(cell, asked["cost"])) for cell in owner)


def _posting(here: Ground, posts: Sequence[int], kept: Sequence[int]) -> dict[str, Any]:
    """Posts with what each would serve if every call went to its nearest."""
    town = here.town
    travel, weight = town.travel_s[list(posts)], town.weight / town.weight.sum()
    home = dict(zip(here.key_points, (point.cell_id for point in key_points()), strict=True))
    nearest, owner = travel.min(axis=0), np.bincount(travel.argmin(axis=0), weights=weight, minlength=len(posts))
    return {
        "points": [
            [round(float(town.lon[p]), 6), round(float(town.lat[p]), 6), home.get(p, here.cells[p]), p in kept, round(float(load), 4)]
            for p, load in zip(posts, owner, strict=True)
        ],
        "mean_s": float(nearest @ weight), "share": float(weight[nearest <= WITHIN_S].sum()),
    }  # fmt: skip


def shown_sites(shown: Mapping[str, Any], asked: Mapping[str, Any]) -> Sites:
    """What was kept, for a page."""
    codes = {row.pk: row.code for row in cells()}
    before, after = (
        Posting(
            tuple(Post(lon, lat, codes.get(cell, ""), kept, load) for lon, lat, cell, kept, load in side["points"]),
            side["mean_s"], side["share"],
        )
        for side in (shown["before"], shown["after"])
    )  # fmt: skip
    words = ("value", "bound", "gap", "proven", "spent", "cpu_s")
    closed = drawn_closed(shown.get("closed", ()))
    return Sites(before, after, asked["aim"], closed=closed, **{word: shown[word] for word in words})


__all__ = ["DEFAULT_POSTS", "MOST_POSTS", "SitingError", "shown_sites", "wishes_of", "worked_out"]
