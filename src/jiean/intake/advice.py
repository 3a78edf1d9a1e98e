"""What the triage proposes for a report's words. It writes nothing and decides nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from jiean.engine import triage
from jiean.intake.models import Kind, Report, Urgency
from jiean.intake.queries import Near
from jiean.intake.rules import SIMILAR_RADIUS_M

READS_ALIKE = 0.15
"""From this share of common pairs on, two reports are said to read alike."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Kind, urgency and destination with the reasons, as it is kept beside the report."""

    kind: Kind
    urgency: Urgency
    destination: str
    red_flag: bool
    kept: dict[str, Any]


def propose_triage(text: str) -> Proposal:
    """What the words say. Where they do not decide, the kind is left open and a person decides."""
    advice = triage.advise(text)
    red_flag = bool(advice.red_flags)
    return Proposal(
        kind=Kind(advice.kind),
        urgency=Urgency.NOW if red_flag else Urgency(advice.urgency),
        destination=advice.destination,
        red_flag=red_flag,
        kept=asdict(advice),
    )


def likeness(text: str, other: str) -> float:
    """How alike two reports read, from 0 to 1: shared pairs of signs over all pairs (Jaccard on bigrams)."""
    ours, theirs = _pairs(text), _pairs(other)
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0


@dataclass(frozen=True, slots=True)
class Similar:
    """An open report near by, and how alike it reads."""

    near: Near
    likeness: float

    @property
    def report(self) -> Report:
        return self.near.report

    @property
    def distance_m(self) -> float:
        return self.near.distance_m

    @property
    def reads_alike(self) -> bool:
        return self.likeness >= READS_ALIKE

    @property
    def score(self) -> float:
        """Nearness and likeness, a half each. Two short reports of one thing share a third of their pairs, hardly more."""
        return (1 - self.distance_m / SIMILAR_RADIUS_M) / 2 + min(1.0, 3 * self.likeness) / 2


def rank_similar(text: str, found: Iterable[Near], *, limit: int) -> list[Similar]:
    """Which of the reports near by are most likely the same thing: by words as well as by distance, the likeliest first."""
    ranked = [Similar(near, likeness(text, near.report.text)) for near in found]
    return sorted(ranked, key=lambda one: (-one.score, one.report.pk))[:limit]


def _pairs(text: str) -> set[str]:
    signs = [sign for sign in text if sign.isalnum()]
    return {first + second for first, second in itertools.pairwise(signs)}
