"""Units and shifts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.dispatch.access import Can
from jiean.dispatch.events import ShiftChanged
from jiean.dispatch.models import Assignment, Shift, ShiftMember, Unit, open_orders
from jiean.kernel import clocks, geo
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Conflict, Invalid
from jiean.kernel.events import announce
from jiean.kernel.text import clean
from jiean.kernel.workflow import change
from jiean.people.models import Account

LONGEST_SHIFT = dt.timedelta(hours=25)


@command
def keep_unit(
    actor: Actor,
    *,
    call_sign: str,
    unit_class: str,
    base_lon: float,
    base_lat: float,
    skills: Sequence[str] = (),
    seats: int = 4,
    active: bool = True,
) -> Unit:
    """Add a unit, or correct the one with this call sign. Raises Forbidden, Invalid."""
    sign = clean(call_sign, 12, field="call_sign", required=True)
    if unit_class not in Unit.Class.values:
        raise Invalid(unit_class=_("没有这个类型。"))
    if not geo.on_globe(base_lon, base_lat):
        raise Invalid(base_lon=_("坐标超出地球范围。"))
    row, _made = Unit.objects.update_or_create(
        call_sign=sign,
        defaults={
            "unit_class": unit_class,
            "base_lon": base_lon,
            "base_lat": base_lat,
            "skills": [clean(skill, 20, field="skills", required=True) for skill in skills],
            "seats": seats,
            "active": active,
        },
    )
    admit(Can.KEEP_UNITS, actor, row)
    announce(ShiftChanged(row.pk))
    return row


@command
def start_shift(
    actor: Actor,
    unit_id: int,
    *,
    name: str,
    account_ids: Sequence[int],
    ends_at: dt.datetime,
    starts_at: dt.datetime | None = None,
) -> Shift:
    """Put a crew on a unit. A unit, and a person, has one shift at a time. Raises NotFound, Invalid, Conflict."""
    unit = fetch(Can.KEEP_SHIFTS, actor, Unit, unit_id)
    begin = starts_at or clocks.now()
    if not begin < ends_at <= begin + LONGEST_SHIFT:
        raise Invalid(ends_at=_("班次要晚于开始，最长 25 小时。"))
    crew = sorted(set(account_ids))
    _check_free(unit, crew, begin, ends_at)
    shift = Shift.objects.create(
        unit=unit, name=clean(name, 20, field="name", required=True), starts_at=begin, ends_at=ends_at
    )
    ShiftMember.objects.bulk_create(ShiftMember(shift=shift, account_id=account_id) for account_id in crew)
    admit(Can.KEEP_SHIFTS, actor, shift)
    announce(ShiftChanged(unit.pk, account_ids=tuple(crew)))
    return shift


@command
def end_shift(actor: Actor, shift_id: int) -> Shift:
    """Let a crew go. Raises NotFound, Invalid (over already), Conflict (an order is open)."""
    shift = fetch(Can.KEEP_SHIFTS, actor, Shift, shift_id)
    at = clocks.now()
    if not shift.starts_at < at < shift.ends_at:
        raise Invalid(_("这个班次现在不在进行。"))
    if Assignment.objects.filter(open_orders(), unit_id=shift.unit_id).exists():
        raise Conflict(_("这个单元还有没结束的派警单，请先结束或撤回。"))
    change(shift, ends_at=at)
    crew = tuple(ShiftMember.objects.filter(shift=shift).order_by("account_id").values_list("account_id", flat=True))
    announce(ShiftChanged(shift.unit_id, account_ids=crew))
    return shift


def _check_free(unit: Unit, crew: Sequence[int], begin: dt.datetime, end: dt.datetime) -> None:
    if not crew:
        raise Invalid(account_ids=_("班次至少要有一个人。"))
    overlapping = Shift.objects.filter(starts_at__lt=end, ends_at__gt=begin)
    if overlapping.filter(unit=unit).exists():
        raise Conflict(_("%(unit)s 在这段时间已有班次。") % {"unit": unit.call_sign})
    accounts = Account.objects.select_for_update(no_key=True).filter(pk__in=crew, is_active=True).order_by("pk")
    if len(accounts) != len(crew):
        raise Invalid(account_ids=_("有人没有账号，或者已经停用。"))
    busy = ShiftMember.objects.filter(shift__in=overlapping, account_id__in=crew).values_list(
        "account__name", flat=True
    )
    if busy:
        raise Conflict(_("%(names)s 在这段时间已在别的单元。") % {"names": listed(sorted(set(busy)))})
