"""The teams' rota alone: who leads which shift. Small enough to be solved at once, and a good start for the whole roster."""

from __future__ import annotations

from typing import Any

from jiean.engine.roster.problem import DAY_S, Question

Slot = tuple[int, int]
"""(day, place of the shift)."""

Rota = dict[Slot, int]
"""The team that leads each shift."""


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
    missing = [_missing(cp, question, leads, team, slots, slot) for team in teams for slot in slots]
    uneven = [_uneven(cp, leads, teams, some) for some in _fair(question, slots) if some]
    cp.minimize(10 * sum(missing) + sum(uneven))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 4
    if solver.solve(cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return {slot: next(team for team in teams if solver.boolean_value(leads[team, slot])) for slot in slots}


def _missing(cp: Any, question: Question, leads: dict[Any, Any], team: int, slots: list[Slot], slot: Slot) -> Any:
    """People a team lacks when a shift begins: those of its shifts that are on, or rested from, must all be others.

    A shift with its rest after it is a stretch of time, and people are enough for stretches of time exactly when they are
    at every moment; so a team may lead shifts too close for one person as long as it has people for both.
    """
    begin = _begin(question, slot)
    near = [one for one in slots if _begin(question, one) <= begin < _begin(question, one) + _held_s(question, one)]
    lacking = cp.new_int_var(0, sum(question.shifts[s].need for _d, s in near), "")
    needed = sum(question.shifts[s].need * leads[team, (d, s)] for d, s in near)
    cp.add(lacking >= needed - _able(question, team, slot))
    return lacking


def _begin(question: Question, slot: Slot) -> int:
    return slot[0] * DAY_S + question.shifts[slot[1]].start_s


def _held_s(question: Question, slot: Slot) -> int:
    return question.shifts[slot[1]].length_s + question.rest_s


def _able(question: Question, team: int, slot: Slot) -> int:
    """People of a team who may work a shift: not on leave, nor unfit for nights."""
    night = question.shifts[slot[1]].night
    return sum(p.team == team and slot[0] not in p.leave and not (night and p.no_nights) for p in question.people)


def short(question: Question, team: int, slot: Slot) -> int:
    """People the team lacks for a shift, with those on leave or unfit for nights left out."""
    return max(0, question.shifts[slot[1]].need - _able(question, team, slot))


def _fair(question: Question, slots: list[Slot]) -> list[list[Slot]]:
    """The sets of shifts of which every team should lead its share: each kind, and those of free days."""
    kinds = [[slot for slot in slots if slot[1] == s] for s in range(len(question.shifts))]
    return [*kinds, [slot for slot in slots if slot[0] in question.free_days]]


def _uneven(cp: Any, leads: dict[Any, Any], teams: list[int], slots: list[Slot]) -> Any:
    most, least = cp.new_int_var(0, len(slots), ""), cp.new_int_var(0, len(slots), "")
    for team in teams:
        cp.add(sum(leads[team, slot] for slot in slots) <= most)
        cp.add(sum(leads[team, slot] for slot in slots) >= least)
    return most - least
