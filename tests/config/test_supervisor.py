"""The supervisor's patience with a child that ends again and again."""

from __future__ import annotations

from jiean.config.supervisor import RESTART_PAUSES_S, STEADY_S, Child


def test_pauses_grow_while_a_child_ends_soon_and_are_short_again_after_it_ran_well() -> None:
    child = Child("web", [], {})
    pauses = [child.put_off(at) for at in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)]
    assert pauses == [*RESTART_PAUSES_S, RESTART_PAUSES_S[-1]]
    assert child.next_start == 7.0 + RESTART_PAUSES_S[-1]
    child.started_at = 20.0
    assert child.put_off(20.0 + STEADY_S) == RESTART_PAUSES_S[0]
