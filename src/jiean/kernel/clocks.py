"""One calendar for all clocks: working days with moved holidays, shift days, and due times frozen with their rule."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.holidays import is_working_day
from jiean.kernel.models import Deadline

SHIFT_DAY_STARTS = dt.time(8, 0)
NIGHT = (dt.time(22, 0), dt.time(6, 0))


def now() -> dt.datetime:
    """The present moment, in UTC. Every deed takes its time from here, so that tests can set it."""
    return dt.datetime.now(dt.UTC)


def local(at: dt.datetime) -> dt.datetime:
    """The moment as the station's clock shows it."""
    return timezone.localtime(at)


def local_day(at: dt.datetime) -> dt.date:
    """The calendar day on the station's clock."""
    return local(at).date()


def shift_day(at: dt.datetime, starts: dt.time = SHIFT_DAY_STARTS) -> dt.date:
    """The day a moment belongs to when days begin at ``starts``: 03:00 is still yesterday's shift."""
    shown = local(at)
    return shown.date() if shown.time() >= starts else shown.date() - dt.timedelta(days=1)


def is_night(at: dt.datetime) -> bool:
    """Whether quiet hours run: 22:00 to 6:00."""
    time = local(at).time()
    return time >= NIGHT[0] or time < NIGHT[1]


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The ``count``-th working day after ``day``, which itself does not count (Civil Procedure Law art. 85: the day of the event)."""
    if not 0 <= count <= 3660:
        raise ValueError("count must lie within 0..3660 working days")
    while count:
        day += dt.timedelta(days=1)
        count -= is_working_day(day)
    return day


class Unit(StrEnum):
    """How a rule counts."""

    SECONDS = "seconds"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Rule:
    """A time limit: its code, length, unit, the words people see, and the law or order it comes from."""

    code: str
    amount: int
    unit: Unit
    name: str | Promise
    source: str

    def due(self, start: dt.datetime) -> dt.datetime:
        """When the limit ends. Limits in days end with the last day on the station's clock."""
        if self.unit is Unit.SECONDS:
            return start + dt.timedelta(seconds=self.amount)
        if self.unit is Unit.HOURS:
            return start + dt.timedelta(hours=self.amount)
        return _end_of(self._last_day(local_day(start)))

    def _last_day(self, day: dt.date) -> dt.date:
        if self.unit is Unit.DAYS:
            return day + dt.timedelta(days=self.amount)
        if self.unit is Unit.WORKING_DAYS:
            return add_working_days(day, self.amount)
        return _add_months(day, self.amount)


def _add_months(day: dt.date, count: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _end_of(day: dt.date) -> dt.datetime:
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=timezone.get_default_timezone())
    return end.astimezone(dt.UTC)


def start_clock(row: Any, rule: Rule, *, at: dt.datetime | None = None) -> Deadline:
    """Start a limit on a matter and freeze its due time with the rule as it reads today. Raises IllegalMove if it runs already."""
    if _running(row, rule.code) is not None:
        raise IllegalMove(_("这个时限已经在计时。"))
    start = at or now()
    return Deadline.objects.create(
        kind=row._meta.label_lower,
        subject_id=row.pk,
        code=rule.code,
        name=str(rule.name),
        amount=rule.amount,
        unit=rule.unit.value,
        source=rule.source,
        started_at=start,
        due_at=rule.due(start),
    )


def suspend_clock(row: Any, code: str, *, reason: str) -> Deadline:
    """Hold a running limit. Raises Invalid without a reason, IllegalMove if it does not run."""
    deadline = _wanted(row, code, Deadline.State.RUNNING, reason)
    return _keep(deadline, "suspended", reason, state=Deadline.State.SUSPENDED, suspended_at=now())


def resume_clock(row: Any, code: str, *, reason: str) -> Deadline:
    """Let a held limit run on; its due time moves by as long as it was held."""
    deadline = _wanted(row, code, Deadline.State.SUSPENDED, reason)
    held = now() - (deadline.suspended_at or now())
    due = deadline.due_at + held
    return _keep(deadline, "resumed", reason, state=Deadline.State.RUNNING, suspended_at=None, due_at=due)


def extend_clock(row: Any, code: str, *, due_at: dt.datetime, reason: str) -> Deadline:
    """Put the due time off. Raises Invalid when the new one is not later."""
    deadline = _wanted(row, code, Deadline.State.RUNNING, reason)
    if due_at <= deadline.due_at:
        raise Invalid(due_at=_("新的到期时间要晚于原来的。"))
    return _keep(deadline, "extended", reason, due_at=due_at)


def stop_clock(row: Any, code: str) -> Deadline | None:
    """End a limit because what it asked for is done; nothing happens if none runs."""
    deadline = _running(row, code)
    if deadline is None:
        return None
    return _keep(deadline, "stopped", "", state=Deadline.State.STOPPED, stopped_at=now())


def deadlines_of(row: Any) -> list[Deadline]:
    """Every limit the matter has had, earliest due first."""
    return list(Deadline.objects.filter(kind=row._meta.label_lower, subject_id=row.pk).order_by("due_at", "id"))


def _running(row: Any, code: str) -> Deadline | None:
    return (
        Deadline.objects.select_for_update()
        .filter(kind=row._meta.label_lower, subject_id=row.pk, code=code)
        .exclude(state=Deadline.State.STOPPED)
        .first()
    )


def _wanted(row: Any, code: str, state: Deadline.State, reason: str) -> Deadline:
    if not reason.strip():
        raise Invalid(reason=_("请写明原因。"))
    deadline = _running(row, code)
    if deadline is None or deadline.state != state:
        raise IllegalMove(_("这个时限现在不能这样改。"))
    return deadline


def _keep(deadline: Deadline, what: str, reason: str, **fields: Any) -> Deadline:
    line = {"what": what, "at": now().isoformat(), "reason": reason, "due_at": deadline.due_at.isoformat()}
    deadline.history = [*deadline.history, line]
    for name, value in fields.items():
        setattr(deadline, name, value)
    deadline.save(update_fields=["history", *fields])
    return deadline
