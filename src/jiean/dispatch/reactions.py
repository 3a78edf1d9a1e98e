"""On news: orders are watched until somebody signs. By the clock: old tracks are forgotten."""

from __future__ import annotations

from jiean.dispatch.advice import suggest_second_unit
from jiean.dispatch.commands import escalate_assignment, forget_tracks, index_incident, index_incidents
from jiean.dispatch.events import IncidentChanged, IncidentClosed, UnitAssigned
from jiean.dispatch.models import Assignment
from jiean.dispatch.queries.told import is_noted
from jiean.dispatch.targets import ORDER_AGAIN_S, ORDER_ALARM_S
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.events import reaction
from jiean.kernel.jobs import defer, job, periodic


@reaction(UnitAssigned)
def watch_the_order(event: UnitAssigned) -> None:
    """Look again 30 and 60 seconds after the order was given; an order signed by now needs no watch."""
    order = Assignment.objects.filter(pk=event.assignment_id, state=Assignment.State.ASSIGNED).first()
    if order is None:
        return
    waited_s = (clocks.now() - order.assigned_at).total_seconds()
    for level, after_s in ((1, ORDER_AGAIN_S), (2, ORDER_ALARM_S)):
        wait_s = max(after_s - waited_s, 0.1)
        defer(escalate_order, in_seconds=wait_s, assignment_id=order.pk, incident_id=order.incident_id, level=level)


@job("dispatch.escalate_order")
def escalate_order(assignment_id: int, incident_id: int, level: int) -> None:
    """Send an unsigned order again with a second unit suggested, or alarm the commander."""
    system = Actor.system()
    second = suggest_second_unit(system, incident_id)
    escalate_assignment(system, assignment_id, level=level, suggested_unit_id=second)


@periodic("dispatch.forget_tracks", cron="17 * * * *")
def forget_old_tracks() -> None:
    """Keep positions for thirty days and no longer."""
    forget_tracks(Actor.system())


@reaction(IncidentChanged)
def index_what_was_noted(event: IncidentChanged) -> None:
    """An incident is found by what was noted on the way too; without a note nothing new is to be found."""
    if is_noted(event.incident_id):
        index_incident(Actor.system(), event.incident_id)


@reaction(IncidentClosed)
def index_what_came_of_it(event: IncidentClosed) -> None:
    """An incident is found by its result's words too."""
    index_incident(Actor.system(), event.incident_id)


@periodic("dispatch.index_missed", cron="43 2 * * *")
def index_missed() -> None:
    """Incidents taken while the station's key was away, or brought in from outside, become findable."""
    after, _made = index_incidents(Actor.system())
    while after:
        after, _made = index_incidents(Actor.system(), after=after)
