"""A closed dispute told without its people: written by one person, checked by another, released, withdrawn."""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from jiean.design.words import listed
from jiean.disputes.access import Can
from jiean.disputes.commands.telling import said
from jiean.disputes.models import Dispute, Precedent
from jiean.disputes.models.endings import WORDS_LIMIT
from jiean.disputes.models.precedents import COLLECTION
from jiean.disputes.queries.precedents import given_away, party_names, taught
from jiean.engine.retrieval import terms
from jiean.kernel import clocks, library
from jiean.kernel.access import allow, fetch, visible
from jiean.kernel.actor import Actor
from jiean.kernel.command import command
from jiean.kernel.errors import IllegalMove, Invalid
from jiean.kernel.text import clean
from jiean.kernel.workflow import change

State = Precedent.State
DRAFT_KEPT = dt.timedelta(days=30)


@command
def write_precedent(actor: Actor, dispute_id: int, *, facts: str, worked: str, terms_words: str = "") -> Precedent:
    """Keep what a closed dispute teaches, to be checked by somebody else; nobody finds it before.

    Raises NotFound, ProveYourself, IllegalMove: not closed, or told already; Invalid: a party's name or a number stands in it.
    """
    dispute = fetch(Can.TEACH, actor, Dispute, dispute_id)
    if not taught(dispute):
        raise IllegalMove(_("办结以后才能编成案例。"))
    if dispute.precedents.filter(state__in=Precedent.NOW).exists():
        raise IllegalMove(_("这件纠纷已经有案例。"))
    given = {
        "facts": clean(facts, WORDS_LIMIT, field="facts", required=True),
        "worked": clean(worked, WORDS_LIMIT, field="worked", required=True),
        "terms": clean(terms_words, WORDS_LIMIT, field="terms_words"),
    }
    _refuse_people(party_names(actor, dispute), given)
    ended, began = dispute.ended_at or clocks.now(), dispute.accepted_at or dispute.registered_at
    return Precedent.objects.create(
        dispute=dispute, kind=dispute.kind, outcome=dispute.outcome, days=max((ended - began).days, 0) + 1,
        written_by_id=actor.account_id, written_at=clocks.now(), **given,
    )  # fmt: skip


def _refuse_people(names: list[str], given: dict[str, str]) -> None:
    """No party's own name, and nothing that looks like a number or a door. Raises Invalid naming the field."""
    wrong = {}
    for field, words in given.items():
        marks = [name for name in names if name in words] + given_away(words)
        if marks:
            shown = "terms_words" if field == "terms" else field
            wrong[shown] = _("请去掉能认出人的内容：%(marks)s") % {"marks": listed(marks[:5])}
    if wrong:
        raise Invalid(**wrong)


@command
def release_precedent(actor: Actor, precedent_id: int, *, version: int | None = None) -> Precedent:
    """Another person than who wrote it finds nobody in it: from now on it is found. Raises NotFound, Conflict, IllegalMove."""
    row = fetch(Can.CHECK_PRECEDENT, actor, Precedent, precedent_id, version=version)
    Precedent.WORKFLOW.move(
        row, State.RELEASED, by=actor, checked_by_id=actor.account_id, checked_at=clocks.now(), reply=""
    )
    library.put(COLLECTION, {row.pk: terms(f"{row.facts}\n{row.worked}\n{row.terms}")})
    return row


@command
def return_precedent(actor: Actor, precedent_id: int, *, reason: str, version: int | None = None) -> Precedent:
    """Somebody can be recognised in it: back, with what to change. Raises NotFound, Conflict, IllegalMove, Invalid."""
    row = fetch(Can.CHECK_PRECEDENT, actor, Precedent, precedent_id, version=version)
    Precedent.WORKFLOW.move(row, State.RETURNED, by=actor, reply=said(reason))
    return row


@command
def withdraw_precedent(actor: Actor, precedent_id: int, *, reason: str, version: int | None = None) -> Precedent:
    """Take a precedent out of use, and its words out of the search at once. Raises NotFound, Conflict, IllegalMove, Invalid."""
    row = fetch(Can.WITHDRAW_PRECEDENT, actor, Precedent, precedent_id, version=version)
    Precedent.WORKFLOW.move(row, State.WITHDRAWN, by=actor, reply=said(reason))
    library.remove(COLLECTION, [row.pk])
    change(row, facts="", worked="", terms="")
    return row


@command
def count_opening(actor: Actor, precedent_id: int) -> int:
    """One more opening of a released precedent; the system counts, so that nobody's name stands beside it. Raises Forbidden."""
    rows = visible(Can.COUNT_OPENING, actor, Precedent).filter(pk=precedent_id, state=State.RELEASED)
    return int(rows.update(opened=F("opened") + 1))


@command
def forget_drafts(actor: Actor) -> int:
    """Drop what was written or returned and never released within 30 days; return how many. Raises Forbidden."""
    allow(Can.COUNT_OPENING, actor)
    rows = Precedent.objects.exclude(state=State.RELEASED).filter(written_at__lt=clocks.now() - DRAFT_KEPT)
    return int(rows.delete()[0])


@command
def tidy_precedents(actor: Actor) -> int:
    """Bring the search's weights up to date; return how many texts it holds. Raises Forbidden."""
    allow(Can.COUNT_OPENING, actor)
    return library.tidy(COLLECTION)
