"""A small police post for the tests: roads over the model town, three units on duty, incidents opened by commands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from jiean.dispatch.commands import Fix, keep_unit, open_incident, record_positions, start_shift
from jiean.dispatch.models import Incident, Unit
from jiean.engine.roads import save
from jiean.engine.roads.build import Segment, build
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.kernel import clocks
from jiean.kernel.actor import Actor, Role
from tests.town import MARKET_AT, Town

SYSTEM = Actor.system()
WEST, SOUTH, STEP, COLUMNS, ROWS = 121.470, 31.230, 0.0025, 13, 5


def lay_roads(limit_kmh: float = 45.0) -> None:
    """A grid of streets over the town's three cells, 10 m/s everywhere at 45 km/h, kept where the station looks for it."""
    place = {(i, j): (WEST + i * STEP, SOUTH + j * STEP) for i in range(COLUMNS) for j in range(ROWS)}
    segments = [
        Segment(
            i * 100 + j, k * 100 + m, [place[i, j], place[k, m]], None, None, "residential", limit_kmh, f"第{i}街", True
        )
        for i, j in place
        for k, m in ((i + 1, j), (i, j + 1))
        if (k, m) in place
    ]
    roads = build(segments, source="test", attribution="", counts={}, speeds=DrivingSpeeds())
    save(roads, settings.ROADS_FILE)


@dataclass
class Post:
    """The town with its units: P-01 near the market, P-02 at the far end, PTU-1 between."""

    town: Town
    units: dict[str, Unit] = field(default_factory=dict)
    crews: dict[str, Actor] = field(default_factory=dict)

    def crew(self, call_sign: str) -> Actor:
        """The crew's account, acting with the duties of this moment."""
        return self.crews[call_sign]

    def incident(self, **changes: Any) -> Incident:
        """A quarrel at the market, or what ``changes`` make of it."""
        given: dict[str, Any] = {
            "kind": "dispute", "grade": 3, "lon": MARKET_AT[0], "lat": MARKET_AT[1], "place_words": "市场门口",
            "summary": "两个司机为进出口排队吵起来了",
        }  # fmt: skip
        return open_incident(self.town.dispatcher, **given | changes)

    def place(self, call_sign: str, lon: float, lat: float, *, age_s: float = 0) -> None:
        """Let a unit report where it is, or was."""
        at = clocks.now() - dt.timedelta(seconds=age_s)
        record_positions(SYSTEM, [Fix(self.units[call_sign].pk, lon, lat, at)])


def open_post(town: Town) -> Post:
    """Roads, units, crews and positions."""
    lay_roads()
    post = Post(town)
    for call_sign, unit_class, lon in (
        ("P-01", "patrol_car", 121.4751),
        ("P-02", "patrol_car", 121.4951),
        ("PTU-1", "ptu", 121.485),
    ):
        unit = keep_unit(
            SYSTEM, call_sign=call_sign, unit_class=unit_class, base_lon=lon, base_lat=31.235,
            skills=["调解"] if call_sign == "P-02" else [],
        )  # fmt: skip
        crew = town.newcomer(Role.OFFICER, name=f"{call_sign}警员")
        post.units[call_sign], post.crews[call_sign] = unit, crew
        start_shift(
            SYSTEM,
            unit.pk,
            name="白班",
            account_ids=[crew.account_id or 0],
            ends_at=clocks.now() + dt.timedelta(hours=8),
        )
        post.place(call_sign, lon, 31.2349)
    return post
