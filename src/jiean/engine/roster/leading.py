"""The teams' rota alone: who leads which shift. Small enough to be solved at once, and a good start for the whole roster."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from jiean.engine.roster.problem import DAY_S, Question

Rota = dict[tuple[int, int], int]
"""(day, place of the shift) to team."""


def led(cp_model: Any, question: Question, seconds: float) -> Rota | None:
    """The rota with the fewest people missing and the evenest shares; None where no team can rest under any.

    Parameters
    ----------
    cp_model
        The solver's module, which is slow to load.
    """
    cp, teams = cp_model.CpModel(), sorted({person.team for person in question.people})
    slots = [(d, s) for d in range(question.days) for s in range(len(question.shifts))]
    leads = {(team, slot): cp.new_bool_var("") for team in teams for slot in slots}
    for slot in slots:
        cp.add_exactly_one(leads[team, slot] for team in teams)
    for one, other in combinations(slots, 2):
        if _too_close(question, one, other):
            for team in teams:
                cp.add_at_most_one(leads[team, one], leads[team, other])
    lacking = {(team, slot): short(question, team, slot) for team in teams for slot in slots}
    missing = sum(lacking[key] * leads[key] for key in leads if lacking[key])
    uneven = [_uneven(cp, leads, teams, some) for some in _fair(question, slots) if some]
    cp.minimize(10 * missing + sum(uneven))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 4
    if solver.solve(cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return {slot: next(team for team in teams if solver.boolean_value(leads[team, slot])) for slot in slots}


def _too_close(question: Question, one: tuple[int, int], other: tuple[int, int]) -> bool:
    a, b = question.shifts[one[1]], question.shifts[other[1]]
    begin_a, begin_b = one[0] * DAY_S + a.start_s, other[0] * DAY_S + b.start_s
    return begin_b < begin_a + a.length_s + question.rest_s and begin_a < begin_b + b.length_s + question.rest_s


def short(question: Question, team: int, slot: tuple[int, int]) -> int:
    """People the team lacks for a shift, with those on leave or unfit for nights left out."""
    day, shift = slot[0], question.shifts[slot[1]]
    able = sum(p.team == team and day not in p.leave and not (shift.night and p.no_nights) for p in question.people)
    return max(0, shift.need - able)


def _fair(question: Question, slots: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The sets of shifts of which every team should lead its share: each kind, and those of free days."""
    kinds = [[slot for slot in slots if slot[1] == s] for s in range(len(question.shifts))]
    return [*kinds, [slot for slot in slots if slot[0] in question.free_days]]


def _uneven(cp: Any, leads: dict[Any, Any], teams: list[int], slots: list[tuple[int, int]]) -> Any:
    most, least = cp.new_int_var(0, len(slots), ""), cp.new_int_var(0, len(slots), "")
    for team in teams:
        cp.add(sum(leads[team, slot] for slot in slots) <= most)
        cp.add(sum(leads[team, slot] for slot in slots) >= least)
    return most - least
