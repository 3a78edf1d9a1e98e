"""Trials and calculations that were asked for are carried out by jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jiean.engine.districts import DistrictsError
from jiean.engine.expectation import ExpectationError
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.study import Stopped, study
from jiean.engine.siting import SitingError
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import defer, job
from jiean.twin.advice import areas_of, ground, plan_of, scenario_on, shown
from jiean.twin.cell_ground import ground_now
from jiean.twin.cell_plans import cut
from jiean.twin.commands import (
    give_up_calculation,
    give_up_trial,
    keep_calculation,
    keep_cut_cells,
    keep_result,
    take_up_calculation,
    take_up_trial,
    tell_calculation,
    tell_progress,
)
from jiean.twin.events import CalculationAsked, TrialAsked
from jiean.twin.expecting import foretold, past_calls
from jiean.twin.models import Calculation, Errand, Trial
from jiean.twin.siting import worked_out

TOLD_EVERY_S = 1.0
GROUND_SHARE, DIVIDING_ROUNDS = 0.6, 8
"""Cutting the ground into pieces takes more than half of dividing it; then there are so many rounds at most."""


class _Watch:
    """Tells how far an errand is, at most once a second, and hears in the answer whether somebody has stopped it."""

    def __init__(self, say: Callable[[float], Errand]) -> None:
        self.say, self.stopped, self.told = say, False, 0.0

    def tell(self, share: float) -> None:
        if time.monotonic() - self.told >= TOLD_EVERY_S and not self.stopped:
            self.told = time.monotonic()
            self.stopped = self.say(min(max(share, 0.0), 1.0)).state != Errand.State.RUNNING

    def stop(self) -> bool:
        return self.stopped


@reaction(TrialAsked)
def begin_the_trial(event: TrialAsked) -> None:
    """The news that a trial waits starts it."""
    defer(carry_out, trial_id=event.trial_id)


@job("twin.carry_out")
def carry_out(trial_id: int) -> None:
    """Play a trial. Started again after a worker's death it plays anew: equal seeds show the same."""
    system = Actor.system()
    trial = take_up_trial(system, trial_id)
    if trial.state != Trial.State.RUNNING:
        return
    watch = _Watch(lambda share: tell_progress(system, trial_id, done_share=share))
    try:
        keep_result(system, trial_id, shown=_played(trial, watch))
    except Stopped:
        return
    except SimulationError as error:
        give_up_trial(system, trial_id, why=str(error))


def _played(trial: Trial, watch: _Watch) -> dict[str, Any]:
    here, plan = ground(trial.asked.get("closures", ())), plan_of(trial.asked)
    found = study(
        here.town,
        scenario_on(here, plan),
        days=plan.days,
        replications=plan.replications,
        seed=plan.seed,
        areas=areas_of(here)[1],
        tell=lambda done: watch.tell(done / plan.replications),
        stop=watch.stop,
    )
    return shown(here, found)


@reaction(CalculationAsked)
def begin_the_calculation(event: CalculationAsked) -> None:
    """The news that a calculation waits starts it."""
    defer(work_out, calculation_id=event.calculation_id)


@job("twin.work_out")
def work_out(calculation_id: int) -> None:
    """Work out posts, cells or calls. Started again after a worker's death it begins anew: equal questions, equal answers."""
    system = Actor.system()
    made = take_up_calculation(system, calculation_id)
    if made.state != Calculation.State.RUNNING:
        return
    watch = _Watch(lambda share: tell_calculation(system, calculation_id, done_share=share))
    try:
        WORK[Calculation.Kind(made.kind)](system, made, watch)
    except (SimulationError, SitingError, DistrictsError, ExpectationError) as error:
        plain = type(error) in (SimulationError, DistrictsError, ExpectationError)
        give_up_calculation(system, calculation_id, why=str(error) if plain else type(error).__name__)


def _sites(system: Actor, made: Calculation, watch: _Watch) -> None:
    shown = worked_out(ground(made.asked.get("closures", ())), made.asked, watch.tell, watch.stop)
    keep_calculation(system, made.pk, shown=shown)


def _cells(system: Actor, made: Calculation, watch: _Watch) -> None:
    watch.tell(0.0)
    here, rounds = ground_now(), iter(range(DIVIDING_ROUNDS))

    def stop() -> bool:
        watch.tell(GROUND_SHARE + (1 - GROUND_SHARE) * next(rounds, DIVIDING_ROUNDS) / DIVIDING_ROUNDS)
        return watch.stop()

    cell, named, forced = cut(here, made.asked, stop=stop)
    keep_cut_cells(system, made.pk, ground=here.as_json(), cell=cell, cells=named, forced=forced)


def _calls(system: Actor, made: Calculation, watch: _Watch) -> None:
    keep_calculation(system, made.pk, shown=foretold(past_calls(), clocks.local(clocks.now()), watch.tell))


WORK = {Calculation.Kind.SITES: _sites, Calculation.Kind.CELLS: _cells, Calculation.Kind.CALLS: _calls}
