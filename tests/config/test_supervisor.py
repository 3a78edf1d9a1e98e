"""The supervisor's patience with a child that ends again and again."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial

from jiean.config.supervisor import RESTART_PAUSES_S, STEADY_S, Child, die_with


def test_pauses_grow_while_a_child_ends_soon_and_are_short_again_after_it_ran_well() -> None:
    child = Child("web", [], {})
    pauses = [child.put_off(at) for at in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)]
    assert pauses == [*RESTART_PAUSES_S, RESTART_PAUSES_S[-1]]
    assert child.next_start == 7.0 + RESTART_PAUSES_S[-1]
    child.started_at = 20.0
    assert child.put_off(20.0 + STEADY_S) == RESTART_PAUSES_S[0]


def test_a_child_whose_parent_died_before_it_could_say_so_ends_itself() -> None:
    """Between being made and binding its life to the parent's: it would hold the port, and no station could open again."""
    for parent, ends_with in ((os.getpid(), 0), (os.getpid() + 1, -signal.SIGTERM)):
        assert subprocess.run(["true"], preexec_fn=partial(die_with, parent), check=False).returncode == ends_with
