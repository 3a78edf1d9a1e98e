"""Which reports are about one thing, and which things are hot."""

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

__all__ = ["Grouped", "Index", "Issue", "Pair", "Parameters", "Reported", "group", "index", "joined", "place"]
