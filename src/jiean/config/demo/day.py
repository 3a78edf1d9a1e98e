"""The simulated day: residents, a desk and crews at the station's real doors.

    python -m jiean.config.demo.day --url http://127.0.0.1:8600 --speed 20

Everything goes over HTTP: reports, decisions, stamps, positions, satisfaction. About a third of the matters are left to the
person at the board; the day steps in when nobody has acted for a while, so that nothing waits for ever. Durations of work
and driving run ``speed`` times faster than life; the station's own clocks (lateness, escalation) run as always.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiean.config.demo.accounts import DEMO_PASSWORD
from jiean.config.demo.crews import Crew
from jiean.config.demo.residents import Residents
from jiean.config.demo.table import Table
from jiean.config.demo.town import DATA, rates, read, samples
from jiean.config.demo.visitor import AwayError, Visitor
from jiean.engine import roads as engine_roads
from jiean.engine.roads import Roads

TICK_S = 1.0
LOOK_EVERY_S = 2.0
DAY_BEGINS_H = 15.0
FIRST_REPORTS = 6
LEFT_TO_PEOPLE = 3
"""One matter in so many is left to the person at the board."""
PATIENCE_S = 180.0
"""Real seconds before the day steps in for a person who does not act."""
DESK = "dsp2"
_USUAL_S = {"accept": 40.0, "assign": 35.0, "review": 900.0}


@dataclass
class Day:
    """One run of the day against one station."""

    url: str
    speed: float
    chance: np.random.Generator
    began: float = field(default_factory=time.monotonic)
    crews: dict[int, Crew] = field(default_factory=dict)
    due: dict[tuple[str, int], float] = field(default_factory=dict)
    next_report_at: float = 0.0
    reports_sent: int = 0
    _looked_at: float = 0.0
    _kinds: dict[int, str | None] = field(default_factory=dict)
    _versions: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = Visitor(self.url, DESK, DEMO_PASSWORD)
        self.residents = Residents(self.url, self.chance)
        self.table = Table(self.url, self.chance)
        self.roads: Roads = engine_roads.load(DATA / "roads.npz")
        self.pool = ThreadPoolExecutor(max_workers=16)
        self.targets = [
            (point["lon"], point["lat"], point["dwell_min"] * 60.0) for point in read("places.json")["key_points"]
        ]

    def tick(self, now: float) -> None:
        """One second of the day. Raises AwayError."""
        if now >= self.next_report_at:
            self.reports_sent += bool(self.residents.report())
            self.next_report_at = now + self._until_next_report(now)
        for crew in self.crews.values():
            crew.move(now)
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._look(now)
        self.residents.look(now)
        self.table.look(now)

    def _until_next_report(self, now: float) -> float:
        """Real seconds: a few reports at once so that the board lives, then by the hour's rate."""
        if self.reports_sent < FIRST_REPORTS:
            return float(self.chance.uniform(2, 6))
        hour = (DAY_BEGINS_H + (now - self.began) * self.speed / 3600) % 24
        return float(self.chance.exponential(3600 / (rates().per_hour(int(hour)) * self.speed)))

    def _look(self, now: float) -> None:
        """What the desk sees, what is due, where the crews stand."""
        units = self.desk.get("/api/v1/units")
        if not units.ok:
            raise AwayError(f"the desk was answered {units.status}")
        for unit in units.json():
            if unit["shift_id"] is not None:
                self._crew_of(unit).follow(unit, now)
        list(self.pool.map(_report_position, self.crews.values()))
        for report in self.desk.get("/api/v1/desk/reports?state=NEW").json()["rows"]:
            if report["lon"] is not None:
                self._kinds[report["id"]] = _meant(report["text"])
                self._versions[report["id"]] = report["version"]
                self._when_due("accept", report["id"], report["id"], now, self._accept)
        for state, deed, act in (("RECEIVED,GRADED", "assign", self._assign), ("FED_BACK", "review", self._review)):
            for row in self.desk.get(f"/api/v1/incidents?state={state}&size=200").json()["rows"]:
                self._when_due(deed, row["id"], row["report_id"] or 0, now, act)
        self.due = {what: at for what, at in self.due.items() if at > now - 3600}

    def _when_due(self, deed: str, row_id: int, matter: int, now: float, act: Callable[[int], None]) -> None:
        """Do it at its time: soon, or after a person's patience for the share that is left to people."""
        at = self.due.get((deed, row_id))
        if at is None:
            waits = deed != "review" and matter % LEFT_TO_PEOPLE == 0
            usual_s = max(3.0, _USUAL_S[deed] * float(self.chance.lognormal(0, 0.4)) / self.speed)
            self.due[deed, row_id] = now + (PATIENCE_S if waits else usual_s)
        elif now >= at:
            act(row_id)
            self.due[deed, row_id] = now + 10  # looked at again only if it still stands there

    def _accept(self, report_id: int) -> None:
        body = {"kind": self._kinds.get(report_id), "version": self._versions[report_id]}
        self.desk.post(f"/api/v1/desk/reports/{report_id}/accept", body)

    def _assign(self, incident_id: int) -> None:
        answer = self.desk.post(f"/api/v1/incidents/{incident_id}/advice")
        if not answer.ok:
            return
        advice = answer.json()
        best = next((unit for unit in advice["sheet"]["units"] if unit["can_send"]), None)
        if best is not None:
            chosen = {"unit_id": best["unit_id"], "advice_id": advice["advice_id"]}
            self.desk.post(f"/api/v1/incidents/{incident_id}/assign", chosen)

    def _review(self, incident_id: int) -> None:
        self.desk.post(f"/api/v1/incidents/{incident_id}/review")

    def _crew_of(self, unit: dict[str, Any]) -> Crew:
        if unit["id"] not in self.crews:
            leader = _leaders()[unit["call_sign"]]
            at = (unit["lon"], unit["lat"]) if unit["lon"] is not None else (unit["base_lon"], unit["base_lat"])
            self.crews[unit["id"]] = Crew(
                visitor=Visitor(self.url, leader, DEMO_PASSWORD),
                roads=self.roads,
                chance=np.random.default_rng(int(self.chance.integers(2**32))),
                speed=self.speed,
                unit_id=unit["id"],
                stays=unit["unit_class"] == "post",
                lon=at[0],
                lat=at[1],
                targets=self.targets,
            )
        return self.crews[unit["id"]]


def _meant(text: str) -> str | None:
    """The kind the author of a text meant: the desk's judgement, where the words did not decide."""
    start = text[:12]
    return next((one.kind for several in samples().values() for one in several if one.text.startswith(start)), None)


def _report_position(crew: Crew) -> None:
    with contextlib.suppress(AwayError):  # the next look will say that the station is away
        crew.send_position()


def _leaders() -> dict[str, str]:
    """The username of each unit's leader: the loader puts the officers on the units in this order."""
    officers = [person["username"] for person in read("people.json") if person["role"] == "OFC"]
    return {unit["call_sign"]: officer for unit, officer in zip(read("units.json"), officers, strict=False)}


def main(words: Sequence[str] | None = None) -> int:
    """Live the day until TERM; a station that restarts is waited for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    day = Day(asked.url.rstrip("/"), asked.speed, np.random.default_rng(asked.seed))
    while True:
        began = time.monotonic()
        try:
            day.tick(began)
        except AwayError as away:
            print(f"the simulated day waits for the station: {away}", file=sys.stderr, flush=True)
            time.sleep(5)
        except KeyboardInterrupt:
            return 0
        time.sleep(max(0.0, TICK_S - (time.monotonic() - began)))


if __name__ == "__main__":
    sys.exit(main())
