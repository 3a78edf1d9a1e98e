"""Clocks that end keepings: each class of the field registry that ends has one, all run every night (TRUST, section 9).

A room registers a function under the keepings it ends; the night's job runs them all, and so does a restore before the station
opens. A clock that fails stops no other one; the job then shows as failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from jiean.kernel import audit
from jiean.kernel.actor import Actor
from jiean.kernel.registry import PERIODS, Keeping

log = logging.getLogger(__name__)
Run = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock: its name (``room.deed``), the keepings it ends, and the function that takes away what is due."""

    name: str
    keepings: tuple[Keeping, ...]
    run: Run


class ClocksFailed(RuntimeError):
    """Some clocks failed; the message names them. The others ran."""


_CLOCKS: dict[str, Clock] = {}


def clock(name: str, *keepings: Keeping) -> Callable[[Run], Run]:
    """Register a function that takes away what is due and returns how many rows, matters or files that were."""

    def register(function: Run) -> Run:
        _CLOCKS[name] = Clock(name, keepings, function)
        return function

    return register


def registered() -> list[Clock]:
    """Every clock, by name."""
    return [_CLOCKS[name] for name in sorted(_CLOCKS)]


def without_clock() -> list[Keeping]:
    """Keepings that end and that no clock ends: there must be none."""
    ended = {keeping for one in _CLOCKS.values() for keeping in one.keepings}
    return [keeping for keeping, period in PERIODS.items() if period is not None and keeping not in ended]


def run_all() -> dict[str, int]:
    """Run every clock and write down, in the audit, how much each took away. Raises ClocksFailed after the last one."""
    taken: dict[str, int] = {}
    failed: list[str] = []
    for one in registered():
        try:
            taken[one.name] = one.run()
        except Exception:  # one class that cannot be erased tonight must not keep the others
            log.exception("retention: %s failed", one.name)
            failed.append(one.name)
    with transaction.atomic():
        audit.write([audit.draft("kernel.retired", Actor.system(), {**_plain(taken), "failed": len(failed)})])
    if failed:
        raise ClocksFailed(", ".join(failed))
    return taken


def _plain(taken: dict[str, int]) -> dict[str, int]:
    return {name.replace(".", "_"): count for name, count in taken.items()}
