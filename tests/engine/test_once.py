"""What is made once, however many ask."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jiean.engine.once import once

MEET_S = 0.2
"""Two that make at the same time meet within this; who makes alone waits so long for nobody."""


def test_who_asks_while_it_is_made_waits_and_makes_nothing():
    meeting, met = threading.Barrier(2), []

    @once
    def costly() -> object:
        try:
            meeting.wait(MEET_S)
            met.append(True)
        except threading.BrokenBarrierError:
            pass
        return object()

    with ThreadPoolExecutor(4) as crowd:
        made = {id(one.result()) for one in [crowd.submit(costly) for _ in range(4)]}
    assert (met, len(made)) == ([], 1)


def test_other_arguments_are_made_anew_and_what_failed_is_tried_again():
    made: list[str] = []

    @once
    def read(name: str, *, version: int = 1) -> str:
        made.append(f"{name}{version}")
        if version == 0:
            raise ValueError(name)
        return made[-1]

    assert [read("a"), read("a"), read("a", version=2), read("b"), read("b")] == ["a1", "a1", "a2", "b1", "b1"]
    for _ in range(2):
        with pytest.raises(ValueError, match="c"):
            read("c", version=0)
    assert (made, read("b")) == (["a1", "a2", "b1", "c0", "c0"], "b1")
