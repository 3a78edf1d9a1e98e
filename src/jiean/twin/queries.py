"""Trials for people: the newest, one, and two beside each other."""

from __future__ import annotations

from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.twin.access import Can
from jiean.twin.models import Trial

MOST_SHOWN = 30


def trials(actor: Actor) -> list[Trial]:
    """The newest trials, without their results. One statement."""
    return list(visible(Can.SEE, actor, Trial).defer("shown").order_by("-asked_at", "-pk")[:MOST_SHOWN])


def trial_of(actor: Actor, trial_id: int) -> Trial:
    """One trial. Raises NotFound."""
    return fetch(Can.SEE, actor, Trial, trial_id, lock=False)
