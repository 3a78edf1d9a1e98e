"""Erlang's formulas: what a pool of c servers with Poisson calls does, exactly.

Source: Erlang, A. K. (1917), "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges"; the recursion is the usual one for B and C = B / (1 - rho (1 - B)).
"""

from __future__ import annotations

from jiean.engine.simulation.errors import SimulationError


def blocked(servers: int, load: float) -> float:
    """Erlang B: the share of calls lost where nobody waits; `load` in Erlang, zero or more."""
    if servers < 1 or not load >= 0:
        raise SimulationError(f"servers is {servers} and load {load}; one or more, and zero or more, are needed.")
    share = 1.0
    for n in range(1, servers + 1):
        share = load * share / (n + load * share)
    return share


def waits(servers: int, load: float) -> float:
    """Erlang C: the share of calls that wait. Raises SimulationError where the queue would grow for ever."""
    if load >= servers:
        raise SimulationError(f"A load of {load} is not below {servers} servers: the queue grows for ever.")
    lost = blocked(servers, load)
    return lost / (1 - load / servers * (1 - lost))


def mean_wait(servers: int, load: float) -> float:
    """Mean wait of all calls, in service times."""
    return waits(servers, load) / (servers - load)
