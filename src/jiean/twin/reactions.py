"""A trial that was asked for is carried out by a job."""

from __future__ import annotations

import time

from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.study import Stopped, study
from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import defer, job
from jiean.twin.advice import areas_of, ground, plan_of, scenario_on, shown
from jiean.twin.commands import give_up_trial, keep_result, take_up_trial, tell_progress
from jiean.twin.events import TrialAsked
from jiean.twin.models import Trial

TOLD_EVERY_S = 1.0


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
    try:
        _play(system, trial)
    except Stopped:
        return
    except SimulationError as error:
        give_up_trial(system, trial_id, why=str(error))


def _play(system: Actor, trial: Trial) -> None:
    here, plan = ground(), plan_of(trial.asked)
    scenario = scenario_on(here, plan)
    told = [time.monotonic()]

    def tell(done: int) -> None:
        if time.monotonic() - told[0] >= TOLD_EVERY_S:
            told[0] = time.monotonic()
            tell_progress(system, trial.pk, done_share=done / plan.replications)

    def stop() -> bool:
        return not Trial.objects.filter(pk=trial.pk, state=Trial.State.RUNNING).exists()

    found = study(
        here.town,
        scenario,
        days=plan.days,
        replications=plan.replications,
        seed=plan.seed,
        areas=areas_of(here)[1],
        tell=tell,
        stop=stop,
    )
    keep_result(system, trial.pk, shown=shown(here, found))
