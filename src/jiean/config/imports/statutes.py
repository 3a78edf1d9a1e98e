"""Statutes from a table of articles (columns category, law, version, article, text), or from a folder of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jiean.kernel.actor import Actor
from jiean.law.commands import bring_statutes
from jiean.law.edition import KNOWN_ON, read


def run(path: Path, say: Callable[[str], None]) -> int:
    """Take in what is new; say how much."""
    laws = read(path)
    known_on = max([KNOWN_ON, *(law.issued_on for law in laws if law.issued_on)])
    brought = bring_statutes(Actor.system(), laws, known_on=known_on)
    say(f"{brought.statutes} statutes with {brought.articles} articles; {brought.known} were here already")
    return 0
