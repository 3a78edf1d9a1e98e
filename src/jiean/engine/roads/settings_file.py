"""A station's own numbers for its roads, from TOML; what is wrong is named by line and field.

Everything may be left out. Every default is chosen, not measured; a station changes it from its own records.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jiean.engine.roads.closures import Closure, Ring
from jiean.engine.roads.conditions import Conditions, Rush, check_rush
from jiean.engine.roads.errors import RoadsError
from jiean.engine.roads.speeds import DrivingSpeeds
from jiean.engine.roads.turns import TurnRules
from jiean.engine.toml_lines import line_of

WITH_SIREN = MappingProxyType(dict.fromkeys(("patrol_car", "ptu", "road_patrol", "motorcycle"), 1.3))
_NUMBERS = {
    "turns": {"left_s", "right_s", "back_s"},
    "rain": {"amount", "slows", "slows_ramps", "slows_low", "flooding"},
    "speeds": {"share_of_limit"},
}
_OTHERS: dict[str, dict[str, type]] = {
    "turns": {"cost": bool, "restrictions": bool}, "speeds": {"country": str}, "rush": {"used": bool},
}  # fmt: skip
TABLES = ("turns", "rain", "rush", "siren", "speeds")


@dataclass(frozen=True)
class RoadSettings:
    """What a station has decided about its roads.

    turns : rules of turning, None where turns are free
    rain : how wet "it rains" is, and what it slows; rush : factors by class and hour, None where hours are alike
    siren : by unit class, how much quicker than free flow it drives with a siren; 1 where it is not named
    speeds : for the next import
    """

    turns: TurnRules | None = field(default_factory=TurnRules)
    rain: Conditions = field(default_factory=lambda: Conditions(rain=0.6))
    rush: Rush | None = None
    siren: Mapping[str, float] = field(default_factory=lambda: WITH_SIREN)
    speeds: DrivingSpeeds = field(default_factory=DrivingSpeeds)

    def conditions(
        self, *, rain: bool, hour: int, low_lying: tuple[Ring, ...] = (), closures: tuple[Closure, ...] = ()
    ) -> Conditions:
        """The roads as they are at this hour, in this weather, with what is closed."""
        return replace(
            self.rain, rain=self.rain.rain if rain else 0.0, hour=hour if self.rush else None,
            rush=self.rush or {}, low_lying=low_lying, closures=closures,
        )  # fmt: skip

    def siren_factor(self, unit_class: str) -> float:
        """How much quicker than free flow a unit of this class drives with a siren."""
        return self.siren.get(unit_class, 1.0)


def read(path: Path) -> RoadSettings:
    """The settings kept beside a network, `roads.toml` beside `roads.npz`; every default where there is none. Raises RoadsError."""
    own = path.with_suffix(".toml")
    try:
        return parse(own.read_text("utf-8"), own.name) if own.is_file() else RoadSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise RoadsError(f"{own.name} cannot be read ({error}).") from error


def parse(text: str, name: str) -> RoadSettings:
    """Settings from their text. Raises RoadsError, naming line and field."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RoadsError(f"{name}: not TOML: {error}") from error
    for table, values in tables.items():
        if table not in TABLES or not isinstance(values, dict):
            raise RoadsError(
                f"{name}, line {line_of(text, table)}: [{table}] is unknown; known are {', '.join(TABLES)}."
            )
        for key, value in values.items():
            fault = _fault(table, key, value)
            if fault:
                raise RoadsError(f"{name}, line {line_of(text, key, table)}: {table}.{key} {fault}")
    return _made(text, name, tables)


def _fault(table: str, key: str, value: Any) -> str:
    wanted = _OTHERS.get(table, {}).get(key)
    if wanted is not None:
        return "" if isinstance(value, wanted) else f"is {value!r}; it must be {wanted.__name__}."
    if table == "rush":
        fits = isinstance(value, dict) and all(hour.isdecimal() and _is_number(one) for hour, one in value.items())
        return "" if fits else f"is {value!r}; it must be a table of hours and factors, such as {{ 8 = 1.4 }}."
    if table != "siren" and key not in _NUMBERS[table]:
        return f"is unknown; known are {', '.join(sorted(_NUMBERS[table] | set(_OTHERS.get(table, ()))))}."
    if not _is_number(value):
        return f"is {value!r}; it must be a number."
    return f"is {value}; it must lie in (0, 10]." if table == "siren" and not 0 < value <= 10 else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _made(text: str, name: str, tables: dict[str, Any]) -> RoadSettings:
    made: dict[str, Any] = {}
    for table, make in (("turns", _turns), ("rain", _rain), ("rush", _rush), ("siren", _siren), ("speeds", _speeds)):
        if table in tables:
            try:
                made[table] = make(tables[table])
            except (RoadsError, ValueError) as error:
                raise RoadsError(f"{name}, line {line_of(text, table)}: [{table}]: {error}") from error
    return RoadSettings(**made)


def _turns(values: dict[str, Any]) -> TurnRules | None:
    return TurnRules(**{key: one for key, one in values.items() if key != "cost"}) if values.get("cost", True) else None


def _rain(values: dict[str, Any]) -> Conditions:
    named = {"amount": "rain", "slows": "rain_slows", "slows_ramps": "rain_slows_ramps", "slows_low": "rain_slows_low"}
    return Conditions(**({"rain": 0.6} | {named.get(key, key): one for key, one in values.items()}))


def _rush(values: dict[str, Any]) -> Rush | None:
    if not values.get("used", True):
        return None
    given = {
        key: {int(hour): float(one) for hour, one in hours.items()} for key, hours in values.items() if key != "used"
    }
    rush = dict(Conditions().rush) | given
    check_rush(rush)
    return rush


def _siren(values: dict[str, Any]) -> Mapping[str, float]:
    return MappingProxyType(dict(WITH_SIREN) | values)


def _speeds(values: dict[str, Any]) -> DrivingSpeeds:
    made = DrivingSpeeds.of_country(values["country"]) if values.get("country") else DrivingSpeeds()
    return replace(made, share_of_limit=values.get("share_of_limit", made.share_of_limit))
