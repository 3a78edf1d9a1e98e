"""Trials for people: the newest, one, and two beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from jiean.kernel import clocks
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.people.models import Duty
from jiean.people.queries import in_force, names_of
from jiean.twin.access import Can
from jiean.twin.models import Calculation, CellPlan, Trial

MOST_SHOWN = 30


def trials(actor: Actor) -> list[Trial]:
    """The newest trials, without their results. One statement."""
    return list(visible(Can.SEE, actor, Trial).defer("shown").order_by("-asked_at", "-pk")[:MOST_SHOWN])


def trial_of(actor: Actor, trial_id: int) -> Trial:
    """One trial. Raises NotFound."""
    return fetch(Can.SEE, actor, Trial, trial_id, lock=False)


def calculations(actor: Actor, kind: Calculation.Kind) -> list[Calculation]:
    """The newest calculations of a kind, without their results. One statement."""
    rows = visible(Can.SEE, actor, Calculation).filter(kind=kind).defer("shown")
    return list(rows.order_by("-asked_at", "-pk")[:MOST_SHOWN])


def calculation_of(actor: Actor, calculation_id: int) -> Calculation:
    """One calculation. Raises NotFound."""
    return fetch(Can.SEE, actor, Calculation, calculation_id, lock=False)


def newest_calls(actor: Actor) -> Calculation | None:
    """The newest expectation of calls that was worked out, None where there is none. One statement."""
    rows = visible(Can.SEE, actor, Calculation).filter(kind=Calculation.Kind.CALLS, state=Calculation.State.DONE)
    return rows.order_by("-asked_at", "-pk").first()


def cell_plans(actor: Actor) -> list[CellPlan]:
    """The newest plans of cells, without their ground. One statement."""
    rows = visible(Can.SEE_CELLS, actor, CellPlan).exclude(state=CellPlan.State.DROPPED)
    return list(rows.defer("ground", "cell", "cells").order_by("-made_at", "-pk")[:MOST_SHOWN])


def cell_plan(actor: Actor, plan_id: int) -> CellPlan:
    """One plan of cells. Raises NotFound."""
    return fetch(Can.SEE_CELLS, actor, CellPlan, plan_id, lock=False)


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """An officer with the load of the cells they answer for, as it is and as it would be; a shared cell counts in parts."""

    name: str
    before: float
    after: float


def officer_loads(before: dict[int, float], after: dict[int, float]) -> list[OfficerLoad]:
    """Officers on duty for cells now, with the loads of those cells by cell id; most gain first. Two statements."""
    rows = Duty.objects.filter(in_force(clocks.now()), kind=Duty.Kind.OFFICER).values_list("account_id", "cell_id")
    holders: dict[int, list[int]] = {}
    for account_id, cell_id in rows:
        holders.setdefault(cell_id, []).append(account_id)
    sums: dict[int, list[float]] = {}
    for cell_id, accounts in holders.items():
        for account_id in accounts:
            own = sums.setdefault(account_id, [0.0, 0.0])
            own[0] += before.get(cell_id, 0.0) / len(accounts)
            own[1] += after.get(cell_id, 0.0) / len(accounts)
    names = names_of(sums)
    loads = [OfficerLoad(names.get(one, "—"), was, now) for one, (was, now) in sums.items()]
    return sorted(loads, key=lambda one: (one.before - one.after, one.name))
