"""Closing a road, closing it for longer, opening it again, and taking that back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.events import RoadsChanged
from jiean.dispatch.models import RoadClosure
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict, Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import change, note

State = RoadClosure.State
LONGEST_H = 90 * 24
"""A road shut for longer is a matter for the map itself; nobody remembers to open it here."""
MOST_POINTS = 20


@command
def close_road(
    actor: Actor, *, reason: str, hours: int, named: str, street: str = "", line: Sequence[Sequence[float]] = (),
    heading: str = "", words: str = "", starts_at: dt.datetime | None = None,
) -> RoadClosure:  # fmt: skip
    """Close what a line crosses, or what bears a name, for so many hours from `starts_at` or now. Raises Forbidden, Invalid."""
    begins = starts_at or clocks.now()
    _check(reason, heading, street, line)
    closure = RoadClosure.objects.create(
        reason=reason, words=words.strip()[:120], line=[list(point) for point in line], street=street.strip()[:80],
        heading=heading, named=named[:120], starts_at=begins, ends_at=begins + _span(hours), closed_by_id=actor.account_id,
    )  # fmt: skip
    if closure.ends_at <= clocks.now():
        raise Invalid(starts_at=_("这段时间已经过去。"))
    admit(Can.CLOSE_ROADS, actor, closure)
    note(closure, by=actor, code="closed")
    return _told(closure)


@command
def extend_closure(actor: Actor, closure_id: int, *, hours: int, version: int | None = None) -> RoadClosure:
    """Keep a road closed for so many hours more. Raises NotFound, Conflict, Invalid."""
    closure = _running(actor, closure_id, version)
    if closure.state != State.CLOSED:
        raise Conflict(_("这条路已经开通。"))
    until = closure.ends_at + _span(hours)
    if until > clocks.now() + dt.timedelta(hours=LONGEST_H):
        raise Invalid(_("最长封 90 天。"))
    change(closure, ends_at=until)
    note(closure, by=actor, code="extended")
    return _told(closure)


@command
def reopen_road(actor: Actor, closure_id: int, *, version: int | None = None) -> RoadClosure:
    """Say that the road is open again. Raises NotFound, Conflict, IllegalMove."""
    closure = _running(actor, closure_id, version)
    RoadClosure.WORKFLOW.move(closure, State.REOPENED, by=actor, code="reopened")
    return _told(closure)


@command
def restore_closure(actor: Actor, closure_id: int, *, version: int | None = None) -> RoadClosure:
    """Take an opening back: closed again until the hour that was said first. Raises NotFound, Conflict, IllegalMove."""
    closure = _running(actor, closure_id, version)
    RoadClosure.WORKFLOW.move(closure, State.CLOSED, by=actor, code="restored")
    return _told(closure)


def _running(actor: Actor, closure_id: int, version: int | None) -> RoadClosure:
    closure = fetch(Can.CLOSE_ROADS, actor, RoadClosure, closure_id, version=version)
    if closure.ends_at <= clocks.now():
        raise Conflict(_("这处封路已经到期；要再封，请重新画。"))
    return closure


def _check(reason: str, heading: str, street: str, line: Sequence[Sequence[float]]) -> None:
    if reason not in RoadClosure.Reason.values:
        raise Invalid(reason=_("请选一个原因。"))
    if heading not in RoadClosure.Heading.values:
        raise Invalid(heading=_("没有这个方向。"))
    if not street.strip() and not line:
        raise Invalid(street=_("请在地图上画一条线，或写路名。"))
    if line and not (2 <= len(line) <= MOST_POINTS and all(_is_place(point) for point in line)):
        raise Invalid(line=_("线要有 2 到 20 个点。"))


def _is_place(point: Sequence[float]) -> bool:
    return len(point) == 2 and abs(point[0]) <= 180 and abs(point[1]) <= 90


def _span(hours: int) -> dt.timedelta:
    if not 1 <= hours <= LONGEST_H:
        raise Invalid(hours=_("时长从 1 小时到 90 天。"))
    return dt.timedelta(hours=hours)


def _told(closure: RoadClosure) -> RoadClosure:
    announce(RoadsChanged(closure.pk, closure.state))
    return closure
