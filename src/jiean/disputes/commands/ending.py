"""How mediation ends: settled on terms, failed, withdrawn by a party, sent another way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from jiean.disputes.access import Can
from jiean.disputes.commands.desks import running_leg
from jiean.disputes.commands.mediating import check_table
from jiean.disputes.commands.releasing import release_all
from jiean.disputes.commands.telling import said, tell_ended
from jiean.disputes.commands.timing import all_stopped, retimed
from jiean.disputes.models import NOTE_LIMIT, Agreement, Dispute, Leg, Manner, Party, Way
from jiean.disputes.models.endings import WORDS_LIMIT
from jiean.disputes.rules import CALL_BACK_LATE, CALL_BACK_SOON, CONFIRM, MEDIATE, POLICE_AGAIN, perform_rule
from jiean.kernel import clocks
from jiean.kernel.access import fetch
from jiean.kernel.actor import Actor
from jiean.kernel.clocks import Rule
from jiean.kernel.command import command
from jiean.kernel.errors import Invalid, NotFound
from jiean.kernel.text import clean

State = Dispute.State
LATEST_PERFORMANCE = dt.timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement must say (People's Mediation Law, articles 28 and 29)."""

    facts: str
    liability: str
    terms: str
    performance: str
    perform_by: dt.date
    oral: bool = False


@command
def settle_dispute(actor: Actor, dispute_id: int, terms: Terms, *, version: int | None = None) -> Dispute:
    """Keep what the parties agreed; the clocks of confirmation, performance and call-backs start.

    Raises NotFound, IllegalMove, Conflict, and Invalid: something the law asks for is missing, or a day that has passed.
    """
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id, version=version)
    check_table(list(dispute.parties.filter(left_at=None)))
    at = clocks.now()
    agreement = _agreement(dispute, terms, at)
    clock = retimed(dispute, start=_promises(dispute, terms, at), stop=[MEDIATE, POLICE_AGAIN])
    Dispute.WORKFLOW.move(
        dispute, State.SETTLED, by=actor, code="settled_orally" if terms.oral else "settled", outcome="settled",
        ended_at=at, **clock,
    )  # fmt: skip
    agreement.save(force_insert=True)
    release_all(actor, dispute)
    tell_ended(dispute)
    return dispute


def _agreement(dispute: Dispute, terms: Terms, at: dt.datetime) -> Agreement:
    today = clocks.local_day(at)
    if not today <= terms.perform_by <= today + LATEST_PERFORMANCE:
        raise Invalid(perform_by=_("履行期限要在今天或者以后。"))
    words = {name: clean(getattr(terms, name), WORDS_LIMIT, field=name, required=True)
             for name in ("facts", "liability", "terms")}  # fmt: skip
    return Agreement(
        dispute=dispute, edition=dispute.agreements.count() + 1, oral=terms.oral, perform_by=terms.perform_by,
        performance=clean(terms.performance, NOTE_LIMIT, field="performance", required=True), effective_at=at, **words,
    )  # fmt: skip


def _promises(dispute: Dispute, terms: Terms, at: dt.datetime) -> list[Rule]:
    """The clocks an agreement starts; a court confirms agreements of people's mediation only."""
    perform = perform_rule(clocks.local_day(at), terms.perform_by)
    confirm = [CONFIRM] if dispute.manner == Manner.PEOPLE else []
    return [perform, *confirm, CALL_BACK_SOON, CALL_BACK_LATE]


@command
def fail_dispute(actor: Actor, dispute_id: int, *, reason: str, version: int | None = None) -> Dispute:
    """Say that mediation led to nothing, or that a side refused it. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.MEDIATE, actor, Dispute, dispute_id, version=version)
    words = said(reason)
    clock = retimed(dispute, start=[CALL_BACK_SOON], stop=[MEDIATE, POLICE_AGAIN])
    _end(actor, dispute, State.FAILED, words, **clock)
    return dispute


@command
def refer_dispute(actor: Actor, dispute_id: int, *, way: Way, reason: str, version: int | None = None) -> Dispute:
    """Show the parties another way: court, arbitration, an office, the police. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if way not in Way.values:
        raise Invalid(way=_("请选择途径。"))
    _end(actor, dispute, State.REFERRED, said(reason), way=way, needs_ruling=False, **all_stopped(dispute))
    return dispute


@command
def withdraw_dispute(
    actor: Actor, dispute_id: int, *, reason: str, party_id: int | None = None, version: int | None = None
) -> Dispute:
    """A party wants no mediation any more, at whatever point before an agreement. Raises NotFound, IllegalMove, Conflict, Invalid."""
    dispute = fetch(Can.ARRANGE, actor, Dispute, dispute_id, version=version)
    if party_id is not None and not dispute.parties.filter(pk=party_id, left_at=None).exists():
        raise NotFound
    withdraw(actor, dispute, said(reason))
    return dispute


def withdraw(actor: Actor, dispute: Dispute, reason: str, party: Party | None = None) -> None:
    """End a locked dispute because a party wants it; a sending on its way is recalled."""
    leg = running_leg(dispute)
    if leg is not None:
        Leg.WORKFLOW.move(leg, Leg.State.RECALLED, by=actor, answered_at=clocks.now())
    code = f"withdrawn_{party.standing}" if party else "withdrawn"
    _end(actor, dispute, State.WITHDRAWN, reason, code=code, needs_ruling=False, **all_stopped(dispute))


_OUTCOMES = {State.FAILED: "failed", State.REFERRED: "referred", State.WITHDRAWN: "withdrawn"}


def _end(actor: Actor, dispute: Dispute, to: State, reason: str, code: str = "", **fields: Any) -> None:
    outcome = _OUTCOMES[to]
    release_all(actor, dispute)
    Dispute.WORKFLOW.move(
        dispute, to, by=actor, code=code or outcome, reason=reason, outcome=outcome,
        ended_at=dispute.ended_at or clocks.now(), **fields,
    )  # fmt: skip
    tell_ended(dispute)
