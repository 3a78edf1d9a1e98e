"""Residents who report and do not give up, and the count of what they were told against what the station holds."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RESIDENTS = 8
PATIENCE_S = 480.0


@dataclass
class Result:
    """What a run saw. ``lost``: acknowledged and not there; ``doubled``: there more than once; gaps in seconds.

    ``kept``: those of the acknowledged that only have the journal's number. A gap is a time in which nobody was told "received";
    recovery is the time from a kill to the next report that went straight into the database.
    """

    kills: int = 0
    acknowledged: int = 0
    kept: int = 0
    lost: int = 0
    how_lost: dict[str, int] = field(default_factory=dict)
    doubled: int = 0
    unreacted: int = 0
    audit: str = ""
    longest_gap_s: float = 0.0
    median_gap_after_kill_s: dict[str, float] = field(default_factory=dict)
    median_recovery_s: dict[str, float] = field(default_factory=dict)
    worst_recovery_s: dict[str, float] = field(default_factory=dict)
    by_victim: dict[str, int] = field(default_factory=dict)
    load: tuple[float, float] = (0.0, 0.0)
    took_s: float = 0.0

    @property
    def sound(self) -> bool:
        return not (self.lost or self.doubled or self.unreacted) and self.audit.startswith("sound")


class Residents:
    """People who report and do not give up: each report has one key and is sent until it has a number."""

    def __init__(self, port: int, pause_s: float = 0.0) -> None:
        self.port, self.pause_s = port, pause_s
        self.numbers: dict[str, str] = {}
        self.acknowledged_at: list[float] = []
        self.straight: tuple[float, float] = (0.0, 0.0)
        """When the request that last went straight into the database was sent, and when it was answered."""
        self._stop, self._given_up = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._report_on, args=(bool(number % 2),), daemon=True)
            for number in range(RESIDENTS)
        ]

    def start(self) -> None:
        self.acknowledged_at = [time.monotonic()]
        for thread in self._threads:
            thread.start()

    def give_up(self) -> None:
        """Nobody sends again what nobody took."""
        self._given_up.set()
        self._stop.set()

    def stop(self) -> None:
        """Let each finish the report in hand."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _report_on(self, content: bool) -> None:
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self._stop.is_set():
            mark = uuid.uuid4().hex
            number = self._until_taken(door, mark, (201, 202) if content else (201,))
            if number is None:
                return
            self.numbers[mark] = number
            self.acknowledged_at.append(time.monotonic())
            time.sleep(self.pause_s)

    def _until_taken(self, door: http.client.HTTPConnection, mark: str, enough: tuple[int, ...]) -> str | None:
        words = {
            "text": f"楼道里有积水，请来看看。{mark}",
            "lon": 121.45,
            "lat": 31.2,
            "name": "王小明",
            "phone": "13800000000",
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": mark}
        while not self._given_up.is_set():
            sent_at = time.monotonic()
            try:
                door.request("POST", "/api/v1/reports", json.dumps(words).encode(), headers)
                answer = door.getresponse()
                body = answer.read()
                if answer.status == 201:
                    self.straight = sent_at, time.monotonic()
                if answer.status in enough:
                    time.sleep(0.0 if answer.status == 201 else 0.1)
                    return str(json.loads(body)["number"])
            except (OSError, http.client.HTTPException, ValueError):
                door.close()  # the next request opens it again
            time.sleep(0.1)
        return None


def tell(seen: DataclassInstance, file: Path | None) -> None:
    """Print the figures, and write them as JSON where a file is asked for."""
    for name, value in asdict(seen).items():
        print(f"{name:<26} {value}")
    if file:
        file.write_text(json.dumps(asdict(seen), ensure_ascii=False, indent=1), encoding="utf-8")


def judge(url: str, home: Path, residents: Residents, result: Result) -> None:
    """Count what the database at ``url`` holds, and the journal in ``home`` entered, against what was acknowledged."""
    entered = _entered(home)
    with psycopg.connect(url, autocommit=True) as db:
        _wait_for_reactions(db)
        rows = db.execute(
            "SELECT right(text, 32), number FROM intake_report WHERE text LIKE '楼道里有积水%'"
        ).fetchall()
        held = Counter(str(mark) for mark, _number in rows)
        numbers = {str(mark): str(number) for mark, number in rows}
        result.acknowledged = len(residents.numbers)
        result.kept = sum(number in entered for number in residents.numbers.values())
        result.how_lost = dict(
            Counter(
                how
                for mark, number in residents.numbers.items()
                if (how := _lost(number, entered, numbers.get(mark), home))
            )
        )
        result.lost = sum(result.how_lost.values())
        result.doubled = sum(count > 1 for count in held.values())
        result.unreacted = _unreacted(db)
    times = residents.acknowledged_at
    result.longest_gap_s = round(max(after - before for before, after in itertools.pairwise(times)), 2)
    words = [sys.executable, "-m", "jiean.config.cli", "audit", "verify", "--data-dir", str(home)]
    env = os.environ | {"DATABASE_URL": url, "JIEAN_DATA_DIR": str(home)}
    said = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    result.audit = said.stdout.strip() or said.stderr.strip()


def _entered(home: Path) -> dict[str, str]:
    """The journal's provisional numbers with those they were given, once none waits any more; gives up when for minutes none was."""
    folder, told = home / "journal", home / "journal" / "entered.jsonl"
    most, until = -1, 0.0
    while (folder / "reports.jsonl").exists():
        entered = told.stat().st_size if told.exists() else 0
        if entered > most:
            most, until = entered, time.monotonic() + PATIENCE_S
        elif time.monotonic() > until:
            break
        time.sleep(0.5)
    return (
        {one["id"]: one["number"] for one in map(json.loads, told.read_bytes().splitlines())} if told.exists() else {}
    )


def _lost(told: str, entered: dict[str, str], there: str | None, home: Path) -> str:
    """How a report that was acknowledged is lost; nothing where it is there under its number."""
    number = entered.get(told, told)
    if there is not None and there == number:
        return ""
    if not number:
        return "parked" if (home / "journal" / f"parked-{told}.json").exists() else "parked, and the file is gone"
    if there is not None:
        return (
            "there under a number nobody told"
            if told.startswith("J") and told not in entered
            else "there under another number"
        )
    return "kept and never entered" if told.startswith("J") and told not in entered else "not there"


_WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'kernel.react' AND status IN ('todo', 'doing')"


def _wait_for_reactions(db: psycopg.Connection[tuple[object, ...]]) -> None:
    """Until none waits; gives up when for minutes none was done (fifty thousand reports leave a long queue)."""
    fewest, until = _count(db, _WAITING), time.monotonic() + PATIENCE_S
    while fewest and time.monotonic() < until:
        time.sleep(0.5)
        waiting = _count(db, _WAITING)
        if waiting < fewest:
            fewest, until = waiting, time.monotonic() + PATIENCE_S


def _unreacted(db: psycopg.Connection[tuple[object, ...]]) -> int:
    """Jobs of reactions not done, and reports without the news of their coming."""
    undone = _count(
        db, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'kernel.react' AND status <> 'succeeded'"
    )
    silent = _count(
        db,
        "SELECT count(*) FROM intake_report r WHERE r.text LIKE '楼道里有积水%' AND NOT EXISTS"
        " (SELECT 1 FROM kernel_event e WHERE e.name = 'intake.ReportSubmitted' AND e.subject_id = r.id)",
    )
    return undone + silent


def _count(db: psycopg.Connection[tuple[object, ...]], question: str) -> int:
    row = db.execute(question).fetchone()
    return int(str(row[0])) if row else 0
