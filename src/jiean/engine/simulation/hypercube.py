"""The hypercube queueing model solved exactly: workloads and who goes where, for up to 12 units.

Source: Larson, R. C. (1974), "A hypercube queuing model for facility location and redistricting in urban emergency
services", Computers & Operations Research 1, 67-95; Larson and Odoni (1981), "Urban Operations Research", chapter 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array
from scipy.sparse.linalg import spsolve

from jiean.engine.simulation.errors import SimulationError

Floats = npt.NDArray[np.float64]
MOST_UNITS = 12


@dataclass(frozen=True, eq=False)
class Hypercube:
    """The steady state.

    workload : (units,) share of time busy; sent : (atoms, units) share of all calls answered so, queued ones included
    queued : share of calls that wait (or are lost, without a queue); states : (2 ** units,) probabilities without queue
    """

    workload: Floats
    sent: Floats
    queued: float
    states: Floats


def solve(rates: npt.ArrayLike, preference: npt.ArrayLike, service_rate: float, *, queue: bool = True) -> Hypercube:
    """Solve the balance equations.

    Parameters
    ----------
    rates : float64 (atoms,)
        Calls of each atom a time unit, zero or more.
    preference : int (atoms, units)
        Units of each atom, the first to send first; every row names every unit once.
    service_rate
        Calls one unit serves a time unit, above zero, the same for all.
    queue
        Calls that find all busy wait, first come first served; False: they are lost.

    Raises
    ------
    SimulationError
    """
    calls, order = _checked(rates, preference, service_rate)
    units, load = order.shape[1], calls.sum() / service_rate
    if queue and load >= units:
        raise SimulationError(f"A load of {load:g} is not below {units} units: the queue grows for ever.")
    states, choice = _balance(calls, order, service_rate)
    last = states[-1]
    if queue:  # the queue's states hang behind the full one: a geometric tail
        tail = last * (load / units) / (1 - load / units)
        states, waiting = states / (1 + tail), tail / (1 + tail)
    else:
        waiting = 0.0
    bits = (np.arange(states.size)[:, None] >> np.arange(units)) & 1
    workload = states @ bits + waiting
    sent = np.zeros((calls.size, units))
    for atom in range(calls.size):
        np.add.at(sent[atom], choice[:-1, atom], states[:-1])
    queued = float(states[-1] + waiting)
    sent = (sent + (queued / units if queue else 0.0)) * (calls / calls.sum())[:, None]
    return Hypercube(workload, sent, queued, states)


def _checked(
    rates: npt.ArrayLike, preference: npt.ArrayLike, service_rate: float
) -> tuple[Floats, npt.NDArray[np.int64]]:
    calls, order = np.asarray(rates, np.float64), np.asarray(preference, np.int64)
    if calls.ndim != 1 or not calls.size or not (np.isfinite(calls).all() and (calls >= 0).all() and calls.sum() > 0):
        raise SimulationError("rates needs one number of zero or more for every atom, and not all zero.")
    if order.ndim != 2 or order.shape[0] != calls.size or not 1 <= order.shape[1] <= MOST_UNITS:
        raise SimulationError(
            f"preference needs a row for every atom and 1 to {MOST_UNITS} units; its shape is {order.shape}."
        )
    if not (np.sort(order, axis=1) == np.arange(order.shape[1])).all():
        raise SimulationError("Every row of preference must name every unit once, from 0.")
    if not (np.isfinite(service_rate) and service_rate > 0):
        raise SimulationError(f"service_rate is {service_rate}; a number above zero is needed.")
    return calls, order


def _balance(calls: Floats, order: npt.NDArray[np.int64], service_rate: float) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Probabilities of the states without queue (they sum to 1) and the unit sent from each state to each atom."""
    units = order.shape[1]
    size = 1 << units
    state = np.arange(size)
    busy = (state[:, None] >> np.arange(units)) & 1 == 1
    # (states, atoms): the first free unit of the atom's order; the full state's column is never used
    first = np.argmax(~busy[:, order], axis=2)
    choice = np.take_along_axis(order[None], first[:, :, None], axis=2)[:, :, 0]
    up_from = np.repeat(state[:-1], calls.size)
    up_to = up_from | (1 << choice[:-1].ravel())
    down_from, unit = np.nonzero(busy)
    rows = np.concatenate([up_to, up_from, down_from & ~(1 << unit), down_from])
    columns = np.concatenate([up_from, up_from, down_from, down_from])
    flow = np.tile(calls, size - 1)
    down = np.full(unit.size, service_rate)
    matrix = coo_array((np.concatenate([flow, -flow, down, -down]), (rows, columns)), shape=(size, size)).tolil()
    matrix[0] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    return spsolve(csc_array(matrix), right), choice
