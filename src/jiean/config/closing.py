"""``--closures`` of `jiean plan`: which closed roads a plan goes round."""

from __future__ import annotations

import argparse
from pathlib import Path

from jiean.config.plan import LIVE, NONE
from jiean.engine.roads import Closure, read_closures


def closures_of(asked: argparse.Namespace) -> tuple[Closure, ...]:
    """The closures asked for. Raises RoadsError."""
    if asked.closures == NONE:
        return ()
    return _live() if asked.closures == LIVE else read_closures(Path(asked.closures))


def _live() -> tuple[Closure, ...]:
    """What is closed now at the station of DATABASE_URL."""
    import django  # noqa: PLC0415 — the other plans need no database

    django.setup()
    from jiean.dispatch.queries.closures import closure_of, closures_in_force  # noqa: PLC0415 — settings load only after django.setup()

    return tuple(closure_of(one) for one in closures_in_force())
