"""The clock of the law: a question somebody said an article answers is kept for a year."""

from __future__ import annotations

from jiean.kernel.actor import Actor
from jiean.kernel.registry import Keeping
from jiean.kernel.retention import clock
from jiean.law.commands import forget_lessons


@clock("law.forget_lessons", Keeping.SECURITY)
def forget_old_lessons() -> int:
    """Delete questions whose year is up; the next night's ranker knows them no more."""
    return forget_lessons(Actor.system())
