"""Precedents beside a dispute: found by words and likeness, with what worked and how long it took; a text proposed for a new one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from jiean.disputes.access import Can
from jiean.disputes.looks import look
from jiean.disputes.models import Dispute, Party, Precedent
from jiean.disputes.models.precedents import COLLECTION
from jiean.disputes.queries.lists import masked_words
from jiean.engine.masking import Masked, found, plain
from jiean.engine.retrieval import Case, CaseLibrary, terms
from jiean.kernel import clocks, library
from jiean.kernel.access import fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.errors import NotFound
from jiean.law.queries import Answer, answers
from jiean.people.queries import names_of
from jiean.vault.commands import open_record
from jiean.vault.models import MatterKind, Purpose

CANDIDATES, SHOWN, FEWEST = 24, 8, 5
"""By words so many, of which the likeliest so many are shown; statistics only of so many and more."""
SIGNS = 2000
SAME_KIND, OPENED = 0.6, 0.15
"""What the same kind, and each doubling of the times one was opened, adds to a likeness of spread 1; set by hand, no labels behind them."""
_TELLING = frozenset(Masked) - {Masked.NAME}


def taught(dispute: Dispute) -> bool:
    """Whether a dispute may become a precedent: closed, mediated to an end, its words still there."""
    return (
        dispute.state == Dispute.State.CLOSED and dispute.outcome in ("settled", "failed") and dispute.erased_at is None
    )


def given_away(words: str) -> list[str]:
    """What in a text is a number, an account or a door."""
    text = plain(words)
    return [text[one.start : one.end] for one in found(text) if one.what in _TELLING]


def like_names(words: str) -> list[str]:
    """What in a text may be a name: for whoever checks it to look at."""
    text = plain(words)
    return [text[one.start : one.end] for one in found(text) if one.what is Masked.NAME]


def party_names(actor: Actor, dispute: Dispute) -> list[str]:
    """The parties' own names, opened by who writes the precedent, longest first; each look in the audit. Raises ProveYourself."""
    named = _named(actor, dispute)
    return sorted({name for name, _who in named if len(name) > 1}, key=len, reverse=True)


def _named(actor: Actor, dispute: Dispute) -> list[tuple[str, str]]:
    opened = []
    for party in dispute.parties.exclude(record_id=None):
        kept = open_record(
            actor, party.record_id or 0, purpose=Purpose.DISPUTE, matter_kind=MatterKind.DISPUTE, matter_id=dispute.pk
        )
        opened.append((kept.get("name", ""), str(Party.Standing(party.standing).label)))
    return opened


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text without its people, for a person to read and change."""

    dispute: Dispute
    facts: str
    terms: str


def precedent_proposal(actor: Actor, dispute_id: int) -> Proposal:
    """Facts and terms with names put as standings and everything else that tells somebody masked. Raises NotFound, ProveYourself."""
    dispute = fetch(Can.TEACH, actor, Dispute, dispute_id, lock=False)
    if not taught(dispute):
        raise NotFound
    look(actor, "disputes.read", dispute, "facts", "parties")
    agreement = dispute.agreements.last()
    named = sorted(_named(actor, dispute), key=lambda one: -len(one[0]))
    facts, agreed = (_without(words, named) for words in (dispute.facts, agreement.terms if agreement else ""))
    return Proposal(dispute, facts, agreed)


def _without(words: str, named: Sequence[tuple[str, str]]) -> str:
    for name, who in named:
        words = words.replace(name, who) if len(name) > 1 else words
    return masked_words(words)


@dataclass(frozen=True, slots=True)
class Statistics:
    """How released precedents of a kind came out, of five and more."""

    number: int
    settled: int
    days: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What helps with a dispute: precedents, figures of its kind, articles."""

    precedents: list[Precedent]
    statistics: Statistics | None
    articles: list[Answer]


