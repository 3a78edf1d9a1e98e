"""Waiting for what another process or transaction will do, with an end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
_never = threading.Event()
PATIENCE_S = 90.0
"""Long: ordered readers wait for the oldest running transaction of the whole server, and a neighbour's test may be that."""


def eventually(look: Callable[[], T], *, within_s: float = PATIENCE_S) -> T:
    """The first truthy answer of ``look``; fails when none came in time."""
    deadline = time.monotonic() + within_s
    while not (answer := look()):
        assert time.monotonic() < deadline, f"still {answer!r} after {within_s} s"
        _never.wait(0.02)
    return answer


def on_a_loop(scene: Coroutine[Any, Any, T]) -> T:
    """Run a scene on an event loop of its own, in a thread of its own: a browser test before it may still hold this thread's loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, scene).result()
