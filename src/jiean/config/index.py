"""``jiean index``: make matters findable by their words, those that are not yet, or every one anew."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import django

from jiean.config.start import say


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("--anew", action="store_true", help="every matter, not only those that are not indexed")
    command.add_argument("--json", action="store_true", help="answer as JSON")


def run(*, anew: bool, as_json: bool) -> int:
    """Index reports, incidents and the ends of telephones; 0 when done, 1 with one line when the station's key is away."""
    django.setup()
    from jiean.dispatch.commands import index_incidents  # noqa: PLC0415 — settings load only after django.setup()
    from jiean.intake.commands import index_reports  # noqa: PLC0415
    from jiean.kernel.actor import Actor  # noqa: PLC0415
    from jiean.vault.commands import digest_ends  # noqa: PLC0415
    from jiean.vault.keys import KeyUnavailable, station_keys  # noqa: PLC0415

    began, system = time.monotonic(), Actor.system()
    try:
        station_keys()
    except KeyUnavailable as away:
        say(f"index: {away}")
        return 1
    answer: dict[str, float] = {
        "reports": _all(lambda after: index_reports(system, after=after, anew=anew)),
        "incidents": _all(lambda after: index_incidents(system, after=after, anew=anew)),
    }
    after = digest_ends(system)
    while after:
        after = digest_ends(system, after=after)
    answer["seconds"] = round(time.monotonic() - began, 1)
    say(json.dumps(answer) if as_json else ", ".join(f"{name} {count}" for name, count in answer.items()))
    return 0


def _all(step: Callable[[int], tuple[int, int]]) -> int:
    """Go on from id to id until there is none; how many were indexed."""
    after, total = step(0)
    while after:
        after, made = step(after)
        total += made
    return total
