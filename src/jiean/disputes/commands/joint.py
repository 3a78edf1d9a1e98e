"""Joint mediation: the lead asks bodies to help, each signs or refuses with a reason, gives its opinion, is released; the lead closes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.desks import desk_of
from jiean.disputes.commands.telling import holders, said, tell_changed
from jiean.disputes.events import BodyAsked
from jiean.disputes.models import Dispute, JoinedBody, Level
from jiean.disputes.models.joint import MOST_JOINED_BODIES, OPINION_LIMIT
from jiean.disputes.rules import JOINT_CODE, joint_rule
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change, note
from jiean.people.commands import send_message
from jiean.people.queries import accounts_of_body

State = JoinedBody.State
WITHIN = (Dispute.State.ACCEPTED, Dispute.State.MEDIATING)
LATEST = dt.timedelta(days=92)
AHEAD = dt.timedelta(hours=24)


@command
def ask_body(
    actor: Actor, dispute_id: int, organisation_id: int, *, task: str, due_on: dt.date, version: int | None = None
) -> JoinedBody:
    """Ask one more body to help, for a task, until a day. The lead stays who it is.

    Raises NotFound, Conflict, IllegalMove: not accepted here, five have joined; Invalid: the lead itself, asked already, no such day.
    """
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if dispute.state not in WITHIN:
        raise IllegalMove(_("受理以后、结束以前才能邀请协办。"))
    body = desk_of(organisation_id)
    taken = dict(dispute.joined_bodies.filter(state__in=JoinedBody.OPEN).values_list("organisation_id", "place"))
    if body.pk == dispute.desk_id or body.pk in taken:
        raise Invalid(organisation_id=_("这个单位已经在办这件纠纷。"))
    free = sorted(set(range(1, MOST_JOINED_BODIES + 1)) - set(taken.values()))
    if not free:
        raise IllegalMove(_("协办最多五家；要换，先解除一家。"))
    at = clocks.now()
    rule = joint_rule(*_days(at, due_on))
    made = JoinedBody.objects.create(
        dispute=dispute, organisation=body, place=free[0], task=said(task, "task"), due_at=rule.due(at), asked_at=at,
        asked_by_id=actor.account_id,
    )  # fmt: skip
    clocks.start_clock(made, rule, at=at)
    admit(Can.LEAD, actor, made)
    note(dispute, by=actor, code="body_asked", detail={"organisation_id": body.pk})
    announce(BodyAsked(dispute.pk, dispute.cell_id, body.pk, accounts_of_body(body.pk)))
    return made


def _days(at: dt.datetime, due_on: dt.date) -> tuple[dt.date, dt.date]:
    today = clocks.local_day(at)
    if not today < due_on <= today + LATEST:
        raise Invalid(due_on=_("期限要在明天到三个月以内。"))
    return today, due_on


@command
def answer_joining(
    actor: Actor, joined_id: int, *, joins: bool, reply: str = "", version: int | None = None
) -> JoinedBody:
    """A body signs for its task, or refuses with a reason. Raises NotFound, Conflict, IllegalMove, Invalid."""
    row, dispute = _own(actor, joined_id, version)
    words = said(reply, "reply", required=not joins)
    to = State.JOINED if joins else State.REFUSED
    fields: dict[str, Any] = {"reply": words, "answered_at": clocks.now()}
    if not joins:
        clocks.stop_clock(row, JOINT_CODE)
        fields["ended_at"] = clocks.now()
    JoinedBody.WORKFLOW.move(row, to, by=actor, **fields)
    if joins and dispute.level != Level.JOINT:
        change(dispute, level=Level.JOINT)
    _noted(actor, dispute, row, "body_joined" if joins else "body_refused")
    return row


@command
def give_opinion(actor: Actor, joined_id: int, *, opinion: str, version: int | None = None) -> JoinedBody:
    """A body says what it found; said again, the newer stands. Raises NotFound, Conflict, IllegalMove, Invalid."""
    row, dispute = _own(actor, joined_id, version)
    words = clean(opinion, OPINION_LIMIT, field="opinion", required=True)
    JoinedBody.WORKFLOW.move(
        row, State.ADVISED, by=actor, opinion=words, advised_at=clocks.now(), advised_by_id=actor.account_id
    )
    clocks.stop_clock(row, JOINT_CODE)
    _noted(actor, dispute, row, "body_advised")
    return row


def _own(actor: Actor, joined_id: int, version: int | None) -> tuple[JoinedBody, Dispute]:
    """The actor's body's own part, and its dispute, both locked; the dispute first, as the lead's deeds take them."""
    found = visible(Can.ASSIST, actor, JoinedBody).filter(pk=joined_id).values_list("dispute_id", flat=True).first()
    dispute = Dispute.objects.select_for_update(no_key=True).filter(pk=found or 0).first()
    row = fetch(Can.ASSIST, actor, JoinedBody, joined_id, version=version)
    if dispute is None or dispute.state not in WITHIN:
        raise IllegalMove(_("这件纠纷已经结束调解。"))
    return row, dispute


def _noted(actor: Actor, dispute: Dispute, row: JoinedBody, code: str) -> None:
    note(dispute, by=actor, code=code, detail={"organisation_id": row.organisation_id})
    tell_changed(dispute)


@command
def release_body(actor: Actor, dispute_id: int, joined_id: int, *, reason: str) -> JoinedBody:
    """The lead needs a body no more; it sees the dispute no more either. Raises NotFound, IllegalMove, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id)
    row = fetch(Can.LEAD, actor, JoinedBody, joined_id)
    if row.dispute_id != dispute.pk:
        raise IllegalMove
    _release(actor, row, said(reason))
    _noted(actor, dispute, row, "body_released")
    return row


def _release(actor: Actor, row: JoinedBody, reason: str) -> None:
    clocks.stop_clock(row, JOINT_CODE)
    JoinedBody.WORKFLOW.move(row, State.RELEASED, by=actor, reason=reason, ended_at=clocks.now())


@command
def remind_joined(actor: Actor) -> int:
    """Tell a body once a day before its deadline and once when it missed it, then the lead too; return how many notices."""
    at = clocks.now()
    disputes = visible(Can.FORGET, actor, Dispute).values("pk")
    rows = JoinedBody.objects.select_for_update(of=("self",), no_key=True).select_related("dispute")
    due = rows.filter(state__in=(State.ASKED, State.JOINED), due_at__lt=at + AHEAD, dispute__in=disputes)
    sent = 0
    for row in due.order_by("due_at", "pk")[:500]:
        mark = "late" if row.due_at <= at else "soon"
        if row.reminded != mark:
            change(row, reminded=mark)
            sent += _reminded(actor, row, late=mark == "late")
    return sent


def _reminded(actor: Actor, row: JoinedBody, *, late: bool) -> int:
    whom = {*accounts_of_body(row.organisation_id), *(holders(row.dispute) if late else ())}
    code = "disputes.joint_late" if late else "disputes.joint_soon"
    for account_id in sorted(whom):
        send_message(actor, account_id, code, subject_kind="disputes.dispute", subject_id=row.dispute_id)
    return len(whom)
