"""What an officer has to do by the end of the day: reports of their cells, and matters that still want their feedback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jiean.dispatch.models import Incident
from jiean.dispatch.queries import BoardFilter, open_incidents
from jiean.disputes.queries import clock_words
from jiean.disputes.queries import due_by as disputes_due_by
from jiean.intake.queries import due_by
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from jiean.screens.board.picture import place_of

READERS = (Role.OFFICER, Role.SOCIAL_WORKER, Role.MEDIATOR)
"""Roles that have reports of their own."""
MEDIATORS = (Role.OFFICER, Role.MEDIATOR)


@dataclass(frozen=True)
class Task:
    """One thing to do, by when, and the page to do it on; ``feedback`` is the incident whose feedback can be written here."""

    due_at: dt.datetime
    verb: str | Promise
    title: str
    place: str
    grade: int
    url: str = ""
    feedback: int | None = None
    version: int = 0


def tasks_today(actor: Actor) -> list[Task]:
    """Everything that is late or due before midnight, the first due first."""
    local = clocks.local(clocks.now())
    midnight = dt.datetime.combine(local.date() + dt.timedelta(days=1), dt.time(), local.tzinfo)
    return sorted(
        [*_reports(actor, midnight), *_feedback(actor, midnight), *_disputes(actor, midnight)],
        key=lambda task: task.due_at,
    )


def _reports(actor: Actor, until: dt.datetime) -> Iterator[Task]:
    for row in due_by(actor, until) if actor.role in READERS else ():
        if row.due_at is not None:
            url = reverse("intake:report-page", args=[row.id])
            yield Task(row.due_at, row.state_label, f"{row.number} {row.kind_label}", row.place, row.urgency, url)


def _disputes(actor: Actor, until: dt.datetime) -> Iterator[Task]:
    for row in disputes_due_by(actor, until) if actor.role in MEDIATORS else ():
        if row.due_at is not None:
            title, place = f"{row.number} {row.kind_words}", row.place_words or str(row.cell or "")
            yield Task(
                row.due_at, clock_words(row.due_code), title, place, 3, reverse("disputes:dispute", args=[row.pk])
            )


def _feedback(actor: Actor, until: dt.datetime) -> Iterator[Task]:
    for row in open_incidents(actor, BoardFilter(states=(str(Incident.State.HANDLED),))):
        if row.due_at is not None and row.due_at < until and not row.masked:
            title = f"{row.number} {row.kind_words}"
            yield Task(row.due_at, _("写反馈"), title, place_of(row), row.grade, feedback=row.id, version=row.version)
