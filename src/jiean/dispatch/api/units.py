"""Units and shifts for programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from jiean.dispatch import commands as do
from jiean.dispatch import queries as ask
from jiean.dispatch.access import CREW_ROLES
from jiean.dispatch.api.answers import answer, changed
from jiean.kernel.actor import Role
from jiean.kernel.api import gate
from jiean.kernel.http import actor_of, request_key

router = Router()
Id = Annotated[int, Field(ge=1, lt=2**63)]


class NewShift(Schema):
    """A crew for a unit."""

    unit_id: Id
    name: Annotated[str, Field(min_length=1, max_length=20)]
    account_ids: Annotated[list[Id], Field(min_length=1, max_length=20)]
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime


@router.get("/units", auth=gate(Role.COMMANDER, Role.DISPATCHER, *CREW_ROLES))
def units(request: HttpRequest) -> HttpResponse:
    """The units one may see, with their derived status and newest position."""
    return answer(ask.units_now(actor_of(request)))


@router.post("/shifts", auth=gate(Role.COMMANDER, Role.DISPATCHER))
def start(request: HttpRequest, body: NewShift) -> HttpResponse:
    """Put a crew on a unit."""
    given = body.dict()
    return changed(do.start_shift.keyed(request_key(request))(actor_of(request), given.pop("unit_id"), **given))


@router.post("/shifts/{int:shift_id}/end", auth=gate(Role.COMMANDER, Role.DISPATCHER))
def end(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Let a crew go."""
    return changed(do.end_shift.keyed(request_key(request))(actor_of(request), shift_id))
