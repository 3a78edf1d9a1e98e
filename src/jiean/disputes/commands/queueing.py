"""A post's queue: a number taken, called, served or passed over; served, it may have become a dispute or a report."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.events import QueueMoved
from jiean.disputes.models import Dispute, HivePost, Service, Ticket
from jiean.disputes.posts import is_open
from jiean.kernel import clocks
from jiean.kernel.access import admit, allow, fetch, visible
from jiean.kernel.actor import Actor, Role
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid, NotFound
from jiean.kernel.events import announce

State = Ticket.State
MOST_WAITING = 60
"""So many wait at one post at most; then a person at the door helps, and no machine fills the queue."""

_NEXT = """
INSERT INTO disputes_ticketseries (post_id, day, last) VALUES (%s, %s, 1)
ON CONFLICT (post_id, day) DO UPDATE SET last = disputes_ticketseries.last + 1
RETURNING last
"""


@command
def take_ticket(actor: Actor, post_id: int, service: str) -> Ticket:
    """Take a number. Raises Forbidden, NotFound, Invalid: no such service, closed (for the public), too many waiting."""
    allow(Can.TAKE_TICKET, actor)
    post = HivePost.objects.select_related("premises").filter(pk=post_id, active=True).first()
    if post is None:
        raise NotFound
    at = clocks.now()
    if service not in post.services or service not in Service.values:
        raise Invalid(service=_("这个站点没有这项服务。"))
    if actor.role == Role.PUBLIC and not is_open(post, at):
        raise Invalid(service=_("现在没有开放，请在开放时间取号。"))
    day = clocks.local_day(at)
    if post.tickets.filter(day=day, state=State.WAITING).count() >= MOST_WAITING:
        raise Invalid(service=_("排队的人太多了，请到门口找工作人员。"))
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [post.pk, day])
        number = cursor.fetchone()[0]
    ticket = Ticket.objects.create(post=post, day=day, number=number, service=service, taken_at=at)
    return _told(admit(Can.TAKE_TICKET, actor, ticket))


@command
def call_next(actor: Actor, post_id: int) -> Ticket:
    """Call the number that has waited longest today. Raises NotFound where nobody waits; two desks never call the same."""
    rows = visible(Can.SERVE, actor, Ticket).filter(
        post=post_id, day=clocks.local_day(clocks.now()), state=State.WAITING
    )
    ids = rows.order_by("number").values_list("pk", flat=True)[:20]
    ticket = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(
        pk__in=list(ids), state=State.WAITING
    )
    first = ticket.order_by("number").first()
    if first is None:
        raise NotFound(_("现在没有人等候。"))
    Ticket.WORKFLOW.move(first, State.CALLED, by=actor, called_at=clocks.now())
    return _told(first)


@command
def end_ticket(actor: Actor, ticket_id: int, state: Ticket.State, *, report_id: int | None = None) -> Ticket:
    """Say that a called number was served, did not come, or waits again; served, it may have become a report.

    Raises NotFound, IllegalMove, Invalid.
    """
    ticket = fetch(Can.SERVE, actor, Ticket, ticket_id)
    if state == State.SERVED:
        return serve(actor, ticket, report_id=report_id)
    if state not in (State.NO_SHOW, State.WAITING):
        raise Invalid(state=_("请选择结果。"))
    ended = clocks.now() if state == State.NO_SHOW else None
    Ticket.WORKFLOW.move(ticket, state, by=actor, ended_at=ended)
    return _told(ticket)


def serve(actor: Actor, ticket: Ticket, *, dispute: Dispute | None = None, report_id: int | None = None) -> Ticket:
    """A called number is served. Raises IllegalMove for one that was not called, or is done with."""
    if ticket.state != State.CALLED:
        raise IllegalMove(_("先叫号，再接待。"))
    Ticket.WORKFLOW.move(ticket, State.SERVED, by=actor, ended_at=clocks.now(), dispute=dispute, report_id=report_id)
    return _told(ticket)


def _told(ticket: Ticket) -> Ticket:
    announce(QueueMoved(ticket.post_id, ticket.post.premises.cell_id))
    return ticket
