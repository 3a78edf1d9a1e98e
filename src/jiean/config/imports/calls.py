"""Past calls from a table of dispatch records (columns as San Francisco publishes them), plain or gzip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jiean.dispatch.commands import take_past_calls
from jiean.dispatch.imports import read_calls
from jiean.kernel.actor import Actor


def run(path: Path, say: Callable[[str], None]) -> int:
    """Take every row in; say how many, and what was odd about them."""
    plan = read_calls(path)
    taken = take_past_calls(Actor.system(), plan)
    say(f"{plan.rows} rows read: {taken.incidents} incidents, {taken.orders} orders, {taken.units} new units")
    if taken.known:
        say(f"{taken.known} calls were here already and were left alone")
    for flaw, count in plan.flaws.items():
        say(f"  {flaw}: {count} rows, taken in and flagged")
    return 0
