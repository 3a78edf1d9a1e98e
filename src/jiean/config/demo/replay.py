"""Play recorded calls again on a station's live board.

    JIEAN_DEMO_TOWN=none jiean demo --data-dir other --port 8700 --quiet
    jiean import roads edges.csv.gz --data-dir other ; jiean import calls calls.csv.gz --data-dir other
    jiean replay calls.csv.gz --data-dir other --port 8700

Each call is opened at the desk's door, the units of the record are sent and stamped at their recorded offsets, divided by the
speed; a missing stamp stays missing and a backward one is played at once. The years between calls are cut to seconds.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiean.config.demo.accounts import DEMO_PASSWORD
from jiean.config.demo.visitor import Visitor

LONGEST_GAP_S = 20.0
DESK = "dsp2"


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to do at a moment of the play (real seconds from its start)."""

    at_s: float
    deed: str
    call: Any
    order: Any = None


def cues(calls: Sequence[Any], speed: float) -> Iterator[Cue]:
    """Everything to do, in the order of each call's opening."""
    start_s, before = 0.0, None
    for call in sorted(calls, key=lambda one: one.received_at):
        if before is not None:
            start_s += min((call.received_at - before).total_seconds() / speed, LONGEST_GAP_S)
        before = call.received_at
        yield Cue(start_s, "open", call)
        for order in call.orders:
            stamps = (("assign", order.assigned_at or call.received_at), ("go", order.en_route_at),
                      ("scene", order.on_scene_at), ("end", order.available_at))  # fmt: skip
            for deed, at in stamps:
                if at is not None:
                    yield Cue(start_s + max(0.0, (at - call.received_at).total_seconds() / speed), deed, call, order)


class Play:
    """The desk that plays the record."""

    def __init__(self, url: str) -> None:
        self.desk = Visitor(url, DESK, DEMO_PASSWORD)
        self.incidents: dict[int, int] = {}
        self.orders: dict[tuple[int, str], int] = {}
        self.ended: Counter[int] = Counter()
        self.units = {row["call_sign"]: row["id"] for row in self.desk.get("/api/v1/units").json()}

    def do(self, cue: Cue) -> None:
        """Do one thing; what the station refuses (a unit already busy) is left out, as a dispatcher would."""
        number = cue.call.number
        if cue.deed == "open":
            lon, lat = cue.call.place or (None, None)
            body = {"kind": cue.call.kind, "grade": cue.call.grade, "lon": lon, "lat": lat,
                    "place_words": cue.call.place_words, "summary": f"{cue.call.summary} #{number}"}  # fmt: skip
            answer = self.desk.post("/api/v1/incidents", body)
            if answer.ok:
                self.incidents[number] = answer.json()["id"]
        elif number in self.incidents:
            self._order(cue, number)

    def _order(self, cue: Cue, number: int) -> None:
        place = number, cue.order.call_sign
        if cue.deed == "assign":
            body = {"unit_id": self.units.get(cue.order.call_sign)}
            answer = self.desk.post(f"/api/v1/incidents/{self.incidents[number]}/assign", body)
            if answer.ok:
                self.orders[place] = answer.json()["id"]
        elif place in self.orders and cue.deed != "end":
            self.desk.post(f"/api/v1/orders/{self.orders[place]}/{cue.deed}")
        else:
            self._end(cue, place)

    def _end(self, cue: Cue, place: tuple[int, str]) -> None:
        """End a unit's work; with the last one the call is fed back, or cancelled where nobody ever arrived."""
        number, order_id = place[0], self.orders.pop(place, None)
        self.ended[number] += 1
        if order_id is not None and cue.order.on_scene_at is None:
            self.desk.post(f"/api/v1/orders/{order_id}/recall", {"reason": "record: cancelled en route"})
        elif order_id is not None:
            self.desk.post(f"/api/v1/orders/{order_id}/clear", {"disposition": "helped"})
        if self.ended[number] == sum(order.available_at is not None for order in cue.call.orders):
            incident = f"/api/v1/incidents/{self.incidents[number]}"
            if not self.desk.post(f"{incident}/feed_back", {"outcome": "record: call closed"}).ok:
                self.desk.post(f"{incident}/cancel", {"reason": "record: call closed"})


def put_on_duty(call_signs: Sequence[str]) -> int:
    """A day's shift, with a crew of one, for every unit of the record that has none now."""
    from jiean.dispatch.commands import start_shift  # noqa: PLC0415 — models load only after django.setup()
    from jiean.dispatch.models import ShiftMember, Unit  # noqa: PLC0415
    from jiean.kernel import clocks  # noqa: PLC0415
    from jiean.kernel.actor import Actor, Role  # noqa: PLC0415
    from jiean.people.models import Account  # noqa: PLC0415

    now = clocks.now()
    resting = Account.objects.filter(
        role_holdings__role__in=(Role.OFFICER, Role.SOCIAL_WORKER), is_active=True
    ).exclude(pk__in=ShiftMember.objects.filter(shift__ends_at__gt=now).values("account_id"))
    idle = Unit.objects.filter(call_sign__in=call_signs).exclude(shifts__ends_at__gt=now)
    pairs = list(zip(idle.order_by("pk"), resting.order_by("pk"), strict=False))
    for unit, account in pairs:
        start_shift(
            Actor.system(), unit.pk, name="回放", account_ids=[account.pk], ends_at=now + dt.timedelta(hours=24)
        )
    return len(pairs)


def replay(file: Path, url: str, *, speed: float, most: int | None = None) -> int:
    """Play the calls of a file, at most ``most``, on the station at ``url``; returns the exit code. Raises Refusal for a bad file."""
    from jiean.dispatch.imports import read_calls  # noqa: PLC0415 — models load only after the set-up

    calls = [call for call in read_calls(file).calls if call.place is not None][:most]
    print(f"{put_on_duty(sorted({o.call_sign for c in calls for o in c.orders}))} units put on duty", flush=True)
    play, began = Play(url.rstrip("/")), time.monotonic()
    for cue in sorted(cues(calls, speed), key=lambda one: one.at_s):
        time.sleep(max(0.0, began + cue.at_s - time.monotonic()))
        play.do(cue)
    print(f"{len(play.incidents)} calls played", flush=True)
    return 0
