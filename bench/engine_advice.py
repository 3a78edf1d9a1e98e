"""The engine's part of one advice: twelve units and an incident snapped to the roads and asked for."""

from __future__ import annotations

from bench.engine_roads import demo_figures
from bench.measures import Figure


def engine_figure() -> Figure:
    """Median processor time of one question on the demo town's roads, as the board asks it."""
    return demo_figures()[0]
