"""What the triage proposes for a report's words. It writes nothing and decides nothing."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from jiean.engine import triage
from jiean.engine.triage.judge import Judgement, judge
from jiean.engine.triage.model import BadModel, Model, load
from jiean.intake.models import Kind, Report, Urgency
from jiean.intake.queries import Near
from jiean.intake.rules import SIMILAR_RADIUS_M

log = logging.getLogger(__name__)
IN_USE = "in_use.json"
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
    """What the words say. Where they do not decide, the kind is left open and a person decides.

    Rules find red flags, kind and urgency. The destination is the model's where one is in use, no red flag was raised and
    the model is sure; else the rules'. The model's first two are kept beside it either way.
    """
    advice = triage.advise(text)
    red_flag = bool(advice.red_flags)
    kept = asdict(advice)
    model = None if red_flag else model_in_use()
    if model is not None:
        kept |= _learnt(advice, judge(model, "", text), model.version)
    return Proposal(
        kind=Kind(advice.kind),
        urgency=Urgency.NOW if red_flag else Urgency(advice.urgency),
        destination=kept["destination"],
        red_flag=red_flag,
        kept=kept,
    )


def _learnt(advice: triage.TriageAdvice, found: Judgement, version: str) -> dict[str, Any]:
    """What a model adds to the rules' advice: its destination where it is sure, its reasons, its first two, its version."""
    reasons = [asdict(reason) for reason in (*advice.reasons, *found.reasons)]
    if found.answered:
        reasons = [reason for reason in reasons if reason["code"] != triage.Code.DESTINATION_WORDS]
    return {
        "destination": found.labels[0] if found.answered else advice.destination,
        "reasons": reasons,
        "model": version,
        "likeliest": [list(pair) for pair in zip(found.labels, found.shares, strict=True)],
    }


def models_folder() -> Path:
    """Where models are kept: one folder a version, and a file that names the one in use."""
    return Path(settings.DATA_DIR) / "triage"


def model_in_use() -> Model | None:
    """The model a person has put in use; None where there is none, and where it cannot be read (which is logged)."""
    named = models_folder() / IN_USE
    try:
        changed = named.stat().st_mtime_ns
    except OSError:
        return None
    return _loaded(str(named), changed)


@lru_cache(maxsize=1)
def _loaded(named: str, changed: int) -> Model | None:
    """Read once for each change of the file that names it."""
    try:
        version = str(json.loads(Path(named).read_text("utf-8"))["version"])
        return load(Path(named).parent / version)
    except (OSError, ValueError, KeyError, TypeError, BadModel):
        log.exception("the triage model in use cannot be read; rules alone advise")
        return None


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
