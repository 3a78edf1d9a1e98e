"""The compiled event loop of the simulation, apart because the compiler is slow to import."""

from typing import Any

import numba
import numpy as np

from jiean.engine import policy

cost_s: Any = numba.njit(cache=True)(policy.cost_s)
"""The board's own rule, compiled."""

POLICY = "3e8a451d04c3"
"""The first signs of the SHA-256 of policy.py. The compiler keeps what it made until this file changes, not that one:
a test holds the two together."""

HOUR_S, SLOT_S = 3600.0, 600.0


@numba.njit(cache=True)
def _way_s(u, there, now, begin, goal, left, way, rounds, legs, dwell_s):  # type: ignore[no-untyped-def]
    """Dry seconds from where a free unit is now; between two ends it is taken to lie in proportion to the time gone.

    there (places,): dry seconds to the place from every other
    """
    passed = now - left[u]
    if passed < way[u]:
        share = passed / way[u]
        return (1.0 - share) * there[begin[u]] + share * there[goal[u]]
    stops = rounds.shape[1]
    if stops < 2 or goal[u] != rounds[u, 0]:
        return there[goal[u]]
    gone = (passed - way[u]) % legs[u, stops]
    j = 0
    while j < stops - 1 and gone >= legs[u, j + 1]:
        j += 1
    gone -= legs[u, j] + dwell_s
    if gone <= 0.0:
        return there[rounds[u, j]]
    share = gone / (legs[u, j + 1] - legs[u, j] - dwell_s)
    return (1.0 - share) * there[rounds[u, j]] + share * there[rounds[u, (j + 1) % stops]]


@numba.njit(cache=True)
def _lost(goal, able, reach, weight, lost):  # type: ignore[no-untyped-def]
    """The share of expected calls each able unit alone holds in reach, where it stands or is bound for; (units,) is filled."""
    count = np.zeros(weight.size, np.int64)
    for v in range(goal.size):
        lost[v] = 0.0
        if able[v]:
            for i in range(weight.size):
                count[i] += reach[goal[v], i]
    for v in range(goal.size):
        if able[v]:
            for i in range(weight.size):
                if count[i] == 1 and reach[goal[v], i]:
                    lost[v] += weight[i]


@numba.njit(cache=True)
def _best_post(u, posts, reach, weight, goal, idle, busy):  # type: ignore[no-untyped-def]
    """The post where one more unit adds the most expected coverage (Jagtenberg, Bhulai, van der Mei 2015, DMEXCLP)."""
    count = np.zeros(weight.size, np.int64)
    for v in range(goal.size):
        if v != u and idle[v]:
            for i in range(weight.size):
                count[i] += reach[goal[v], i]
    best, most = posts[0], -1.0
    for post in posts:
        gain = 0.0
        for i in range(weight.size):
            if reach[post, i]:
                gain += weight[i] * (1.0 - busy) * busy ** count[i]
        if gain > most + 1e-12:
            best, most = post, gain
    return best


@numba.njit(cache=True)
def _best_move(now, posts, travel, reach, weight, goal, idle, left, way, busy, farthest_s):  # type: ignore[no-untyped-def]  # noqa: C901 - one search
    """The standing unit, the post and the expected coverage gained by the best single move; unit -1 where none gains."""
    count = np.zeros(weight.size, np.int64)
    for v in range(goal.size):
        if idle[v]:
            for i in range(weight.size):
                count[i] += reach[goal[v], i]
    unit, best, most = -1, -1, 0.0
    for u in range(goal.size):
        if not idle[u] or now - left[u] < way[u]:
            continue
        for post in posts:
            if post == goal[u] or travel[goal[u], post] > farthest_s:
                continue
            gain = 0.0
            for i in range(weight.size):
                if reach[post, i] != reach[goal[u], i]:
                    worth = weight[i] * (1.0 - busy) * busy ** (count[i] - reach[goal[u], i])
                    gain += worth if reach[post, i] else -worth
            if gain > most + 1e-12:
                unit, best, most = u, post, gain
    return unit, best, most


