"""What a turn costs and which turns are forbidden: the streets as a graph of directed edges.

A car that has driven edge e towards its head is in state 2e, towards its tail in state 2e + 1. From the states that end at a
junction every edge that leaves it may be entered, but for the forbidden turns; each way from one to the next takes the
turn's own seconds. This is the edge-expanded graph of Winter (2002), "Modeling costs of turns in route planning",
GeoInformatica 6, 345-361. A restriction over a way (three streets or more) does not fit it; readers count those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.plane import Floats

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class TurnRules:
    """Seconds of a turn where three streets or more meet, and whether restrictions hold; all chosen, not measured.

    left_s, right_s : turns between 60 and 165 degrees; a third of it between 20 and 60; across the traffic is left where
        one drives on the right
    back_s : turning round, at every junction and at a street's end
    restrictions : forbidden turns of the network are kept
    """

    left_s: float = 6.0
    right_s: float = 2.5
    back_s: float = 15.0
    restrictions: bool = True

    def __post_init__(self) -> None:
        for name in ("left_s", "right_s", "back_s"):
            value = getattr(self, name)
            if not 0 <= value <= 600:
                raise RoadsError(f"{name} is {value}; a turn takes from 0 to 600 seconds.")


@dataclass(frozen=True, eq=False)
class Turns:
    """Permitted turns by the state they enter.

    start : int64 (2m + 1,); turns start[x]:start[x + 1] enter state x
    tails : int32 (a,) the state before; wait_s : float64 (a,) seconds of the turn
    lifted : forbidden turns that had to be allowed, because they alone cut a street off
    """

    start: npt.NDArray[np.int64]
    tails: Ints
    wait_s: Floats
    lifted: int

    @property
    def enters(self) -> Ints:
        """The state each turn enters, int32 (a,)."""
        return np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))


@dataclass(frozen=True, eq=False)
class Streets:
    """What turns need to know of a network: ends (m,), two_way (m,), roundabout (m,), heading (m, 2) at tail and head, degrees."""

    tail: Ints
    head: Ints
    two_way: npt.NDArray[np.bool_]
    roundabout: npt.NDArray[np.bool_]
    heading: Floats


def turns_of(streets: Streets, junctions: int, banned: Ints, rules: TurnRules) -> Turns:
    """The permitted turns; `banned` (r, 2) are states from and into which nobody may turn."""
    states = _states(streets)
    end, begin = _ends(streets, states)
    before, after = _pairs(states, begin, end, junctions)
    code = before.astype(np.int64) * (2 * streets.tail.size) + after
    shut, lifted = _shut(code, banned if rules.restrictions else banned[:0], before, after, 2 * streets.tail.size)
    wait_s = _waits(streets, before, after, np.bincount(begin, minlength=junctions), rules)[~shut]
    before, after = before[~shut], after[~shut]
    order = np.lexsort((before, after))
    start = np.zeros(2 * streets.tail.size + 1, np.int64)
    np.cumsum(np.bincount(after, minlength=2 * streets.tail.size), out=start[1:])
    return Turns(start, before[order].astype(np.int32), wait_s[order], lifted)


def _states(streets: Streets) -> Ints:
    """The states there are: 2e for every edge, 2e + 1 where it may be driven back."""
    forward = 2 * np.arange(streets.tail.size, dtype=np.int32)
    return np.sort(np.concatenate([forward, forward[streets.two_way] + 1])).astype(np.int32)


def _ends(streets: Streets, states: Ints) -> tuple[Ints, Ints]:
    """The junction each state ends at and begins at."""
    edge, back = states >> 1, (states & 1).astype(bool)
    end = np.where(back, streets.tail[edge], streets.head[edge])
    return end.astype(np.int32), np.where(back, streets.head[edge], streets.tail[edge]).astype(np.int32)


def _pairs(states: Ints, begin: Ints, end: Ints, junctions: int) -> tuple[Ints, Ints]:
    """Every state that ends at a junction with every state that begins there."""
    order = np.argsort(begin, kind="stable")
    leaving, first = states[order], np.zeros(junctions + 1, np.int64)
    np.cumsum(np.bincount(begin, minlength=junctions), out=first[1:])
    count = first[end + 1] - first[end]
    step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(states, count), leaving[np.repeat(first[end], count) + step]


def _shut(
    code: npt.NDArray[np.int64], banned: Ints, before: Ints, after: Ints, size: int
) -> tuple[npt.NDArray[np.bool_], int]:
    """Which turns are forbidden, and how many bans were lifted so that every state still reaches every other."""
    wanted = banned[:, 0].astype(np.int64) * size + banned[:, 1]
    shut = np.isin(code, wanted)
    asked = int(shut.sum())
    used = np.unique(np.concatenate([before, after]))
    while shut.any():
        graph = csr_array((np.ones(int((~shut).sum()), np.int8), (before[~shut], after[~shut])), shape=(size, size))
        _, label = connected_components(graph, directed=True, connection="strong")
        main = np.bincount(label[used]).argmax()
        outside = shut & ((label[before] != main) | (label[after] != main))
        if not outside.any():
            break
        shut = shut & ~outside
    return shut, asked - int(shut.sum())


def _waits(streets: Streets, before: Ints, after: Ints, ways_out: npt.NDArray[np.int64], rules: TurnRules) -> Floats:
    """Seconds of every turn."""
    came, went = before >> 1, after >> 1
    inward = np.where(before & 1, streets.heading[came, 0] + 180.0, streets.heading[came, 1])
    outward = np.where(after & 1, streets.heading[went, 1] + 180.0, streets.heading[went, 0])
    degrees = (outward - inward + 180.0) % 360.0 - 180.0
    junction = np.where(before & 1, streets.tail[came], streets.head[came])
    share = np.select([np.abs(degrees) <= 20.0, np.abs(degrees) <= 60.0], [0.0, 1 / 3], 1.0)
    share = np.where(streets.roundabout[came] | streets.roundabout[went] | (ways_out[junction] < 3), 0.0, share)
    wait_s = share * np.where(degrees > 0, rules.left_s, rules.right_s)
    back = (before ^ 1) == after
    sharp = (np.abs(degrees) > 165.0) & (share > 0)
    return np.asarray(np.where(back | sharp, rules.back_s, wait_s), np.float64)
