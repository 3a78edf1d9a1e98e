"""Whatever is done in whatever order, legal or not: nothing is lost, exactly one desk answers, no clock breaks, totals add up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from jiean.disputes import commands, tracking
from jiean.disputes.models import CallBack, Dispute, JoinedBody, Leg, Tally, Way
from jiean.disputes.queries import ENDS, Filter, figures, totals, without_desk
from jiean.kernel import clocks
from jiean.kernel.actor import Actor
from jiean.kernel.errors import Refusal
from jiean.kernel.models import Deadline, Transition
from tests.disputes.scenes import Case, body, case, terms
from tests.town import SYSTEM, Town

pytestmark = pytest.mark.django_db
PUBLIC = Actor.public()
SEQUENCES, MOVES = 5, 26
CODES = ("mediation", "labour", "justice", "police")
Move = Callable[[Town, Case, list[Case], np.random.Generator], object]


def _pick(chance: np.random.Generator, among: Any) -> Any:
    return among[int(chance.integers(len(among)))]


def _answer(state: Leg.State) -> Move:
    def answer(town: Town, one: Case, _all: list[Case], _chance: np.random.Generator) -> object:
        leg = one.row.legs.filter(state=Leg.State.SENT).first()
        return leg and commands.answer_leg(town.dispatcher, leg.pk, state=state, reply="不归我们")

    return answer


def _ask(town: Town, one: Case, _all: list[Case], chance: np.random.Generator) -> object:
    day = clocks.local_day(clocks.now()) + dt.timedelta(days=int(chance.integers(0, 9)))
    return commands.ask_body(town.dispatcher, one.row.pk, body(_pick(chance, CODES)).pk, task="看看", due_on=day)


def _helped(deed: Callable[[Actor, JoinedBody], object]) -> Move:
    """A deed of a body asked to help, by somebody who works there."""

    def helped(_town: Town, one: Case, _all: list[Case], chance: np.random.Generator) -> object:
        rows = list(one.row.joined_bodies.order_by("pk"))
        row = _pick(chance, rows) if rows else None
        return row and deed(replace(one.mediator, organisation_id=row.organisation_id), row)

    return helped


def _own(deed: Any) -> Move:
    def own(_town: Town, one: Case, _all: list[Case], chance: np.random.Generator) -> object:
        party = _pick(chance, list(one.row.parties.all()))
        return deed(PUBLIC, party.pk, reason="想好了", code=tracking.code_of(one.row.number, party.pk))

    return own


MOVES_OF: dict[str, Move] = {
    "send": lambda town, one, _all, chance: one.sent(_pick(chance, CODES)),
    "sign": _answer(Leg.State.ACCEPTED),
    "refuse": _answer(Leg.State.REFUSED),
    "recall": lambda town, one, _all, _c: commands.recall_leg(town.dispatcher, one.row.pk, reason="再想想"),
    "take": lambda town, one, _all, _c: commands.take_dispute(town.dispatcher, one.row.pk),
    "rule": lambda town, one, _all, chance: commands.rule_desk(
        town.commander, one.row.pk, body(_pick(chance, CODES)).pk, reason="定了"
    ),
    "name": lambda town, one, _all, _c: commands.assign_mediator(
        town.dispatcher, one.row.pk, one.mediator.account_id or 0
    ),
    "begin": lambda _t, one, _all, _c: commands.begin_mediation(one.mediator, one.row.pk, agreed=True),
    "hold": lambda _t, one, _all, _c: commands.hold_clocks(one.mediator, one.row.pk, reason="鉴定"),
    "resume": lambda _t, one, _all, _c: commands.resume_clocks(one.mediator, one.row.pk, reason="好了"),
    "settle": lambda _t, one, _all, _c: commands.settle_dispute(one.mediator, one.row.pk, terms()),
    "fail": lambda _t, one, _all, _c: commands.fail_dispute(one.mediator, one.row.pk, reason="谈不拢"),
    "way": lambda town, one, _all, _c: commands.refer_dispute(town.dispatcher, one.row.pk, way=Way.COURT, reason="告"),
    "call": lambda _t, one, _all, chance: commands.call_back(
        one.mediator, one.row.pk, kept=_pick(chance, list(CallBack.Kept)), words="问过"
    ),
    "close": lambda _t, one, _all, _c: commands.close_dispute(one.mediator, one.row.pk),
    "reopen": lambda town, one, _all, _c: commands.reopen_dispute(town.dispatcher, one.row.pk, reason="又吵"),
    "reject": lambda town, one, _all, _c: commands.reject_dispute(town.dispatcher, one.row.pk, reason="不属于"),
    "join": lambda town, one, every, chance: commands.join_disputes(
        town.dispatcher, _pick(chance, every).row.pk, [one.row.pk]
    ),
    "unjoin": lambda town, one, _all, _c: commands.undo_join(town.dispatcher, one.row.pk),
    "ask body": _ask,
    "ask another": _ask,
    "join in": _helped(lambda actor, row: commands.answer_joining(actor, row.pk, joins=True)),
    "stay out": _helped(lambda actor, row: commands.answer_joining(actor, row.pk, joins=False, reply="没人手")),
    "advise": _helped(lambda actor, row: commands.give_opinion(actor, row.pk, opinion="看过了")),
    "release": _helped(lambda actor, row: commands.release_body(SYSTEM, row.dispute_id, row.pk, reason="不用了")),
    "leave": _own(commands.withdraw_own),
    "leave by the desk": lambda town, one, _all, _c: commands.withdraw_dispute(
        town.dispatcher, one.row.pk, reason="和好"
    ),
    "other mediator": _own(commands.refuse_mediator),
    "again": _own(commands.ask_again),
}


def tallied() -> Counter[tuple[str, ...]]:
    """What the table's triggers say."""
    found: Counter[tuple[str, ...]] = Counter()
    for kind, desk_id, state, outcome, number in Tally.objects.values_list(
        "kind", "desk_id", "state", "outcome", "number"
    ):
        found[kind, str(desk_id), state, outcome] += number
    return +found


