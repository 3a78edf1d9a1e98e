"""A dispute's clocks: several may run at once, the row shows the one that runs out first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jiean.disputes.models import Dispute
from jiean.kernel import clocks
from jiean.kernel.clocks import Rule
from jiean.kernel.models import Deadline


def running(dispute: Dispute) -> list[Deadline]:
    """The clocks that run now, the first to run out first."""
    return [one for one in clocks.deadlines_of(dispute) if one.state == Deadline.State.RUNNING]


def retimed(dispute: Dispute, *, start: Iterable[Rule] = (), stop: Iterable[Rule | str] = ()) -> dict[str, Any]:
    """Stop and start clocks; what the row is to show of them afterwards. One that runs already runs on."""
    for one in stop:
        clocks.stop_clock(dispute, one if isinstance(one, str) else one.code)
    known = {one.code for one in clocks.deadlines_of(dispute) if one.state != Deadline.State.STOPPED}
    for rule in start:
        if rule.code not in known:
            clocks.start_clock(dispute, rule)
    return shown(dispute)


def all_stopped(dispute: Dispute) -> dict[str, Any]:
    """Every clock stopped, held ones too."""
    open_ones = [one.code for one in clocks.deadlines_of(dispute) if one.state != Deadline.State.STOPPED]
    return retimed(dispute, stop=open_ones)


def held_all(dispute: Dispute, reason: str) -> dict[str, Any]:
    """Every running clock held."""
    for one in running(dispute):
        clocks.suspend_clock(dispute, one.code, reason=reason)
    return shown(dispute)


def resumed_all(dispute: Dispute, reason: str) -> dict[str, Any]:
    """Every held clock let run on; due times move by as long as they were held."""
    for one in clocks.deadlines_of(dispute):
        if one.state == Deadline.State.SUSPENDED:
            clocks.resume_clock(dispute, one.code, reason=reason)
    return shown(dispute)


def shown(dispute: Dispute) -> dict[str, Any]:
    """The clock that runs out first, as the row's own columns."""
    first = next(iter(running(dispute)), None)
    return {"due_at": first.due_at if first else None, "due_code": first.code if first else ""}
