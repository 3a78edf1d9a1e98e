"""One answer from rules and model together: a red flag overrules every score, and doubt goes to a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiean.engine.triage.model import Model, one
from jiean.engine.triage.rules import Code, TriageReason, advise

URGENT_SIGNS = 200
"""A red flag anywhere in so short a report overrules the answer; in a longer letter only one in its title or opening does."""

_KNOWN_RUNS = 8  # fewer runs of two signs that the model knows: it has not read the report, whatever its score says


@dataclass(frozen=True)
class Judgement:
    """Where a report belongs.

    labels : the model's first two, best first · confidence : calibrated share of the first, [0, 1]
    answered : the first stands by itself; else a person chooses, with both before them
    red_flags : any found; `police` : they overrule, police and a person at once
    """

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    answered: bool
    police: bool
    red_flags: tuple[str, ...]
    reasons: tuple[TriageReason, ...]

    @property
    def confidence(self) -> float:
        return self.shares[0]


def judge(model: Model, title: str, body: str) -> Judgement:
    """Judge one report; any text will do, none gives an answer from nothing."""
    flags, police = _flags(title, body)
    row, given = one(model, title, body)
    order = np.argsort(-given, kind="stable")[:2]
    unread = sum(len(name) > 1 and name in model.features.whole.places for name in row.whole) < _KNOWN_RUNS
    sure = bool(given[order[0]] >= model.card.threshold) and not unread
    labels = tuple(model.card.labels[place] for place in order)
    reasons = [reason for reason in flags if reason.code is Code.RED_FLAG]
    reasons.append(TriageReason(Code.LEARNT_WORDS, labels[0], model.pulls(row, int(order[0]))))
    if not sure:
        reasons.append(TriageReason(Code.UNREAD if unread else Code.NOT_SURE, labels[0], labels[1:]))
    raised = tuple(reason.about for reason in reasons if reason.code is Code.RED_FLAG)
    shares = tuple(float(given[place]) for place in order)
    return Judgement(labels, shares, sure and not police, police, raised, tuple(reasons))


def _flags(title: str, body: str) -> tuple[tuple[TriageReason, ...], bool]:
    """Every finding of the rules on the whole report, and whether they overrule: only what is listed overrules a score."""
    found = advise(f"{title}。{body}" if title else body, listed_only=True)
    if not found.red_flags:
        return found.reasons, False
    if len(title) + len(body) <= URGENT_SIGNS:
        return found.reasons, True
    opening = advise(f"{title}。{body[: URGENT_SIGNS // 2]}" if title else body[: URGENT_SIGNS // 2], listed_only=True)
    return found.reasons, bool(opening.red_flags)
