"""Ranking mediators: by hand, by properties, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from jiean.engine.mediators import Bar, Candidate, Matter, MediatorsError, Reason, Weights, Wish, rank

PLAIN = Candidate(1, 2, most=8, dialects=frozenset({"hakka"}), home="51", kinds=frozenset({"debt"}), certificates=(30.0,),
                  distance_m=3000.0)  # fmt: skip


def test_the_cost_is_what_a_hand_adds_up() -> None:
    matter = Matter("debt", (Wish("hakka", "51"), Wish("xiang")))
    (one,) = rank([PLAIN], matter)
    assert one.cost == pytest.approx(20.0 - 4.0 + 0.0 + 3.0 + 8.0 * 2 / 8)
    assert {finding.code: finding.value for finding in one.findings} == {
        Reason.DIALECT: 1, Reason.DIALECT_MISSING: 1, Reason.HOME: 1, Reason.TRADE: 0, Reason.CERTIFICATE: 1,
        Reason.DISTANCE: 3000.0, Reason.LOAD: 2,
    }  # fmt: skip


def test_each_want_moves_one_back_and_says_so() -> None:
    wants = {
        Reason.TRADE_MISSING: replace(PLAIN, mediator_id=2, kinds=frozenset()),
        Reason.CERTIFICATE_LAPSED: replace(PLAIN, mediator_id=2, certificates=(-5.0, -40.0)),
        Reason.NO_CERTIFICATE: replace(PLAIN, mediator_id=2, certificates=()),
        Reason.NO_PLACE: replace(PLAIN, mediator_id=2, distance_m=None),
        Reason.DIALECT_MISSING: replace(PLAIN, mediator_id=2, dialects=frozenset()),
        Reason.UNREGISTERED: replace(PLAIN, mediator_id=2, registered=False),
    }
    for code, other in wants.items():
        ranked = rank([other, PLAIN], Matter("debt", (Wish("hakka"),)))
        assert [one.mediator_id for one in ranked] == [1, 2], code
        assert code in [finding.code for finding in ranked[1].findings]
    lapsed = rank([wants[Reason.CERTIFICATE_LAPSED]], Matter("debt"))[0]
    assert next(one.value for one in lapsed.findings if one.code == Reason.CERTIFICATE_LAPSED) == 5


def test_barred_ones_stand_last_without_a_cost() -> None:
    many = [replace(PLAIN, mediator_id=n, bars=(bar,)) for n, bar in enumerate(Bar, start=10) if bar != Bar.FULL]
    full = replace(PLAIN, mediator_id=9, load=8)
    far = replace(PLAIN, mediator_id=2, distance_m=90_000.0, certificates=(inf,))
    ranked = rank([*many, full, far], Matter("debt"))
    assert ranked[0].mediator_id == 2 and all(one.cost is None and one.bars for one in ranked[1:])
    assert next(one.bars for one in ranked if one.mediator_id == 9) == (Bar.FULL,)


def test_the_order_does_not_hang_on_the_order_asked_in() -> None:
    crowd = [replace(PLAIN, mediator_id=n, load=n % 5, distance_m=(n * 37 % 11) * 500.0) for n in range(40)]
    forth = [one.mediator_id for one in rank(crowd, Matter("debt"))]
    assert forth == [one.mediator_id for one in rank(crowd[::-1], Matter("debt"))]


def test_what_parties_chose_outweighs_the_way() -> None:
    wanted = replace(PLAIN, mediator_id=2, distance_m=20_000.0, chosen_by=2)
    assert rank([PLAIN, wanted], Matter("debt"))[0].mediator_id == 2


def test_what_cannot_be_is_named() -> None:
    for wrong in ({"load": -1}, {"most": 0}, {"distance_m": nan}, {"distance_m": -1.0}):
        with pytest.raises(MediatorsError, match="Mediator 1"):
            replace(PLAIN, **wrong)  # type: ignore[arg-type]
    with pytest.raises(MediatorsError, match="load"):
        Weights(load=-1.0)
