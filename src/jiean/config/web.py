"""The web processes: granian in front of the dispatcher, on uvloop. Run as ``python -m jiean.config.web --port N``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import uvloop
from granian import Granian, loops
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

STREAMS = 8192
"""Connections waited for and served at once: room for thousands of open boards."""
KILL_AFTER_S = 3
"""Streams are brought to their end in it; less than what the supervisor waits, and on a busy machine two seconds were once too few."""


class Loop(uvloop.Loop):
    """uvloop that tells who watches a signal, so that another may go before: streams end first, then the server stops."""

    def __init__(self) -> None:
        super().__init__()
        self.watchers: dict[int, Callable[[], Any]] = {}

    def add_signal_handler(self, sig: int, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        """As every loop's, and kept."""
        self.watchers[sig] = partial(callback, *args)
        super().add_signal_handler(sig, callback, *args)


@loops.register("uvloop")
def build() -> asyncio.AbstractEventLoop:
    """In granian's own place for uvloop: the processor time a request is a tenth less than on asyncio's (docs/benchmarks.md)."""
    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop


def main() -> None:
    """Serve until TERM."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--host", default="127.0.0.1")
    told.add_argument("--port", type=int, required=True)
    told.add_argument("--workers", type=int, default=1)
    given = told.parse_args()
    Granian(
        "jiean.config.asgi:application",
        address=given.host,
        port=given.port,
        workers=given.workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        backlog=STREAMS,
        backpressure=STREAMS,
        workers_kill_timeout=KILL_AFTER_S,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
