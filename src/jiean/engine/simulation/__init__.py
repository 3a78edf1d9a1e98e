"""The twin: a town's calls, cars and roads, played by the rule the board ranks by.

Not modelled: traffic made by the cars themselves, a run broken off for a graver call, a second refusal of one call.
"""

from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.run import Calls, Estimate, Outcome, Trace, difference, draw, estimate, play, simulate
from jiean.engine.simulation.town import Scenario, Town

__all__ = [
    "Calls", "Estimate", "Outcome", "Scenario", "SimulationError", "Town", "Trace", "difference", "draw", "estimate",
    "play", "simulate",
]  # fmt: skip
