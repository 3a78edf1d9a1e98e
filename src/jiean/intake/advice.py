"""What the triage proposes for a report's words. It writes nothing and decides nothing."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from jiean.engine import triage
from jiean.engine.hot_issues import OPENING, Beside, Parameters, Reported, Runs, beside, counted, group, index
from jiean.engine.once import once
from jiean.engine.triage.judge import Judgement, judge
from jiean.engine.triage.model import BadModel, Model, load
from jiean.engine.triage.starting import starting_set
from jiean.intake.issues import ToGroup
from jiean.intake.models import Kind, Report, Urgency
from jiean.intake.queries import Near
from jiean.intake.rules import HOT_COUNT, ISSUE_DAYS, ISSUE_FAR_M
from jiean.kernel import clocks

log = logging.getLogger(__name__)
IN_USE = "in_use.json"
BODIES = {"enforcement": "urban"}
"""The rules' and the starting set's destinations under the code of the station's body, where it has another."""

READS_ALIKE = 0.25
"""From this likeness of the words alone on, two reports are said to read alike."""

HERE = Parameters(link=0.5, near_m=150.0, far_m=ISSUE_FAR_M, window_days=ISSUE_DAYS)
"""With a point beside nearly every report nearness alone must not link: only what would also be offered for merging does."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Kind, urgency and destination with the reasons, as it is kept beside the report."""

    kind: Kind
    urgency: Urgency
    destination: str
    red_flag: bool
    kept: dict[str, Any]


def propose_triage(text: str) -> Proposal:
    """What the rules find in the words, at once: red flags, kind, urgency, destination with reasons.

    Where they do not decide, the kind is left open and a person decides.
    """
    advice = triage.advise(text)
    advice = replace(advice, destination=BODIES.get(advice.destination, advice.destination))
    red_flag = bool(advice.red_flags)
    return Proposal(
        kind=Kind(advice.kind),
        urgency=Urgency.NOW if red_flag else Urgency(advice.urgency),
        destination=advice.destination,
        red_flag=red_flag,
        kept=vars(advice) | {"reasons": [vars(reason) for reason in advice.reasons]},
    )


def with_model(text: str, kept: dict[str, Any]) -> dict[str, Any]:
    """The rules' advice with what the model in use adds: its destination where it is sure, its first two either way.

    A red flag asks no model, and without one in use the rules stand alone. It takes some milliseconds, so it follows the deed.
    """
    model = None if kept.get("red_flags") else model_in_use()
    return kept if model is None else kept | _learnt(kept, judge(model, "", text), model.version)


def _learnt(kept: dict[str, Any], found: Judgement, version: str) -> dict[str, Any]:
    reasons = [*kept.get("reasons", ()), *map(asdict, found.reasons)]
    if found.answered:
        reasons = [reason for reason in reasons if reason["code"] != triage.Code.DESTINATION_WORDS]
    return {
        "destination": found.labels[0] if found.answered else kept.get("destination", ""),
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


@once
def _loaded(named: str, changed: int) -> Model | None:
    """Read once for each change of the file that names it."""
    try:
        version = str(json.loads(Path(named).read_text("utf-8"))["version"])
        return load(Path(named).parent / version)
    except (OSError, ValueError, KeyError, TypeError, BadModel):
        log.exception("the triage model in use cannot be read; rules alone advise")
        return None


@dataclass(frozen=True, slots=True)
class Similar:
    """An open report near by, with how alike it is, in which words, how far and how long apart."""

    near: Near
    beside: Beside

    @property
    def report(self) -> Report:
        return self.near.report

    @property
    def distance_m(self) -> float:
        return self.near.distance_m

    @property
    def words(self) -> tuple[str, ...]:
        return self.beside.words

    @property
    def reads_alike(self) -> bool:
        return self.beside.words_alike >= READS_ALIKE

    @property
    def hours(self) -> float:
        """Between the two."""
        return abs(self.beside.days) * 24

    @property
    def offered(self) -> bool:
        """Sure enough to offer a merge; how sure is measured in docs/text.md."""
        return self.beside.offered


def rank_similar(
    text: str, place: tuple[float, float], found: Sequence[Near], *, limit: int, at: dt.datetime | None = None
) -> list[Similar]:
    """Which of the reports near by are most likely the same thing, by the engine's judgement of words, place and time.

    ``text`` may be unfinished; ``at`` is when it was received, now where not given.
    """
    others = [_reported(one.report.pk, one.report.text, one.report) for one in found]
    new = Reported("", "", text, _day(at or clocks.now()), *place)
    ranked = beside(new, others, _background(), parameters=HERE)
    return [Similar(found[one.place], one) for one in ranked[:limit]]


def group_reports(rows: Iterable[ToGroup]) -> list[list[int]]:
    """Ids of reports on one thing, ``HOT_COUNT`` or more of them, the hottest first."""
    known = list(rows)
    texts = [row.text if row.lon is not None else f"{row.place_words}，{row.text}" for row in known]
    reported = [_reported(row.id, text, row) for row, text in zip(known, texts, strict=True)]
    issues = group(index(reported, HERE)).issues
    return [[known[place].id for place in one.members] for one in issues if len(one.members) >= HOT_COUNT]


def _reported(pk: int, text: str, row: Report | ToGroup) -> Reported:
    """The opening of a text stands for a title; no report says who wrote it."""
    return Reported(pk, text[:OPENING], text, _day(row.received_at), row.lon, row.lat)


def _day(at: dt.datetime) -> float:
    return at.timestamp() / 86400


@once
def _background() -> tuple[Runs, ...]:
    """Texts written for this program, so that a handful of reports near by do not decide which words are common."""
    return counted([report.body for report in starting_set()])
