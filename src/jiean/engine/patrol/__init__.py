"""Patrol routes over key points and hot stretches, with dwell, frequency, windows, shifts, weather sets and prizes.

`plan` makes them, quickly or well; `violations` checks them without knowing how they were made. Not modelled: calls that
come between two visits, and a car that helps another.
"""

from jiean.engine.patrol.checking import Fault, Violation, violations
from jiean.engine.patrol.errors import Impossible, NoCars, PatrolError
from jiean.engine.patrol.planning import GOOD_ROUNDS, QUICK_ROUNDS, plan
from jiean.engine.patrol.problem import Car, Plan, Question, Route, Stop, Visit, Weather

__all__ = [
    "GOOD_ROUNDS", "QUICK_ROUNDS", "Car", "Fault", "Impossible", "NoCars", "PatrolError", "Plan", "Question", "Route", "Stop",
    "Violation", "Visit", "Weather", "plan", "violations",
]  # fmt: skip
