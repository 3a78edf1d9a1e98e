"""The compiled loops of the p-median: interchange and the Lagrangian ascent. Apart: the compiler is slow to import."""

import numba
import numpy as np


@numba.njit(cache=True)
def nearest_two(costs, sites, first, second, which):  # type: ignore[no-untyped-def]
    """Fill, for every demand, its least and second least cost (n,) among `sites`, and the place of the least in `sites`.

    `costs` is (candidates, demand): one candidate's costs lie side by side.
    """
    for u in range(first.size):
        _nearest_two_of(costs, sites, first, second, which, u)


@numba.njit(cache=True)
def _nearest_two_of(costs, sites, first, second, which, u):  # type: ignore[no-untyped-def]
    a, b, best = np.inf, np.inf, -1
    for s in range(sites.size):
        cost = costs[sites[s], u]
        if cost < a:
            a, b, best = cost, a, s
        elif cost < b:
            b = cost
    first[u], second[u], which[u] = a, b, best


@numba.njit(cache=True)
def _best_exchange(costs, i, first, second, which, fixed, loss):  # type: ignore[no-untyped-def]
    """What opening `i` saves after closing the best partner, and that partner's place in `sites`."""
    loss[:] = 0.0
    gain = 0.0
    for u in range(first.size):
        cost = costs[i, u]
        if cost < first[u]:
            gain += first[u] - cost
        else:
            loss[which[u]] += min(second[u], cost) - first[u]
    best = -1
    for s in range(loss.size):
        if not fixed[s] and (best < 0 or loss[s] < loss[best]):
            best = s
    return gain - loss[best] if best >= 0 else -np.inf, best


@numba.njit(cache=True)
def interchange(costs, sites, status):  # type: ignore[no-untyped-def]
    """Exchange one open site for one shut while that saves anything; `sites` (p,) is changed. Returns the cost.

    Source: Whitaker, R. A. (1983), "A fast algorithm for the greedy interchange for large-scale clustering and median
    location problems", INFOR 21, 95-108: the first saving found is taken, and all candidates are tried in turn.
    """
    candidates, n = costs.shape
    first, second, which = np.empty(n), np.empty(n), np.empty(n, np.int32)
    nearest_two(costs, sites, first, second, which)
    is_open, fixed, loss = np.zeros(candidates, np.bool_), np.zeros(sites.size, np.bool_), np.empty(sites.size)
    for s in range(sites.size):
        is_open[sites[s]] = True
        fixed[s] = status[sites[s]] == 1
    i, idle = 0, 0
    while idle < candidates:
        if not is_open[i] and status[i] >= 0:
            saved, s = _best_exchange(costs, i, first, second, which, fixed, loss)
            if saved > 1e-9 * (1.0 + first.sum()):
                is_open[sites[s]], is_open[i] = False, True
                sites[s] = i
                idle = 0
                nearest_two(costs, sites, first, second, which)
        i = i + 1 if i + 1 < candidates else 0
        idle += 1
    return first.sum()


@numba.njit(cache=True)
def _price(order, ranked, price, value):  # type: ignore[no-untyped-def]
    """Fill the worth of every candidate, value[i] = sum over demand of min(0, cost - price)."""
    value[:] = 0.0
    for u in range(price.size):
        for k in range(order.shape[1]):
            less = ranked[u, k] - price[u]
            if less >= 0:
                break
            value[order[u, k]] += less


@numba.njit(cache=True)
def _choose(value, status, p, chosen):  # type: ignore[no-untyped-def]
    """Mark those that must be open and the cheapest others, p in all; returns the sum of their values."""
    chosen[:] = False
    left, total = p, 0.0
    for i in range(value.size):
        if status[i] == 1:
            chosen[i] = True
            total += value[i]
            left -= 1
    for i in np.argsort(value, kind="mergesort"):
        if left == 0:
            break
        if status[i] == 0:
            chosen[i] = True
            total += value[i]
            left -= 1
    return total


@numba.njit(cache=True)
def _slack(order, ranked, price, chosen, slack):  # type: ignore[no-untyped-def]
    """Fill 1 - (how often each demand is served), the direction in which its price is wrong (n,)."""
    for u in range(price.size):
        served = 0.0
        for k in range(order.shape[1]):
            if ranked[u, k] >= price[u]:
                break
            if chosen[order[u, k]]:
                served += 1.0
        slack[u] = 1.0 - served


@numba.njit(cache=True)
def ascend(  # type: ignore[no-untyped-def]  # noqa: C901 - the loop of the paper, top to bottom
    order, ranked, price, status, p, upper, rounds, step, patience
):
    """Climb the Lagrangian dual of the p-median (demand must be served, relaxed) from `price` (n,).

    Source: Barahona, F., Anbil, R. (2000), "The volume algorithm: producing primal solutions with a subgradient
    method", Mathematical Programming 87, 385-399: always from the best prices, along an average of the directions seen.

    order, ranked : (n, k) the nearest k candidates of each demand by rising cost, and those costs. Prices are kept from
    rising above the k-th cost, so that no other candidate is worth anything: any prices give a valid bound.
    Returns the best bound, its prices (n,) and values (m,), the averaged choice (m, share), and the choice at the best
    bound (m,).
    """
    n, reach, m = order.shape[0], order.shape[1], status.size
    value, chosen, slack = np.empty(m), np.empty(m, np.bool_), np.empty(n)
    best_price, trial = price.copy(), price.copy()
    _price(order, ranked, trial, value)
    best = trial.sum() + _choose(value, status, p, chosen)
    best_value, best_chosen, often = value.copy(), chosen.copy(), chosen.astype(np.float64)
    mean = np.empty(n)
    _slack(order, ranked, trial, chosen, mean)
    idle = 0
    for _ in range(rounds):
        norm = (mean * mean).sum()
        if norm < 1e-12 or best >= upper or step < 1e-4:
            break
        length = step * max(1.01 * upper - best, 1e-9 * abs(upper)) / norm
        for u in range(n):
            trial[u] = min(best_price[u] + length * mean[u], ranked[u, reach - 1])
        _price(order, ranked, trial, value)
        bound = trial.sum() + _choose(value, status, p, chosen)
        _slack(order, ranked, trial, chosen, slack)
        agreed = (slack * mean).sum()
        for u in range(n):
            mean[u] = 0.9 * mean[u] + 0.1 * slack[u]
        for i in range(m):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
        if bound > best:
            best, idle = bound, 0
            best_price[:], best_value[:], best_chosen[:] = trial, value, chosen
            if agreed >= 0:
                step = min(step * 1.1, 2.0)
        else:
            idle += 1
            if idle >= patience:
                step, idle = step * 0.66, 0
    return best, best_price, best_value, often, best_chosen
