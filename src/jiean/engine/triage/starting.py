"""The reports every station's model begins from: written for this program, so that nobody's words are in it."""

from __future__ import annotations

from importlib.resources import files

from jiean.engine.triage.reports import Report


def starting_set() -> list[Report]:
    """Reports labelled with their destination: police, or the code of one of the seven bodies."""
    lines = files("jiean.engine.triage").joinpath("starting_set.txt").read_text("utf-8").splitlines()
    cut = [line.split("|") for line in lines if line and not line.startswith("#")]
    return [Report(f"start-{place}", "", words, label) for place, (label, _, words) in enumerate(cut)]