def counted() -> Counter[tuple[str, ...]]:
    """What the rows say."""
    rows = Dispute.objects.values_list("kind", "desk_id", "state", "outcome")
    return Counter((kind, str(desk_id), state, outcome) for kind, desk_id, state, outcome in rows)


def check(town: Town, rows: list[Case], counted: int) -> None:
    """What must hold after every move."""
    assert Dispute.objects.count() == counted
    assert without_desk(town.commander) == 0
    for one in rows:
        row = one.now
        sent = row.legs.filter(state=Leg.State.SENT).count()
        assert sent == (row.state == Dispute.State.DIVERTED), "one desk answers, at most one is asked"
        run = [clock for clock in clocks.deadlines_of(row) if clock.state == Deadline.State.RUNNING]
        assert len({clock.code for clock in run}) == len(run)
        assert (row.due_at, row.due_code) == ((run[0].due_at, run[0].code) if run else (None, ""))
        helping = list(row.joined_bodies.filter(state__in=JoinedBody.OPEN))
        assert not helping or row.state in ("ACCEPTED", "MEDIATING", "DIVERTED"), (
            "who helps goes when the lead has closed"
        )
        assert row.desk_id not in {joined.organisation_id for joined in helping}, "the lead does not help itself"
        assert len({joined.place for joined in helping}) == len(helping) <= 5
        for joined in row.joined_bodies.all():
            ticking = [clock for clock in clocks.deadlines_of(joined) if clock.state == Deadline.State.RUNNING]
            assert len(ticking) == (joined.state in ("ASKED", "JOINED"))
        if row.is_finished or row.state == Dispute.State.JOINED:
            assert not run, "nothing runs for what is over or waits in another"
        assert all(clock.due_at > clock.started_at for clock in clocks.deadlines_of(row))


def opens_what_it_counts(town: Town) -> None:
    """The lists the totals open hold as many as the totals say."""
    told = figures(town.commander).totals
    for outcome in ("", *ENDS):
        rows = Filter(among="accepted", outcome=outcome).rows(town.commander)
        assert rows.count() == getattr(told, outcome or "accepted"), outcome


def _sent(one: Case) -> Case:
    one.sent("labour")
    return one


