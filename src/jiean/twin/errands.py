"""What is true of every errand: how it begins to wait, is taken up, told of, stopped, kept and given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, Q
from django.utils.functional import Promise

from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Conflict
from jiean.kernel.events import Event, announce
from jiean.kernel.workflow import change, note
from jiean.twin.models import Errand

State = Errand.State
MOST_WAITING = 4
"""Errands of one sort under way at once: a station's one worker has other things to do."""
E = TypeVar("E", bound=Errand)


@dataclass(frozen=True)
class Errands(Generic[E]):
    """One sort of errand: its model, its news, and the sentence that refuses one too many (``%(count)d``).

    What a command of that sort does once it has asked leave.
    """

    model: type[E]
    asked: Callable[[int], Event]
    moved: Callable[[int, str], Event]
    too_many: str | Promise

    def begin(self, actor: Actor, errand: E) -> E:
        """Let a new one wait for its job. Raises Conflict when too many wait already."""
        counts = self.model._default_manager.aggregate(waiting=Count("pk", filter=Q(state__in=Errand.OPEN)))
        if counts["waiting"] > MOST_WAITING:
            raise Conflict(self.too_many % {"count": MOST_WAITING})
        note(errand, by=actor, code="asked")
        announce(self.asked(errand.pk))
        return errand

    def stop(self, actor: Actor, errand: E) -> E:
        """Stop one; what it had is not kept. Raises IllegalMove."""
        return self._move(actor, errand, State.STOPPED)

    def take_up(self, actor: Actor, errand: E) -> E:
        """Begin with one that waits; any other, and one begun by a worker that died, is answered as it is."""
        return self._move(actor, errand, State.RUNNING) if errand.state == State.WAITING else errand

    def tell(self, errand: E, done_share: float) -> E:
        """Say how far a running one is; one that was stopped is answered as it is."""
        if errand.state == State.RUNNING:
            change(errand, done_share=done_share)
            announce(self.moved(errand.pk, errand.state))
        return errand

    def keep(self, actor: Actor, errand: E, found: Callable[[], Mapping[str, Any]]) -> E:
        """Keep what a running one found; one that was stopped meanwhile stays stopped, and ``found`` is not asked."""
        if errand.state != State.RUNNING:
            return errand
        return self._move(actor, errand, State.DONE, shown=dict(found()), done_share=1.0)

    def give_up(self, actor: Actor, errand: E, why: str) -> E:
        """Say that there is no answer, with the engine's reason."""
        return self._move(actor, errand, State.FAILED, shown={"why": why}) if errand.state in Errand.OPEN else errand

    def _move(self, actor: Actor, errand: E, to: State, **fields: Any) -> E:
        ends: dict[str, Any] = {} if to == State.RUNNING else {"ended_at": clocks.now()}
        errand.WORKFLOW.move(errand, to, by=actor, code=to.lower(), **fields, **ends)
        announce(self.moved(errand.pk, errand.state))
        return errand