@numba.njit(cache=True)
def run(  # type: ignore[no-untyped-def]  # noqa: C901 - one event loop, from the first call to the last
    call_s, place, group, grade, service_s, second, declined, travel, toward, slow, wet, post, eligible, fits, duty, penalties,
    handling_s, decline_s, move_up, move_gain, posts, reach, weight, busy_share, rounds, legs, dwell_s,
):  # fmt: skip
    """Send units to calls in the order things happen.

    call_s (n,) seconds, rising; place, group, grade (n,); service_s (n,); second (n,) bool: a second unit is needed
    declined (n,) bool: the first unit ordered says no, and after `decline_s` another is sent
    travel (places, places) dry seconds, toward the same turned round, where what leads to a place lies together
    slow (2, 24) factor by wet and hour; wet (hours,) bool; post (units, 2) dry, wet
    eligible, fits (units, groups) bool; penalties as `policy.cost_s` takes them
    duty (units, 144) a ten-minute slot of the day: 0 off, 1 on, 2 on a break, which only an urgent call ends
    move_up: a unit that is free again goes where it adds most; move_gain: after each event one standing unit moves, where
    that adds so much expected coverage or more (0: none does)
    posts (m,), reach (places, places) bool and weight (places,), summing to 1, serve move-up and the coverage left behind
    rounds (units, stops): the places a unit goes round while idle, its post first; legs (units, stops + 1): the second at
    which each stay begins, and the round's length; dwell_s at each. One stop is no round

    Returns unit (n,), sent and arrived seconds (n,; infinite where nobody came), and per unit the seconds busy and
    driven (units,).
    """
    n, units = call_s.size, post.shape[0]
    unit, sent, arrived = np.full(n, -1, np.int32), np.full(n, np.inf), np.full(n, np.inf)
    busy_s, driven_s = np.zeros(units), np.zeros(units)
    begin, goal = post[:, 0].copy(), post[:, 0].copy()
    left, way, free_at = np.zeros(units), np.zeros(units), np.full(units, np.inf)
    cleared, idle = np.full(units, -np.inf), np.ones(units, np.bool_)
    stops = rounds.shape[1]
    ready, barred, lost, able = np.zeros(n), np.full(n, -1, np.int32), np.zeros(units), np.ones(units, np.bool_)
    waiting, waits, following = np.empty(2 * n + 2, np.int64), 0, 0
    now = 0.0
    while following < n or waits > 0:
        arrival = call_s[following] + handling_s if following < n else np.inf
        u_free = np.argmin(free_at)
        change = (np.floor(now / SLOT_S) + 1.0) * SLOT_S if waits > 0 else np.inf
        for k in range(waits):
            if now < ready[waiting[k] >> 1] < change:
                change = ready[waiting[k] >> 1]
        now = min(arrival, free_at[u_free], change)
        if now == np.inf or (now == change and following >= n and now > call_s[n - 1] + 30 * 24 * HOUR_S):
            break
        hour = int(now / HOUR_S)
        rain = 1 if wet[min(hour, wet.size - 1)] else 0
        pace = slow[rain, hour % 24]
        if now == free_at[u_free]:
            free_at[u_free], idle[u_free], cleared[u_free] = np.inf, True, now
            target = _best_post(u_free, posts, reach, weight, goal, idle, busy_share) if move_up else post[u_free, rain]
            left[u_free], begin[u_free], goal[u_free] = now, goal[u_free], target
            way[u_free] = travel[begin[u_free], target] * pace
        elif now == arrival:
            waiting[waits] = 2 * following
            waits += 1
            if second[following]:
                waiting[waits] = 2 * following + 1
                waits += 1
            following += 1
        slot = int(now / SLOT_S) % 144
        while waits > 0:  # the most urgent that can be served now, then the others; the first come goes first
            chosen, chosen_w = -1, -1
            if penalties[9] > 0.0:
                for u in range(units):
                    able[u] = idle[u] and duty[u, slot] == 1
                _lost(goal, able, reach, weight, lost)
            for k in range(waits):
                call = waiting[k] >> 1
                if ready[call] > now or (chosen_w >= 0 and grade[call] >= grade[waiting[chosen_w] >> 1]):
                    continue
                there, kind, urgency = toward[place[call]], group[call], grade[call]
                shunned = barred[call] if now < ready[call] + SLOT_S else -1
                best, lowest = -1, np.inf
                for u in range(units):
                    if not idle[u] or not eligible[u, kind] or u == shunned:
                        continue
                    if duty[u, slot] == 0 or (duty[u, slot] == 2 and urgency > 1):
                        continue
                    if stops < 2 and now - left[u] >= way[u]:  # it stands: told here, a call costs more than the look
                        road_s = pace * there[goal[u]]
                    else:
                        road_s = pace * _way_s(u, there, now, begin, goal, left, way, rounds, legs, dwell_s)
                    if road_s >= lowest:  # no penalty is below zero
                        continue
                    leaves = lost[u] if urgency > 2 else 0.0
                    cost = cost_s(road_s, fits[u, kind], 0, 0.0, 0.0, now - cleared[u], penalties, leaves)
                    if cost < lowest:
                        best, lowest = u, cost
                if best >= 0:
                    chosen, chosen_w = best, k
            if chosen < 0:
                break
            call, u = waiting[chosen_w] >> 1, chosen
            if declined[call] and barred[call] < 0:
                barred[call], ready[call] = u, now + decline_s
                continue
            road_s = pace * _way_s(u, toward[place[call]], now, begin, goal, left, way, rounds, legs, dwell_s)
            if waiting[chosen_w] & 1 == 0:
                unit[call], sent[call], arrived[call] = u, now, now + road_s
            idle[u], free_at[u] = False, now + road_s + service_s[call]
            busy_s[u] += road_s + service_s[call]
            driven_s[u] += road_s
            goal[u] = place[call]
            for k in range(chosen_w, waits - 1):
                waiting[k] = waiting[k + 1]
            waits -= 1
        if move_gain > 0.0 and now != change:
            mover, stand, gain = _best_move(now, posts, travel, reach, weight, goal, idle, left, way, busy_share, 900.0)
            if mover >= 0 and gain >= move_gain:
                left[mover], begin[mover], goal[mover] = now, goal[mover], stand
                way[mover] = travel[begin[mover], stand] * pace
    return unit, sent, arrived, busy_s, driven_s
