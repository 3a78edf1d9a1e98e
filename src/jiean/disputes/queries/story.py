"""Everything that hangs on one dispute in one statement: a page that tells its whole story costs one round trip for it, not twenty."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

from django.db.models import Model

from jiean.disputes.models import (
    Agreement,
    Appointment,
    CallBack,
    Dispute,
    Flag,
    JoinedBody,
    Leg,
    Paper,
    Party,
    PleaseLook,
    Protection,
    Recusal,
    Room,
    Seat,
    Talk,
)
from jiean.disputes.rules import CALLS_WITHIN_DAYS
from jiean.grid.models import Premises
from jiean.kernel import clocks
from jiean.kernel.models import Deadline, Transition
from jiean.kernel.sql import load
from jiean.kernel.workflow import kind_of
from jiean.people.models import Organisation

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class _Part:
    part: str
    held: Any


_story = load(__file__, "story", _Part)


@dataclass(frozen=True, slots=True)
class Story:
    """The rows of one dispute, each list in its own order; parties and seats that left are out, as are flags that are down."""

    parties: list[Party]
    recusals: list[Recusal]
    legs: list[Leg]
    bodies: list[JoinedBody]
    booked: list[Appointment]
    talks: list[Talk]
    seats: list[Seat]
    agreements: list[Agreement]
    call_backs: list[CallBack]
    joined: list[Dispute]
    flags: list[Flag]
    steps: list[Protection]
    looks: list[PleaseLook]
    papers: list[tuple[Paper, int]]
    clocks: list[Deadline]
    history: list[Transition]
    calls: int


def story_of(dispute: Dispute) -> Story:
    """What hangs on a dispute the caller has leave to read. One statement."""
    found = _held(dispute)
    bodies = {one.pk: one for one in rows_of(Organisation, found["body"])}
    everybody = rows_of(Party, found["party"])
    parties = {one.pk: one for one in everybody}
    return Story(
        parties=[linked(one, speaks_for=parties) for one in everybody if one.left_at is None],
        recusals=rows_of(Recusal, found["recusal"]),
        legs=[linked(one, organisation=bodies, sender=bodies) for one in rows_of(Leg, found["leg"])],
        bodies=[linked(one, organisation=bodies) for one in rows_of(JoinedBody, found["joined"])],
        booked=_booked(dispute, found),
        talks=rows_of(Talk, found["talk"], "at"),
        seats=rows_of(Seat, found["seat"]),
        agreements=rows_of(Agreement, found["agreement"], "edition"),
        call_backs=rows_of(CallBack, found["call_back"], "at"),
        joined=[Dispute(**one) for one in found["other"]],
        flags=rows_of(Flag, found["flag"]),
        steps=[linked(one, party=parties) for one in rows_of(Protection, found["step"])],
        looks=rows_of(PleaseLook, found["look"]),
        papers=_signed(found),
        clocks=rows_of(Deadline, found["clock"], "due_at"),
        history=rows_of(Transition, found["line"]),
        calls=found["calls"][0],
    )


def _held(dispute: Dispute) -> dict[str, list[Any]]:
    """What the statement answers, by table."""
    since = clocks.now() - dt.timedelta(days=CALLS_WITHIN_DAYS)
    found: dict[str, list[Any]] = defaultdict(list)
    for one in _story(dispute=dispute.pk, kind=kind_of(dispute), flags_up=[str(up) for up in Flag.UP], since=since):
        found[one.part].append(json.loads(one.held) if isinstance(one.held, str) else one.held)
    return found


def rows_of(model: type[Row], held: list[dict[str, Any]], by: str = "pk") -> list[Row]:
    """Instances as a query would have read them, in order."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    made = [
        model.from_db("default", names, [field.to_python(one[str(field.column)]) for field in fields]) for one in held
    ]
    return sorted(made, key=attrgetter(by, "pk"))


def linked(row: Row, **known: dict[int, Any]) -> Row:
    """A row with what its foreign keys point at."""
    for name, rows in known.items():
        setattr(row, name, rows.get(getattr(row, f"{name}_id")))
    return row


def _booked(dispute: Dispute, found: dict[str, list[Any]]) -> list[Appointment]:
    places = {one.pk: one for one in rows_of(Premises, found["premises"])}
    rooms = {one.pk: linked(one, premises=places) for one in rows_of(Room, found["room"])}
    return [
        linked(one, room=rooms, dispute={dispute.pk: dispute})
        for one in rows_of(Appointment, found["meeting"], "starts_at")
    ]


def _signed(found: dict[str, list[Any]]) -> list[tuple[Paper, int]]:
    """Papers with how many have signed each."""
    signed = dict(found["signed"])
    return [(one, signed.get(one.pk, 0)) for one in rows_of(Paper, found["paper"])]