def beside(actor: Actor, dispute_id: int) -> Beside:
    """What is at hand for a dispute the actor reads. Raises NotFound, ProveYourself for one that is over."""
    dispute = visible(Can.READ, actor, Dispute).filter(pk=dispute_id).first()
    if dispute is None:
        raise NotFound
    look(actor, "disputes.read", dispute, "facts")
    articles = answers(actor, dispute.facts, on=clocks.local_day(clocks.now()), limit=4)
    return Beside(similar(actor, dispute.facts, dispute.kind), statistics(actor, dispute.kind), articles)


def similar(actor: Actor, told: str, kind: str = "", *, limit: int = SHOWN) -> list[Precedent]:
    """Released precedents most like what is told: the first by words, ordered by likeness, kind, and how often they helped."""
    scores = library.search(COLLECTION, terms(told, SIGNS), most=CANDIDATES)
    rows = visible(Can.READ_PRECEDENT, actor, Precedent).filter(pk__in=[pk for pk, _score in scores])
    known = {str(row.pk): row for row in rows}
    kept = CaseLibrary.of([Case(key, row.facts, f"{row.worked}\n{row.terms}") for key, row in known.items()])
    weighed = (
        [(score + _use(known[key], kind), key) for key, score in kept.rank(told, most=len(known))] if known else []
    )
    return [known[key] for _score, key in sorted(weighed, key=lambda one: (-one[0], one[1]))[:limit]]


def _use(row: Precedent, kind: str) -> float:
    return SAME_KIND * (row.kind == kind) + OPENED * math.log2(1 + row.opened)


def statistics(actor: Actor, kind: str) -> Statistics | None:
    """Figures of a kind; None of fewer than five, where they would tell of single disputes."""
    rows = visible(Can.READ_PRECEDENT, actor, Precedent).filter(kind=kind)
    found = list(rows.values_list("outcome", "days"))
    if len(found) < FEWEST:
        return None
    return Statistics(
        len(found), sum(outcome == "settled" for outcome, _days in found), median(days for _o, days in found)
    )


def newest(actor: Actor, kind: str = "", *, limit: int = 30) -> list[Precedent]:
    """Released precedents, those that helped most first."""
    rows = visible(Can.READ_PRECEDENT, actor, Precedent)
    return list((rows.filter(kind=kind) if kind else rows).order_by("-opened", "-pk")[:limit])


def to_check(actor: Actor) -> list[Precedent]:
    """What waits for the actor's eyes, the oldest first."""
    rows = visible(Can.CHECK_PRECEDENT, actor, Precedent).filter(state=Precedent.State.WRITTEN)
    return list(rows.order_by("written_at", "pk")[:100])


@dataclass(frozen=True, slots=True)
class PrecedentView:
    """One precedent: may the actor check it, withdraw it; who wrote and checked it; what in it may be a name."""

    row: Precedent
    may_check: bool
    may_withdraw: bool
    names: dict[int, str]
    like_names: list[str]


def precedent(actor: Actor, precedent_id: int) -> PrecedentView:
    """One that is released, or that the actor checks or may withdraw. Raises NotFound."""
    reach = {
        can: visible(can, actor, Precedent).filter(pk=precedent_id).first()
        for can in (Can.READ_PRECEDENT, Can.CHECK_PRECEDENT, Can.WITHDRAW_PRECEDENT)
    }
    row = next((one for one in reach.values() if one is not None), None)
    if row is None:
        raise NotFound
    checks = reach[Can.CHECK_PRECEDENT] is not None and row.state == Precedent.State.WRITTEN
    withdraws = reach[Can.WITHDRAW_PRECEDENT] is not None and row.state in Precedent.NOW
    names = names_of(pk for pk in (row.written_by_id, row.checked_by_id) if pk is not None)
    told = f"{row.facts}\n{row.worked}\n{row.terms}"
    return PrecedentView(row, checks, withdraws, names, like_names(told) if checks else [])
