"""A question of siting as people ask it: what counts, what stays, what must and must not be, money and load; one answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from jiean.engine.siting.covering import Covering, mclp, mexclp
from jiean.engine.siting.errors import SitingError
from jiean.engine.siting.pmedian import PMedian, pmedian
from jiean.engine.siting.problem import Floats, Stop, never


class Aim(StrEnum):
    """What a choice of sites is judged by."""

    DRIVE = "drive"  # p-median: the mean drive to a call
    COVER = "cover"  # MCLP: the share of calls within reach
    EXPECT = "expect"  # MEXCLP: the share expected within reach of a unit that is free


@dataclass(frozen=True)
class Wishes:
    """What is asked.

    p : sites in all, those that exist among them; with a budget the most
    within_s : reach in seconds, for COVER and EXPECT; busy : share of the time a unit is busy, [0, 1), for EXPECT
    existing, must, must_not : candidate numbers; existing ones stay and cost nothing
    site_costs, budget : what opening each candidate costs, and what there is to spend; both or neither
    most_share : of the demand that one site may serve, (0, 1]; not for EXPECT
    seconds : limit of the solver where one is asked
    """

    p: int
    aim: Aim = Aim.DRIVE
    within_s: float = 300.0
    busy: float = 0.3
    existing: tuple[int, ...] = ()
    must: tuple[int, ...] = ()
    must_not: tuple[int, ...] = ()
    site_costs: tuple[float, ...] | None = None
    budget: float | None = None
    most_share: float | None = None
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.most_share is not None and not 0 < self.most_share <= 1:
            raise SitingError(f"most_share is {self.most_share}; a share above 0 and up to 1 is needed.")
        if self.most_share is not None and self.aim is Aim.EXPECT:
            raise SitingError("most_share cannot be kept where expected covering is asked.")


def sited(travel_s: Floats, weight: Floats, wishes: Wishes, *, stop: Stop = never) -> PMedian | Covering:
    """The sites that are best by what was asked, with the proven gap.

    Parameters
    ----------
    travel_s : float64 (demand, candidates), seconds
    weight : float64 (demand,)
    stop
        Asked between the rounds of the p-median and of the hunt before a solver; the solver itself ends by `seconds`.

    Raises
    ------
    SitingError, Infeasible
    """
    costs = None if wishes.site_costs is None else np.array(wishes.site_costs, np.float64)
    held = _shut_existing(wishes)
    if wishes.aim is Aim.EXPECT:
        return mexclp(
            travel_s, weight, wishes.within_s, wishes.p, wishes.busy, must=wishes.must, must_not=held,
            existing=wishes.existing, site_costs=costs, budget=wishes.budget, seconds=wishes.seconds,
        )  # fmt: skip
    able = None if wishes.most_share is None else _able(wishes.most_share, weight, travel_s.shape[1])
    if wishes.aim is Aim.COVER:
        return mclp(
            travel_s, weight, wishes.within_s, wishes.p, must=wishes.must, must_not=held, existing=wishes.existing,
            site_costs=costs, budget=wishes.budget, capacities=able, seconds=wishes.seconds, stop=stop,
        )  # fmt: skip
    return pmedian(
        travel_s, wishes.p, weights=weight, must=wishes.must, must_not=held, existing=wishes.existing,
        site_costs=costs, budget=wishes.budget, capacities=able, seconds=wishes.seconds, stop=stop,
    )  # fmt: skip


def _shut_existing(wishes: Wishes) -> tuple[int, ...]:
    """What may not be opened anew; a site that is there stays there, even where no new one may be."""
    return tuple(one for one in wishes.must_not if one not in set(wishes.existing))


def _able(share: float, weight: Floats, candidates: int) -> npt.NDArray[np.float64]:
    return np.full(candidates, share * float(weight.sum()))
