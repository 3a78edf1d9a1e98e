"""What is searched: the junctions, or with turns the directed edges. One shape for both, so that every search serves both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jiean.engine.roads.plane import Floats
from jiean.engine.roads.turns import Turns

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Net:
    """Steps between states, by the state they enter.

    A state is a junction, or with turns a directed edge just driven: 2e towards the head of edge e, 2e + 1 towards its tail.

    start : int64 (n + 1,); steps start[x]:start[x + 1] enter x; tails : int32 (a,) the state before
    enters : int32 (a,) the edge driven, or with turns the directed edge; wait_s : float64 (a,) seconds before driving it
    by_head, by_tail : int32 (m,) the state of a car that leaves edge e by its head or tail
    """

    start: npt.NDArray[np.int64]
    tails: Ints
    enters: Ints
    wait_s: Floats
    by_head: Ints
    by_tail: Ints
    turned: bool

    @property
    def states(self) -> int:
        """How many states there are."""
        return int(self.start.size - 1)

    @cached_property
    def edge(self) -> Ints:
        """The edge each step drives, int32 (a,)."""
        return (self.enters >> 1).astype(np.int32) if self.turned else self.enters

    @cached_property
    def back(self) -> npt.NDArray[np.bool_]:
        """Whether each step drives its edge from head to tail, bool (a,)."""
        return (self.enters & 1).astype(np.bool_) if self.turned else self.tails != self.by_tail[self.enters]


def by_junctions(arcs: tuple[npt.NDArray[np.int64], Ints, Ints], edge_tail: Ints, edge_head: Ints) -> Net:
    """The junctions themselves: turning is free."""
    start, tails, edges = arcs
    return Net(start, tails, edges, np.zeros(edges.size), edge_head, edge_tail, turned=False)


def by_turns(turns: Turns, edges: int) -> Net:
    """The directed edges, joined by permitted turns."""
    forward = 2 * np.arange(edges, dtype=np.int32)
    return Net(turns.start, turns.tails, turns.enters, turns.wait_s, forward, forward + 1, turned=True)
