"""The panel of one incident: what it is, who is on it, who could be sent, what happened, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from jiean.design.timeline import Step
from jiean.dispatch.models import Assignment, Incident
from jiean.dispatch.queries import IncidentDetail, OrderRow, incident_detail, incident_opened
from jiean.intake.queries import look_at_quarrel
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.screens.board.deeds import ending_form, moves_for
from jiean.screens.board.picture import STAGE_TONES, Words, place_of, stage_of
from jiean.screens.endings import NoteForm
from jiean.screens.live import events_of
from jiean.screens.steps import PLAIN, WITH_REASON
from jiean.vault.models import Purpose
from jiean.vault.queries import masked

STAMPS: tuple[tuple[str, Words, str], ...] = (
    ("assigned_at", Assignment.State.ASSIGNED.label, "signing"),
    ("acknowledged_at", Assignment.State.ACKNOWLEDGED.label, "turnout"),
    ("en_route_at", Assignment.State.EN_ROUTE.label, "travel"),
    ("on_scene_at", Assignment.State.ON_SCENE.label, "scene"),
    ("cleared_at", Assignment.State.CLEARED.label, ""),
)
"""The stamps of an order in their order, and the phase each begins."""
ORDER_TONES = {Assignment.State.ASSIGNED: "warn", Assignment.State.ON_SCENE: "done"}
PURPOSES = (Purpose.DISPATCH, Purpose.EMERGENCY)
"""What the desk may open a caller's contact for."""
SENDABLE = (Incident.State.RECEIVED, Incident.State.GRADED, Incident.State.DISPATCHED)


@dataclass(frozen=True)
class Stamp:
    """One stamp of an order; ``at`` None while it is still to come."""

    word: Words
    at: datetime | None


@dataclass(frozen=True)
class Bar:
    """One phase of an order as a share of the whole time, in percent."""

    phase: str
    x: float
    width: float


@dataclass(frozen=True)
class OrderLine:
    """An order with its stamps, its bars and its next steps."""

    order: OrderRow
    stamps: list[Stamp]
    bars: list[Bar]

    @property
    def tone(self) -> str:
        return ORDER_TONES.get(Assignment.State(self.order.state), "busy") if self.order.is_open else "quiet"

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [step for step in self.order.steps if step[0] in PLAIN]

    @property
    def steps_with_reason(self) -> list[tuple[str, str]]:
        return [step for step in self.order.steps if step[0] in WITH_REASON]


def bars_of(order: OrderRow, start: datetime, whole_s: float, now: datetime) -> list[Bar]:
    """The phases between stamps that are set; the last one runs on while the order is open."""
    set_stamps = [(getattr(order, name), phase) for name, _word, phase in STAMPS if getattr(order, name)]
    end = order.cleared_at or order.declined_at or order.recalled_at or now
    points = [*set_stamps, (end, "")]

    def share(at: datetime) -> float:
        return round(100 * max(0.0, (at - start).total_seconds()) / whole_s, 2)

    return [
        Bar(phase, share(begun), round(share(ended) - share(begun), 2))
        for (begun, phase), (ended, _next) in pairwise(points)
        if phase and ended > begun
    ]


def order_lines(orders: Sequence[OrderRow], now: datetime) -> list[OrderLine]:
    """All orders of an incident on one scale of time, the open ones first."""
    if not orders:
        return []
    start = min(order.assigned_at for order in orders)
    whole_s = max(60.0, (now - start).total_seconds())
    lines = [
        OrderLine(
            order,
            [Stamp(word, getattr(order, name)) for name, word, _phase in STAMPS],
            bars_of(order, start, whole_s, now),
        )
        for order in orders
    ]
    return sorted(lines, key=lambda line: not line.order.is_open)


def history(detail: IncidentDetail) -> list[Step]:
    """The history in words, newest first: at the desk the newest line is the one that is looked for."""
    return [
        Step(
            line.at,
            f"{line.words} {line.call_sign}".strip(),
            line.who or line.role_words,
            line.reason,
            late=line.late,
        )
        for line in reversed(detail.timeline)
    ]


def said_in(detail: IncidentDetail) -> str:
    """All words of an incident that is not masked: what was told and what was noted."""
    return "。".join(words for words in (detail.row.summary, *(line.reason for line in detail.timeline)) if words)


def incident_context(actor: Actor, incident_id: int, *, opening: bool = False) -> dict[str, Any]:
    """Everything the panel shows; ``opening`` it, a closed incident asks for a purpose. Raises NotFound, ProveYourself."""
    detail = (incident_opened if opening else incident_detail)(actor, incident_id)
    row = detail.row
    return {
        "incident": row,
        "place": place_of(row),
        "stage_tone": STAGE_TONES[stage_of(row)] if row.is_open else "quiet",
        "contact": masked([row.contact_id]).get(row.contact_id or 0, {}),
        "orders": order_lines(detail.orders, clocks.now()),
        "may_send": row.state in SENDABLE,
        "merged_numbers": detail.merged_numbers,
        "steps": history(detail),
        "signs": look_at_quarrel(row.kind, said_in(detail)) if row.is_open and not row.masked else [],
        "ending": ending_form(row),
        "moves": moves_for(detail),
        "note_form": NoteForm(),
        "purposes": [(one.value, one.label) for one in PURPOSES],
        "incident_events": events_of("dispatch"),
    }
