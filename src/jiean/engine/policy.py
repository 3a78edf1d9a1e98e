"""The one rule of who is sent, in seconds: the board ranks by it and the simulation compiles this very function.

Plain arithmetic on plain numbers, so that both can call it. The rule is additive and of this program (no published
source); `assign` puts its parts into words.
"""

from __future__ import annotations

Penalties = tuple[float, float, float, float, float, float, float, float, float, float]
"""class_weak_s, skill_missing_s, position_fresh_s, position_old_per_minute_s, position_old_most_s, long_duty_after_s,
long_duty_s, rest_needed_s, short_rest_s, coverage_lost_s: the fields of `assign.Parameters` in that order."""


def cost_s(
    travel_s: float, class_fits: bool, skills_missing: int, position_age_s: float, on_duty_s: float,
    since_cleared_s: float, penalties: Penalties, coverage_lost: float = 0.0,
) -> float:  # fmt: skip
    """What sending a unit costs in seconds: travel and penalties.

    `position_age_s` of 0 is a fresh position; `since_cleared_s` is infinite for a unit that has had no order yet;
    `coverage_lost` is the share of expected calls left without a unit in reach, 0 for an urgent call: there the nearest goes.
    """
    weak_s, missing_s, fresh_s, per_minute_s, most_s, duty_after_s, duty_s, rest_s, short_s, lost_s = penalties
    cost = travel_s + missing_s * skills_missing + lost_s * coverage_lost
    if not class_fits:
        cost += weak_s
    cost += min(max(position_age_s - fresh_s, 0.0) / 60.0 * per_minute_s, most_s)
    if on_duty_s > duty_after_s:
        cost += duty_s
    if since_cleared_s < rest_s:
        cost += short_s
    return cost
