"""Reading a scenario from TOML; what is wrong is named by line and field."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from jiean.engine.roads import Closure, RoadsError, closures_in
from jiean.engine.simulation.errors import SimulationError
from jiean.engine.toml_lines import line_of

FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "run": {"days": (int, float), "replications": (int,), "seed": (int,)},
    "cars": {"count": (int,), "at": (str,), "pooled": (bool,), "move_up": (bool,), "weather_posts": (bool,)},
    "work": {"standard_s": (int, float), "handling_s": (int, float), "on_scene_min": (int, float),
             "on_scene_shape": (int, float), "second_share": (int, float), "urgent_share": (int, float),
             "declined_share": (int, float), "decline_s": (int, float), "coverage_lost_s": (int, float)},
    "shift": {"break_min": (int, float), "round_stops": (int,), "round_dwell_min": (int, float)},
    "roads": {"speed": (int, float), "rain_share": (int, float), "rain_hours": (int, float), "rain_slows": (int, float),
              "turns": (bool,), "hour": (int,)},
    "demand": {"factor": (int, float)},
}  # fmt: skip
"""Every table with its fields and their kinds. What is left out keeps the value of the headline's own file."""

PLACES = ("base", "points", "key_points")
_LOW = {"days": 1, "replications": 2, "count": 1, "seed": 0, "hour": -1}
_HIGH = {"days": 3660, "replications": 10_000, "count": 60, "hour": 23}


@dataclass(frozen=True)
class Plan:
    """A scenario as written: the run, how the cars stand, and the fields a `Scenario` takes as they are.

    `turns`, `hour` and `closures` are for whoever makes the town's matrix: whether turning costs time, the hour whose rush
    every hour has (-1 for none), and the roads nobody drives through in the whole run.
    """

    days: float
    replications: int
    seed: int
    cars: int
    at: str
    pooled: bool
    move_up: bool
    weather_posts: bool
    fields: dict[str, float] = field(default_factory=dict)
    turns: bool = False
    hour: int = -1
    closures: tuple[Closure, ...] = ()


def headline_plan() -> Plan:
    """The published parameters of the headline."""
    return parse(files("jiean.engine.simulation").joinpath("data/headline.toml").read_text("utf-8"), "headline.toml")


def read(path: Path) -> Plan:
    """A scenario file. Raises SimulationError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SimulationError(f"{path.name} cannot be read ({error}).") from error
    return parse(text, path.name, headline_plan())


def parse(text: str, name: str, base: Plan | None = None) -> Plan:
    """A scenario from its text; `base` gives what is left out. Raises SimulationError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SimulationError(f"{name}: not TOML: {error}") from error
    closures = _closures(text, name, tables.pop("closures", None), base)
    found = dict(_given(text, name, tables))
    held = _flat(base) | found if base is not None else found
    missing = [key for table in FIELDS.values() for key in table if key not in held]
    if missing:
        raise SimulationError(f"{name}: {missing[0]} is missing.")
    names = {"days", "replications", "seed", "count", "at", "pooled", "move_up", "weather_posts", "turns", "hour"}
    others = {("demand" if key == "factor" else key): float(value) for key, value in held.items() if key not in names}
    return Plan(
        float(held["days"]), held["replications"], held["seed"], held["count"], held["at"], held["pooled"],
        held["move_up"], held["weather_posts"], others, held["turns"], held["hour"], closures,
    )  # fmt: skip


def _closures(text: str, name: str, tables: Any, base: Plan | None) -> tuple[Closure, ...]:
    if tables is None:
        return base.closures if base is not None else ()
    try:
        return closures_in(tables, text, name)
    except RoadsError as fault:
        raise SimulationError(str(fault)) from fault


def _flat(plan: Plan) -> dict[str, Any]:
    fields = {("factor" if key == "demand" else key): value for key, value in plan.fields.items()}
    own = {"days": plan.days, "replications": plan.replications, "seed": plan.seed, "count": plan.cars, "at": plan.at}
    roads = {"turns": plan.turns, "hour": plan.hour}
    return fields | own | roads | {"pooled": plan.pooled, "move_up": plan.move_up, "weather_posts": plan.weather_posts}


def _given(text: str, name: str, tables: dict[str, Any]) -> list[tuple[str, Any]]:
    given = []
    for table, values in tables.items():
        if table not in FIELDS or not isinstance(values, dict):
            raise SimulationError(
                f"{name}, line {line_of(text, table)}: [{table}] is unknown; known are {', '.join(FIELDS)}."
            )
        for key, value in values.items():
            fault = _fault(table, key, value)
            if fault:
                raise SimulationError(f"{name}, line {line_of(text, key, table)}: {table}.{key} {fault}")
            given.append((key, value))
    return given


def _fault(table: str, key: str, value: Any) -> str:
    """What is wrong with a field, "" where nothing is; ranges of measures are checked by `Scenario`."""
    kinds = FIELDS[table].get(key)
    if kinds is None:
        return f"is unknown; known are {', '.join(FIELDS[table])}."
    if type(value) not in kinds:
        return f"is {value!r}; it must be {' or '.join(kind.__name__ for kind in kinds)}."
    if key == "at" and value not in PLACES:
        return f"is {value!r}; it must be one of {', '.join(PLACES)}."
    if (key in _LOW and value < _LOW[key]) or (key in _HIGH and value > _HIGH[key]):
        return f"is {value}; it must lie between {_LOW[key]} and {_HIGH.get(key, 'any')}."
    return ""
