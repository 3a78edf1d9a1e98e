"""Which unit to send: every unit ranked by what its choice costs in seconds, with codes for the reasons.

The rule is additive so that a dispatcher can check it by hand: travel time plus stated penalties. It is a heuristic
of this program (no published source), and every penalty is a parameter. The words for the codes stand in the room
that shows them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from types import MappingProxyType

from jiean.engine.policy import Penalties, cost_s


class Reason(StrEnum):
    """Why a unit stands where it stands; `Finding.value` is in the unit named."""

    TRAVEL = "travel"  # seconds by road
    CLASS_FITS = "class_fits"  # 0
    CLASS_WEAK = "class_weak"  # penalty, seconds
    SKILLS_PRESENT = "skills_present"  # number of skills
    SKILL_MISSING = "skill_missing"  # number of skills; `Finding.words` names them
    POSITION_OLD = "position_old"  # age, seconds
    LONG_ON_DUTY = "long_on_duty"  # seconds on duty
    SHORT_REST = "short_rest"  # seconds since its last order was cleared
    COVERAGE_LOST = "coverage_lost"  # share of expected calls that is left without a free unit in reach


class Shortfall(StrEnum):
    """What a unit lacks. Those of `BARRING` keep it from being sent; without a travel time it stands behind the others."""

    OFF_DUTY = "off_duty"
    BUSY = "busy"
    DECLINED = "declined"  # it has already declined this very incident
    NO_POSITION = "no_position"
    NO_ROAD = "no_road"  # no road network is loaded, so no travel time can be given
    CUT_OFF = "cut_off"  # closed roads leave no way to the place


BARRING = frozenset({Shortfall.OFF_DUTY, Shortfall.BUSY, Shortfall.DECLINED})


@dataclass(frozen=True)
class Finding:
    """One reason with its number, and the names it concerns."""

    code: Reason
    value: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitState:
    """What is known of one unit at the moment of asking; times are seconds before that moment."""

    unit_id: int
    unit_class: str
    on_duty: bool
    busy: bool
    travel_s: float | None = None
    position_age_s: float | None = None
    on_duty_s: float = 0.0
    since_cleared_s: float | None = None
    skills: frozenset[str] = frozenset()
    declined: bool = False
    coverage_lost: float = 0.0
    cut_off: bool = False


@dataclass(frozen=True)
class Need:
    """What the incident asks for; grade 1 is the most urgent, 4 the least."""

    kind: str
    grade: int
    skills: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.grade not in {1, 2, 3, 4}:
            raise ValueError("grade must be 1, 2, 3 or 4")

    @property
    def is_urgent(self) -> bool:
        """Grades 1 and 2: the nearest goes, whatever it leaves behind."""
        return self.grade <= 2


def _fitting_classes() -> MappingProxyType[str, frozenset[str]]:
    road = frozenset({"patrol_car", "road_patrol", "motorcycle"})
    force = frozenset({"ptu", "patrol_car"})
    near = frozenset({"patrol_car", "post", "foot", "road_patrol", "motorcycle"})
    return MappingProxyType({
        "traffic": road, "violence": force, "fire": force | road, "theft": near | force, "dispute": near,
        "noise": near, "fraud": near, "hazard": near, "missing": near | force, "help": near, "housing": near,
        "other": near | force,
    })  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """Penalties in seconds of travel (each in [0, 3600]) and thresholds in seconds."""

    travel_unknown_s: float = 3600.0
    class_weak_s: float = 90.0
    skill_missing_s: float = 120.0
    position_fresh_s: float = 60.0
    position_old_per_minute_s: float = 15.0
    position_old_most_s: float = 300.0
    long_duty_after_s: float = 8 * 3600.0
    long_duty_s: float = 45.0
    rest_needed_s: float = 600.0
    short_rest_s: float = 30.0
    coverage_lost_s: float = 120.0
    fits: MappingProxyType[str, frozenset[str]] = field(default_factory=_fitting_classes)

    def __post_init__(self) -> None:
        penalties = (
            self.class_weak_s, self.skill_missing_s, self.position_old_per_minute_s, self.position_old_most_s,
            self.long_duty_s, self.short_rest_s, self.travel_unknown_s, self.coverage_lost_s,
        )  # fmt: skip
        if not all(0 <= seconds <= 3600 for seconds in penalties):
            raise ValueError("penalties must lie in [0, 3600] seconds")

    @property
    def penalties(self) -> Penalties:
        """The numbers as `policy.cost_s` takes them."""
        return (
            self.class_weak_s, self.skill_missing_s, self.position_fresh_s, self.position_old_per_minute_s,
            self.position_old_most_s, self.long_duty_after_s, self.long_duty_s, self.rest_needed_s, self.short_rest_s,
            self.coverage_lost_s,
        )  # fmt: skip


@dataclass(frozen=True)
class Ranked:
    """One unit's place: rank from 1; `cost_s` is None for a unit that cannot be sent."""

    unit_id: int
    rank: int
    travel_s: float | None
    cost_s: float | None
    reasons: tuple[Finding, ...]
    shortfalls: tuple[Shortfall, ...]


