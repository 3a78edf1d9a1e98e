"""The compiled loop of covering: a walk among good sites. Apart: the compiler is slow to import."""

import numba
import numpy as np


@numba.njit(cache=True)
def _turn(column, sign, name, often, owner):  # type: ignore[no-untyped-def]
    """Open (1) or close (-1) a site: `often` is how often each row is covered, `owner` the sum of the names covering it."""
    for row in column:
        often[row] += sign
        owner[row] += sign * name


@numba.njit(cache=True)
def _best_place(column, demand, often, owner, base, loss):  # type: ignore[no-untyped-def]
    """What opening a candidate adds in the place of the site that is missed least, and that place.

    `base` (p,) is what each site alone covers; `loss` (p,) is room to count in. Where a row is covered once, its owner is
    the place of the one site that covers it.
    """
    gain = 0.0
    loss[:] = base
    for row in column:
        if often[row] == 0:
            gain += demand[row]
        elif often[row] == 1:
            loss[owner[row]] -= demand[row]
    place = np.argmin(loss)
    return gain - loss[place], place


@numba.njit(cache=True)
def _alone(columns, demand, often, sites, base):  # type: ignore[no-untyped-def]
    """Fill what each site alone covers (p,)."""
    start, rows = columns
    for place in range(sites.size):
        base[place] = 0.0
        for k in range(start[sites[place]], start[sites[place] + 1]):
            if often[rows[k]] == 1:
                base[place] += demand[rows[k]]


@numba.njit(cache=True)
def _exchange(columns, sites, place, site, often, owner):  # type: ignore[no-untyped-def]
    start, rows = columns
    old = sites[place]
    _turn(rows[start[old] : start[old + 1]], -1, place, often, owner)
    _turn(rows[start[site] : start[site + 1]], 1, place, often, owner)
    sites[place] = site


@numba.njit(cache=True)
def _settle(columns, demand, sites, often, owner):  # type: ignore[no-untyped-def]
    """Exchange while that covers more: the first exchange found is taken, all candidates are tried in turn (Whitaker 1983)."""
    start, rows = columns
    base, loss, least = np.empty(sites.size), np.empty(sites.size), 1e-9 * demand.sum()
    _alone(columns, demand, often, sites, base)
    site, idle, count = 0, 0, start.size - 1
    while idle < count:
        gain, place = _best_place(rows[start[site] : start[site + 1]], demand, often, owner, base, loss)
        if gain > least and not (sites == site).any():
            _exchange(columns, sites, place, site, often, owner)
            _alone(columns, demand, often, sites, base)
            idle = 0
        site = site + 1 if site + 1 < count else 0
        idle += 1


@numba.njit(cache=True)
def _shake(columns, sites, draw, often, owner):  # type: ignore[no-untyped-def]
    """Exchange two to five sites for others, as the draw (11,) says."""
    for k in range(2 + int(draw[0] * 4)):
        site = int(draw[2 * k + 2] * (columns[0].size - 1))
        if not (sites == site).any():
            _exchange(columns, sites, int(draw[2 * k + 1] * sites.size), site, often, owner)


@numba.njit(cache=True)
def wander(columns, demand, sites, draws):  # type: ignore[no-untyped-def]
    """The best sites (p,) of a walk by shakes of two to five, each taken where it is no worse than the last.

    columns : start (candidates + 1,), row numbers; draws : (shakes, 11) in [0, 1).
    Source: Lourenço, H. R., Martin, O. C., Stützle, T. (2003), "Iterated local search", Handbook of Metaheuristics, 321-353.
    """
    often, owner = np.zeros(demand.size, np.int64), np.zeros(demand.size, np.int64)
    for place in range(sites.size):
        _turn(columns[1][columns[0][sites[place]] : columns[0][sites[place] + 1]], 1, place, often, owner)
    here, best, value, most = sites.copy(), sites.copy(), -1.0, -1.0
    now = sites.copy()
    for draw in draws:
        _settle(columns, demand, now, often, owner)
        covered = demand[often > 0].sum()
        if covered < value:
            for place in range(sites.size):
                if now[place] != here[place]:
                    _exchange(columns, now, place, here[place], often, owner)
        value, here = max(value, covered), now.copy()
        if value > most:
            most, best = value, here.copy()
        _shake(columns, now, draw, often, owner)
    return best
