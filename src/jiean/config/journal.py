"""``jiean journal``: what was kept on this machine while the database was away; enter it now, parked entries too."""

from __future__ import annotations

import argparse
import json

import django

from jiean.config.folder import StartError
from jiean.config.start import say


def words(command: argparse.ArgumentParser) -> None:
    """The words the command understands."""
    command.add_argument("--json", action="store_true", help="answer as JSON")


def run(asked: argparse.Namespace) -> int:
    """Enter what waits and try parked entries again; 1 while something is left. Raises StartError for a broken journal."""
    django.setup()
    from jiean.intake import away, journal  # noqa: PLC0415 — models load only after django.setup()

    try:
        entered, _parked = away.drain()
        entered += journal.again(away.entered)
    except journal.Broken as broken:
        raise StartError(f"{journal.folder()}: {broken}; nothing of it was entered") from None
    waiting, parked = journal.state()
    told = {"entered": entered, "waiting": waiting, "parked": parked}
    say(json.dumps(told) if asked.json else ", ".join(f"{name} {count}" for name, count in told.items()))
    return int(bool(waiting or parked))
