"""The crews of the simulated day: they drive the town's streets, answer their orders and send where they are."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiean.config.demo.scripts import endings
from jiean.config.demo.visitor import Visitor
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads
from jiean.engine.roads.plane import to_plane

SIREN_FACTOR = 1.3
PATROL_SPEED = 4.0
"""On patrol a car is shown at most this many times faster than life, whatever the speed of the day."""
VISITS_SHARE = 0.6
"""Share of rounds on which a car stays at a key point as long as the point asks for. The station counts visits by its own
clock, so a stay is as long as in life, whatever the speed of the day; the other cars only pass."""
IGNORES_SHARE = 0.04
"""Share of orders a crew does not notice, so that the station's escalation can be seen."""
IGNORES_FOR_S = 45.0
SPARE_S = 20.0
"""Longer than asked, so that the fixes sent every few seconds cover the whole stay."""


@dataclass
class Drive:
    """A way being driven: points, seconds along them, and when it began (real seconds)."""

    points: np.ndarray[Any, np.dtype[np.float64]]
    seconds: np.ndarray[Any, np.dtype[np.float64]]
    began: float
    speed: float

    def at(self, now: float) -> tuple[float, float, int, bool]:
        """Longitude, latitude, heading, and whether the end is reached."""
        passed = min((now - self.began) * self.speed, float(self.seconds[-1]))
        lon, lat = (float(np.interp(passed, self.seconds, self.points[:, axis])) for axis in (0, 1))
        leg = min(int(np.searchsorted(self.seconds, passed, side="right")), len(self.points) - 1)
        east, north = to_plane(self.points[leg : leg + 1], (self.points[leg - 1, 0], self.points[leg - 1, 1]))[0]
        heading = round(math.degrees(math.atan2(east, north))) % 360
        return lon, lat, heading, passed >= float(self.seconds[-1])


@dataclass
class Crew:
    """One unit's crew: where it is, what it drives to, and when it takes its next step."""

    visitor: Visitor
    roads: Roads
    chance: np.random.Generator
    speed: float
    unit_id: int
    stays: bool
    lon: float
    lat: float
    heading: int = 0
    drive: Drive | None = None
    order: tuple[int, str] | None = None
    next_step_at: float = 0.0
    targets: list[tuple[float, float, float]] = field(default_factory=list)
    """Where a free car goes round: longitude, latitude, and how long a visit lasts there, seconds."""
    stay_s: float = 0.0
    """How long it will stand where it drives to."""

    def move(self, now: float) -> None:
        """Drive on; a free car starts its next round when it has stood its time."""
        if self.drive is not None:
            self.lon, self.lat, self.heading, over = self.drive.at(now)
            if over:
                self.drive = None
                self.next_step_at = max(self.next_step_at, now + self.stay_s)
        elif self.order is None and not self.stays and now >= self.next_step_at and self.targets:
            lon, lat, visit_s = self.targets[int(self.chance.integers(len(self.targets)))]
            visits = self.chance.random() < VISITS_SHARE
            self.stay_s = visit_s + SPARE_S if visits else float(self.chance.uniform(5, 25))
            self._set_off((lon, lat), now, min(self.speed, PATROL_SPEED) * 0.6)

    def send_position(self) -> int:
        """Tell the positions door where the unit is."""
        fix = {"unit": self.unit_id, "lon": round(self.lon, 6), "lat": round(self.lat, 6), "heading": self.heading}
        return self.visitor.post("/positions", {"fixes": [fix | {"at": time.time()}]}).status

    def follow(self, unit: dict[str, Any], now: float) -> None:
        """Look at the unit's open order and take the step that is due."""
        order = (unit["assignment_id"], unit["status"]) if unit["assignment_id"] else None
        if order != self.order:
            self._take_up(order, now)
        if order is not None and now >= self.next_step_at:
            self._step(unit, now)

    def _take_up(self, order: tuple[int, str] | None, now: float) -> None:
        known = self.order is not None and order is not None and self.order[0] == order[0]
        self.order = order
        if order is None or not known:
            self.drive = None
        if order is not None:
            self.next_step_at = now + self._pause_s(order[1])

    def _pause_s(self, status: str) -> float:
        """Real seconds until the next step, from a state."""
        if status == "ASSIGNED" and self.chance.random() < IGNORES_SHARE:
            return IGNORES_FOR_S
        usual_s = {"ASSIGNED": 12.0, "ACKNOWLEDGED": 20.0, "ON_SCENE": 15 * 60.0}.get(status, 0.0)
        return max(2.0, usual_s * float(self.chance.lognormal(0, 0.4)) / self.speed) if usual_s else 0.0

    def _step(self, unit: dict[str, Any], now: float) -> None:
        status = unit["status"]
        if status == "ASSIGNED":
            self._stamp("ack")
        elif status == "ACKNOWLEDGED":
            self._stamp("go")
        elif status == "EN_ROUTE":
            self._approach(unit, now)
        elif status == "ON_SCENE":
            self._finish(unit["incident_id"])

    def _approach(self, unit: dict[str, Any], now: float) -> None:
        """Start the way there, or say that it is done."""
        incident = self.visitor.get(f"/api/v1/incidents/{unit['incident_id']}").json()["row"]
        place = incident["lon"], incident["lat"]
        if math.dist((self.lon, self.lat), place) < 8e-4:
            self._stamp("scene")
        elif self.drive is None:
            self.stay_s = float(self.chance.uniform(2, 10))
            self._set_off(place, now, self.speed * (SIREN_FACTOR if incident["grade"] <= 2 else 1.0))

    def _finish(self, incident_id: int) -> None:
        detail = self.visitor.get(f"/api/v1/incidents/{incident_id}")
        if not detail.ok:
            return
        ways = endings(detail.json()["row"]["kind"])
        disposition, outcome = ways[int(self.chance.integers(len(ways)))]
        if self._stamp("clear", disposition=disposition, outcome=outcome):
            self.visitor.post(f"/api/v1/incidents/{incident_id}/feed_back", {"outcome": outcome})

    def _stamp(self, deed: str, **said: str) -> bool:
        assert self.order is not None
        key = f"day-{self.order[0]}-{deed}"
        return self.visitor.post(f"/api/v1/orders/{self.order[0]}/{deed}", said, **{"Idempotency-Key": key}).ok

    def _set_off(self, place: tuple[float, float], now: float, speed: float) -> None:
        begin, end = engine_roads.snap(self.roads, self.lon, self.lat), engine_roads.snap(self.roads, *place)
        way = engine_roads.path(self.roads, begin, end)
        points = np.concatenate([[[self.lon, self.lat]], way.points, [place]])
        metres = np.hypot(*np.diff(to_plane(points, self.roads.origin), axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(metres)])
        if along[-1] > 0:
            total_s = max(way.travel_s, float(along[-1]) / 15.0)
            self.drive = Drive(points, along / along[-1] * total_s, now, speed)
