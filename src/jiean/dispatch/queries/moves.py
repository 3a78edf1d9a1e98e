"""Moves that still stand, and how often advice was followed and what that brought."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.db.models.expressions import Exists

from jiean.dispatch.access import Can, own_moves
from jiean.dispatch.models import STANDING, Advice, Assignment, Incident, Move
from jiean.dispatch.words import duration_words
from jiean.kernel import clocks
from jiean.kernel.access import allow, visible
from jiean.kernel.actor import Actor

MOVE_LASTS = dt.timedelta(hours=2)
"""A move older than this says nothing any more about where its unit is."""
DISMISSED_FOR = dt.timedelta(minutes=10)
"""A move the desk did not want is not proposed again for so long."""
COMPARED = dt.timedelta(days=30)


def _standing() -> QuerySet[Move]:
    """A later order to an incident ends what a move says."""
    later = Assignment.objects.filter(unit_id=OuterRef("unit_id"), assigned_at__gt=OuterRef("ordered_at"))
    rows = Move.objects.filter(~Q(Exists(later)), state__in=STANDING, ordered_at__gt=clocks.now() - MOVE_LASTS)
    return rows.select_related("unit").order_by("id")


def standing_moves(actor: Actor) -> list[Move]:
    """Where idle units were told to wait, as far as the actor may see. Raises Forbidden. One statement."""
    allow(Can.SEE_MOVE, actor)
    return list(_standing().filter(pk__in=visible(Can.SEE_MOVE, actor, Move).values("pk")))


def my_moves(actor: Actor) -> list[Move]:
    """The standing moves of the units the actor crews now. One statement."""
    if actor.account_id is None:
        return []
    return list(_standing().filter(own_moves(actor)))


def dismissed_lately() -> set[tuple[int, str]]:
    """What the desk did not want just now: unit and place. One statement."""
    rows = Move.objects.filter(state=Move.State.DISMISSED, ordered_at__gt=clocks.now() - DISMISSED_FOR)
    return set(rows.values_list("unit_id", "post_name"))


@dataclass(frozen=True, slots=True)
class Deviation:
    """A choice that was not the first proposed: how much later its car would be there by road, and what it left uncovered."""

    incident_id: int
    number: int
    grade: int
    at: dt.datetime
    chosen_rank: int | None
    later_s: float | None
    lost_points: float | None

    @property
    def later_words(self) -> str:
        """Later, or with a minus sooner, than the first proposed."""
        later_s = self.later_s or 0.0
        return f"{'−' if later_s < 0 else ''}{duration_words(abs(later_s))}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The past month's advice beside what people chose. Counted by matter, never by person."""

    since: dt.datetime
    chosen: int
    first: int
    first_three: int
    median_later_s: float | None
    sum_later_s: float
    lost_points: float | None
    deviations: tuple[Deviation, ...]
    moves_proposed: int
    moves_taken: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.first / self.chosen) if self.chosen else None

    @property
    def moves_percent(self) -> int | None:
        return round(100 * self.moves_taken / self.moves_proposed) if self.moves_proposed else None


def agreement(actor: Actor, *, most: int = 50) -> Agreement:
    """How often the first proposed unit was sent in the past month, and what other choices cost. Raises Forbidden. Two statements."""
    allow(Can.COMPARE_ADVICE, actor)
    since = clocks.now() - COMPARED
    rows = Advice.objects.filter(chosen_unit__isnull=False, at__gte=since).select_related("incident").order_by("-at")
    kept = list(rows)
    others = [_deviation(row) for row in kept if row.chosen_rank != 1]
    later = [one.later_s for one in others if one.later_s is not None]
    lost = [one.lost_points for one in others if one.lost_points is not None]
    states = list(Move.objects.filter(ordered_at__gte=since).values_list("state", flat=True))
    return Agreement(
        since, len(kept), len(kept) - len(others), sum((row.chosen_rank or 99) <= 3 for row in kept),
        median(later) if later else None, sum(later), median(lost) if lost else None, tuple(others[:most]),
        len(states), sum(state != Move.State.DISMISSED for state in states),
    )  # fmt: skip


def _deviation(row: Advice) -> Deviation:
    best: dict[str, Any] = next((one for one in row.ranked if one["can_send"]), {})
    taken: dict[str, Any] = next((one for one in row.ranked if one["unit"] == row.chosen_unit_id), {})
    later = _difference(taken.get("travel_s"), best.get("travel_s"))
    lost = _difference(taken.get("lost"), best.get("lost"))
    incident = row.incident
    return Deviation(
        incident.pk,
        incident.number,
        incident.grade,
        row.at,
        row.chosen_rank,
        later,
        None if lost is None else 100 * lost,
    )


def _difference(taken: float | None, best: float | None) -> float | None:
    return None if taken is None or best is None else taken - best


def waiting_incidents(actor: Actor, *, most: int = 12) -> list[Incident]:
    """Incidents nobody was sent to yet, the gravest and oldest first. One statement."""
    states = (Incident.State.RECEIVED, Incident.State.GRADED)
    rows = visible(Can.SEND_UNIT, actor, Incident).filter(state__in=states)
    return list(rows.order_by("grade", "received_at", "pk")[:most])
