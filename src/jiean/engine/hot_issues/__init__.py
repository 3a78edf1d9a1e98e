"""Which reports are about one thing, and which things are hot."""

from jiean.engine.hot_issues.beside import OPENING, Beside, beside, counted, shared_words
from jiean.engine.hot_issues.grouping import (
    Grouped,
    Index,
    Issue,
    Pair,
    Parameters,
    Reported,
    group,
    index,
    joined,
    place,
)
from jiean.engine.hot_issues.likeness import Runs

__all__ = [
    "OPENING",
    "Beside",
    "Grouped",
    "Index",
    "Issue",
    "Pair",
    "Parameters",
    "Reported",
    "Runs",
    "beside",
    "counted",
    "group",
    "index",
    "joined",
    "place",
    "shared_words",
]
