"""Moves: an idle unit told to wait elsewhere, what its crew says to it, and a proposal nobody wanted."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.dispatch.access import Can
from jiean.dispatch.commands.orders import free_unit
from jiean.dispatch.events import UnitMoved
from jiean.dispatch.models import STANDING, Move, Unit
from jiean.dispatch.queries.units import crew_account_ids
from jiean.kernel import clocks
from jiean.kernel.access import admit, fetch
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid
from jiean.kernel.events import announce
from jiean.kernel.workflow import note

State = Move.State
ANSWERS = {"arrived": State.ARRIVED, "decline": State.DECLINED, "end": State.ENDED}


@command
def order_move(
    actor: Actor, unit_id: int, *, lon: float, lat: float, post_name: str, gain: float, travel_s: float
) -> Move:
    """Tell an idle unit to wait elsewhere; an earlier move of it ends. Raises NotFound, and Conflict when it is not free."""
    unit = free_unit(actor, unit_id, can=Can.MOVE_UNIT)
    for former in Move.objects.select_for_update(no_key=True).filter(unit=unit, state__in=STANDING):
        Move.WORKFLOW.move(former, State.ENDED, by=actor, code="replaced", ended_at=clocks.now())
    move = _decided(actor, unit, State.ORDERED, lon, lat, post_name, gain, travel_s)
    _tell(move)
    return move


@command
def dismiss_move(
    actor: Actor, unit_id: int, *, lon: float, lat: float, post_name: str, gain: float, travel_s: float
) -> Move:
    """Leave a proposed move undone; it is kept beside the others and not proposed again for a while. Raises NotFound."""
    unit = fetch(Can.MOVE_UNIT, actor, Unit, unit_id)
    return _decided(actor, unit, State.DISMISSED, lon, lat, post_name, gain, travel_s)


@command
def answer_move(actor: Actor, move_id: int, *, answer: str, version: int | None = None) -> Move:
    """Be in place, be unable to go, or be called off. Raises NotFound, Conflict, Invalid, IllegalMove."""
    if answer not in ANSWERS:
        raise Invalid
    move = fetch(Can.MOVE_UNIT if answer == "end" else Can.ANSWER_MOVE, actor, Move, move_id, version=version)
    ends: dict[str, Any] = {} if answer == "arrived" else {"ended_at": clocks.now()}
    Move.WORKFLOW.move(move, ANSWERS[answer], by=actor, code=answer, **ends)
    _tell(move)
    return move


def _decided(
    actor: Actor, unit: Unit, state: Move.State, lon: float, lat: float, post_name: str, gain: float, travel_s: float
) -> Move:
    if not post_name.strip():
        raise Invalid(post_name=_("请说明去哪里。"))
    at = clocks.now()
    move = Move.objects.create(
        unit=unit, state=state, lon=lon, lat=lat, post_name=post_name[:80], gain=gain, travel_s=travel_s, ordered_at=at,
        ended_at=at if state == State.DISMISSED else None,
    )  # fmt: skip
    admit(Can.MOVE_UNIT, actor, move)
    note(move, by=actor, code="ordered" if state == State.ORDERED else "dismissed")
    return move


def _tell(move: Move) -> None:
    announce(UnitMoved(move.pk, move.unit_id, move.state, crew_account_ids([move.unit_id])))