def rank(units: Iterable[UnitState], need: Need, parameters: Parameters | None = None) -> tuple[Ranked, ...]:
    """Rank every unit given: those that can be sent by rising cost, then the others by travel time.

    Ties go to the lower unit id, so that equal input gives equal advice.

    Returns
    -------
    tuple of Ranked
        One for each unit, ranks 1, 2, 3, … without gaps.
    """
    chosen = parameters or Parameters()
    judged = [_judge(unit, need, chosen) for unit in units]
    judged.sort(key=_order)
    return tuple(
        Ranked(unit.unit_id, place, unit.travel_s, cost, reasons, shortfalls)
        for place, (unit, cost, reasons, shortfalls) in enumerate(judged, start=1)
    )


_Judged = tuple[UnitState, float | None, tuple[Finding, ...], tuple[Shortfall, ...]]


def _order(judged: _Judged) -> tuple[bool, float, int]:
    unit, cost, _, _ = judged
    far = float("inf") if unit.travel_s is None else unit.travel_s
    return cost is None, far if cost is None else cost, unit.unit_id


def _judge(unit: UnitState, need: Need, parameters: Parameters) -> _Judged:
    shortfalls = tuple(_shortfalls(unit))
    scored = list(_findings(unit, need, parameters))
    reasons = tuple(finding for finding, _ in scored)
    unknown_s = parameters.travel_unknown_s if unit.travel_s is None else 0.0
    cost = None if BARRING & set(shortfalls) else unknown_s + _cost_s(unit, need, parameters)
    return unit, cost, reasons, shortfalls


def _cost_s(unit: UnitState, need: Need, parameters: Parameters) -> float:
    """The rule of `policy`, which the simulation runs too."""
    return cost_s(
        unit.travel_s or 0.0,
        unit.unit_class in parameters.fits.get(need.kind, frozenset()),
        len(need.skills - unit.skills),
        unit.position_age_s or 0.0,
        unit.on_duty_s,
        inf if unit.since_cleared_s is None else unit.since_cleared_s,
        parameters.penalties,
        0.0 if need.is_urgent else unit.coverage_lost,
    )


def _shortfalls(unit: UnitState) -> Iterable[Shortfall]:
    if not unit.on_duty:
        yield Shortfall.OFF_DUTY
    if unit.busy:
        yield Shortfall.BUSY
    if unit.declined:
        yield Shortfall.DECLINED
    if unit.on_duty and unit.position_age_s is None:
        yield Shortfall.NO_POSITION
    elif unit.on_duty and unit.cut_off:
        yield Shortfall.CUT_OFF
    elif unit.on_duty and unit.travel_s is None:
        yield Shortfall.NO_ROAD


def _findings(unit: UnitState, need: Need, parameters: Parameters) -> Iterable[tuple[Finding, float]]:
    """Every finding with what it costs in seconds."""
    if unit.travel_s is not None:
        yield Finding(Reason.TRAVEL, unit.travel_s), unit.travel_s
    yield from _fitness(unit, need, parameters)
    yield from _condition(unit, parameters)


def _fitness(unit: UnitState, need: Need, parameters: Parameters) -> Iterable[tuple[Finding, float]]:
    if unit.unit_class in parameters.fits.get(need.kind, frozenset()):
        yield Finding(Reason.CLASS_FITS, 0.0), 0.0
    else:
        yield Finding(Reason.CLASS_WEAK, parameters.class_weak_s), parameters.class_weak_s
    missing = need.skills - unit.skills
    if missing:
        cost = parameters.skill_missing_s * len(missing)
        yield Finding(Reason.SKILL_MISSING, len(missing), tuple(sorted(missing))), cost
    elif need.skills:
        yield Finding(Reason.SKILLS_PRESENT, len(need.skills), tuple(sorted(need.skills))), 0.0


def _condition(unit: UnitState, parameters: Parameters) -> Iterable[tuple[Finding, float]]:
    age_s = unit.position_age_s
    if age_s is not None and age_s > parameters.position_fresh_s:
        late_min = (age_s - parameters.position_fresh_s) / 60
        cost = min(late_min * parameters.position_old_per_minute_s, parameters.position_old_most_s)
        yield Finding(Reason.POSITION_OLD, age_s), cost
    if unit.on_duty_s > parameters.long_duty_after_s:
        yield Finding(Reason.LONG_ON_DUTY, unit.on_duty_s), parameters.long_duty_s
    if unit.since_cleared_s is not None and unit.since_cleared_s < parameters.rest_needed_s:
        yield Finding(Reason.SHORT_REST, unit.since_cleared_s), parameters.short_rest_s
    if unit.coverage_lost > 0:
        yield Finding(Reason.COVERAGE_LOST, unit.coverage_lost), parameters.coverage_lost_s * unit.coverage_lost
