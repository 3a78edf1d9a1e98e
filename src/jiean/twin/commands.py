"""Asking for a trial, stopping it, and what the job that carries it out keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note
from jiean.twin.access import Can
from jiean.twin.events import TrialAsked, TrialMoved
from jiean.twin.models import Trial

State = Trial.State
MOST_WAITING = 4
"""Trials under way at once: a station's one worker has other things to do."""


@command
def ask_trial(actor: Actor, *, asked: Mapping[str, Any]) -> Trial:
    """Ask for a scenario to be played. Raises Forbidden, and Conflict when too many wait already."""
    trial = Trial.objects.create(asked=dict(asked), asked_at=clocks.now())
    admit(Can.ASK, actor, trial)
    counts = Trial.objects.aggregate(waiting=Count("pk", filter=Q(state__in=(State.WAITING, State.RUNNING))))
    if counts["waiting"] > MOST_WAITING:
        raise Conflict(_("已有 %(count)d 个推演在排队，请等一个完成。") % {"count": MOST_WAITING})
    note(trial, by=actor, code="asked")
    announce(TrialAsked(trial.pk))
    return trial


@command
def stop_trial(actor: Actor, trial_id: int) -> Trial:
    """Stop a trial; what it had is not kept. Raises NotFound, IllegalMove."""
    return _move(actor, fetch(Can.ASK, actor, Trial, trial_id), State.STOPPED)


@command
def take_up_trial(actor: Actor, trial_id: int) -> Trial:
    """Begin with a trial that waits; any other, and one begun by a worker that died, is answered as it is. Raises NotFound."""
    trial = fetch(Can.CARRY_OUT, actor, Trial, trial_id)
    return _move(actor, trial, State.RUNNING) if trial.state == State.WAITING else trial


@command
def tell_progress(actor: Actor, trial_id: int, *, done_share: float) -> Trial:
    """Say how far a running trial is; one that was stopped is answered as it is. Raises NotFound."""
    trial = fetch(Can.CARRY_OUT, actor, Trial, trial_id)
    if trial.state == State.RUNNING:
        change(trial, done_share=done_share)
        announce(TrialMoved(trial.pk, trial.state))
    return trial


@command
def keep_result(actor: Actor, trial_id: int, *, shown: Mapping[str, Any]) -> Trial:
    """Keep what a running trial showed; one that was stopped meanwhile stays stopped. Raises NotFound."""
    trial = fetch(Can.CARRY_OUT, actor, Trial, trial_id)
    return _move(actor, trial, State.DONE, shown=dict(shown), done_share=1.0) if trial.state == State.RUNNING else trial


@command
def give_up_trial(actor: Actor, trial_id: int, *, why: str) -> Trial:
    """Say that a trial cannot be played, with the engine's reason. Raises NotFound."""
    trial = fetch(Can.CARRY_OUT, actor, Trial, trial_id)
    return _move(actor, trial, State.FAILED, shown={"why": why}) if trial.state in Trial.WORKFLOW.moves else trial


def _move(actor: Actor, trial: Trial, to: State, **fields: Any) -> Trial:
    ends: dict[str, Any] = {} if to == State.RUNNING else {"ended_at": clocks.now()}
    Trial.WORKFLOW.move(trial, to, by=actor, code=to.lower(), **fields, **ends)
    announce(TrialMoved(trial.pk, trial.state))
    return trial
