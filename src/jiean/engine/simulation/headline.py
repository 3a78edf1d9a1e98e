"""From one base and two forces to twelve points and one: what the change brings on a town, part by part, and what is left.

The parameters are chosen, not calibrated (see data/headline.toml); the answer therefore comes with its parts, its
sensitivity and a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from jiean.engine.simulation.posting import bound, covering, points, reach_s, scenario_of, wet_posts
from jiean.engine.simulation.run import Estimate, Outcome, difference, simulate
from jiean.engine.simulation.scenario_file import Plan
from jiean.engine.simulation.town import Scenario, Town

ARTICLE = (0.35, 0.90)
"""Share of calls reached within five minutes before and after, as the article on Jiean's station reports it."""

WITHIN = 0.02
GOAL = 0.90

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Line:
    """One scenario's name (a code), its outcome, and how much better or worse than the one it is paired with."""

    code: str
    outcome: Outcome
    against: str = ""
    gain: Estimate | None = None


@dataclass(frozen=True)
class Headline:
    """before and after; the parts; the sensitivity; the fewest cars that reach the goal; the best with all cars, its bound."""

    plan: Plan
    before: Outcome
    after: Outcome
    attribution: tuple[Line, ...]
    sensitivity: tuple[Line, ...]
    fleets: tuple[Line, ...]
    fewest_cars: int | None
    best: Line
    bound: float

    @property
    def reached(self) -> bool:
        """Both ends within two points of the article."""
        ends = self.before.share.mean, self.after.share.mean
        return all(abs(ours - theirs) <= WITHIN for ours, theirs in zip(ends, ARTICLE, strict=True))


def headline(town: Town, plan: Plan, key_points: tuple[int, ...] = (), tell: Tell = lambda _: None) -> Headline:
    """Run everything. Raises SimulationError."""

    def run(scenario: Scenario) -> Outcome:
        return simulate(town, scenario, days=plan.days, replications=plan.replications, seed=plan.seed)

    after_scenario = scenario_of(town, plan)
    before_scenario = replace(
        after_scenario, posts=(town.base,) * plan.cars, pooled=False, move_up=False, wet_posts=None
    )
    before, after = run(before_scenario), run(after_scenario)
    tell("ends")
    parts = _attribution(town, run, before, after, key_points)
    tell("attribution")
    sheet = _sensitivity(run, before_scenario, after_scenario)
    tell("sensitivity")
    best = max((Line("after", after), *parts[3:]), key=lambda line: line.outcome.share.mean)
    fleets = _fleets(town, run, best)
    tell("fleets")
    enough = [len(line.outcome.scenario.posts) for line in fleets if line.outcome.share.mean >= GOAL]
    return Headline(
        plan, before, after, parts, sheet, fleets, min(enough, default=None), best, bound(town, best.outcome.scenario)
    )


Run = Callable[[Scenario], Outcome]


def _attribution(
    town: Town, run: Run, before: Outcome, after: Outcome, key_points: tuple[int, ...]
) -> tuple[Line, ...]:
    """Each part alone against before, then what more could be done against after."""
    start, end = before.scenario, after.scenario
    cover = covering(town, len(end.posts), reach_s(end))
    tried = [
        ("dispersal_alone", replace(end, pooled=False), before, "before"),
        ("pooling_alone", replace(start, pooled=True), before, "before"),
        ("both", end, before, "before"),
        ("weather_posts", replace(end, wet_posts=wet_posts(town, end)), after, "after"),
        ("move_up", replace(end, move_up=True), after, "after"),
        ("covering_posts", replace(end, posts=cover), after, "after"),
        ("covering_posts_move_up", replace(end, posts=cover, move_up=True), after, "after"),
    ]
    if key_points:
        own = tuple(key_points[i % len(key_points)] for i in range(len(end.posts)))
        tried.append(("own_key_points", replace(end, posts=own), after, "after"))
    lines = []
    for code, scenario, paired, name in tried:
        outcome = run(scenario)
        lines.append(Line(code, outcome, name, difference(paired, outcome)))
    return tuple(lines)


def _sensitivity(run: Run, before: Scenario, after: Scenario) -> tuple[Line, ...]:
    """Both ends with one parameter changed at a time."""
    changes: dict[str, dict[str, float]] = {
        "speed -10 %": {"speed": before.speed / 0.9}, "speed +10 %": {"speed": before.speed / 1.1},
        "standard 240 s": {"standard_s": 240.0}, "standard 360 s": {"standard_s": 360.0},
        "demand x 0.5": {"demand": before.demand * 0.5}, "demand x 1.5": {"demand": before.demand * 1.5},
        "demand x 2": {"demand": before.demand * 2}, "on scene x 0.5": {"on_scene_min": before.on_scene_min * 0.5},
        "on scene x 1.5": {"on_scene_min": before.on_scene_min * 1.5}, "no rain": {"rain_share": 0.0},
    }  # fmt: skip
    lines = []
    for code, change in changes.items():
        lines.append(Line(code, run(_changed(before, change)), "before"))
        lines.append(Line(code, run(_changed(after, change)), "after"))
    return tuple(lines)


def _changed(scenario: Scenario, change: dict[str, float]) -> Scenario:
    return replace(scenario, **change)  # type: ignore[arg-type]


def _fleets(town: Town, run: Run, best: Line) -> tuple[Line, ...]:
    """Fewer and fewer cars under the best rules found, until the goal is missed; or more, until it is reached."""
    scenario = best.outcome.scenario
    step = -1 if best.outcome.share.mean >= GOAL else 1
    lines = [Line(str(len(scenario.posts)), best.outcome)]
    for cars in range(len(scenario.posts) + step, 0 if step < 0 else 4 * len(scenario.posts), step):
        posts = _posts(town, scenario, cars, best.code)
        outcome = run(replace(scenario, posts=posts, wet_posts=None))
        lines.append(Line(str(cars), outcome))
        if (outcome.share.mean >= GOAL) == (step > 0):
            break
    return tuple(lines)


def _posts(town: Town, scenario: Scenario, cars: int, code: str) -> tuple[int, ...]:
    return covering(town, cars, reach_s(scenario)) if code.startswith("covering") else points(town, cars)
