"""A roster: which team leads each shift and who works it, the least unfair there is, by CP-SAT with a proven bound.

Perron, L., Didier, F. (2025), CP-SAT, in OR-Tools 9.15. `checking` counts the rules anew.
"""

from __future__ import annotations

import time
from math import gcd
from typing import Any

from jiean.engine.roster.errors import Impossible
from jiean.engine.roster.leading import Rota, led, short
from jiean.engine.roster.problem import DAY_S, Duty, Person, Question, Roster, Shift, Stop, Weights

Key = tuple[int, int, int]
ROTA_SHARE, FIXED_SHARE = 0.1, 0.4
"""Shares of the time given to the teams' rota alone, and to filling the shifts under that rota."""


def never() -> bool:
    """The stop that never comes."""
    return False


def roster(
    question: Question, *, weights: Weights | None = None, seconds: float = 30.0, seed: int = 12312, stop: Stop = never
) -> Roster:
    """Fill every shift.

    Hard: need, leave, rest between shifts, days in a row, nobody who works no nights at night. Weighed: people lent to
    another team, and the spreads of nights, free days and hours among people (leave counts as the mean of what it
    replaces). One team leads each shift.

    Parameters
    ----------
    seconds
        Limit for the solver; when it is reached the best roster is given with its gap.
    stop
        Asked whenever a better roster is found; when it says true that one is given.

    Raises
    ------
    Impossible
        When rest, leave and need cannot be kept together.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 — slow to load, and only rosters need it

    began, chosen = time.process_time(), weights or Weights()
    model = _Model(cp_model.CpModel(), question, chosen)
    rota = led(cp_model, question, seconds * ROTA_SHARE)
    if rota is not None:
        model.begin_with(cp_model, rota, seconds * FIXED_SHARE, seed)
    solver = _solver(cp_model, seconds * (1 - FIXED_SHARE - ROTA_SHARE), seed)
    status = solver.solve(model.cp, _callback(cp_model, stop))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        word = "proven" if status == cp_model.INFEASIBLE else f"none found in {seconds:.0f} s"
        raise Impossible(f"No roster keeps rest, leave and need together ({word}).")
    return model.read(solver, seed, began)


def _solver(cp_model: Any, seconds: float, seed: int) -> Any:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.num_workers = 4
    return solver


def _callback(cp_model: Any, stop: Stop) -> Any:
    class Watch(cp_model.CpSolverSolutionCallback):  # type: ignore[misc,name-defined,unused-ignore]
        def on_solution_callback(self) -> None:
            if stop():
                self.stop_search()

    return Watch()


class _Model:
    """The integer programme: `works[p, d, s]`, `leads[t, d, s]`, and the spreads."""

    def __init__(self, cp: Any, question: Question, weights: Weights) -> None:
        self.cp, self.question, self.weights = cp, question, weights
        self.teams = sorted({person.team for person in question.people})
        self.works = {key: cp.new_bool_var("") for key in self._allowed()}
        self.leads = {
            (team, d, s): cp.new_bool_var("")
            for team in self.teams for d in range(question.days) for s in range(len(question.shifts))
        }  # fmt: skip
        self._fill()
        for p, person in enumerate(question.people):
            self._rest(p, person)
            self._days(p)
        self.lent = self._lent()
        self.unit = gcd(*(shift.length_s for shift in question.shifts))
        self.nights = self._spread({s: int(shift.night) for s, shift in enumerate(question.shifts)}, None)
        self.free = self._spread(dict.fromkeys(range(len(question.shifts)), 1), question.free_days)
        self.hours = self._spread({s: shift.length_s // self.unit for s, shift in enumerate(question.shifts)}, None)
        hour = max(1, round(weights.hours * self.unit / 3600))
        cp.minimize(
            weights.lent * self.lent + weights.nights * self.nights + weights.free_days * self.free + hour * self.hours
        )

    def _allowed(self) -> list[Key]:
        q, before = self.question, dict(self.question.before)
        return [
            (p, d, s)
            for p, person in enumerate(q.people) for d in range(q.days) for s, shift in enumerate(q.shifts)
            if _may(person, d, shift, before.get(person.person_id), q.rest_s)
        ]  # fmt: skip

    def _fill(self) -> None:
        q = self.question
        for d in range(q.days):
            for s, shift in enumerate(q.shifts):
                there = [self.works[p, d, s] for p in range(len(q.people)) if (p, d, s) in self.works]
                self.cp.add(sum(there) == shift.need)
                self.cp.add_exactly_one(self.leads[team, d, s] for team in self.teams)

    def _rest(self, p: int, person: Person) -> None:
        """Two shifts with less than the rest between them exclude one another."""
        q = self.question
        own = [(d, s) for d in range(q.days) for s in range(len(q.shifts)) if (p, d, s) in self.works]
        for i, (d, s) in enumerate(own):
            end = d * DAY_S + q.shifts[s].start_s + q.shifts[s].length_s + q.rest_s
            for e, t in own[i + 1 :]:
                begin = e * DAY_S + q.shifts[t].start_s
                clash = begin < end if (e, t) > (d, s) else True
                if clash and begin + q.shifts[t].length_s + q.rest_s > d * DAY_S + q.shifts[s].start_s:
                    self.cp.add_at_most_one(self.works[p, d, s], self.works[p, e, t])
                if e > d + 3:
                    break

    def _days(self, p: int) -> None:
        """No more working days in a row than allowed."""
        q, long = self.question, self.question.most_in_a_row + 1
        for first in range(q.days - long + 1):
            days = [
                self.works[p, d, s]
                for d in range(first, first + long)
                for s in range(len(q.shifts))
                if (p, d, s) in self.works
            ]
            if len(days) > q.most_in_a_row:
                self.cp.add(sum(days) <= q.most_in_a_row)

    def _lent(self) -> Any:
        """People working a shift that another team leads: at least those its leading team lacks."""
        found: dict[tuple[int, int], list[Any]] = {}
        for (p, d, s), works in self.works.items():
            away = self.cp.new_bool_var("")
            self.cp.add_bool_or(away, works.negated(), self.leads[self.question.people[p].team, d, s])
            found.setdefault((d, s), []).append(away)
        for (d, s), away_there in found.items():
            lacking = sum(short(self.question, team, (d, s)) * self.leads[team, d, s] for team in self.teams)
            self.cp.add(sum(away_there) >= lacking)
        return sum(away for away_there in found.values() for away in away_there)

    def _spread(self, worth: dict[int, int], days: frozenset[int] | None) -> Any:
        """Most less least among people of the worth of what they work on `days` (all where None)."""
        q = self.question
        counted = range(q.days) if days is None else sorted(day for day in days if 0 <= day < q.days)
        total = sum(worth[s] * shift.need for s, shift in enumerate(q.shifts)) * len(counted)
        sums = [self._sum(p, person, worth, counted, total) for p, person in enumerate(q.people)]
        held = [one for one in sums if one is not None]
        if not total or len(held) < 2:
            return 0
        most, least = self.cp.new_int_var(0, total, ""), self.cp.new_int_var(0, total, "")
        for one in held:
            self.cp.add(one <= most)
            self.cp.add(one >= least)
        credit = sum(self._credit(person, counted, total) for person in q.people)
        if len(held) == len(q.people):  # the mean lies between: without this the proof takes minutes
            self.cp.add(most >= -(-(total + credit) // len(held)))
            self.cp.add(least <= (total + credit) // len(held))
        return most - least

    def _sum(self, p: int, person: Person, worth: dict[int, int], counted: Any, total: int) -> Any:
        mine = [worth[s] * self.works[p, d, s] for d in counted for s in worth if worth[s] and (p, d, s) in self.works]
        return sum(mine) + self._credit(person, counted, total) if mine else None

    def _credit(self, person: Person, counted: Any, total: int) -> int:
        """What a person on leave would have worked on the mean, in whole units."""
        away = sum(day in person.leave for day in counted)
        return round(total * away / (len(self.question.people) * max(len(counted), 1)))

    def begin_with(self, cp_model: Any, rota: Rota, seconds: float, seed: int) -> None:
        """Fill the shifts under a fixed rota first, and hand what was found to the search as a hint."""
        for own in (True, False):
            solver = _solver(cp_model, seconds / 2, seed)
            if solver.solve(self._under(rota, own)) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                for i, value in enumerate(solver.response_proto.solution):
                    self.cp.add_hint(self.cp.get_int_var_from_proto_index(i), value)
                return

    def _under(self, rota: Rota, own: bool) -> Any:
        """The programme under a rota; `own` lends nobody to a team that has people enough, which leaves a third of it."""
        fixed, q = self.cp.clone(), self.question
        for (team, d, s), leads in self.leads.items():
            fixed.add(fixed.get_bool_var_from_proto_index(leads.index) == int(rota[d, s] == team))
        for (p, d, s), works in self.works.items():
            if own and q.people[p].team != rota[d, s] and not short(q, rota[d, s], (d, s)):
                fixed.add(fixed.get_bool_var_from_proto_index(works.index) == 0)
        return fixed

    def read(self, solver: Any, seed: int, began: float) -> Roster:
        """The roster the solver found."""
        q, duties = self.question, []
        for d in range(q.days):
            for s, shift in enumerate(q.shifts):
                team = next(team for team in self.teams if solver.boolean_value(self.leads[team, d, s]))
                there = [
                    p
                    for p in range(len(q.people))
                    if (p, d, s) in self.works and solver.boolean_value(self.works[p, d, s])
                ]
                begin = d * DAY_S + shift.start_s
                who = tuple(q.people[p].person_id for p in there)
                duties.append(Duty(d, shift.code, team, who, begin, begin + shift.length_s))
        cost, bound = solver.objective_value, solver.best_objective_bound
        gap = max(0.0, (cost - bound) / max(cost, 1e-9))
        return Roster(
            tuple(sorted(duties, key=lambda duty: (duty.begin_s, duty.shift))), int(solver.value(self.lent)),
            int(solver.value(self.nights)), int(solver.value(self.free)), solver.value(self.hours) * self.unit / 3600,
            cost, bound, gap, gap < 1e-6, self.weights, seed, time.process_time() - began,
        )  # fmt: skip


def _may(person: Person, day: int, shift: Shift, ended: int | None, rest_s: int) -> bool:
    if day in person.leave or (shift.night and person.no_nights):
        return False
    return ended is None or ended + day * DAY_S + shift.start_s >= rest_s


__all__ = ["Roster", "roster"]
