"""What the triage proposes for a report's words. It writes nothing and decides nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from jiean.engine import triage
from jiean.intake.models import Kind, Urgency


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


def most_alike(text: str, others: Iterable[tuple[int, str]]) -> list[tuple[int, float]]:
    """Ids of the other reports with their likeness, the most alike first."""
    ranked = [(key, likeness(text, words)) for key, words in others]
    return sorted(ranked, key=lambda one: (-one[1], one[0]))


def _pairs(text: str) -> set[str]:
    signs = [sign for sign in text if sign.isalnum()]
    return {first + second for first, second in itertools.pairwise(signs)}
