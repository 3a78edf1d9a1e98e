"""Many scenarios at once: every choice of some fields with every other, played side by side through a door.

A scenario's chance comes from its own seed alone, so the same sweep gives the same numbers on however many processes or
machines, and in whatever order they end.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from itertools import product

from jiean.engine.simulation.doors import Door, here
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.simulation.posting import scenario_of
from jiean.engine.simulation.run import Outcome, simulate
from jiean.engine.simulation.scenario_file import Plan, parse
from jiean.engine.simulation.town import Town

MOST_PLANS = 500
"""More scenarios than this are a slip of the pen, not a sweep."""

Choice = tuple[str, ...]
"""What one scenario of a sweep changes, as ``table.field=value`` in the order asked."""


def plans(base: Plan, varied: Sequence[str]) -> list[tuple[Choice, Plan]]:
    """Every choice of ``table.field=value,value,…`` with every other, on top of `base`, in the order asked.

    Raises SimulationError, naming the words that cannot be.
    """
    choices = [_values(words) for words in varied]
    count = 1
    for one in choices:
        count *= len(one)
    if count > MOST_PLANS:
        raise SimulationError(f"{count} scenarios are asked; {MOST_PLANS} is the most.")
    found = []
    for picked in product(*choices):
        plan = base
        for words, text in picked:
            plan = parse(text, words, plan)
        found.append((tuple(words for words, _text in picked), plan))
    return found


def _values(words: str) -> list[tuple[str, str]]:
    """Each value as its own words and as TOML."""
    name, _, values = words.partition("=")
    table, _, field = name.strip().partition(".")
    given = [value.strip() for value in values.split(",") if value.strip()]
    if not table or not field or not given:
        raise SimulationError(f"{words!r} must read table.field=value,value, such as cars.count=10,12.")
    return [(f"{table}.{field}={value}", f"[{table}]\n{field} = {_literal(value)}") for value in given]


def _literal(value: str) -> str:
    """A bare word becomes a TOML string."""
    try:
        tomllib.loads(f"x = {value}")
    except tomllib.TOMLDecodeError:
        return '"' + value.replace("\\", "").replace('"', "") + '"'
    return value


def played(town: Town, key_points: tuple[int, ...], plan: Plan) -> Outcome:
    """One scenario played as its plan says. Raises SimulationError."""
    scenario = scenario_of(town, plan, key_points)
    return simulate(town, scenario, days=plan.days, replications=plan.replications, seed=plan.seed)


def sweep(town: Town, key_points: tuple[int, ...], asked: Sequence[Plan], *, door: Door = here) -> list[Outcome]:
    """Play the plans through a door, outcomes in their order. Raises SimulationError."""
    return door(played, (town, key_points), asked)
