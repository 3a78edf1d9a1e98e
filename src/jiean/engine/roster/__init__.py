"""Rosters of a station that never closes: teams, shifts over midnight, rest, leave and fairness.

`roster` makes one with its proven gap; `violations` checks one without knowing how it was made.
"""

from jiean.engine.roster.checking import Fault, Violation, violations
from jiean.engine.roster.errors import Impossible, NobodyLeft, RosterError
from jiean.engine.roster.planning import roster
from jiean.engine.roster.problem import Duty, Person, Question, Roster, Shift, Weights

__all__ = [
    "Duty", "Fault", "Impossible", "NobodyLeft", "Person", "Question", "Roster", "RosterError", "Shift", "Violation", "Weights",
    "roster", "violations",
]  # fmt: skip
