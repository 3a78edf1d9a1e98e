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
def _best_exchange(costs, i, first, second, which, fixed, loss, freed, needed):  # type: ignore[no-untyped-def]
    """What opening `i` saves after closing the best partner that frees money enough, and its place in `sites`."""
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
        if not fixed[s] and freed[s] >= needed and (best < 0 or loss[s] < loss[best]):
            best = s
    return gain - loss[best] if best >= 0 else -np.inf, best


@numba.njit(cache=True)
def interchange(costs, sites, status, share):  # type: ignore[no-untyped-def]
    """Exchange one open site for one shut while that saves anything; `sites` (p,) is changed. Returns the cost.

    `share` (m,) is what each candidate takes of the budget; an exchange that would spend more than all of it is left.

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
            needed = share[sites].sum() + share[i] - 1.0 - 1e-9
            saved, s = _best_exchange(costs, i, first, second, which, fixed, loss, share[sites], needed)
            if saved > 1e-9 * (1.0 + first.sum()):
                is_open[sites[s]], is_open[i] = False, True
                sites[s] = i
                idle = 0
                nearest_two(costs, sites, first, second, which)
        i = i + 1 if i + 1 < candidates else 0
        idle += 1
    return first.sum()


@numba.njit(cache=True)
def _near_lists(order, ranked, status):  # type: ignore[no-untyped-def]
    """The candidates worth a look for each demand, and the same by candidate.

    Rows are (start (n + 1,), candidate, cost) by rising cost, columns (start (m + 1,), demand, cost). What is shut is left
    out, and so is whatever is no nearer than a candidate that must be open: a price above that one's cost, which `most`
    (n,) holds down, never raises the bound.
    """
    n, reach, m = order.shape[0], order.shape[1], status.size
    start, own = np.zeros(n + 1, np.int32), np.zeros(m + 1, np.int32)
    candidate, cost, most = np.empty(n * reach, np.int32), np.empty(n * reach), np.empty(n)
    filled = 0
    for u in range(n):
        most[u] = ranked[u, reach - 1]
        for k in range(reach):
            i = order[u, k]
            if status[i] < 0:
                continue
            candidate[filled], cost[filled] = i, ranked[u, k]
            own[i + 1] += 1
            filled += 1
            if status[i] == 1:
                most[u] = ranked[u, k]
                break
        start[u + 1] = filled
    own = np.cumsum(own)
    demand, other, place = np.empty(filled, np.int32), np.empty(filled), own[:m].copy()
    for u in range(n):
        for k in range(start[u], start[u + 1]):
            at = place[candidate[k]]
            demand[at], other[at] = u, cost[k]
            place[candidate[k]] += 1
    return (start, candidate[:filled], cost[:filled]), (own, demand, other), most


@numba.njit(cache=True)
def _price(rows, price, tolls, value):  # type: ignore[no-untyped-def]
    """Fill the worth of every candidate, value[i] = its toll + the sum over demand of min(0, cost - price)."""
    start, candidate, cost = rows
    value[:] = tolls
    for u in range(price.size):
        for k in range(start[u], start[u + 1]):
            less = cost[k] - price[u]
            if less >= 0:
                break
            value[candidate[k]] += less


@numba.njit(cache=True)
def _choose(value, status, free, p, chosen):  # type: ignore[no-untyped-def]
    """Mark those that must be open and the cheapest of `free` that cost nothing more, p at most; returns their values."""
    left, total = p, 0.0
    for i in range(value.size):
        chosen[i] = status[i] == 1
        if chosen[i]:
            total += value[i]
            left -= 1
    for k in np.argsort(value[free], kind="mergesort")[: max(left, 0)]:
        if value[free[k]] > 0:
            break
        chosen[free[k]] = True
        total += value[free[k]]
    return total


@numba.njit(cache=True)
def _slack(columns, price, chosen, slack):  # type: ignore[no-untyped-def]
    """Fill 1 - (how often each demand is served), the direction in which its price is wrong (n,)."""
    own, demand, cost = columns
    slack[:] = 1.0
    for i in range(chosen.size):
        if chosen[i]:
            for k in range(own[i], own[i + 1]):
                if cost[k] < price[demand[k]]:
                    slack[demand[k]] -= 1.0


@numba.njit(cache=True)
def _over(share, chosen, limited):  # type: ignore[no-untyped-def]
    """By how much of the budget the chosen spend more than it; nothing where money does not count."""
    if not limited:
        return 0.0
    spent = -1.0
    for i in range(chosen.size):
        if chosen[i]:
            spent += share[i]
    return spent


@numba.njit(cache=True)
def ascend(  # type: ignore[no-untyped-def]  # noqa: C901 - the loop of the paper, top to bottom
    order, ranked, price, toll, share, status, p, upper, rounds, step, patience
):
    """Climb the Lagrangian dual of the p-median (demand must be served and the budget kept, both relaxed).

    Source: Barahona, F., Anbil, R. (2000), "The volume algorithm: producing primal solutions with a subgradient
    method", Mathematical Programming 87, 385-399: always from the best prices, along an average of the directions seen.

    order, ranked : (n, k) the nearest k candidates of each demand by rising cost, and those costs. Prices are kept from
    rising above the k-th cost, so that no other candidate is worth anything: any prices give a valid bound.
    price (n,), toll : where to climb from; the toll is the price of the whole budget, of which a candidate takes `share`
    (m,); shares of zero everywhere mean that money does not count.
    Returns the best bound, its prices (n,), toll and values (m,), the averaged choice (m, share), and the choice at the
    best bound (m,).
    """
    n, m = order.shape[0], status.size
    rows, columns, most = _near_lists(order, ranked, status)
    free, limited = np.flatnonzero(status == 0), share.max() > 0
    value, chosen, slack = np.empty(m), np.empty(m, np.bool_), np.empty(n)
    best_price, best_toll = np.minimum(price, most), toll if limited else 0.0
    trial = best_price.copy()
    _price(rows, trial, best_toll * share, value)
    best = trial.sum() - best_toll + _choose(value, status, free, p, chosen)
    best_value, best_chosen, often = value.copy(), chosen.copy(), chosen.astype(np.float64)
    mean = np.empty(n)
    _slack(columns, trial, chosen, mean)
    mean_over, idle = _over(share, chosen, limited), 0
    for _ in range(rounds):
        norm = (mean * mean).sum() + n * mean_over * mean_over  # the budget weighs as much as all demand
        if norm < 1e-12 or best >= upper or step < 1e-4:
            break
        length = step * max(1.01 * upper - best, 1e-9 * abs(upper)) / norm
        for u in range(n):
            trial[u] = min(best_price[u] + length * mean[u], most[u])
        toll = max(0.0, best_toll + length * n * mean_over)
        _price(rows, trial, toll * share, value)
        bound = trial.sum() - toll + _choose(value, status, free, p, chosen)
        _slack(columns, trial, chosen, slack)
        over = _over(share, chosen, limited)
        agreed = (slack * mean).sum() + n * over * mean_over
        for u in range(n):
            mean[u] = 0.9 * mean[u] + 0.1 * slack[u]
        mean_over = 0.9 * mean_over + 0.1 * over
        for i in range(m):
            often[i] = 0.9 * often[i] + (0.1 if chosen[i] else 0.0)
        if bound > best:
            best, best_toll, idle = bound, toll, 0
            best_price[:], best_value[:], best_chosen[:] = trial, value, chosen
            if agreed >= 0:
                step = min(step * 1.1, 2.0)
        else:
            idle += 1
            if idle >= patience:
                step, idle = step * 0.66, 0
    return best, best_price, best_toll, best_value, often, best_chosen
