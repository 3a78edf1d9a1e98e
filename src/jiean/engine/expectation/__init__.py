"""How many calls to expect, where and when: by cell, hour and kind, with an interval and its factors.

`fit` learns from history, `expect` gives days to come, `explain` the factors of one number, `backtest` the worth of it.
Place and hour only, never people. Not modelled: a series of calls that one cause sets off.
"""

from jiean.engine.expectation.backtest import YEAR_DAYS, Verdict, backtest
from jiean.engine.expectation.errors import ExpectationError, NoCalls
from jiean.engine.expectation.grains import Grain, Held, totals
from jiean.engine.expectation.model import Expected, Factor, Model, Part, day_totals, expect, explain, fit, means
from jiean.engine.expectation.problem import Calendar, History, Parameters

__all__ = [
    "YEAR_DAYS",
    "Calendar",
    "ExpectationError",
    "Expected",
    "Factor",
    "Grain",
    "Held",
    "History",
    "Model",
    "NoCalls",
    "Parameters",
    "Part",
    "Verdict",
    "backtest",
    "day_totals",
    "expect",
    "explain",
    "fit",
    "means",
    "totals",
]  # fmt: skip
