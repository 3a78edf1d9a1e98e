"""Whom to propose as mediator of a dispute: the register's rows made into the engine's values, and its codes into words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from jiean.design.words import listed
from jiean.disputes.models import Dispute
from jiean.disputes.queries import MediatorLine
from jiean.disputes.queries.mediators import Choice, choice_of
from jiean.disputes.queries.story import Story
from jiean.disputes.words import bar_words, finding_words
from jiean.engine.mediators import Bar, Candidate, Matter, Ranked, Wish, rank
from jiean.kernel import clocks

HARD = frozenset({Bar.RECUSED, Bar.REFUSED, Bar.LAPSED, Bar.STRUCK})
"""What a person cannot overrule; leave and full hands they can."""


@dataclass(frozen=True, slots=True)
class MediatorAdvice:
    """One mediator as proposed: why, and why not. ``taken`` false: the command would refuse them."""

    line: MediatorLine
    ranked: Ranked

    @property
    def account_id(self) -> int:
        return self.line.account_id

    @property
    def barred(self) -> bool:
        return self.ranked.cost is None

    @property
    def may_be_taken(self) -> bool:
        return not set(self.ranked.bars) & HARD

    @property
    def reasons(self) -> list[str]:
        return [words for one in self.ranked.findings if (words := finding_words(one))]

    @property
    def why_not(self) -> str:
        return listed(bar_words(bar) for bar in self.ranked.bars)

    @property
    def words(self) -> str:
        """Name, body and reasons on one line, to choose from."""
        parts = [self.line.name, self.line.body, *([self.why_not] if self.barred else self.reasons[:3])]
        return " · ".join(filter(None, parts))


def rank_mediators(
    dispute: Dispute, story: Story, wishes: Sequence[Wish] = (), among: list[MediatorLine] | None = None
) -> list[MediatorAdvice]:
    """Everybody who may mediate, the fittest first, those who cannot last. Wishes are those just opened for this dispute, or none.

    ``among``: the register's lines, where they are at hand.
    """
    choice = choice_of(dispute, story, among)
    today = clocks.local_day(clocks.now())
    lines = {line.account_id: line for line in choice.lines}
    candidates = [_candidate(line, choice, today) for line in choice.lines]
    ranked = rank(candidates, Matter(dispute.kind, tuple(wishes)))
    return [MediatorAdvice(lines[one.mediator_id], one) for one in ranked]


def _candidate(line: MediatorLine, choice: Choice, today: dt.date) -> Candidate:
    profile = line.profile
    common = {
        "load": line.load, "chosen_by": choice.chosen.get(line.account_id, 0),
        "bars": tuple(_bars(line, choice, today)), "distance_m": choice.distances.get(line.account_id),
    }  # fmt: skip
    if profile is None:
        return Candidate(line.account_id, registered=False, most=10**6, **common)  # type: ignore[arg-type]
    return Candidate(
        line.account_id, most=profile.most_cases, dialects=frozenset(profile.dialects), home=profile.home_province,
        kinds=frozenset(profile.kinds), certificates=tuple(_days_left(line, today)), **common,  # type: ignore[arg-type]
    )  # fmt: skip


def _days_left(line: MediatorLine, today: dt.date) -> Iterable[float]:
    for paper in line.certificates:
        yield inf if paper.expires_on is None else (paper.expires_on - today).days


def _bars(line: MediatorLine, choice: Choice, today: dt.date) -> Iterable[Bar]:
    profile, pk = line.profile, line.account_id
    checks = (
        (Bar.RECUSED, pk in choice.recused),
        (Bar.REFUSED, pk in choice.refused),
        (Bar.STRUCK, profile is not None and not profile.active),
        (Bar.LAPSED, bool(profile and profile.appointed_until and profile.appointed_until < today)),
        (Bar.AWAY, line.away),
    )
    return [bar for bar, holds in checks if holds]