def _refused_twice(town: Town) -> Case:
    one = case(town)
    for code in ("labour", "justice"):
        leg = one.sent(code)
        commands.answer_leg(town.dispatcher, leg.pk, state=Leg.State.REFUSED, reply="不归我们")
    return one


def _then(one: Case, deed: Callable[..., object], **given: Any) -> Case:
    deed(one.mediator, one.row.pk, **given)
    return one


def _helped_by(one: Case) -> Case:
    day = clocks.local_day(clocks.now()) + dt.timedelta(days=3)
    return _then(one, commands.ask_body, organisation_id=body("labour").pk, task="看看", due_on=day)


BROUGHT: dict[str, Callable[[Town], Case]] = {
    "registered": case,
    "sent": lambda town: _sent(case(town)),
    "refused twice": _refused_twice,
    "accepted": lambda town: case(town).accepted(),
    "passed on, helped": lambda town: _sent(_helped_by(case(town).accepted())),
    "mediating, held": lambda town: _then(case(town).begun(), commands.hold_clocks, reason="鉴定"),
    "mediating, helped": lambda town: _helped_by(case(town).begun()),
    "settled": lambda town: case(town).settled(),
    "failed": lambda town: _then(case(town).begun(), commands.fail_dispute, reason="谈不拢"),
    "closed": lambda town: case(town).closed(),
}


@pytest.mark.parametrize("brought", BROUGHT)
def test_no_deed_at_any_point_loses_a_matter_a_desk_or_a_clock(town: Town, brought: str) -> None:
    """Every deed once at every point a matter can have come to, each taken back before the next."""
    rows = [BROUGHT[brought](town), case(town)]
    for deed in MOVES_OF.values():
        with transaction.atomic():
            before = Transition.objects.count()
            try:
                deed(town, rows[0], rows, np.random.default_rng(7))
            except Refusal:
                assert Transition.objects.count() == before, "a refusal writes no history"
            else:
                check(town, rows, len(rows))
                assert tallied() == counted()
                opens_what_it_counts(town)
            transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_no_order_of_deeds_loses_a_matter_a_desk_or_a_clock(town: Town, seed: int) -> None:
    chance = np.random.default_rng([20261122, seed])
    rows = [case(town) if not number else case(town).begun() for number in range(1 + seed % 3)]
    done = refused = 0
    for _step in range(MOVES):
        before = Transition.objects.count()
        try:
            MOVES_OF[_pick(chance, list(MOVES_OF))](town, _pick(chance, rows), rows, chance)
            done += 1
        except Refusal:
            refused += 1
            assert Transition.objects.count() == before, "a refusal writes no history"
        check(town, rows, len(rows))
    assert refused, "a walk that is never refused tries nothing illegal"
    for _folded in range(2):
        assert tallied() == counted()
        commands.fold_tally(SYSTEM)
    now, told = totals(town.commander), figures(town.commander).totals
    assert (now.settled, now.failed, now.withdrawn, now.referred, now.open) == (
        told.settled, told.failed, told.withdrawn, told.referred, told.open,
    )  # fmt: skip
    opens_what_it_counts(town)


def test_totals_add_up_at_every_moment_of_the_past(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    day = dt.timedelta(days=1)
    start, seen = clocks.now() + day, []

    def at(days: float, deed: Callable[[], object]) -> None:
        with monkeypatch.context() as moved:
            moved.setattr(clocks, "now", lambda: start + days * day)
            deed()

    def told(days: float) -> tuple[int, int, int]:
        found = totals(town.commander, start + days * day)
        return found.accepted, found.settled, found.open

    slow = case(town)
    at(0, slow.sent)
    for number, brought in enumerate(("accepted", "settled", "closed", "begun")):
        at(number, getattr(case(town), brought))
        seen.append(told(number + 0.5))
    assert seen == [(1, 0, 1), (2, 1, 1), (3, 2, 1), (4, 2, 2)]
    leg = slow.row.legs.get()
    at(4, lambda: commands.answer_leg(town.dispatcher, leg.pk, state=Leg.State.ACCEPTED))
    assert [told(number + 0.5) for number in range(4)] == seen, "what came later does not rewrite the past"
    assert (told(4.5), totals(town.commander, start - day).accepted) == ((5, 2, 3), 0)
