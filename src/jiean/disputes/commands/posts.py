"""Hive posts and who is there when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.models import Calling, HivePost, PostDuty, Service
from jiean.grid.models import Premises
from jiean.kernel.access import allow, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.workflow import change
from jiean.people.models import Account

LONGEST_DUTY = dt.timedelta(days=31)


@command
def keep_post(
    actor: Actor,
    premises_id: int,
    *,
    services: Sequence[str],
    days: Sequence[int],
    from_hour: int,
    to_hour: int,
    open_since: dt.date,
    active: bool = True,
    version: int | None = None,
) -> HivePost:
    """Write what a post does and when, for a place of the ground that is one. Raises Forbidden, Conflict, Invalid."""
    allow(Can.KEEP_POSTS, actor)
    place = Premises.objects.filter(pk=premises_id, kind=Premises.Kind.HIVE_POST, active=True).first()
    if place is None:
        raise Invalid(premises_id=_("请选择一个蜂巢站点。"))
    _check(services, days, from_hour, to_hour)
    values = {"services": list(services), "days": sorted(set(days)), "from_hour": from_hour, "to_hour": to_hour,
              "open_since": open_since, "active": active}  # fmt: skip
    known = HivePost.objects.filter(premises=place).values_list("pk", flat=True).first()
    if known is None:
        return HivePost.objects.create(premises=place, **values)
    post = fetch(Can.KEEP_POSTS, actor, HivePost, known, version=version)
    change(post, **values)
    return post


def _check(services: Sequence[str], days: Sequence[int], from_hour: int, to_hour: int) -> None:
    if not services or not set(services) <= set(Service.values):
        raise Invalid(services=_("请从列表里选。"))
    if not days or not set(days) <= set(range(7)):
        raise Invalid(days=_("请从列表里选。"))
    if not 0 <= from_hour < to_hour <= 24:
        raise Invalid(to_hour=_("结束要晚于开始。"))


@command
def put_on_duty(
    actor: Actor, post_id: int, account_id: int, *, calling: str, starts_at: dt.datetime, ends_at: dt.datetime
) -> PostDuty:
    """Put somebody at a post for a time. Raises NotFound, Invalid: not of the staff, ends before it starts, at two posts at once."""
    post = fetch(Can.KEEP_POSTS, actor, HivePost, post_id)
    if calling not in Calling.values or not Account.objects.filter(pk=account_id, is_active=True).exists():
        raise Invalid(account_id=_("请从名册里选。"))
    if not dt.timedelta() < ends_at - starts_at <= LONGEST_DUTY:
        raise Invalid(ends_at=_("结束要晚于开始。"))
    Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if PostDuty.objects.filter(account_id=account_id, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise Invalid(account_id=_("这位那时已经在一个站点值守。"))
    return PostDuty.objects.create(
        post=post, account_id=account_id, calling=calling, starts_at=starts_at, ends_at=ends_at
    )


@command
def drop_duty(actor: Actor, duty_id: int) -> None:
    """Take a duty off the rota. Raises NotFound."""
    fetch(Can.KEEP_POSTS, actor, PostDuty, duty_id).delete()
