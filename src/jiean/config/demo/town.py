"""The demo town's files, read as values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
TOWN_NAME = "皆安街道"


@dataclass(frozen=True, slots=True)
class Sample:
    """A report text with what its author meant and where it happens: a kind of premises, ``road`` or ``home``."""

    kind: str
    red_flag: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Rates:
    """Reports a day by kind, and the share of each hour; the file names the sources."""

    per_day: dict[str, float]
    by_hour: tuple[float, ...]

    def per_hour(self, hour: int) -> float:
        """Reports in this hour of the day, all kinds together."""
        return sum(self.per_day.values()) * self.by_hour[hour]


def read(name: str) -> Any:
    """A JSON file of the town."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def samples() -> dict[str, tuple[Sample, ...]]:
    """The texts by kind."""
    lines = (DATA / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found: dict[str, list[Sample]] = {}
    for row in rows:
        found.setdefault(row["kind"], []).append(Sample(row["kind"], row["red_flag"], row["at"], row["text"]))
    return {kind: tuple(several) for kind, several in found.items()}


@cache
def rates() -> Rates:
    """How many reports come, of which kind, at which hour."""
    kept = read("rates.json")
    return Rates(kept["per_day_by_kind"], tuple(kept["share_by_hour"]))
